import type { Opacity } from '../types.js'

/** Sums over the pixels of one cell of a frame `I` and the background `B`, both luminance 0..255. */
export interface PairSums {
  readonly count: number
  readonly meanI: number
  readonly meanB: number
  readonly varI: number
  readonly varB: number
  readonly cov: number
}

/** Least contrast of the background at which an opacity is given at all: below it the mean error exceeds 0.2 (DETECTION 5.1). */
export const backgroundStdMin = 8

/**
 * Half width of the 95 % interval by the background's weighted standard deviation, as a share.
 * Source: DETECTION 5.1, table of 47 442 cells; below 10 the worst pooled error (0.26) bounds the single cell's 0.44.
 */
export function opacityHalfWidth(backgroundStd: number): number {
  if (backgroundStd >= 20) return 0.11
  return backgroundStd >= 10 ? 0.17 : 0.26
}

/** Sums of two equal lists of pixels. */
export function pairSums(frame: ArrayLike<number>, background: ArrayLike<number>): PairSums {
  let sumI = 0
  let sumB = 0
  let sumII = 0
  let sumBB = 0
  let sumIB = 0
  for (let i = 0; i < frame.length; i += 1) {
    const a = frame[i] ?? 0
    const b = background[i] ?? 0
    sumI += a
    sumB += b
    sumII += a * a
    sumBB += b * b
    sumIB += a * b
  }
  const count = Math.max(1, frame.length)
  const meanI = sumI / count
  const meanB = sumB / count
  return {
    count: frame.length,
    meanI,
    meanB,
    varI: Math.max(0, sumII / count - meanI * meanI),
    varB: Math.max(0, sumBB / count - meanB * meanB),
    cov: sumIB / count - meanI * meanB,
  }
}

/** Transmittance of a plume: `I = tau B + (1 - tau) A`, so tau = cov(I, B) / var(B) by least squares, without knowing the airlight A. */
export function transmittance(cell: PairSums): number {
  return cell.varB > 0 ? cell.cov / cell.varB : 1
}

/** Airlight A of the same equation; NaN where nothing is lost. */
export function airlight(cell: PairSums): number {
  const tau = transmittance(cell)
  return tau < 0.98 ? (cell.meanI - tau * cell.meanB) / (1 - tau) : Number.NaN
}

/** Pearson correlation of frame and background in the cell, -1..1; 0 where either is flat. */
export function correlation(cell: PairSums): number {
  return cell.cov / Math.sqrt((cell.varI + 1) * (cell.varB + 1))
}

/**
 * Opacity of a plume over its cells, pooled with the variance of the background as weight (cells without contrast say nothing).
 * `undefined` where the weighted background standard deviation is below `backgroundStdMin`. An indicator that ranks and
 * documents, not a legal opacity reading.
 */
export function pooledOpacity(cells: readonly PairSums[]): Opacity | undefined {
  let cov = 0
  let weight = 0
  let std = 0
  for (const cell of cells) {
    cov += cell.cov * cell.count
    weight += cell.varB * cell.count
    std += Math.sqrt(cell.varB) * cell.varB * cell.count
  }
  if (weight <= 0) return undefined
  const backgroundStd = std / weight
  if (backgroundStd < backgroundStdMin) return undefined
  const opacity = 1 - cov / weight
  const half = opacityHalfWidth(backgroundStd)
  const percent = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10
  return { percent: percent(opacity), lowPercent: percent(opacity - half), highPercent: percent(opacity + half) }
}
