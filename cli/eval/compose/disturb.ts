import { fill } from './canvas.js'
import type { Picture } from './canvas.js'
import type { Dice } from './dice.js'

/** What spoils act and twin alike (DETECTION.md §10.3). */
export const disturbanceNames = ['gain', 'gamma', 'noise', 'shake', 'rain', 'lamp', 'shadow', 'headlight'] as const
export type DisturbanceName = (typeof disturbanceNames)[number]
/** Changes a picture as a function of time alone. */
export type Disturbance = (picture: Picture, atS: number) => void

export function disturbanceOf(name: DisturbanceName, dice: Dice): Disturbance {
  return makers[name](dice)
}

const makers: Readonly<Record<DisturbanceName, (dice: Dice) => Disturbance>> = {
  gain(dice) {
    const [period, depth] = [dice.between(9, 25), dice.between(0.12, 0.25)]
    return (picture, atS) => through(picture, (value) => value * (1 + depth * Math.sin((2 * Math.PI * atS) / period)))
  },
  gamma(dice) {
    const power = dice.between(1.25, 1.6)
    return (picture) => through(picture, (value) => 255 * (value / 255) ** power)
  },
  lamp(dice) {
    const times = Array.from({ length: 6 }, () => dice.between(0, 180))
    return (picture, atS) => {
      const on = times.filter((time) => time < atS).length % 2 === 1
      if (on) through(picture, (value, channel) => value * (1.16 - 0.1 * channel) + 4)
    }
  },
  noise(dice) {
    const levels = dice.between(3, 7)
    const tile = Int8Array.from({ length: 65_521 }, () => Math.round((dice.next() + dice.next() + dice.next() - 1.5) * 2 * levels)) // prettier-ignore
    return ({ rgb }, atS) => {
      let index = dice.named(String(Math.round(atS * 1000))).whole(tile.length)
      for (let i = 0; i < rgb.length; i++) {
        rgb[i] = Math.min(255, Math.max(0, (rgb[i] ?? 0) + (tile[index] ?? 0)))
        if (++index === tile.length) index = 0
      }
    }
  },
  shake(dice) {
    const [a, b, reach] = [dice.between(1.1, 2.3), dice.between(0.3, 0.8), dice.between(1, 2.4)]
    return (picture, atS) => {
      const gust = 0.4 + 0.6 * Math.abs(Math.sin(atS * b))
      shift(picture, Math.round(reach * gust * Math.sin(atS * a * 6)), Math.round(reach * 0.6 * gust * Math.cos(atS * a * 5)))
    }
  },
  rain(dice) {
    const [drops, slant] = [120 + dice.whole(160), dice.between(-0.25, 0.25)]
    return (picture, atS) => {
      const frame = dice.named(`rain ${Math.round(atS * 1000)}`)
      for (let i = 0; i < drops; i++) {
        const [x, y, length] = [frame.between(0, picture.widthPx), frame.between(0, picture.heightPx), frame.between(0.02, 0.06) * picture.heightPx]
        const end = x + slant * length
        fill(picture, [[x, y], [x + 1, y], [end + 1, y + length], [end, y + length]], { colour: [208, 214, 222], alpha: 0.28 })
      }
    }
  },
  shadow(dice) {
    const [period, depth, width] = [dice.between(40, 80), dice.between(0.25, 0.4), dice.between(0.05, 0.12)]
    return (picture, atS) => {
      const { widthPx: w, heightPx: h } = picture
      const x = ((atS / period) % 1) * 1.3 - 0.2
      fill(picture, [[x * w, 0.35 * h], [(x + width) * w, 0.35 * h], [(x + width + 0.15) * w, h], [(x + 0.15) * w, h]], { colour: [0, 0, 0], shade: depth })
    }
  },
  headlight(dice) {
    const every = dice.between(11, 19)
    return (picture, atS) => {
      const part = (atS % every) / 4
      if (part > 1) return
      const { widthPx: w, heightPx: h } = picture
      const [x, y] = [(0.2 + 0.6 * part) * w, (0.55 + 0.3 * part) * h]
      for (const [far, alpha] of [[0.16, 0.1], [0.1, 0.14], [0.04, 0.25]] as const)
        fill(picture, [[x, y], [x + far * w * 0.6, y + far * h], [x + far * w, y + far * h * 0.5], [x + far * w * 0.5, y - far * h * 0.1]], { colour: [255, 248, 226], alpha })
    }
  },
} // prettier-ignore

function through({ rgb }: Picture, change: (value: number, channel: number) => number): void {
  const tables = [0, 1, 2].map((channel) =>
    Uint8ClampedArray.from({ length: 256 }, (_, value) => change(value, channel)),
  )
  for (let i = 0; i < rgb.length; i++) rgb[i] = tables[i % 3]?.[rgb[i] ?? 0] ?? 0
}

/** Moves the picture by whole pixels; its edge is drawn out. */
function shift({ rgb, widthPx, heightPx }: Picture, right: number, down: number): void {
  const before = rgb.slice()
  for (let y = 0; y < heightPx; y++) {
    const fromY = Math.min(heightPx - 1, Math.max(0, y - down))
    for (let x = 0; x < widthPx; x++) {
      const from = (fromY * widthPx + Math.min(widthPx - 1, Math.max(0, x - right))) * 3
      const to = (y * widthPx + x) * 3
      for (let channel = 0; channel < 3; channel++) rgb[to + channel] = before[from + channel] ?? 0
    }
  }
}
