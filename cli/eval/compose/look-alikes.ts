import { ellipse, fill } from './canvas.js'
import type { Picture } from './canvas.js'
import { hashOf } from './dice.js'
import { at, beside } from './ground.js'
import { drawPlume, mist, steam } from './plume.js'
import { bodies, contactShadow, drawPerson, drawTricycle, drawTruck, somebody } from './props.js'
import { stepsPerS, stillToGo, visitor, wayIn } from './story.js'
import type { Stage, Story } from './story.js'

const nothing = { conditions: [], events: [] } as const

/** People come one by one and wait beside each other: nobody sells anything. */
export function busQueue(stage: Stage): Story {
  const { dice, light, leadS, endS } = stage
  const people = Array.from({ length: 4 }, (_, index) => ({ person: somebody(dice), fromS: leadS + index * dice.between(2, 4), staysS: endS, offsetM: index * 0.75 - 1.1 })) // prettier-ignore
  return {
    ...nothing,
    conditions: ['people'],
    draw: (picture, atS) => {
      for (const each of people) visitor({ picture, light }, stage, each.person, { ...each, atS })
    },
  }
}

/** A courier rides a cargo tricycle in, leaves it there and walks away. */
export function parkedTricycle(stage: Stage): Story {
  const { spot, dice, light, leadS } = stage
  const { metres, side } = wayIn(stage)
  const speedMs = Math.max(2.5, metres / 6)
  const arrivedS = leadS + metres / speedMs
  const [rider, colour] = [somebody(dice), dice.pick(bodies)]
  return {
    ...nothing,
    conditions: ['parked_vehicles'],
    draw(picture, atS) {
      if (atS < leadS) return
      const brush = { picture, light }
      const here = beside(spot, side * stillToGo(metres, speedMs, atS - leadS))
      drawTricycle(brush, here, colour)
      const gone = Math.max(0, atS - arrivedS - 2) * 1.4
      if (gone < metres + 3) drawPerson(brush, beside(here, side * (0.5 + gone)), rider, atS * stepsPerS, gone > 0)
    },
  }
}

/** A truck stops on the road for a good part of a minute and drives on. */
export function stoppedTruck(stage: Stage): Story {
  const { spot, dice, light, leadS, endS, widthPx } = stage
  const colour = dice.pick(bodies)
  const wayM = spot.xPx / spot.pxPerM + 3.5
  const leavesS = leadS + (endS - leadS) * 0.75
  return {
    ...nothing,
    conditions: ['traffic'],
    draw(picture, atS) {
      const x = atS < leavesS ? -stillToGo(wayM, 6, atS - leadS) : (atS - leavesS) ** 2 * 1.2
      if (atS >= leadS && x * spot.pxPerM < widthPx) drawTruck({ picture, light }, beside(spot, x), colour, 1)
    },
  }
}

function vapour(emission: typeof steam, upM: number, onS: number, offS: number, conditions: readonly string[]): (stage: Stage) => Story {
  return ({ spot, dice, light, leadS, endS }) => {
    const seed = hashOf(String(dice.next()))
    const period = onS + offS
    const windy = { ...emission, windMs: emission.windMs * dice.pick([1, -1]) }
    return {
      ...nothing,
      conditions,
      draw(picture, atS) {
        // The burst before may still hang in the air.
        for (let begun = leadS; begun <= Math.min(atS, endS); begun += period)
          if (atS - begun < onS + emission.lifeS) drawPlume(picture, spot, upM, windy, atS - begun, onS, light, seed + Math.round(begun))
      },
    }
  }
} // prettier-ignore

/** Steam out of the ground in bursts: white, and gone within two seconds. */
export const steamVent = vapour(steam, 0.02, 6, 5, ['steam'])
/** A cannon sprays water against dust: a remedy, not dust. */
export const sprayCannon = vapour(mist, 1.4, 14, 6, ['spray'])

/** Two red lamps that blink on a post. */
export function redLamps({ spot, dice, light, leadS, endS }: Stage): Story {
  const period = dice.between(0.9, 1.4)
  return {
    ...nothing,
    conditions: ['lamps'],
    draw(picture, atS) {
      if (atS < leadS || atS > endS) return
      const post = [at(spot, -0.04, 0), at(spot, 0.04, 0), at(spot, 0.04, 1.7), at(spot, -0.04, 1.7)]
      contactShadow({ picture, light }, spot, 0.15)
      fill(picture, post, { colour: [90 * light[0], 90 * light[1], 92 * light[2]] })
      const first = (atS / period) % 1 < 0.5
      for (const [side, on] of [[-0.22, first], [0.22, !first]] as const) // prettier-ignore
        for (const [radius, alpha] of [[0.34, 0.25], [0.14, 1]] as const) // prettier-ignore
          if (on) fill(picture, ellipse(at(spot, side, 1.6), radius * spot.pxPerM, radius * spot.pxPerM), { colour: [255, 46, 34], alpha }) // prettier-ignore
    },
  }
}

