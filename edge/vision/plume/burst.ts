import type { Box } from '../../../contracts/base/index.js'
import { wholePicture } from '../setup.js'
import type { BurstFacts, Detection } from '../types.js'
import {
  filmOf,
  flickerOf,
  flowOf,
  globalRatioOf,
  growthOf,
  halvesOverlap,
  insideOf,
  plumeCells,
  unrestOf,
} from './burst-measures.js'
import type { Cell, Grid } from './cells.js'
import { cellsOf, gridOf, isSeenThrough } from './cells.js'
import { colourOf } from './colour.js'
import { boxOfCells, grown, overlap } from './components.js'
import { decideByHand } from './decide.js'
import { findShift, normalise, shifted } from './normalise.js'
import { pooledOpacity } from './opacity.js'
import type { Timed } from './places.js'
import { bestScores, placesIn } from './places.js'
import type { Planes } from './planes.js'
import { cutPlanes, median, planesOfRgb, resample } from './planes.js'
import type { BurstFrame, BurstInput } from './types.js'

/** Long side of the analysed picture: the classifier's training scale (DETECTION 5.6). */
const longSidePx = 320
const cellsAcross = 40
/** A burst is 4-6 s of 8-10 pictures a second; more than this is thinned by the caller's mistake, not kept. */
const framesMax = 96
const anchoredMin = 0.35

/** What every picture of a burst is compared with. */
interface Ground {
  /** The part of the camera's picture that the burst shows. */
  readonly region: Box
  /** The suspected place, 0..1 of the region. */
  readonly box: Box
  readonly back: Planes
  readonly ok: Uint8Array | null
  readonly grid: Grid
}

/** A picture laid onto the background, in its light, and what its cells say. */
interface Compared extends Timed {
  readonly cells: (Cell | null)[]
}

interface Read {
  readonly ground: Ground
  readonly frames: readonly Compared[]
  readonly middle: BurstFrame | null
}

function groundOf(input: BurstInput, region: Box, back: Planes): Ground {
  const grid = gridOf(back.widthPx, back.heightPx, cellsAcross)
  return { region, box: into(input.question.box, region), back, ok: okMask(input, region, back), grid }
}

function compare({ ms, planes }: Timed, { box, back, ok, grid }: Ground): Compared {
  const even = shifted(planes, findShift(planes, back, ok))
  normalise(even, back, box, ok)
  return { ms, planes: even, cells: cellsOf(even, back, grid, ok === null ? null : (i) => ok[i] === 1) }
}

/**
 * Reads the burst into small planes; keeps one whole picture, about 2 s after the first, for the object network. With a background each
 * picture is compared as it comes: the decoder works meanwhile, and other cameras' pictures find the thread free in between. Null
 * without pictures.
 */
async function readFrames(input: BurstInput): Promise<Read | null> {
  const { background, signal } = input
  const raw: Timed[] = []
  const frames: Compared[] = []
  let ground: Ground | null = null
  let middle: BurstFrame | null = null
  let firstMs = 0
  let region = input.question.region ?? wholePicture
  for await (const frame of input.frames) {
    signal.throwIfAborted()
    if (raw.length + frames.length >= framesMax) break
    const scale = Math.min(1, longSidePx / Math.max(frame.widthPx, frame.heightPx))
    const [w, h] = [Math.round(frame.widthPx * scale), Math.round(frame.heightPx * scale)]
    region = frame.shown ?? region
    const timed = { ms: frame.wallMs, planes: planesOfRgb(frame.rgb, frame.widthPx, frame.heightPx, w, h) }
    if (background !== null) ground ??= groundOf(input, region, cutPlanes(background, region, w, h))
    if (ground === null) raw.push(timed)
    else frames.push(compare(timed, ground))
    if (middle === null) firstMs = frame.wallMs
    if (middle === null || frame.wallMs - firstMs <= 2000) middle = frame
  }
  if (raw.length > 0) {
    const own = groundOf(input, region, ownBackground(raw))
    return { ground: own, frames: raw.map((one) => compare(one, own)), middle }
  }
  return ground === null ? null : { ground, frames, middle }
}

/** Middle of the burst's own pictures: the poor man's background, in which a steady plume is already contained. */
function ownBackground(frames: readonly Timed[]): Planes {
  const [first] = frames
  if (first === undefined) throw new RangeError('a burst without pictures has no background')
  const every = Math.max(1, Math.floor(frames.length / 15))
  const used = frames.filter((_, i) => i % every === 0)
  const middle = (pick: (p: Planes) => Float32Array): Float32Array =>
    pick(first.planes).map((_, i) => median(used.map((f) => pick(f.planes)[i] ?? 0)))
  return { ...first.planes, y: middle((p) => p.y), u: middle((p) => p.u), v: middle((p) => p.v) }
}

/** 1 where the analysed picture may be looked at; null when nothing is excluded. */
function okMask(
  { ageOk, ignore, background }: BurstInput,
  region: Box,
  { widthPx: w, heightPx: h }: Planes,
): Uint8Array | null {
  if (background === null || (ageOk === null && ignore === null)) return null
  const { widthPx: bw, heightPx: bh } = background
  const ok = Float32Array.from({ length: bw * bh }, (_, i) =>
    (ageOk === null || ageOk[i] === 1) && (ignore === null || ignore[i] === 0) ? 1 : 0,
  )
  const rect = { x: region[0] * bw, y: region[1] * bh, w: region[2] * bw, h: region[3] * bh }
  return Uint8Array.from(resample(ok, bw, bh, rect, w, h), (share) => (share > 0.5 ? 1 : 0))
}

