import type { PlaneSize, Planes } from './planes.js'
import type { LayerArrays } from './state.js'
import { deviationUnits, greyUnits, startSigmaC } from './state.js'

/** What a pixel of this frame shows. */
export const pixelKinds = { background: 0, candidate: 1, other: 2, fresh: 3 } as const

export interface StepTimes {
  /** Evidence time since the frame before, > 0. */
  readonly dtMs: number
  /** Media time since the model's start. */
  readonly nowMs: number
  /** Evidence time gathered since the model's start. */
  readonly evidenceMs: number
  readonly staticMs: number
}

/** Scratch and inputs of one step: the mapped frame, the background as grey levels, the luminance as the camera gave it. */
export interface StepPlanes {
  readonly frame: Planes
  readonly background: Planes
  readonly raw: Float32Array
  /** Out: one of `pixelKinds` for each pixel. */
  readonly kinds: Uint8Array
  /** Scratch of the size of a chroma plane. */
  readonly chromaFits: Uint8Array
}

/** A rate `a` that holds for one second, for `dtMs`. */
export function rateFor(a: number, dtMs: number): number {
  return 1 - (1 - a) ** (dtMs / 1000)
}

/** What the passes of one step share; rates are already those of this step's `dtMs`. */
interface Pass {
  readonly arrays: LayerArrays
  readonly planes: StepPlanes
  readonly size: PlaneSize
  readonly dtMs: number
  readonly nowMs: number
  readonly evidenceMs: number
  readonly nCapMs: number
  readonly slowest: number
  readonly slowestC: number
  readonly sigmaRate: number
  readonly shortRate: number
}

/**
 * One step of the two-layer model (DETECTION.md §3.2, 4). Returns the number of pixels that do not show the background.
 * Works in rows and allocates nothing per pixel. `| 0` tells the compiler of the machine that counters are small integers.
 */
export function stepPixels(arrays: LayerArrays, planes: StepPlanes, size: PlaneSize, times: StepTimes): number {
  const { dtMs } = times
  const pass: Pass = {
    arrays,
    planes,
    size,
    dtMs: dtMs | 0,
    nowMs: times.nowMs | 0,
    evidenceMs: times.evidenceMs | 0,
    nCapMs: (6 * times.staticMs) | 0,
    slowest: rateFor(1 / 32, dtMs),
    slowestC: rateFor(1 / 20, dtMs),
    sigmaRate: rateFor(1 / 48, dtMs),
    shortRate: rateFor(0.2, dtMs),
  }
  judgeChroma(pass)
  let foreground = 0
  for (let row = 0; row < size.heightPx; row++) foreground += stepRow(pass, row)
  updateChroma(pass)
  return foreground
}

/** Largest chroma difference that still counts as the same colour. */
const chromaLimit = 10

/** Writes for each chroma pixel whether it fits the background (1) and the candidate (2), and moves the short mean. */
function judgeChroma({ arrays, planes, shortRate }: Pass): void {
  const { cu, cv, su, sv } = arrays
  const { u: fu, v: fv } = planes.frame
  const { u: gu, v: gv } = planes.background
  const { chromaFits } = planes
  for (let j = 0; j < chromaFits.length; j++) {
    const u = fu[j] as number
    const v = fv[j] as number
    const fitsB = Math.abs(u - (gu[j] as number)) < chromaLimit && Math.abs(v - (gv[j] as number)) < chromaLimit
    const fitsC =
      Math.abs(u - (cu[j] as number) / greyUnits) < chromaLimit &&
      Math.abs(v - (cv[j] as number) / greyUnits) < chromaLimit
    chromaFits[j] = (fitsB ? 1 : 0) | (fitsC ? 2 : 0)
    su[j] = round(su[j] as number, u * greyUnits, shortRate)
    sv[j] = round(sv[j] as number, v * greyUnits, shortRate)
  }
}

