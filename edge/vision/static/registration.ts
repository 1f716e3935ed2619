import { Fft2 } from './fft.js'
import type { PlaneSize } from './planes.js'

/** How the frame lies against the background: `frame(x + dx, y + dy)` shows what `background(x, y)` shows. */
export interface Shift {
  readonly dxPx: number
  readonly dyPx: number
}

export const still: Shift = { dxPx: 0, dyPx: 0 }

export function isStill({ dxPx, dyPx }: Shift): boolean {
  return dxPx === 0 && dyPx === 0
}

/** Larger movements than this are another view, not a shaking mast; large pictures may move by more pixels. */
function largestShiftPx({ widthPx }: PlaneSize): number {
  return 24 * Math.max(1, widthPx / 640)
}

function powerOfTwoBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(value))
}

/**
 * Phase correlation of gradient pictures at a quarter of the size, then a least-squares refinement at full size.
 * A shift is accepted only when the moved frame explains the background better in most tiles (DETECTION.md §5.6: correlation
 * alone locks on a moving crowd).
 */
export class Registration {
  readonly #size: PlaneSize
  readonly #factor: number
  readonly #smallWidth: number
  readonly #smallHeight: number
  readonly #fft: Fft2
  readonly #window: Float64Array
  readonly #frame: Float32Array
  readonly #background: Float32Array
  readonly #re: Float64Array
  readonly #im: Float64Array
  readonly #crossRe: Float64Array
  readonly #crossIm: Float64Array

