import type { Box } from '../../contracts/base/index.js'
import { centreOf, iouOf } from '../../contracts/geometry.js'
import type { Detection, ObjectClass } from './types.js'

/** Mean and covariance of position and speed of one measured quantity; constant velocity. */
export interface Kalman {
  readonly value: number
  readonly speed: number
  readonly p00: number
  readonly p01: number
  readonly p11: number
}

/** `noise` is the white acceleration, in units of the quantity per s². */
export function predict({ value, speed, p00, p01, p11 }: Kalman, dtS: number, noise: number): Kalman {
  const q = noise * noise
  return {
    value: value + speed * dtS,
    speed,
    p00: p00 + 2 * dtS * p01 + dtS * dtS * p11 + (q * dtS ** 4) / 4,
    p01: p01 + dtS * p11 + (q * dtS ** 3) / 2,
    p11: p11 + q * dtS * dtS,
  }
}

export function correct({ value, speed, p00, p01, p11 }: Kalman, measured: number, sigma: number): Kalman {
  const s = p00 + sigma * sigma
  const k0 = p00 / s
  const k1 = p01 / s
  const innovation = measured - value
  return {
    value: value + k0 * innovation,
    speed: speed + k1 * innovation,
    p00: (1 - k0) * p00,
    p01: (1 - k0) * p01,
    p11: p11 - k1 * p01,
  }
}

export interface Track {
  readonly id: string
  readonly class: ObjectClass
  /** Best score so far, for naming; the latest, for presence. */
  readonly score: number
  readonly hits: number
  readonly born: boolean
  readonly firstMs: number
  readonly lastMs: number
  readonly box: Box
  readonly x: Kalman
  readonly y: Kalman
  readonly area: Kalman
  readonly aspect: number
}

export interface TrackerState {
  readonly next: number
  readonly atMs: number
  readonly tracks: readonly Track[]
}

export const startTracker: TrackerState = { next: 1, atMs: -1, tracks: [] }

/** DETECTION.md §4. */
const scoreHigh = 0.5
const scoreLow = 0.1
const scoreBirth = 0.6
const firstIou = 0.2
const secondIou = 0.4
const birthHits = 3
const deathMs = 2_000
const tracksMost = 256

export interface TrackerOptions {
  /** Watch rate: no speed can be told between frames, so neighbours within one box size count as the same, born at once. */
  readonly light: boolean
  /** Lost for longer than this, a track ends. */
  readonly deathMs?: number
}

/**
 * Two-stage association as in ByteTrack (Zhang et al. 2022): first boxes of a high score, then the others, by overlap with the
 * predicted box. Pure; give it detections of one frame in order of time.
 */
export function stepTracker(
  state: TrackerState,
  atMs: number,
  detections: readonly Detection[],
  options: TrackerOptions,
): { readonly state: TrackerState; readonly assigned: readonly (string | null)[] } {
  const dtS = state.atMs < 0 ? 0 : Math.max(0, atMs - state.atMs) / 1000
  const tracks = state.tracks.map((track) => advance(track, dtS))
  const assigned: (string | null)[] = detections.map(() => null)
  const open = new Set(tracks.keys())
  const left = new Set(detections.keys())
  const stage = (least: number, most: number, iouLeast: number) => {
    for (const { track, detection } of bestPairs(
      tracks,
      detections,
      open,
      left,
      least,
      most,
      iouLeast,
      options.light,
    )) {
      open.delete(track)
      left.delete(detection)
      const seen = detections[detection] as Detection
      const next = update(tracks[track] as Track, seen, atMs, options.light)
      tracks[track] = next
      assigned[detection] = next.born ? next.id : null
    }
  }
  stage(scoreHigh, Infinity, firstIou)
  stage(scoreLow, scoreHigh, secondIou)
  const lost = options.deathMs ?? deathMs
  const kept = tracks.filter((track) => atMs - track.lastMs <= (track.born ? lost : lost / 4 + 1))
  let next = state.next
  for (const index of left) {
    const detection = detections[index] as Detection
    if (detection.score < (options.light ? scoreHigh : scoreBirth) || kept.length >= tracksMost) continue
    const track = birth(`t${next++}`, detection, atMs, options.light)
    kept.push(track)
    assigned[index] = track.born ? track.id : null
  }
  return { state: { next, atMs, tracks: kept }, assigned }
}

