import type { Box, EpochMs } from '../../contracts/base/index.js'
import type { AttendanceLog } from './attendance.js'
import { commonArea, coverOf, iouOf } from '../../contracts/geometry.js'
import { boxFromRect } from './boxes.js'
import type { Geometry, SilhouetteRow } from './geometry.js'
import type { Thing } from './static/things.js'
import { outlineOf } from './static/things.js'
import type { ClassScores, Detection, ObjectClass, SeenStatic } from './types.js'

/** What the network has said of one thing so far. */
export interface ThingLooks {
  readonly looks: number
  readonly personLooks: number
  readonly scores: ClassScores
}

const noLooks: ThingLooks = { looks: 0, personLooks: 0, scores: {} }
/** Share of the old value that a look leaves. */
const memory = 0.7

/** Takes one look into account: best score per class of the boxes that lie on the thing. */
export function addLook(before: ThingLooks | undefined, box: Box, detections: readonly Detection[]): ThingLooks {
  const { looks, personLooks, scores } = before ?? noLooks
  const seen: Partial<Record<ObjectClass, number>> = {}
  let personCovers = false
  for (const { box: other, class: kind, score } of detections) {
    if (kind === 'person') {
      if (score >= 0.4 && coverOf(box, other) > 0.5) personCovers = true
      if (iouOf(box, other) > 0.3) seen.person = Math.max(seen.person ?? 0, score)
      continue
    }
    if (liesOn(box, other)) seen[kind] = Math.max(seen[kind] ?? 0, score)
  }
  const next: Partial<Record<ObjectClass, number>> = {}
  for (const kind of new Set([...Object.keys(scores), ...Object.keys(seen)]) as Set<ObjectClass>) {
    const now = seen[kind] ?? 0
    const smoothed = looks === 0 ? now : memory * (scores[kind] ?? 0) + (1 - memory) * now
    if (smoothed > 0.02) next[kind] = smoothed
  }
  return { looks: looks + 1, personLooks: personLooks + (personCovers ? 1 : 0), scores: next }
}

/** The box is about this thing: it overlaps well, or it holds the thing without being a scene of its own. */
function liesOn(thing: Box, box: Box): boolean {
  const common = commonArea(thing, box)
  const area = thing[2] * thing[3]
  const boxArea = box[2] * box[3]
  return (
    iouOf(thing, box) > 0.25 ||
    (common > 0.6 * area && boxArea < 5 * area) ||
    (common > 0.7 * boxArea && boxArea > 0.15 * area)
  )
}

/** A person who waits is not a thing: covered by one person box for most of its life. */
export function isPerson({ looks, personLooks }: ThingLooks): boolean {
  return looks >= 2 && personLooks > 0.5 * looks
}

/** A place that looks flat, thin or weak counts when the network knows what stands there (DETECTION.md §3.4). */
export function isSeen(thing: Thing, looks: ThingLooks | undefined): boolean {
  if (thing.looks === 0) return false
  if (looks !== undefined && isPerson(looks)) return false
  if (thing.verdict === 'object') return true
  if (thing.verdict === 'light' || thing.verdict === 'ghost' || looks === undefined) return false
  return Object.entries(looks.scores).some(([kind, score]) => kind !== 'person' && score >= 0.35)
}

export interface StaticInput {
  readonly thing: Thing
  readonly looks: ThingLooks | undefined
  readonly attendance: AttendanceLog
  readonly bridgeMs: number
  readonly geometry: Geometry | null
  readonly widthPx: number
  readonly heightPx: number
  /** Wall time of the layer's own time 0. */
  readonly originMs: number
}

export function seenStaticOf(input: StaticInput): SeenStatic {
  const { thing, looks, attendance, geometry, widthPx, heightPx } = input
  const box = boxFromRect(outlineOf(thing, widthPx), widthPx, heightPx)
  const sinceMs = input.originMs + thing.sinceMs
  const { attendedMs, lookedMs, baseRatio } = attendance.around(box, sinceMs, input.bridgeMs, geometry)
  const pixels = thing.silhouette.length > 0 ? thing.silhouette : thing.pixels
  const areaM2 = geometry === null ? undefined : areaOf(pixels, widthPx, geometry)
  return {
    id: thing.id,
    box,
    ...(areaM2 === undefined ? {} : { areaM2 }),
    areaRatio: pixels.length / (widthPx * heightPx),
    sinceMs: sinceMs as EpochMs,
    seenMs: thing.seenMs,
    // looks and evidence are counted apart; the share is what is known
    attendedMs: lookedMs > 0 ? thing.seenMs * Math.min(1, attendedMs / lookedMs) : 0,
    attendedBaseRatio: Math.min(1, baseRatio),
    classScores: looks?.scores ?? {},
    provisional: thing.provisional,
    texture: thing.texture,
    chroma: thing.chroma,
    luminanceRatio: thing.luminanceRatio,
  }
}

/** Absent where the silhouette reaches above the horizon. */
function areaOf(pixels: Int32Array, widthPx: number, geometry: Geometry): number | undefined {
  const rows = new Map<number, { sum: number; count: number }>()
  for (const i of pixels) {
    const y = (i / widthPx) | 0
    const row = rows.get(y) ?? { sum: 0, count: 0 }
    rows.set(y, { sum: row.sum + (i - y * widthPx), count: row.count + 1 })
  }
  const silhouette: SilhouetteRow[] = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([yPx, { sum, count }]) => ({ yPx, centreXPx: sum / count, countPx: count }))
  const middle = silhouette[silhouette.length >> 1]
  if (middle === undefined) return undefined
  if (!geometry.onGround([(middle.centreXPx + 0.5) / widthPx, middle.yPx / geometry.heightPx])) return undefined
  return geometry.areaOfRowsM2(silhouette)
}
