import type { Box } from '../../../contracts/base/index.js'
import type { BackgroundPlanes } from './types.js'

/** Luminance and half-size chroma of one picture: the same form as the background's. */
export type Planes = BackgroundPlanes

/** Part of a plane in its pixels; may hang over the edge, what lies outside repeats the edge. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

/** For each output pixel of one axis the source pixels it covers and their weights (sum 1), `most` places each. */
interface Taps {
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Float32Array
  readonly most: number
}

/** Enlarging interpolates between two pixels, shrinking averages by area; so a thin plume is never skipped over. */
function taps(start: number, length: number, outSize: number, inSize: number): Taps {
  const step = length / outSize
  const most = step <= 1 ? 2 : Math.ceil(step) + 1
  const first = new Int32Array(outSize)
  const count = new Int32Array(outSize)
  const weights = new Float32Array(outSize * most)
  for (let i = 0; i < outSize; i += 1) {
    if (step <= 1) {
      const at = Math.min(Math.max(start + (i + 0.5) * step - 0.5, 0), inSize - 1)
      const low = Math.min(Math.floor(at), Math.max(0, inSize - 2))
      first[i] = low
      count[i] = 2
      weights.set([1 - (at - low), at - low], i * most)
      continue
    }
    const from = Math.min(Math.max(start + i * step, 0), inSize - 1)
    const to = Math.min(Math.max(start + (i + 1) * step, from + 1e-3), inSize)
    const low = Math.floor(from)
    const high = Math.max(low + 1, Math.ceil(to))
    for (let p = low; p < high; p += 1)
      weights[i * most + p - low] = (Math.min(to, p + 1) - Math.max(from, p)) / (to - from)
    first[i] = low
    count[i] = high - low
  }
  return { first, count, weights, most }
}

/** Reads `rect` of a plane (`inW` x `inH`) scaled to `outW` x `outH`. */
export function resample(
  plane: Float32Array,
  inW: number,
  inH: number,
  rect: Rect,
  outW: number,
  outH: number,
): Float32Array {
  const across = taps(rect.x, rect.w, outW, inW)
  const down = taps(rect.y, rect.h, outH, inH)
  const out = new Float32Array(outW * outH)
  const row = new Float32Array(inW + 1) // one more than a picture of one column has
  const left = across.first[0] ?? 0
  const right = Math.min(inW, (across.first[outW - 1] ?? 0) + (across.count[outW - 1] ?? 0))
  for (let y = 0; y < outH; y += 1) {
    row.fill(0, left, right)
    for (let k = 0; k < (down.count[y] as number); k += 1) {
      const weight = down.weights[y * down.most + k] as number
      const base = ((down.first[y] as number) + k) * inW
      if (weight > 0 && base < plane.length)
        for (let x = left; x < right; x += 1) row[x] = (row[x] as number) + weight * (plane[base + x] as number)
    }
    for (let x = 0; x < outW; x += 1) {
      const from = across.first[x] as number
      let sum = 0
      for (let k = 0; k < (across.count[x] as number); k += 1)
        sum += (across.weights[x * across.most + k] as number) * (row[from + k] as number)
      out[y * outW + x] = sum
    }
  }
  return out
}

