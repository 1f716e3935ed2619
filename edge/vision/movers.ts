import type { Box, Point } from '../../contracts/base/index.js'
import { coverOf, footOf } from '../../contracts/geometry.js'
import type { Geometry } from './geometry.js'
import { pixelKinds } from './static/step.js'

/** Side of a cell and how many of its pixels must move. */
const cellPx = 4
const livePxMin = 6

/** Heights and widths of somebody standing, bending or half hidden, metres. */
const bodyM = { heightMin: 0.5, heightMax: 2.4, widthMin: 0.2, widthMax: 1.7 }
/** The same without calibration: shares of the picture's height; taller than wide by at least this. */
const bodyRatio = { heightMin: 0.04, heightMax: 0.4, uprightMin: 0.9 }

export interface MoversInput {
  /** `pixelKinds` of the present frame. */
  readonly kinds: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
  readonly geometry: Geometry | null
  /** Boxes of vehicles that the network knows: what moves there is no person. */
  readonly vehicles: readonly Box[]
}

/**
 * Foot points of upright, person-sized things that move or have just come. Physics instead of a network: it sees whom a small
 * network misses, and errs on hand carts and dogs; the base rate of the place takes out what passes there anyway (DETECTION.md §6).
 */
export function uprightMovers(input: MoversInput): Point[] {
  const columns = Math.floor(input.widthPx / cellPx)
  const rows = Math.floor(input.heightPx / cellPx)
  const live = liveCells(input, columns, rows)
  const feet: Point[] = []
  for (let seed = 0; seed < live.length; seed += 1) {
    if (live[seed] !== 1) continue
    const box = takeBlob(live, seed, columns, rows)
    if (isBody(box, input)) feet.push(footOf(box))
  }
  return feet
}

function liveCells({ kinds, widthPx }: MoversInput, columns: number, rows: number): Uint8Array {
  const counts = new Uint8Array(columns * rows)
  for (let y = 0; y < rows * cellPx; y += 1) {
    const cells = Math.floor(y / cellPx) * columns
    for (let x = 0, i = y * widthPx; x < columns * cellPx; x += 1, i += 1) {
      if ((kinds[i] as number) < pixelKinds.other) continue
      const cell = cells + ((x / cellPx) | 0)
      counts[cell] = (counts[cell] as number) + 1
    }
  }
  return counts.map((count) => (count >= livePxMin ? 1 : 0))
}

/** Bounds of the 8-connected blob around `seed`, in 0..1 of the picture; its cells are cleared. */
function takeBlob(live: Uint8Array, seed: number, columns: number, rows: number): Box {
  const stack = [seed]
  live[seed] = 0
  let [left, top, right, bottom] = [columns, rows, -1, -1]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const [x, y] = [at % columns, Math.floor(at / columns)]
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
    for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny += 1)
      for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx += 1) {
        const next = ny * columns + nx
        if (live[next] !== 1) continue
        live[next] = 0
        stack.push(next)
      }
  }
  return [left / columns, top / rows, (right - left + 1) / columns, (bottom - top + 1) / rows]
}

function isBody(box: Box, { geometry, vehicles, widthPx, heightPx }: MoversInput): boolean {
  if (vehicles.some((vehicle) => coverOf(box, vehicle) > 0.5)) return false
  const [, , w, h] = box
  const foot = footOf(box)
  if (geometry === null || !geometry.onGround(foot))
    return (
      h >= bodyRatio.heightMin && h <= bodyRatio.heightMax && (h * heightPx) / (w * widthPx) >= bodyRatio.uprightMin
    )
  const pxPerM = geometry.pxPerM(foot)
  const [heightM, widthM] = [(h * heightPx) / pxPerM, (w * widthPx) / pxPerM]
  const { heightMin, heightMax, widthMin, widthMax } = bodyM
  return heightM >= heightMin && heightM <= heightMax && widthM >= widthMin && widthM <= widthMax
}
