import type { Box } from '../../../contracts/base/index.js'
import type { SeenPlume } from '../types.js'
import type { Cell, CellSign, Grid } from './cells.js'
import { cellsOf, flatStd, gridOf, signOf } from './cells.js'
import { boxOfCells, centreOf, components, grown } from './components.js'
import { colourOf } from './colour.js'
import { pooledOpacity } from './opacity.js'
import type { PlumeInput, PlumeScreenState, ScreenPlumes } from './types.js'

/** Thresholds of the screen. It proposes: the burst decides. */
export const screenRules = {
  cellsAcross: 53,
  /** Looks that are remembered, and those of them in which a cell must show a sign. */
  looks: 4,
  looksMin: 2,
  /** Share of textured cells that changed alike from which on it is fog, exposure or rain. */
  globalRatioMax: 0.2,
  /** Least number of cells of a plume, and least of them with a loss of contrast, or all lit flat cells. */
  cellsMin: 3,
  veilsMin: 2,
  hazeMin: 6,
  /** Grey levels by which a plume moves between looks: below it is a stain, a shadow of a building, a parked thing. */
  unrestMin: 1.2,
  flameShareMin: 0.08,
  flameRatioMax: 0.25,
  objectScoreMin: 0.35,
  plumesMax: 8,
} as const

/** What one look left behind, per cell: weight of its sign, difference to the background (NaN: not looked at), share of flame colour. */
interface Look {
  readonly weight: Float32Array
  readonly diff: Float32Array
  readonly flame: Float32Array
}

interface State {
  readonly cols: number
  readonly rows: number
  readonly looks: readonly Look[]
  /** Places found at the last look, for growth and drift. */
  readonly places: readonly { readonly box: Box; readonly cells: number; readonly x: number; readonly y: number }[]
}

const weightOf: Readonly<Record<CellSign, number>> = {
  veil: 1,
  dark_veil: 0.7,
  thick: 0.7,
  haze: 0.5,
  none: 0,
  shade: 0,
  other: 0,
}

function stateOf(state: PlumeScreenState | null, grid: Grid): State {
  const known = state as State | null
  return known?.cols === grid.cols && known.rows === grid.rows
    ? known
    : { cols: grid.cols, rows: grid.rows, looks: [], places: [] }
}

/** 1 on cells that lie under a vehicle or a person, grown by a cell. */
function masked(input: PlumeInput, grid: Grid): Uint8Array {
  const { widthPx, heightPx } = input.background
  const out = new Uint8Array(grid.cols * grid.rows)
  const boxes = input.objects
    .filter((o) => o.score >= screenRules.objectScoreMin && movers.has(o.class))
    .map((o) => grown(o.box, grid.cellPx / widthPx, grid.cellPx / heightPx))
  for (let i = 0; i < out.length; i += 1) {
    const [x, y] = centreOf(i, grid, widthPx, heightPx)
    if (boxes.some((b) => x >= b[0] && x <= b[0] + b[2] && y >= b[1] && y <= b[1] + b[3])) out[i] = 1
  }
  return out
}

const movers: ReadonlySet<string> = new Set(['person', 'two_wheeler', 'tricycle', 'vehicle'])

/** Share of the cells with texture that show any loss of contrast: a plume is a place, weather is everywhere. */
function globalShare(cells: readonly (Cell | null)[], signs: readonly CellSign[]): number {
  let textured = 0
  let touched = 0
  cells.forEach((cell, i) => {
    if (cell === null || Math.sqrt(cell.varB) <= flatStd) return
    textured += 1
    if (weightOf[signs[i] ?? 'none'] > 0) touched += 1
  })
  return textured < 20 ? 0 : touched / textured
}

function lookOf(cells: readonly (Cell | null)[], signs: readonly CellSign[], mask: Uint8Array): Look {
  const look = {
    weight: new Float32Array(cells.length),
    diff: new Float32Array(cells.length),
    flame: new Float32Array(cells.length),
  }
  cells.forEach((cell, i) => {
    look.diff[i] = cell === null || mask[i] === 1 ? Number.NaN : cell.diff
    if (cell === null || mask[i] === 1) return
    look.weight[i] = weightOf[signs[i] ?? 'none']
    look.flame[i] = cell.flameShare
  })
  return look
}

/** Cells that showed a sign in enough of the looks and did not stand still between them. */
function emitting(
  looks: readonly Look[],
  pick: (look: Look, i: number) => number,
  unrest: number,
  cells: number,
): Uint8Array {
  const out = new Uint8Array(cells)
  for (let i = 0; i < cells; i += 1) {
    let hits = 0
    let steps = 0
    let moved = 0
    let before: number | null = null
    for (const look of looks) {
      if (pick(look, i) > 0) hits += 1
      const diff = look.diff[i] ?? 0
      if (Number.isNaN(diff)) continue
      if (before !== null) {
        moved += Math.abs(diff - before)
        steps += 1
      }
      before = diff
    }
    if (hits >= screenRules.looksMin && steps > 0 && moved / steps >= unrest) out[i] = 1
  }
  return out
}

