import type { Box } from '../../../contracts/base/index.js'
import type { Cell, CellSign, Grid } from './cells.js'
import { flatStd, signOf } from './cells.js'
import { centreOf, components } from './components.js'
import type { Timed } from './places.js'
import type { Planes } from './planes.js'
import { median } from './planes.js'

/** Cells of every picture of a burst, the grid they lie on, and what each of them says. */
export interface CellFilm {
  readonly grid: Grid
  readonly frames: readonly (readonly (Cell | null)[])[]
  readonly signs: readonly (readonly CellSign[])[]
}

const speaking: ReadonlySet<CellSign> = new Set(['veil', 'dark_veil', 'haze', 'thick'])

export function filmOf(grid: Grid, frames: readonly (readonly (Cell | null)[])[]): CellFilm {
  return { grid, frames, signs: frames.map((cells) => cells.map((cell) => (cell === null ? 'none' : signOf(cell)))) }
}

/** Share of pictures from `from` to `to` in which each cell speaks for a plume, 0..1. */
function shares(film: CellFilm, from: number, to: number): Float32Array {
  const out = new Float32Array(film.grid.cols * film.grid.rows)
  for (const signs of film.signs.slice(from, to))
    signs.forEach((sign, i) => {
      if (speaking.has(sign)) out[i] = (out[i] ?? 0) + 1
    })
  return out.map((n) => n / Math.max(1, to - from))
}

/** The component of cells that speak in more than a quarter of the pictures and lies most on `box`; empty when there is none. */
export function plumeCells(film: CellFilm, box: Box, widthPx: number, heightPx: number): number[] {
  const marked = Uint8Array.from(shares(film, 0, film.frames.length), (s) => (s > 0.25 ? 1 : 0))
  const inBox = insideOf(film.grid, box, widthPx, heightPx)
  let best: number[] = []
  let bestCount = 0
  for (const part of components(marked, film.grid)) {
    const count = part.filter((i) => inBox[i] === 1).length
    if (count > bestCount) [best, bestCount] = [part, count]
  }
  return best
}

/** 1 on cells whose middle lies in the box. */
export function insideOf(grid: Grid, box: Box, widthPx: number, heightPx: number): Uint8Array {
  const out = new Uint8Array(grid.cols * grid.rows)
  for (let i = 0; i < out.length; i += 1) {
    const [x, y] = centreOf(i, grid, widthPx, heightPx)
    if (x >= box[0] && x <= box[0] + box[2] && y >= box[1] && y <= box[1] + box[3]) out[i] = 1
  }
  return out
}

/** Overlap (IoU) of what speaks in the first and in the second half, inside the cells given: near 0 for headlights and cloud edges, which move on. */
export function halvesOverlap(film: CellFilm, inBox: Uint8Array): number {
  const half = film.frames.length >> 1
  const one = shares(film, 0, half)
  const two = shares(film, half, film.frames.length)
  let both = 0
  let either = 0
  for (let i = 0; i < inBox.length; i += 1) {
    if (inBox[i] === 0) continue
    const [a, b] = [(one[i] ?? 0) > 0.25, (two[i] ?? 0) > 0.25]
    if (a && b) both += 1
    if (a || b) either += 1
  }
  return either === 0 ? 0 : both / either
}

/** Share of the textured cells that speak, middle over the pictures: fog, exposure and rain are everywhere. */
export function globalRatioOf(film: CellFilm): number {
  const ratios = film.frames.map((cells, f) => {
    let textured = 0
    let touched = 0
    cells.forEach((cell, i) => {
      if (cell === null || Math.sqrt(cell.varB) <= flatStd) return
      textured += 1
      if (speaking.has(film.signs[f]?.[i] ?? 'none')) touched += 1
    })
    return textured === 0 ? 0 : touched / textured
  })
  return median(ratios)
}

/** Middle over cells of the temporal mean absolute deviation of the difference, grey levels: under 1 a still thing, over 16 a passing one. */
export function unrestOf(film: CellFilm, part: readonly number[]): number {
  return median(
    part.map((i) => {
      const diffs = film.frames.flatMap((cells) => cells[i]?.diff ?? [])
      const middle = diffs.reduce((a, b) => a + b, 0) / Math.max(1, diffs.length)
      return diffs.reduce((a, d) => a + Math.abs(d - middle), 0) / Math.max(1, diffs.length)
    }),
  )
}

/** Slope of the number of speaking cells inside `inBox` by time, a second, over their mean number. */
export function growthOf(film: CellFilm, times: readonly number[], inBox: Uint8Array): number {
  const counts = film.signs.map((signs) =>
    signs.reduce((n, sign, i) => n + (inBox[i] === 1 && speaking.has(sign) ? 1 : 0), 0),
  )
  const mean = counts.reduce((a, b) => a + b, 0) / Math.max(1, counts.length)
  if (mean < 1) return 0
  return (
    slope(
      times.map((ms) => ms / 1000),
      counts,
    ) / mean
  )
}

function slope(x: readonly number[], y: readonly number[]): number {
  const mx = x.reduce((a, b) => a + b, 0) / Math.max(1, x.length)
  const my = y.reduce((a, b) => a + b, 0) / Math.max(1, y.length)
  let xy = 0
  let xx = 0
  x.forEach((value, i) => {
    xy += (value - mx) * ((y[i] ?? 0) - my)
    xx += (value - mx) ** 2
  })
  return xx === 0 ? 0 : xy / xx
}

