import type { PairSums } from './opacity.js'
import { airlight, correlation, transmittance } from './opacity.js'
import type { Planes } from './planes.js'

/** Grid of square cells laid over a picture; the rest at the right and lower edge belongs to no cell. */
export interface Grid {
  readonly cellPx: number
  readonly cols: number
  readonly rows: number
}

/** About `across` cells a row. */
export function gridOf(widthPx: number, heightPx: number, across: number): Grid {
  const cellPx = Math.max(4, Math.round(widthPx / across))
  return { cellPx, cols: Math.floor(widthPx / cellPx), rows: Math.floor(heightPx / cellPx) }
}

/** One cell of one frame against the background. */
export interface Cell extends PairSums {
  /** Mean of I - B. */
  readonly diff: number
  /** Variance of I - B inside the cell. */
  readonly diffVar: number
  readonly du: number
  readonly dv: number
  /** Share of pixels with the colour of a flame where the background is darker or less red. */
  readonly flameShare: number
}

/** V - U from which on a surface is orange by itself; less is the warm light of a lamp, before which a flame is as good as before grey. */
const orangeMin = 25

/** Colours of fire in RGB: R > 170, R >= G > B, R - B > 50 (DETECTION 5.4), from luminance and chroma around 128. */
export function isFlameColour(y: number, u: number, v: number): boolean {
  const r = y + (v - 128) / 0.713
  const b = y + (u - 128) / 0.564
  const g = (y - 0.299 * r - 0.114 * b) / 0.587
  return r > 170 && r >= g && g > b && r - b > 50
}

/** Whether the pixel of this index may be looked at; null: all may. */
export type MayLook = ((index: number) => boolean) | null

/** Statistics of every cell; `null` where less than half of a cell may be looked at. */
export function cellsOf(frame: Planes, back: Planes, grid: Grid, mayLook: MayLook): (Cell | null)[] {
  const out: (Cell | null)[] = []
  for (let row = 0; row < grid.rows; row += 1)
    for (let col = 0; col < grid.cols; col += 1) out.push(cellAt(frame, back, grid.cellPx, col, row, mayLook))
  return out
}

function cellAt(frame: Planes, back: Planes, size: number, col: number, row: number, mayLook: MayLook): Cell | null {
  const { widthPx, chromaWidthPx, y: frameY, u: frameU, v: frameV } = frame
  const { y: backY, u: backU, v: backV } = back
  // one `let` each: a destructured list of numbers would be boxed at every step of these loops
  let n = 0
  let sumI = 0
  let sumB = 0
  let sumII = 0
  let sumBB = 0
  let sumIB = 0
  let chroma = 0
  let du = 0
  let dv = 0
  let flame = 0
  // Large cells have pixels to spare: the picture is smoothed, so every second row and column says the same at a quarter of the cost.
  const step = size >= 10 ? 2 : 1
  for (let y = row * size; y < (row + 1) * size; y += step) {
    const base = y * widthPx
    const chromaBase = (y >> 1) * chromaWidthPx
    for (let x = col * size; x < (col + 1) * size; x += step) {
      const i = base + x
      if (mayLook !== null && !mayLook(i)) continue
      const a = frameY[i] as number
      const b = backY[i] as number
      n += 1
      sumI += a
      sumB += b
      sumII += a * a
      sumBB += b * b
      sumIB += a * b
      if (step === 1 && ((x | y) & 1) !== 0) continue
      const c = chromaBase + (x >> 1)
      const u = frameU[c] as number
      const v = frameV[c] as number
      const bu = backU[c] as number
      const bv = backV[c] as number
      chroma += 1
      du += u - bu
      dv += v - bv
      // Only what is new, and more of this colour than the background: a brick wall at the edge of the colour would flicker with the
      // noise, and behind steam it is bleached into it. A veil takes colour away, a flame brings it.
      // Light alone makes what is orange by itself, a road marking that the sun comes to, as much more orange as it makes it brighter.
      const own = bv - bu
      const coloured = v - u - (own > orangeMin && a > b ? (own * (a + 8)) / (b + 8) : own)
      if (coloured > 12 && (a - b > 15 || v - bv > 10) && isFlameColour(a, u, v)) flame += 1
    }
  }
  if (n * 2 * step * step < size * size || chroma === 0) return null
  const meanI = sumI / n
  const meanB = sumB / n
  const varI = Math.max(0, sumII / n - meanI * meanI)
  const varB = Math.max(0, sumBB / n - meanB * meanB)
  const cov = sumIB / n - meanI * meanB
  return {
    count: n,
    meanI,
    meanB,
    varI,
    varB,
    cov,
    diff: meanI - meanB,
    diffVar: Math.max(0, varI + varB - 2 * cov),
    du: du / chroma,
    dv: dv / chroma,
    flameShare: flame / chroma,
  }
}

/** Below this the background of a cell counts as flat (DETECTION 5.2). */
export const flatStd = 5.5

/**
 * What a cell says by itself. `veil`: contrast is lost towards an airlight (`dark_veil`: towards a dark one); `haze`: a flat place is
 * lit evenly; `thick`: hardly anything of the background is left, but what covers it is smooth and grey; `shade`: everything is only
 * darker, `I = k B`. Thresholds: DETECTION 5.2; `thick` is our own, because a dense plume has no correlation left.
 */
export type CellSign = 'none' | 'veil' | 'dark_veil' | 'haze' | 'thick' | 'shade' | 'other'

export function signOf(cell: Cell): CellSign {
  const changed = Math.abs(cell.diff) > 3 || cell.diffVar > 12 || Math.abs(cell.du) > 4 || Math.abs(cell.dv) > 4
  if (!changed) return 'none'
  if (Math.sqrt(cell.varB) <= flatStd) {
    const even = cell.diff * cell.diff > 4 * (cell.diffVar + 1)
    const tinted = Math.abs(cell.du) + Math.abs(cell.dv) > 3
    if (even && (cell.diff > 5 || (cell.diff < -12 && tinted))) return 'haze'
    return cell.diff < -5 ? 'shade' : 'other'
  }
  const tau = transmittance(cell)
  if (correlation(cell) <= 0.5 || tau < 0.02) {
    const smooth = cell.varI < 0.35 * cell.varB && cell.meanI > 55 && Math.abs(cell.diff) > 6
    return smooth ? 'thick' : 'other'
  }
  const air = airlight(cell)
  const lost = 1 - tau
  if (lost > 0.1 && air > 90 && air < 262) return 'veil'
  if (lost > 0.15 && air > 25 && air <= 90) return 'dark_veil'
  return cell.diff < 0 ? 'shade' : 'other'
}

/** Contrast is lost, and what is left of it is the background's own pattern: a solid thing before it has its own. */
export function isSeenThrough(cell: Cell): boolean {
  const sign = signOf(cell)
  return (sign === 'veil' || sign === 'dark_veil') && correlation(cell) >= throughMin
}
const throughMin = 0.75
