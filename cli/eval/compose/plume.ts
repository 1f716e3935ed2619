import { grainAt } from './canvas.js'
import type { Colour, Picture } from './canvas.js'
import type { Spot } from './ground.js'

/** What comes out of a source and how it spreads; metres and seconds. */
export interface Emission {
  readonly puffsPerS: number
  readonly lifeS: number
  readonly riseMs: number
  readonly windMs: number
  readonly radiusM: number
  readonly growthMs: number
  /** Optical depth in the middle of a fresh puff. */
  readonly depth: number
  /** Half width of the source. */
  readonly sourceM: number
  readonly colour: Colour
}

export const smoke: Emission = { puffsPerS: 3, lifeS: 5, riseMs: 0.75, windMs: 0.45, radiusM: 0.22, growthMs: 0.26, depth: 1.15, sourceM: 0.4, colour: [188, 188, 190] } // prettier-ignore
export const dust: Emission = { puffsPerS: 3, lifeS: 9, riseMs: 0.35, windMs: 0.8, radiusM: 0.9, growthMs: 0.42, depth: 0.6, sourceM: 1.6, colour: [190, 160, 120] } // prettier-ignore
export const steam: Emission = { puffsPerS: 3, lifeS: 1.8, riseMs: 1.1, windMs: 0.3, radiusM: 0.2, growthMs: 0.4, depth: 0.5, sourceM: 0.25, colour: [236, 238, 240] } // prettier-ignore
export const mist: Emission = { puffsPerS: 5, lifeS: 2.4, riseMs: 0.5, windMs: 2.2, radiusM: 0.35, growthMs: 0.55, depth: 0.34, sourceM: 0.2, colour: [214, 222, 230] } // prettier-ignore

/** The field is computed on every so-many-th pixel and read between them. */
const stepPx = 4

/**
 * Lays a plume over the picture: puffs that rise, drift and thin out as they grow (the matter in each stays the same), torn by noise
 * that moves with them. I = tau B + (1 - tau) A, as DETECTION.md §5.1 measures it.
 */
export function drawPlume(
  picture: Picture,
  spot: Spot,
  upM: number,
  emission: Emission,
  sinceS: number,
  forS: number,
  light: Colour,
  seed: number,
): void {
  // prettier-ignore
  const puffs = puffsAt(emission, sinceS, forS, seed)
  if (puffs.length === 0) return
  const { pxPerM } = spot
  const reach = puffs.map(({ x, y, r }) => [x - 2.2 * r, x + 2.2 * r, y - 2.2 * r, y + 2.2 * r] as const)
  const left = Math.max(0, Math.floor(spot.xPx + Math.min(...reach.map(([value]) => value)) * pxPerM))
  const right = Math.min(picture.widthPx, Math.ceil(spot.xPx + Math.max(...reach.map(([, value]) => value)) * pxPerM))
  const top = Math.max(0, Math.floor(spot.yPx - (upM + Math.max(...reach.map(([, , , value]) => value))) * pxPerM))
  const low = Math.min(picture.heightPx, Math.ceil(spot.yPx - (upM + Math.min(...reach.map(([, , value]) => value))) * pxPerM)) // prettier-ignore
  const [columns, rows] = [Math.ceil((right - left) / stepPx) + 1, Math.ceil((low - top) / stepPx) + 1]
  if (columns < 2 || rows < 2) return
  const field = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const x = (left + column * stepPx - spot.xPx) / pxPerM
      const y = (spot.yPx - top - row * stepPx) / pxPerM - upM
      field[row * columns + column] = depthAt(puffs, x, y, emission, sinceS, seed)
    }
  veil(picture, field, columns, [left, top, Math.min(right, left + (columns - 1) * stepPx), Math.min(low, top + (rows - 1) * stepPx)], emission.colour, light) // prettier-ignore
}

interface Puff {
  readonly x: number
  readonly y: number
  readonly r: number
  readonly depth: number
}

/** Puffs that are in the air `sinceS` after the source began; it stops after `forS`. */
function puffsAt(emission: Emission, sinceS: number, forS: number, seed: number): Puff[] {
  const { puffsPerS, lifeS, radiusM, growthMs } = emission
  const first = Math.max(0, Math.ceil((sinceS - lifeS) * puffsPerS))
  const last = Math.floor(Math.min(sinceS, forS) * puffsPerS)
  const puffs: Puff[] = []
  for (let index = first; index <= last; index++) {
    const ageS = sinceS - index / puffsPerS
    const [a, b, c] = [grainAt(index * 7.3, seed % 977), grainAt(index * 5.1, 40 + (seed % 613)), grainAt(index * 3.7, 90 + (seed % 431))] // prettier-ignore
    const gust = 1 + 0.5 * grainAt(sinceS * 0.35, seed % 211)
    const r = radiusM + growthMs * ageS
    const fade = Math.min(1, ageS / 0.5) * Math.max(0, 1 - ageS / lifeS)
    puffs.push({
      x: a * emission.sourceM + emission.windMs * ageS * gust + b * 0.25 * ageS,
      y: emission.riseMs * ageS * (1 + 0.3 * c),
      r,
      depth: emission.depth * (0.6 + 0.4 * b) * (radiusM / r) * fade * 1.4,
    })
  }
  return puffs
}

function depthAt(puffs: readonly Puff[], x: number, y: number, emission: Emission, sinceS: number, seed: number): number {
  let depth = 0
  for (const puff of puffs) {
    const d2 = ((x - puff.x) ** 2 + (y - puff.y) ** 2) / (puff.r * puff.r)
    if (d2 < 4.8) depth += puff.depth * Math.exp(-1.3 * d2)
  }
  if (depth <= 0.01) return 0
  const [u, v] = [(x - emission.windMs * sinceS) / emission.radiusM, (y - emission.riseMs * sinceS) / emission.radiusM]
  const torn = 1 + 0.45 * grainAt(u * 1.3, v * 1.3 + (seed % 89)) + 0.35 * grainAt(u * 3.1 + (seed % 53), v * 3.1)
  return depth * Math.max(0.1, torn)
} // prettier-ignore

function veil({ rgb, widthPx }: Picture, field: Float32Array, columns: number, [left, top, right, low]: readonly [number, number, number, number], colour: Colour, light: Colour): void {
  for (let y = top; y < low; y++) {
    const [row, fy] = [Math.floor((y - top) / stepPx), ((y - top) % stepPx) / stepPx]
    for (let x = left; x < right; x++) {
      const [column, fx] = [Math.floor((x - left) / stepPx), ((x - left) % stepPx) / stepPx]
      const at = row * columns + column
      const depth = ((field[at] ?? 0) * (1 - fx) + (field[at + 1] ?? 0) * fx) * (1 - fy) + ((field[at + columns] ?? 0) * (1 - fx) + (field[at + columns + 1] ?? 0) * fx) * fy
      if (depth < 0.004) continue
      const through = Math.exp(-depth)
      for (let channel = 0; channel < 3; channel++) {
        const index = (y * widthPx + x) * 3 + channel
        rgb[index] = Math.min(255, through * (rgb[index] ?? 0) + (1 - through) * (colour[channel] ?? 0) * (light[channel] ?? 1))
      }
    }
  }
} // prettier-ignore