  constructor(size: PlaneSize) {
    this.#size = size
    this.#factor = Math.max(1, Math.round(Math.min(size.widthPx, size.heightPx * 2) / 160))
    this.#smallWidth = Math.floor(size.widthPx / this.#factor)
    this.#smallHeight = Math.floor(size.heightPx / this.#factor)
    const width = powerOfTwoBelow(this.#smallWidth - 2)
    const height = powerOfTwoBelow(this.#smallHeight - 2)
    this.#fft = new Fft2(width, height)
    this.#window = Float64Array.from({ length: width * height }, (_, i) => {
      const hann = (k: number, n: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (k + 0.5)) / n)
      return hann(i % width, width) * hann(Math.floor(i / width), height)
    })
    this.#frame = new Float32Array(this.#smallWidth * this.#smallHeight)
    this.#background = new Float32Array(this.#smallWidth * this.#smallHeight)
    this.#re = new Float64Array(width * height)
    this.#im = new Float64Array(width * height)
    this.#crossRe = new Float64Array(width * height)
    this.#crossIm = new Float64Array(width * height)
  }

  /**
   * The shift of `frameY` against `backgroundY`, or none. Both are smoothed luminance of the full size. One that continues the
   * shift of the frame before needs less proof, or a camera that has settled elsewhere would flicker between both places.
   */
  find(frameY: Float32Array, backgroundY: Float32Array, before: Shift | undefined): Shift {
    if ((before === undefined || isStill(before)) && this.#hasNotMoved(frameY, backgroundY)) return still
    this.#shrink(frameY, this.#frame)
    this.#shrink(backgroundY, this.#background)
    const limitPx = largestShiftPx(this.#size)
    const coarse = this.#correlate()
    const candidate = coarse !== null && Math.hypot(coarse.dxPx, coarse.dyPx) < limitPx ? coarse : still
    const start = Math.hypot(candidate.dxPx, candidate.dyPx) < 0.5 * this.#factor ? still : candidate
    const fine = this.#refine(frameY, backgroundY, start)
    if (Math.hypot(fine.dxPx, fine.dyPx) <= 0.3 || Math.hypot(fine.dxPx, fine.dyPx) >= limitPx) return still
    const goesOn =
      before !== undefined && !isStill(before) && Math.hypot(before.dxPx - fine.dxPx, before.dyPx - fine.dyPx) < 1
    return this.#betterRatio(frameY, backgroundY, fine) >= (goesOn ? 0.4 : 0.66) ? fine : still
  }

  #shrink(from: Float32Array, to: Float32Array): void {
    const factor = this.#factor
    const { widthPx } = this.#size
    // every second pixel of every second row of a block is enough: the picture is smoothed already
    const step = factor >= 3 ? 2 : 1
    for (let y = 0, o = 0; y < this.#smallHeight; y++)
      for (let x = 0; x < this.#smallWidth; x++, o++) {
        let sum = 0
        for (let row = 0; row < factor; row += step) {
          const start = (y * factor + row) * widthPx + x * factor
          for (let column = 0; column < factor; column += step) sum += from[start + column] as number
        }
        to[o] = sum
      }
    const count = Math.ceil(factor / step) ** 2
    for (let o = 0; o < to.length; o++) to[o] = (to[o] as number) / count
  }

  /** Gradient magnitude, clipped at 20 so that a few hard edges do not decide, times the window. */
  #gradients(from: Float32Array, to: Float64Array): void {
    const { widthPx, heightPx } = this.#fft
    const left = (this.#smallWidth - widthPx) >> 1
    const top = (this.#smallHeight - heightPx) >> 1
    for (let y = 0, o = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++, o++) {
        const i = (y + top) * this.#smallWidth + x + left
        const gx = (from[i + 1] as number) - (from[i - 1] as number)
        const gy = (from[i + this.#smallWidth] as number) - (from[i - this.#smallWidth] as number)
        to[o] = Math.min(20, Math.sqrt(gx * gx + gy * gy) / 2) * (this.#window[o] as number)
      }
  }

  /** One transform serves both real pictures: frame in the real, background in the imaginary part. */
  #correlate(): Shift | null {
    const { widthPx, heightPx } = this.#fft
    const re = this.#re
    const im = this.#im
    this.#gradients(this.#frame, re)
    this.#gradients(this.#background, im)
    this.#fft.transform(re, im, false)
    for (let y = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++) {
        const i = y * widthPx + x
        const j = ((heightPx - y) % heightPx) * widthPx + ((widthPx - x) % widthPx)
        const frameRe = ((re[i] as number) + (re[j] as number)) / 2
        const frameIm = ((im[i] as number) - (im[j] as number)) / 2
        const backRe = ((im[i] as number) + (im[j] as number)) / 2
        const backIm = ((re[j] as number) - (re[i] as number)) / 2
        const crossRe = frameRe * backRe + frameIm * backIm
        const crossIm = frameIm * backRe - frameRe * backIm
        const norm = Math.sqrt(crossRe * crossRe + crossIm * crossIm) + 1e-9
        this.#crossRe[i] = crossRe / norm
        this.#crossIm[i] = crossIm / norm
      }
    this.#fft.transform(this.#crossRe, this.#crossIm, true)
    return this.#peak()
  }

  #peak(): Shift | null {
    const { widthPx, heightPx } = this.#fft
    const surface = this.#crossRe
    let best = 0
    for (let i = 1; i < surface.length; i++) if ((surface[i] as number) > (surface[best] as number)) best = i
    if ((surface[best] as number) / surface.length < 0.05) return null
    const x = best % widthPx
    const y = Math.floor(best / widthPx)
    return {
      dxPx: (x > widthPx / 2 ? x - widthPx : x) * this.#factor,
      dyPx: (y > heightPx / 2 ? y - heightPx : y) * this.#factor,
    }
  }

  /**
   * Most cameras stand still, and one look at the sparse grid shows it: the best small move is none, and the picture differs from the
   * background by less than a pixel's move of its texture would make (whatever the direction, error² is about (move · gradient)²).
   */
  #hasNotMoved(frameY: Float32Array, backgroundY: Float32Array): boolean {
    const { xx, xy, yy, bx, by, errors } = this.#normalSums(frameY, backgroundY, still)
    const det = xx * yy - xy * xy
    if (det <= 1e-3 * xx * yy) return false
    const moveX = (yy * bx - xy * by) / det
    const moveY = (xx * by - xy * bx) / det
    return Math.hypot(moveX, moveY) <= 0.15 && errors < 0.25 * (xx + yy)
  }

  /** Gauss-Newton on a sparse grid with a robust weight; luminance is compared by its gradients, so a gain hardly matters. */
  #refine(frameY: Float32Array, backgroundY: Float32Array, start: Shift): Shift {
    let { dxPx, dyPx } = start
    for (let round = 0; round < 4; round++) {
      const { xx, xy, yy, bx, by } = this.#normalSums(frameY, backgroundY, { dxPx, dyPx })
      const det = xx * yy - xy * xy
      if (det < 1e-3 * xx * yy || det === 0) return start
      const moveX = -(yy * bx - xy * by) / det
      const moveY = -(xx * by - xy * bx) / det
      dxPx += Math.max(-2, Math.min(2, moveX))
      dyPx += Math.max(-2, Math.min(2, moveY))
      if (Math.abs(moveX) + Math.abs(moveY) < 0.03) break
    }
    return { dxPx, dyPx }
  }

  /** Weighted sums of one Gauss-Newton step: products of gradients, gradients times error, and squared errors. */
  #normalSums(frameY: Float32Array, backgroundY: Float32Array, { dxPx, dyPx }: Shift) {
    const { widthPx, heightPx } = this.#size
    const margin = 4
    const step = Math.max(3, Math.round(widthPx / 160))
    const gain = meanRatio(frameY, backgroundY)
    let xx = 0
    let xy = 0
    let yy = 0
    let bx = 0
    let by = 0
    let errors = 0
    for (let y = margin; y < heightPx - margin; y += step)
      for (let x = margin; x < widthPx - margin; x += step) {
        const i = y * widthPx + x
        const gx = ((backgroundY[i + 1] as number) - (backgroundY[i - 1] as number)) / 2
        const gy = ((backgroundY[i + widthPx] as number) - (backgroundY[i - widthPx] as number)) / 2
        if (gx * gx + gy * gy < 4) continue
        const frame = sample(frameY, widthPx, heightPx, x + dxPx, y + dyPx)
        const error = frame / gain - (backgroundY[i] as number)
        const weight = 1 / (1 + (error * error) / 144)
        xx += weight * gx * gx
        xy += weight * gx * gy
        yy += weight * gy * gy
        bx += weight * gx * error
        by += weight * gy * error
        errors += weight * error * error
      }
    return { xx, xy, yy, bx, by, errors }
  }

  /** Share of the textured tiles in which the moved frame lies closer to the background; 0 with too few of them. */
  #betterRatio(frameY: Float32Array, backgroundY: Float32Array, { dxPx, dyPx }: Shift): number {
    const { widthPx, heightPx } = this.#size
    const gain = meanRatio(frameY, backgroundY)
    const tile = Math.max(16, Math.round(widthPx / 20))
    let better = 0
    let textured = 0
    for (let top = 2; top + tile < heightPx - 2; top += tile)
      for (let left = 2; left + tile < widthPx - 2; left += tile) {
        let plain = 0
        let moved = 0
        let edges = 0
        for (let y = top; y < top + tile; y += 3)
          for (let x = left; x < left + tile; x += 3) {
            const i = y * widthPx + x
            const b = backgroundY[i] as number
            const gx = (backgroundY[i + 1] as number) - (backgroundY[i - 1] as number)
            const gy = (backgroundY[i + widthPx] as number) - (backgroundY[i - widthPx] as number)
            if (gx * gx + gy * gy < 36) continue
            edges++
            plain += Math.min(30, Math.abs((frameY[i] as number) / gain - b))
            moved += Math.min(30, Math.abs(sample(frameY, widthPx, heightPx, x + dxPx, y + dyPx) / gain - b))
          }
        if (edges < 4) continue
        textured++
        if (moved < 0.93 * plain) better++
      }
    return textured >= 6 ? better / textured : 0
  }
}

function meanRatio(a: Float32Array, b: Float32Array): number {
  let sumA = 8
  let sumB = 8
  for (let i = 0; i < a.length; i += 61) {
    sumA += a[i] as number
    sumB += b[i] as number
  }
  return sumA / sumB
}

function sample(plane: Float32Array, width: number, height: number, x: number, y: number): number {
  const cx = Math.min(width - 1.001, Math.max(0, x))
  const cy = Math.min(height - 1.001, Math.max(0, y))
  const x0 = Math.floor(cx)
  const y0 = Math.floor(cy)
  const fx = cx - x0
  const fy = cy - y0
  const i = y0 * width + x0
  return (
    ((plane[i] as number) * (1 - fx) + (plane[i + 1] as number) * fx) * (1 - fy) +
    ((plane[i + width] as number) * (1 - fx) + (plane[i + width + 1] as number) * fx) * fy
  )
}