/**
 * Flicker: how often a second the share of flame colour crosses its own mean, middle over the active cells (share varies by at least 0.04 and
 * crosses at all). DETECTION 5.4: fire 2.3-4.1, headlights 2.0-2.5 a second; one cue among several. Needs 8 pictures a second or more.
 */
export function flickerOf(
  film: CellFilm,
  times: readonly number[],
  inBox: Uint8Array,
): { readonly hz: number; readonly cells: number } {
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
  if (seconds < 1) return { hz: 0, cells: 0 }
  const rates: number[] = []
  for (let i = 0; i < inBox.length; i += 1) {
    if (inBox[i] === 0) continue
    const share = film.frames.map((cells) => cells[i]?.flameShare ?? 0)
    const mean = share.reduce((a, b) => a + b, 0) / share.length
    const spread = Math.sqrt(share.reduce((a, s) => a + (s - mean) ** 2, 0) / share.length)
    if (spread < 0.04) continue
    let crossings = 0
    for (let f = 1; f < share.length; f += 1)
      if (((share[f] ?? 0) - mean) * ((share[f - 1] ?? 0) - mean) < 0) crossings += 1
    if (crossings > 0) rates.push(crossings / seconds)
  }
  return { hz: median(rates), cells: rates.length }
}

/** How the pattern of the difference moves inside the plume: mean step (pixels a second), and spread of directions, 0 all alike .. 1 none alike. */
export interface Flow {
  readonly vx: number
  readonly vy: number
  readonly spread: number
  readonly speed: number
}

const reachPx = 5
/** The pattern is matched at half size over about a quarter of a second: smoke moves a pixel or two in it, noise is averaged away. */
const matchMs = 230

/** Difference to the background at half size. */
function halfDiff({ y, widthPx }: Planes, back: Planes, w: number, h: number): Float32Array {
  const out = new Float32Array(w * h)
  for (let row = 0; row < h; row += 1)
    for (let col = 0; col < w; col += 1) {
      const i = 2 * row * widthPx + 2 * col
      const at = (k: number): number => (y[k] ?? 0) - (back.y[k] ?? 0)
      out[row * w + col] = (at(i) + at(i + 1) + at(i + widthPx) + at(i + widthPx + 1)) / 4
    }
  return out
}

/** Block matching of what lies over the background, between pictures of the burst, on the plume's cells that change enough to be matched. */
export function flowOf(frames: readonly Timed[], back: Planes, film: CellFilm, part: readonly number[]): Flow {
  const [w, h] = [back.widthPx >> 1, back.heightPx >> 1]
  let sx = 0
  let sy = 0
  let ux = 0
  let uy = 0
  let directed = 0
  let matched = 0
  const every = Math.max(1, Math.floor(part.length / 40))
  let before: { readonly ms: number; readonly diff: Float32Array } | null = null
  for (const frame of part.length === 0 ? [] : frames) {
    if (before !== null && frame.ms - before.ms < matchMs) continue
    const now = { ms: frame.ms, diff: halfDiff(frame.planes, back, w, h) }
    const dtS = before === null ? 0 : (now.ms - before.ms) / 1000
    for (let k = 0; before !== null && dtS > 0 && k < part.length; k += every) {
      const step = blockStep(before.diff, now.diff, w, h, film.grid, part[k] ?? 0)
      if (step === null) continue
      matched += 1
      sx += (2 * step[0]) / dtS
      sy += (2 * step[1]) / dtS
      const size = Math.hypot(step[0], step[1])
      if (size < 0.5) continue
      ux += step[0] / size
      uy += step[1] / size
      directed += 1
    }
    before = now
  }
  if (matched === 0) return { vx: 0, vy: 0, spread: 1, speed: 0 }
  const [vx, vy] = [sx / matched, sy / matched]
  return { vx, vy, speed: Math.hypot(vx, vy), spread: directed === 0 ? 1 : 1 - Math.hypot(ux, uy) / directed }
}

/** Shift of the block of twice the cell's size around a cell; null when nothing there can be followed. */
function blockStep(
  before: Float32Array,
  now: Float32Array,
  w: number,
  h: number,
  grid: Grid,
  index: number,
): readonly [number, number] | null {
  const size = Math.max(6, grid.cellPx)
  const x0 = Math.round(((index % grid.cols) + 0.5) * grid.cellPx * 0.5 - size / 2)
  const y0 = Math.round((Math.floor(index / grid.cols) + 0.5) * grid.cellPx * 0.5 - size / 2)
  if (x0 < reachPx || y0 < reachPx || x0 + size + reachPx > w || y0 + size + reachPx > h) return null
  let best = Number.POSITIVE_INFINITY
  let still = 0
  let bestX = 0
  let bestY = 0
  for (let dy = -reachPx; dy <= reachPx; dy += 1)
    for (let dx = -reachPx; dx <= reachPx; dx += 1) {
      let cost = 0
      for (let y = y0; y < y0 + size && cost < best; y += 1)
        for (let x = x0; x < x0 + size; x += 1)
          cost += Math.abs((now[(y + dy) * w + x + dx] ?? 0) - (before[y * w + x] ?? 0))
      if (dx === 0 && dy === 0) still = cost
      if (cost < best) [best, bestX, bestY] = [cost, dx, dy]
    }
  // `still` is exact only if nothing before it was cheaper; then its early end is above `best` and the test below still holds.
  if (still < 1.5 * size * size || best > 0.8 * still) return null
  return [bestX, bestY]
}