/** From 0..1 of the whole picture into 0..1 of the region, and back. */
function into(box: Box, region: Box): Box {
  const left = Math.min(1, Math.max(0, (box[0] - region[0]) / region[2]))
  const top = Math.min(1, Math.max(0, (box[1] - region[1]) / region[3]))
  const right = Math.min(1, Math.max(left, (box[0] + box[2] - region[0]) / region[2]))
  return [left, top, right - left, Math.min(1, Math.max(top, (box[1] + box[3] - region[1]) / region[3])) - top]
}
function outOf(box: Box, region: Box): Box {
  return [region[0] + box[0] * region[2], region[1] + box[1] * region[3], box[2] * region[2], box[3] * region[3]]
}

/** What the object network sees on or near the suspected place. */
async function objectsNear(input: BurstInput, middle: BurstFrame | null, region: Box): Promise<Detection[]> {
  if (input.detector === null || middle === null) return []
  const near = grown(input.question.box, input.question.box[2] / 2, input.question.box[3] / 2)
  const seen = await input.detector.detect(middle, null)
  return seen.map((d) => ({ ...d, box: outOf(d.box, region) })).filter((d) => overlap(d.box, near) > 0)
}

const movers: ReadonlySet<string> = new Set(['person', 'two_wheeler', 'tricycle', 'vehicle'])

/**
 * Looks back at one place for 4-6 s at 8-10 pictures a second: does it emit? Pure but for the two networks; nothing of the pictures is kept.
 * Without frames every measure is 0 and `scores.none` 1.
 */
export async function burstLookBack(input: BurstInput): Promise<BurstFacts> {
  const read = await readFrames(input)
  const [first, last] = [read?.frames[0], read?.frames.at(-1)]
  if (read === null || first === undefined || last === undefined) return nothing(input)
  const { frames, middle } = read
  const { region, box, back, grid } = read.ground
  const { widthPx: w, heightPx: h } = back
  const objects = await objectsNear(input, middle, region)
  input.signal.throwIfAborted()

  const hidden = [...input.objects, ...objects]
    .filter((o) => movers.has(o.class) && o.score >= 0.35)
    .map((o) => into(o.box, region))
  const film = filmOf(
    grid,
    frames.map(({ cells }) => hide(cells, hidden, grid, w, h)),
  )
  const times = frames.map((f) => f.ms)
  const part = plumeCells(film, box, w, h)
  const inBox = insideOf(grid, grown(box, 0.04, 0.04), w, h)
  const anchored = halvesOverlap(film, inBox)
  const flow = flowOf(frames, back, film, part)
  // of everything: without what movers hide, a cloud among them would be all that is left
  const globalRatio = globalRatioOf(
    filmOf(
      grid,
      frames.map(({ cells }) => cells),
    ),
  )
  const flicker = flickerOf(film, times, inBox)
  const cells = film.frames.flatMap((all) =>
    part.flatMap((i): Cell[] => {
      const cell = all[i]
      return cell ? [cell] : []
    }),
  )
  const opacity = pooledOpacity(cells)
  const handmade = {
    anchored,
    flow,
    globalRatio,
    flicker,
    unrest: unrestOf(film, part),
    cells: part.length,
    strong: strongCells(film, part),
    widthPx: w,
    colour: colourOf(cells),
  }
  const scores =
    input.classifier === null
      ? decideByHand(handmade)
      : await bestScores(input.classifier, frames, back, placesIn(box, w, h))
  return {
    kind: 'burst',
    fromMs: first.ms as BurstFacts['fromMs'],
    toMs: last.ms as BurstFacts['toMs'],
    frames: frames.length,
    box: part.length > 0 ? outOf(boxOfCells(part, grid, w, h), region) : input.question.box,
    scores,
    anchored: anchored > anchoredMin || (flicker.cells >= 2 && anchored > 0.2),
    flickerHz: flicker.hz,
    flameCells: flicker.cells,
    ...(opacity === undefined ? {} : { opacity }),
    growth: growthOf(film, times, inBox),
    driftX: (flow.vx / w) * region[2],
    driftY: (flow.vy / w) * region[2],
    colour: colourOf(cells),
    globalRatio,
    objects,
  }
}

/** Cells of the plume that lose contrast (not merely lit) in more than a quarter of the pictures. */
function strongCells(film: ReturnType<typeof filmOf>, part: readonly number[]): number {
  return part.filter(
    (i) =>
      film.signs.filter((signs) => signs[i] === 'veil' || signs[i] === 'dark_veil').length > 0.25 * film.signs.length,
  ).length
}

/**
 * Takes out the cells under vehicles and persons. A network calls a large cloud a vehicle, too: what the background shows through is
 * none, whatever its name.
 */
function hide(
  cells: readonly (Cell | null)[],
  boxes: readonly Box[],
  grid: Grid,
  w: number,
  h: number,
): (Cell | null)[] {
  const inside = boxes.map((box) => insideOf(grid, box, w, h))
  return cells.map((cell, i) =>
    cell !== null && inside.some((mask) => mask[i] === 1) && !isSeenThrough(cell) ? null : cell,
  )
}

function nothing({ question }: BurstInput): BurstFacts {
  return {
    kind: 'burst',
    fromMs: question.sinceMs,
    toMs: question.sinceMs,
    frames: 0,
    box: question.box,
    scores: { none: 1, smoke: 0, dust: 0, flame: 0, steam: 0 },
    anchored: false,
    flickerHz: 0,
    flameCells: 0,
    growth: 0,
    driftX: 0,
    driftY: 0,
    colour: 'grey',
    globalRatio: 0,
    objects: [],
  }
}