/** Looks once at a key frame: places that emit, strongest first. Pure; keeps its memory in the returned state. */
export const screenPlumes: ScreenPlumes = (input, state) => {
  const { widthPx, heightPx } = input.background
  const grid = gridOf(widthPx, heightPx, screenRules.cellsAcross)
  const known = stateOf(state, grid)
  const frame = { ...input.background, y: input.y, u: input.u, v: input.v }
  const cells = cellsOf(frame, input.background, grid, input.isUsable)
  const signs = cells.map((cell): CellSign => (cell === null ? 'none' : signOf(cell)))
  // Weather and exposure: this look says nothing, and what was seen before it is not carried over it.
  if (globalShare(cells, signs) >= screenRules.globalRatioMax)
    return { plumes: [], state: { ...known, looks: [], places: [] } satisfies State }
  const look = lookOf(cells, signs, masked(input, grid))
  const looks = [...known.looks, look].slice(-screenRules.looks)
  const seen =
    looks.length < screenRules.looksMin
      ? []
      : [...plumesIn(input, grid, cells, looks, known), ...flamesIn(input, grid, cells, looks)]
  const plumes = seen.sort((a, b) => b.plume.strength - a.plume.strength).slice(0, screenRules.plumesMax)
  const places = plumes.map(({ plume, count }) => ({
    box: plume.box,
    cells: count,
    x: plume.box[0] + plume.box[2] / 2,
    y: plume.box[1] + plume.box[3] / 2,
  }))
  return {
    plumes: plumes.map(({ plume }) => plume),
    state: { cols: grid.cols, rows: grid.rows, looks, places } satisfies State,
  }
}

interface Found {
  readonly plume: SeenPlume
  readonly count: number
}

function plumesIn(
  input: PlumeInput,
  grid: Grid,
  cells: readonly (Cell | null)[],
  looks: readonly Look[],
  known: State,
): Found[] {
  const marked = emitting(looks, (look, i) => look.weight[i] ?? 0, screenRules.unrestMin, cells.length)
  const found: Found[] = []
  for (const part of components(marked, grid)) {
    const weights = part.map((i) => Math.max(...looks.map((look) => look.weight[i] ?? 0)))
    const veils = weights.filter((w) => w >= 0.7).length
    const haze = weights.length - veils
    if (part.length < screenRules.cellsMin || (veils < screenRules.veilsMin && haze < screenRules.hazeMin)) continue
    found.push(describe(input, grid, cells, part, 'plume', strengthOf(looks, part, weights), known))
  }
  return found
}

function flamesIn(input: PlumeInput, grid: Grid, cells: readonly (Cell | null)[], looks: readonly Look[]): Found[] {
  const lit = (look: Look, i: number): number => ((look.flame[i] ?? 0) >= screenRules.flameShareMin ? 1 : 0)
  const marked = emitting(looks, lit, screenRules.unrestMin * 2, cells.length)
  // Low sun, a lit wall: no fire that a street camera watches fills this much of the picture.
  if (marked.reduce((a, b) => a + b, 0) > screenRules.flameRatioMax * marked.length) return []
  return components(marked, grid).map((part) => {
    const weights = part.map(() => 1)
    return describe(input, grid, cells, part, 'flame', strengthOf(looks, part, weights), null)
  })
}

/** Saturating product of size, persistence and kind: 0.5 is a small, weak or young place. */
function strengthOf(looks: readonly Look[], part: readonly number[], weights: readonly number[]): number {
  const mass = weights.reduce((a, b) => a + b, 0)
  let hits = 0
  for (const i of part) for (const look of looks) if ((look.weight[i] ?? 0) > 0 || (look.flame[i] ?? 0) > 0) hits += 1
  const persistence = hits / (part.length * screenRules.looks)
  return Math.min(1, (mass / (mass + 6)) * 0.7 + 0.4 * persistence)
}

function describe(
  input: PlumeInput,
  grid: Grid,
  cells: readonly (Cell | null)[],
  part: readonly number[],
  kind: SeenPlume['kind'],
  strength: number,
  known: State | null,
): Found {
  const { widthPx, heightPx } = input.background
  const box = boxOfCells(part, grid, widthPx, heightPx)
  const here = part.map((i) => cells[i]).filter((cell): cell is Cell => cell !== null && cell !== undefined)
  const opacity = kind === 'plume' ? pooledOpacity(here) : undefined
  const dtS = input.dtMs / 1000
  const before = known?.places.find(
    (p) => Math.abs(p.x - (box[0] + box[2] / 2)) < box[2] && Math.abs(p.y - (box[1] + box[3] / 2)) < box[3],
  )
  const moved = before !== undefined && dtS > 0
  const plume: SeenPlume = {
    box,
    ...(input.geometry === null || !onGround(input.geometry, box) ? {} : { areaM2: input.geometry.areaM2(box) }),
    areaRatio: (part.length * grid.cellPx * grid.cellPx) / (widthPx * heightPx),
    kind,
    strength,
    ...(opacity === undefined ? {} : { opacity }),
    growth: moved ? (part.length - before.cells) / Math.max(1, before.cells) / dtS : 0,
    driftX: moved ? (box[0] + box[2] / 2 - before.x) / dtS : 0,
    driftY: moved ? ((box[1] + box[3] / 2 - before.y) * heightPx) / widthPx / dtS : 0,
    colour: colourOf(here),
  }
  return { plume, count: part.length }
}

function onGround(geometry: NonNullable<PlumeInput['geometry']>, box: Box): boolean {
  return geometry.onGround([box[0] + box[2] / 2, box[1] + box[3] / 2])
}
