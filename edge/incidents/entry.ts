import type { Box, EpochMs } from '../../contracts/base/index.js'
import { areaOf, centreOf, commonArea, iouOf } from '../../contracts/geometry.js'
import { distanceM } from '../../contracts/ground-plane.js'
import type { Ground } from '../../contracts/ground-plane.js'
import type { Cause } from '../../contracts/terms.js'
import type { Finding, Measurements, Suspicion } from '../violations/types.js'
import type { Incident, IncidentChange } from './types.js'

/** An incident with what the machine must remember about it. JSON-serialisable. */
export interface Entry {
  readonly incident: Incident
  /** Suspicions that speak of this act; the last known form of each. */
  readonly suspicions: readonly Suspicion[]
  /** Wishes already asked for, by suspicion key. */
  readonly asked: Readonly<Record<string, number>>
  /** Look backs on their way. */
  readonly pending: number
  readonly finding: Finding | null
  /** Looks repeated after `undecided`. */
  readonly repeats: number
  readonly nextLookMs: EpochMs | null
  readonly due: boolean
  /** No suspicion speaks of it any more. */
  readonly gone: boolean
  readonly updatedMs: EpochMs
  /** Something worth an update has changed since. */
  readonly news: boolean
}

/** Causes of which one thing or plume can only be one. */
export const rivalOf: Readonly<Record<Cause, Cause>> = {
  grilling: 'dust',
  dust: 'grilling',
  vending: 'spillage',
  spillage: 'vending',
}

export function isOpen(entry: Entry): boolean {
  return entry.incident.state === 'confirmed' || entry.incident.state === 'continuing'
}

export function isWaiting(entry: Entry): boolean {
  return entry.incident.state === 'suspected' || entry.incident.state === 'looking_back'
}

/**
 * The same place: overlap of 0.3, centres within 1.5 m (0.6 of the box where there is no calibration; DETECTION.md §8), or one mostly
 * inside the other: goods that are set out before a stall that is told already.
 */
export function isSamePlace(a: Box, b: Box, ground: Ground | null): boolean {
  if (iouOf(a, b) >= 0.3 || commonArea(a, b) >= 0.5 * Math.min(areaOf(a), areaOf(b))) return true
  const metres = distanceM(ground, a, b)
  if (metres !== null) return metres <= 1.5
  const [ax, ay] = centreOf(a)
  const [bx, by] = centreOf(b)
  return Math.abs(ax - bx) <= 0.6 * Math.max(a[2], b[2]) && Math.abs(ay - by) <= 0.6 * Math.max(a[3], b[3])
}

/** Pieces of one load lie at most this far apart, on the road and (without calibration) in picture widths, and fell within this time. */
const loadM = 8
const loadRatio = 0.15
const loadMs = 10_000

type Told = Pick<Incident, 'cause' | 'firstMs' | 'box'>
type Said = Pick<Suspicion, 'cause' | 'sinceMs' | 'box'>

/** Pieces of one act: of a load that was lost, of a veil of dust, of a stall that is set up, goods beside it. */
export function isPieceOf(incident: Told, suspicion: Said, ground: Ground | null): boolean {
  if (incident.cause !== suspicion.cause) return false
  if (incident.cause === 'spillage') return isSameLoad(incident, suspicion, ground)
  if (!isBeside(incident.box, suspicion.box)) return false
  if (incident.cause !== 'vending') return incident.cause === 'dust'
  return isMuchSmaller(incident.box, suspicion.box) || Math.abs(incident.firstMs - suspicion.sinceMs) <= setUpMs
}

/** What is set out side by side within this time is one stall: its cart, table and umbrella. */
const setUpMs = 15_000

/** Touching, or apart by at most half the size of the larger. */
function isBeside(a: Box, b: Box): boolean {
  const across = Math.max(a[0], b[0]) - Math.min(a[0] + a[2], b[0] + b[2])
  const down = Math.max(a[1], b[1]) - Math.min(a[1] + a[3], b[1] + b[3])
  return across <= 0.5 * Math.max(a[2], b[2]) && down <= 0.5 * Math.max(a[3], b[3])
}

/** What lies beside something four times as large is no second stall. */
function isMuchSmaller(a: Box, b: Box): boolean {
  return 4 * Math.min(areaOf(a), areaOf(b)) <= Math.max(areaOf(a), areaOf(b))
}

/** Pieces that one vehicle lost at one go are one act, however many they are. */
function isSameLoad(incident: Told, suspicion: Said, ground: Ground | null): boolean {
  if (Math.abs(incident.firstMs - suspicion.sinceMs) > loadMs) return false
  const metres = distanceM(ground, incident.box, suspicion.box)
  if (metres !== null) return metres <= loadM
  const [ax, ay] = centreOf(incident.box)
  const [bx, by] = centreOf(suspicion.box)
  return Math.hypot(ax - bx, ((ay - by) * 9) / 16) <= loadRatio
}

/** Where the act is: around all pieces of a load that lie there, else the place of the leading suspicion. */
export function boxOfAct(entry: Entry, leader: Suspicion): Box {
  if (leader.cause !== 'spillage') return leader.box
  const there = entry.suspicions.filter(({ present }) => present).map(({ box }) => box)
  return there.reduce(around, leader.box)
}

function around(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a[0], b[0]), Math.min(a[1], b[1])]
  return [x, y, Math.max(a[0] + a[2], b[0] + b[2]) - x, Math.max(a[1] + a[3], b[1] + b[3]) - y]
}

/** The suspicion that leads: one that is present now before one that is not, then the one with most presence. */
export function leading(entry: Entry): Suspicion | undefined {
  return [...entry.suspicions].sort((a, b) => Number(b.present) - Number(a.present) || b.scoreMs - a.scoreMs)[0]
}

/** Measurements of the watch first, then what the look back found; a later finding outweighs. */
export function mergedMeasurements(
  suspicion: Suspicion | undefined,
  finding: Finding | null,
  before: Measurements,
): Measurements {
  const watched = suspicion?.measurements ?? {}
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => !(name in watched)))
  // Seen once by the network in the look back stays seen.
  const stall =
    before['stall_seen'] === true || finding?.measurements['stall_seen'] === true ? { stall_seen: true } : {}
  return { ...kept, ...watched, ...finding?.measurements, ...stall }
}

/** Joins reasons without repeats, oldest first, at most 8. */
export function joinReasons(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].slice(0, 8)
}

export function change(kind: IncidentChange['kind'], entry: Entry, atMs: EpochMs): IncidentChange {
  return { kind, incident: entry.incident, atMs }
}

export function withIncident(entry: Entry, part: Partial<Incident>): Entry {
  return { ...entry, incident: { ...entry.incident, ...part } }
}