/** Water spreads on the ground: darker, with the sky in it, without an edge of its own height. */
export function puddle({ spot, dice, leadS }: Stage): Story {
  const halfM = dice.between(0.8, 1.5)
  return {
    ...nothing,
    conditions: ['puddle'],
    draw(picture, atS) {
      const grown = Math.min(1, (atS - leadS) / 12)
      if (grown <= 0) return
      const shape = ellipse(at(spot, 0, 0), halfM * grown * spot.pxPerM, halfM * 0.34 * grown * spot.pxPerM)
      fill(picture, shape, { colour: [0, 0, 0], shade: 0.34 })
      fill(picture, shape, { colour: [150, 160, 172], alpha: 0.12 })
    },
  }
}

/** A sheet of paper that the wind moves on before it has lain anywhere for long. */
export function paperInWind({ spot, dice, light, leadS, widthPx }: Stage): Story {
  const halts = Array.from({ length: 12 }, () => ({ restS: dice.between(2, 4.5), hopM: dice.between(0.6, 2.2), turn: dice.between(-0.4, 0.4) })) // prettier-ignore
  const leftM = -(spot.xPx / spot.pxPerM) * 0.6
  return {
    ...nothing,
    conditions: ['wind'],
    draw(picture, atS) {
      let [x, beganS, turn] = [leftM, leadS, 0]
      if (atS < leadS) return
      for (const halt of halts) {
        const part = Math.min(1, Math.max(0, (atS - beganS - halt.restS) / 0.8))
        x += halt.hopM * part
        turn += halt.turn * part
        if (part < 1) break
        beganS += halt.restS + 0.8
      }
      if (x * spot.pxPerM + spot.xPx > widthPx) return
      const [w, h] = [0.22 * Math.cos(turn), 0.08 + 0.05 * Math.sin(turn)]
      fill(picture, [at(spot, x - w, 0), at(spot, x + w * 0.8, 0.02), at(spot, x + w, h), at(spot, x - w * 0.9, h + 0.03)], { colour: [232 * light[0], 230 * light[1], 224 * light[2]] }) // prettier-ignore
    },
  }
}

/** Every pixel its own factor or veil: what covers the whole view comes from no place in it. */
function over(
  { rgb, widthPx, heightPx }: Picture,
  change: (x: number, y: number) => readonly [factor: number, add: number],
): void {
  // prettier-ignore
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) {
      const [factor, add] = change(x / widthPx, y / heightPx)
      const index = (y * widthPx + x) * 3
      for (let channel = 0; channel < 3; channel++) rgb[index + channel] = Math.min(255, (rgb[index + channel] ?? 0) * factor + add) // prettier-ignore
    }
}

/** The shadow of a cloud crosses the view and goes again. */
export function cloudShadow({ dice, leadS, endS }: Stage): Story {
  const [depth, tilt] = [dice.between(0.3, 0.5), dice.between(-0.4, 0.4)]
  return {
    ...nothing,
    conditions: ['moving_shadow'],
    draw(picture, atS) {
      const edge = ((atS - leadS) / (endS - leadS)) * 2.6 - 0.8
      if (atS < leadS) return
      over(picture, (x, y) => {
        const inside = edge - x - tilt * y
        const soft = Math.min(1, Math.max(0, inside * 5)) * Math.min(1, Math.max(0, (1.1 - inside) * 5))
        return [1 - depth * soft, 0]
      })
    },
  }
}

/** Fog thickens over the whole view, most of it far away, and clears again. */
export function fog({ dice, leadS, endS }: Stage): Story {
  const thick = dice.between(0.45, 0.65)
  return {
    ...nothing,
    conditions: ['fog'],
    draw(picture, atS) {
      if (atS < leadS) return
      const now = thick * Math.sin((Math.PI * (atS - leadS)) / (endS - leadS))
      over(picture, (_x, y) => {
        const part = now * (1 - 0.45 * y)
        return [1 - part, 205 * part]
      })
    },
  }
}
