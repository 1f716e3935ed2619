import type { Point } from '../../../contracts/base/index.js'
import { pointInPolygon } from '../../../contracts/geometry.js'
import type { PlaneSize } from './planes.js'

const cellPx = 8

/** 1 inside any of the polygons (0..1 of the picture). */
export function rasterPolygons(polygons: readonly (readonly Point[])[], { widthPx, heightPx }: PlaneSize): Uint8Array {
  const mask = new Uint8Array(widthPx * heightPx)
  for (const polygon of polygons)
    for (let y = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++)
        if (pointInPolygon([(x + 0.5) / widthPx, (y + 0.5) / heightPx], polygon)) mask[y * widthPx + x] = 1
  return mask
}

/**
 * Learns what is burned into the picture and where the sky is, on cells of 8x8 pixels.
 * - text: cells in the upper or lower 16 % that keep hard edges while some of them flip; a run of such cells is masked whole, so that
 *   digits which change once an hour are covered by those which change each second.
 * - sky: bright, textureless cells connected to the upper edge.
 */
export class SceneMasks {
  readonly #columns: number
  readonly #rows: number
  /** Share of frames with hard edges, and with a flip, of each cell. */
  readonly sharp: Float32Array
  readonly flips: Float32Array
  readonly #before: Uint8Array
  readonly #size: PlaneSize
  frames = 0