/** Interleaved RGB scaled to `outW` x `outH`, as three planes: one walk over the source, because this runs on every picture of a burst. */
function scaledRgb(
  rgb: Uint8Array,
  inW: number,
  inH: number,
  outW: number,
  outH: number,
): readonly [Float32Array, Float32Array, Float32Array] {
  const out = [new Float32Array(outW * outH), new Float32Array(outW * outH), new Float32Array(outW * outH)] as const
  if (inW === outW && inH === outH) {
    for (const [colour, plane] of out.entries())
      for (let i = 0; i < plane.length; i += 1) plane[i] = rgb[3 * i + colour] as number
    return out
  }
  const across = taps(0, inW, outW, inW)
  const down = taps(0, inH, outH, inH)
  const row = new Float32Array((inW + 1) * 3)
  for (let y = 0; y < outH; y += 1) {
    row.fill(0)
    for (let k = 0; k < (down.count[y] as number); k += 1) {
      const weight = down.weights[y * down.most + k] as number
      const base = ((down.first[y] as number) + k) * inW * 3
      if (weight > 0 && base < rgb.length)
        for (let i = 0; i < inW * 3; i += 1) row[i] = (row[i] as number) + weight * (rgb[base + i] as number)
    }
    for (let x = 0; x < outW; x += 1) {
      let from = (across.first[x] as number) * 3
      let r = 0
      let g = 0
      let b = 0
      for (let k = 0; k < (across.count[x] as number); k += 1, from += 3) {
        const weight = across.weights[x * across.most + k] as number
        r += weight * (row[from] as number)
        g += weight * (row[from + 1] as number)
        b += weight * (row[from + 2] as number)
      }
      const i = y * outW + x
      out[0][i] = r
      out[1][i] = g
      out[2][i] = b
    }
  }
  return out
}

/** RGB to planes of `widthPx` x `heightPx`: BT.601, full range, chroma around 128. */
export function planesOfRgb(rgb: Uint8Array, inW: number, inH: number, widthPx: number, heightPx: number): Planes {
  const chromaWidthPx = Math.ceil(widthPx / 2)
  const chromaHeightPx = Math.ceil(heightPx / 2)
  const [r, g, b] = scaledRgb(rgb, inW, inH, widthPx, heightPx)
  const y = new Float32Array(r.length)
  for (let i = 0; i < y.length; i += 1) y[i] = 0.299 * (r[i] ?? 0) + 0.587 * (g[i] ?? 0) + 0.114 * (b[i] ?? 0)
  const u = new Float32Array(chromaWidthPx * chromaHeightPx)
  const v = new Float32Array(u.length)
  for (let row = 0; row < chromaHeightPx; row += 1)
    for (let col = 0; col < chromaWidthPx; col += 1) {
      let luminance = 0
      let red = 0
      let blue = 0
      let count = 0
      for (let py = 2 * row; py < Math.min(heightPx, 2 * row + 2); py += 1)
        for (let px = 2 * col; px < Math.min(widthPx, 2 * col + 2); px += 1) {
          const i = py * widthPx + px
          luminance += y[i] ?? 0
          red += r[i] ?? 0
          blue += b[i] ?? 0
          count += 1
        }
      u[row * chromaWidthPx + col] = 128 + (0.564 * (blue - luminance)) / count
      v[row * chromaWidthPx + col] = 128 + (0.713 * (red - luminance)) / count
    }
  return { widthPx, heightPx, chromaWidthPx, chromaHeightPx, y, u, v }
}

/** The part `region` (0..1) of planes, scaled to `widthPx` x `heightPx`. */
export function cutPlanes(from: Planes, region: Box, widthPx: number, heightPx: number): Planes {
  const chromaWidthPx = Math.ceil(widthPx / 2)
  const chromaHeightPx = Math.ceil(heightPx / 2)
  const at = (w: number, h: number): Rect => ({
    x: region[0] * w,
    y: region[1] * h,
    w: region[2] * w,
    h: region[3] * h,
  })
  const { widthPx: w, heightPx: h, chromaWidthPx: cw, chromaHeightPx: ch } = from
  return {
    widthPx,
    heightPx,
    chromaWidthPx,
    chromaHeightPx,
    y: resample(from.y, w, h, at(w, h), widthPx, heightPx),
    u: resample(from.u, cw, ch, at(cw, ch), chromaWidthPx, chromaHeightPx),
    v: resample(from.v, cw, ch, at(cw, ch), chromaWidthPx, chromaHeightPx),
  }
}

/** Middle of the values; 0 when there are none. Reorders `values`. */
export function median(values: number[] | Float32Array): number {
  if (values.length === 0) return 0
  if (values instanceof Float32Array) values.sort()
  else values.sort((a, b) => a - b)
  const middle = values.length >> 1
  return values.length % 2 === 1 ? (values[middle] ?? 0) : ((values[middle - 1] ?? 0) + (values[middle] ?? 0)) / 2
}