function birth(id: string, { box, class: kind, score }: Detection, atMs: number, light: boolean): Track {
  const [cx, cy] = centreOf(box)
  const at = (value: number, spread: number): Kalman => ({
    value,
    speed: 0,
    p00: spread ** 2,
    p01: 0,
    p11: (4 * spread) ** 2,
  })
  return {
    id,
    class: kind,
    score,
    hits: 1,
    born: light,
    firstMs: atMs,
    lastMs: atMs,
    box,
    x: at(cx, 0.1 * box[2]),
    y: at(cy, 0.1 * box[3]),
    area: at(box[2] * box[3], 0.2 * box[2] * box[3]),
    aspect: box[2] / Math.max(1e-6, box[3]),
  }
}

function advance(track: Track, dtS: number): Track {
  if (dtS === 0) return track
  const size = Math.sqrt(Math.max(1e-8, track.area.value))
  const x = predict(track.x, dtS, 2 * size)
  const y = predict(track.y, dtS, 2 * size)
  const area = predict(track.area, dtS, 0.5 * track.area.value)
  return { ...track, x, y, area, box: boxOf(x, y, area, track.aspect) }
}

function boxOf(x: Kalman, y: Kalman, area: Kalman, aspect: number): Box {
  const size = Math.max(1e-8, area.value)
  const w = Math.sqrt(size * aspect)
  const h = size / w
  return [x.value - w / 2, y.value - h / 2, w, h]
}

function update(track: Track, { box, class: kind, score }: Detection, atMs: number, light: boolean): Track {
  const [cx, cy] = centreOf(box)
  const measured = box[2] * box[3]
  const x = correct(track.x, cx, 0.05 * box[2])
  const y = correct(track.y, cy, 0.05 * box[3])
  const area = correct(track.area, measured, 0.15 * measured)
  const aspect = 0.7 * track.aspect + (0.3 * box[2]) / Math.max(1e-6, box[3])
  const hits = track.hits + 1
  return {
    ...track,
    x,
    y,
    area,
    aspect,
    hits,
    box,
    lastMs: atMs,
    class: score > track.score ? kind : track.class,
    score: Math.max(score, track.score * 0.98),
    born: light || track.born || hits >= birthHits,
  }
}

interface Pair {
  readonly track: number
  readonly detection: number
  readonly worth: number
}

/** Greedy by worth; with tens of boxes this differs from the optimal assignment only where two boxes lie on each other. */
function bestPairs(
  tracks: readonly Track[],
  detections: readonly Detection[],
  open: ReadonlySet<number>,
  left: ReadonlySet<number>,
  least: number,
  most: number,
  iouLeast: number,
  light: boolean,
): Pair[] {
  const pairs: Pair[] = []
  for (const track of open)
    for (const detection of left) {
      const seen = detections[detection] as Detection
      if (seen.score < least || seen.score >= most) continue
      const known = tracks[track] as Track
      if (!comparable(known.class, seen.class)) continue
      const iou = iouOf(known.box, seen.box)
      const near = light ? 0.3 * nearness(known.box, seen.box) : 0
      const worth = Math.max(iou, near)
      if (worth >= iouLeast || (light && near > 0)) pairs.push({ track, detection, worth })
    }
  pairs.sort((a, b) => b.worth - a.worth || a.track - b.track || a.detection - b.detection)
  const usedTracks = new Set<number>()
  const usedDetections = new Set<number>()
  return pairs.filter(({ track, detection }) => {
    if (usedTracks.has(track) || usedDetections.has(detection)) return false
    usedTracks.add(track)
    usedDetections.add(detection)
    return true
  })
}

/** A network wavers between kinds of wheels, and between furniture; a person never becomes a car. */
const kin: readonly (readonly ObjectClass[])[] = [
  ['vehicle', 'tricycle', 'two_wheeler', 'handcart'],
  ['vendor_stall', 'umbrella', 'handcart', 'goods', 'grill'],
  ['debris', 'goods'],
  ['two_wheeler', 'person'],
]

function comparable(a: ObjectClass, b: ObjectClass): boolean {
  return a === b || kin.some((group) => group.includes(a) && group.includes(b))
}

/** 1 for the same centre, 0 from one box size on. */
function nearness(a: Box, b: Box): number {
  const [ax, ay] = centreOf(a)
  const [bx, by] = centreOf(b)
  const dx = (ax - bx) / Math.max(a[2], b[2])
  const dy = (ay - by) / Math.max(a[3], b[3])
  return Math.max(0, 1 - Math.hypot(dx, dy))
}