  constructor(size: PlaneSize) {
    this.#size = size
    this.#columns = Math.ceil(size.widthPx / cellPx)
    this.#rows = Math.ceil(size.heightPx / cellPx)
    this.sharp = new Float32Array(this.#columns * this.#rows)
    this.flips = new Float32Array(this.#columns * this.#rows)
    this.#before = new Uint8Array(size.widthPx * size.heightPx)
  }

  #isTextRow(row: number): boolean {
    const middle = (row * cellPx + cellPx / 2) / this.#size.heightPx
    return middle < 0.16 || middle > 0.84
  }

  /** Takes one frame's luminance before smoothing. */
  observe(rawY: Float32Array): void {
    const { widthPx, heightPx } = this.#size
    const rate = Math.max(1 / (this.frames + 1), 1 / 40)
    for (let row = 0; row < this.#rows; row++) {
      if (!this.#isTextRow(row)) continue
      for (let column = 0; column < this.#columns; column++) {
        let edges = 0
        let changed = 0
        const bottom = Math.min(heightPx, (row + 1) * cellPx)
        const right = Math.min(widthPx - 1, (column + 1) * cellPx)
        for (let y = row * cellPx; y < bottom; y++)
          for (let x = column * cellPx; x < right; x++) {
            const i = y * widthPx + x
            const here = rawY[i] as number
            if (Math.abs((rawY[i + 1] as number) - here) > 60) edges++
            if (Math.abs(here - (this.#before[i] as number)) > 70) changed++
            this.#before[i] = here
          }
        const cell = row * this.#columns + column
        this.sharp[cell] = (this.sharp[cell] as number) + ((edges >= 5 ? 1 : 0) - (this.sharp[cell] as number)) * rate
        const flip = this.frames > 0 && changed >= 3 && changed < 0.7 * cellPx * cellPx ? 1 : 0
        this.flips[cell] = (this.flips[cell] as number) + (flip - (this.flips[cell] as number)) * rate
      }
    }
    this.frames++
  }

  /** Burned-in text, as pixels; empty until 12 frames have been seen. */
  textMask(): Uint8Array {
    const { widthPx, heightPx } = this.#size
    const mask = new Uint8Array(widthPx * heightPx)
    if (this.frames < 12) return mask
    const seen = new Uint8Array(this.sharp.length)
    for (let cell = 0; cell < seen.length; cell++) {
      if (seen[cell] === 1 || !this.#isText(cell)) continue
      const run = this.#run(cell, seen)
      if (run.some((part) => (this.flips[part] as number) > 0.12)) for (const part of run) this.#mark(mask, part)
    }
    return mask
  }

  #isText(cell: number): boolean {
    return (this.sharp[cell] as number) > 0.75
  }

  /** Cells reached from `cell` over at most two cells without edges (the gaps between words) in the same two rows. */
  #run(cell: number, seen: Uint8Array): number[] {
    const run = [cell]
    seen[cell] = 1
    for (const at of run) {
      const row = Math.floor(at / this.#columns)
      const column = at % this.#columns
      for (let r = Math.max(0, row - 1); r <= Math.min(this.#rows - 1, row + 1); r++)
        for (let c = Math.max(0, column - 3); c <= Math.min(this.#columns - 1, column + 3); c++) {
          const next = r * this.#columns + c
          if (seen[next] === 1 || !this.#isText(next)) continue
          seen[next] = 1
          run.push(next)
        }
    }
    return run
  }

  #mark(mask: Uint8Array, cell: number): void {
    const { widthPx, heightPx } = this.#size
    const row = Math.floor(cell / this.#columns)
    const column = cell % this.#columns
    const top = Math.max(0, (row - 0.75) * cellPx)
    const left = Math.max(0, (column - 1) * cellPx)
    for (let y = top; y < Math.min(heightPx, (row + 1.75) * cellPx); y++)
      mask.fill(1, y * widthPx + left, y * widthPx + Math.min(widthPx, (column + 2) * cellPx))
  }

  /** Sky of a settled background. A road seen from above is bright and smooth too, so the sky must be clearly brighter than the rest. */
  skyMask(by: Float32Array, bu: Float32Array, bv: Float32Array): Uint8Array {
    const { widthPx, heightPx, chromaWidthPx } = this.#size
    const mask = new Uint8Array(widthPx * heightPx)
    const light = new Float32Array(this.#columns * this.#rows)
    const smooth = new Uint8Array(light.length)
    let total = 0
    for (let row = 0; row < this.#rows; row++)
      for (let column = 0; column < this.#columns; column++) {
        const cell = row * this.#columns + column
        const { mean, steep } = cellOf(by, this.#size, row, column)
        light[cell] = mean
        total += mean
        const j = Math.min(row * 4 + 2, this.#size.chromaHeightPx - 1) * chromaWidthPx
        const k = j + Math.min(column * 4 + 2, chromaWidthPx - 1)
        const blue = (bu[k] as number) >= 127 && (bv[k] as number) <= 129
        smooth[cell] = mean > 120 && steep < 6 && (blue || mean > 170) ? 1 : 0
      }
    const sky = this.#fromTop(smooth)
    const inSky = sky.reduce((sum, value, cell) => sum + (value === 1 ? (light[cell] as number) : 0), 0)
    const count = sky.reduce((sum, value) => sum + value, 0)
    const rest = (total - inSky) / Math.max(1, sky.length - count)
    const top = sky.subarray(0, 4 * this.#columns).reduce((sum, value) => sum + value, 0)
    if (count === 0 || top < 0.3 * 4 * this.#columns || inSky / count < rest + 30) return mask
    for (let cell = 0; cell < sky.length; cell++) if (sky[cell] === 1) this.#mark(mask, cell)
    return mask
  }

  /** Cells connected to the upper edge through smooth cells, never below the middle of the picture. */
  #fromTop(smooth: Uint8Array): Uint8Array {
    const sky = new Uint8Array(smooth.length)
    const queue: number[] = []
    // burned-in text may fill the first rows
    for (let cell = 0; cell < 4 * this.#columns; cell++) if (smooth[cell] === 1) queue.push(cell)
    for (const cell of queue) sky[cell] = 1
    for (const cell of queue) {
      const row = Math.floor(cell / this.#columns)
      const column = cell % this.#columns
      const beside = [
        row > 0 ? cell - this.#columns : -1,
        row + 1 < this.#rows * 0.55 ? cell + this.#columns : -1,
        column > 0 ? cell - 1 : -1,
        column + 1 < this.#columns ? cell + 1 : -1,
      ]
      for (const next of beside) {
        if (next < 0 || sky[next] === 1 || smooth[next] === 0) continue
        sky[next] = 1
        queue.push(next)
      }
    }
    return sky
  }
}

function cellOf(
  by: Float32Array,
  { widthPx, heightPx }: PlaneSize,
  row: number,
  column: number,
): { mean: number; steep: number } {
  let sum = 0
  let steep = 0
  let count = 0
  for (let y = row * cellPx; y < Math.min(heightPx - 1, (row + 1) * cellPx); y += 2)
    for (let x = column * cellPx; x < Math.min(widthPx - 1, (column + 1) * cellPx); x += 2) {
      const i = y * widthPx + x
      sum += by[i] as number
      steep +=
        Math.abs((by[i + 1] as number) - (by[i] as number)) + Math.abs((by[i + widthPx] as number) - (by[i] as number))
      count++
    }
  return { mean: sum / Math.max(1, count), steep: steep / Math.max(1, count) }
}