/** `from` moved by `rate` towards `to`, as an integer; neither is negative. */
function round(from: number, to: number, rate: number): number {
  return (from + (to - from) * rate + 0.5) | 0
}

/** One row of pixels; the common case, a pixel near the background, stays in this loop. */
function stepRow(pass: Pass, row: number): number {
  const { arrays, planes, size, dtMs, slowest, sigmaRate, shortRate } = pass
  const { by, sy, sigma, ageMs, nMs, matchesB } = arrays
  const fy = planes.frame.y
  const gy = planes.background.y
  const { kinds, chromaFits } = planes
  const { widthPx } = size
  const chromaRow = (row >> 1) * size.chromaWidthPx
  let foreground = 0
  for (let x = 0, i = row * widthPx; x < widthPx; x++, i++) {
    const y = fy[i] as number
    const b = gy[i] as number
    const d = Math.abs(y - b)
    sy[i] = round(sy[i] as number, y * greyUnits, shortRate)
    const fits = chromaFits[chromaRow + (x >> 1)] as number
    if ((fits & 1) === 0 || (d >= 4 && !nearBackground(pass, i, x, row, d))) {
      foreground++
      kinds[i] = stepForeground(pass, i, y, (fits & 2) !== 0)
      continue
    }
    kinds[i] = 0
    const seen = matchesB[i] as number
    const own = oneBy[seen] as number
    by[i] = round(by[i] as number, y * greyUnits, own > slowest ? own : slowest)
    sigma[i] = round(sigma[i] as number, 1.25 * d * deviationUnits, sigmaRate)
    const age = ((ageMs[i] as number) + dtMs) | 0
    ageMs[i] = age > ageCapMs ? ageCapMs : age
    if (seen < 255) matchesB[i] = seen + 1
    const n = nMs[i] as number
    if (n > 0) nMs[i] = n > 2 * dtMs ? (n - 2 * dtMs) | 0 : 0
  }
  return foreground
}

/** 1 / (n + 1): the weight of the next sample in a mean of n. */
const oneBy = Float64Array.from({ length: 256 }, (_, n) => 1 / (n + 1))

/** Support saturates after twenty days. */
const ageCapMs = 1_728_000_000

/** dY and dG of DETECTION.md §3.2 for a pixel that differs by at least 4 levels (below, both hold by themselves). */
function nearBackground({ arrays, planes, size }: Pass, i: number, px: number, py: number, d: number): boolean {
  const s = (arrays.sigma[i] as number) / deviationUnits
  const t = Math.min(36, Math.max(9, 3.5 * s))
  // a clipped pixel could be anything beyond: it tells less
  const given = planes.raw[i] as number
  const relief = given >= 250 || given <= 4 ? 0.6 : 1
  if (relief * d >= 2.2 * t) return false
  const { widthPx, heightPx } = size
  const fy = planes.frame.y
  const gy = planes.background.y
  // neighbours are clamped to the picture
  const up = py > 0 ? i - widthPx : i
  const down = py < heightPx - 1 ? i + widthPx : i
  const left = px > 0 ? -1 : 0
  const right = px < widthPx - 1 ? 1 : 0
  if (relief * d >= t) {
    let low = gy[i] as number
    let high = low
    for (let k = 0; k < 3; k++) {
      const line = k === 0 ? up : k === 1 ? i : down
      const a = gy[line + left] as number
      const b = gy[line] as number
      const c = gy[line + right] as number
      low = Math.min(low, a, b, c)
      high = Math.max(high, a, b, c)
    }
    const y = fy[i] as number
    if (relief * Math.max(low - y, y - high) >= t) return false
  }
  const bx = ((gy[i + right] as number) - (gy[i + left] as number)) / 2
  const bd = ((gy[down] as number) - (gy[up] as number)) / 2
  const dx = Math.abs(((fy[i + right] as number) - (fy[i + left] as number)) / 2 - bx)
  const dd = Math.abs(((fy[down] as number) - (fy[up] as number)) / 2 - bd)
  return Math.max(dx, dd) < 7 + 0.35 * Math.max(Math.abs(bx), Math.abs(bd)) + 0.8 * s
}

/** A pixel that does not show the background: the candidate again, something passing before it, or a new candidate. */
function stepForeground(
  { arrays, dtMs, nowMs, evidenceMs, nCapMs, slowestC, sigmaRate }: Pass,
  i: number,
  y: number,
  chromaFits: boolean,
): number {
  const { cy, sigmaC, nMs, firstMs, lastMs, matchesC } = arrays
  const n = nMs[i] as number
  if (n > 0 && chromaFits) {
    const d = Math.abs(y - (cy[i] as number) / greyUnits)
    const limit = Math.min(30, Math.max(10, (3 * (sigmaC[i] as number)) / deviationUnits))
    if (d < limit) {
      const seen = matchesC[i] as number
      cy[i] = round(cy[i] as number, y * greyUnits, Math.max(1 / (seen + 1), slowestC))
      sigmaC[i] = round(sigmaC[i] as number, 1.25 * d * deviationUnits, sigmaRate)
      if (seen < 255) matchesC[i] = seen + 1
      nMs[i] = Math.min(nCapMs, n + dtMs)
      lastMs[i] = evidenceMs
      return pixelKinds.candidate
    }
  }
  if (n - dtMs > 0) {
    nMs[i] = n - dtMs
    return pixelKinds.other
  }
  // a new candidate: its evidence starts at this frame, not at the one before
  cy[i] = Math.round(y * greyUnits)
  sigmaC[i] = startSigmaC
  matchesC[i] = 1
  nMs[i] = 1
  firstMs[i] = nowMs
  lastMs[i] = evidenceMs
  return pixelKinds.fresh
}

/** The chroma pixel goes with the majority of its up to four pixels. */
function updateChroma({ arrays, planes, size, slowest, slowestC }: Pass): void {
  const { bu, bv, cu, cv, matchesB } = arrays
  const { u: fu, v: fv } = planes.frame
  const { kinds } = planes
  const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = size
  for (let row = 0, j = 0; row < chromaHeightPx; row++)
    for (let column = 0; column < chromaWidthPx; column++, j++) {
      const a = row * 2 * widthPx + column * 2
      const across = column * 2 + 1 < widthPx ? 1 : 0
      const b = row * 2 + 1 < heightPx ? a + widthPx : a
      const ka = kinds[a] as number
      const kb = kinds[a + across] as number
      const kc = kinds[b] as number
      const kd = kinds[b + across] as number
      const u = (fu[j] as number) * greyUnits
      const v = (fv[j] as number) * greyUnits
      const background = (ka === 0 ? 1 : 0) + (kb === 0 ? 1 : 0) + (kc === 0 ? 1 : 0) + (kd === 0 ? 1 : 0)
      if (background >= 2) {
        const own = 1 / (matchesB[a] as number)
        const rate = own > slowest && own <= 1 ? own : slowest
        bu[j] = round(bu[j] as number, u, rate)
        bv[j] = round(bv[j] as number, v, rate)
      }
      if (background === 4) continue
      const fresh = (ka === 3 ? 1 : 0) + (kb === 3 ? 1 : 0) + (kc === 3 ? 1 : 0) + (kd === 3 ? 1 : 0)
      const again = (ka === 1 ? 1 : 0) + (kb === 1 ? 1 : 0) + (kc === 1 ? 1 : 0) + (kd === 1 ? 1 : 0)
      if (fresh > again) {
        cu[j] = Math.round(u)
        cv[j] = Math.round(v)
      } else if (again > 0) {
        cu[j] = round(cu[j] as number, u, slowestC)
        cv[j] = round(cv[j] as number, v, slowestC)
      }
    }
}
