import type { Candidate } from './candidates.js'
import type { PxRect } from './morphology.js'
import { rectOf } from './morphology.js'
import type { Verdict, Verification } from './verify.js'

/** Something that stands where the background was: the layer's memory of a candidate over frames. */
export interface Thing {
  readonly id: string
  /** Sorted indices of the candidate's pixels. */
  pixels: Int32Array
  /** The filled outline of the last verification. */
  silhouette: Int32Array
  rect: PxRect
  /** Media time since the model's start at which it came. */
  sinceMs: number
  /** Evidence time gathered, unseen time excluded. */
  seenMs: number
  /** Evidence clock of the last frame that showed it. */
  lastEvidenceMs: number
  /** Last four verdicts, newest last. */
  votes: Verdict[]
  objectVotes: number
  verdict: Verdict
  looks: number
  /** Key frames in a row in which its place looked like the background. */
  goneFrames: number
  provisional: boolean
  texture: number
  /** Median colour difference to the background, U plus V: a shadow has none. */
  chroma: number
  luminanceRatio: number
  /** This frame shows it. */
  visible: boolean
}

/** A thing counts as an object for good after this many verdicts: a later one never takes it away (DETECTION.md §0.2). */
export const latchedVotes = 3

export function intersectionSize(a: Int32Array, b: Int32Array): number {
  let count = 0
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const x = a[i] as number
    const y = b[j] as number
    if (x === y) count++
    if (x <= y) i++
    if (y <= x) j++
  }
  return count
}

export function rectsTouch(a: PxRect, b: PxRect): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** Which candidate continues which thing: largest common area first, each at most once. */
export function matchThings(things: readonly Thing[], candidates: readonly Candidate[]): Map<Candidate, Thing> {
  const pairs: { thing: Thing; candidate: Candidate; common: number }[] = []
  for (const thing of things)
    for (const candidate of candidates) {
      if (!rectsTouch(thing.rect, candidate.rect)) continue
      const common = intersectionSize(thing.pixels, candidate.pixels)
      if (common >= 0.3 * Math.min(thing.pixels.length, candidate.pixels.length))
        pairs.push({ thing, candidate, common })
    }
  pairs.sort((a, b) => b.common - a.common || a.thing.sinceMs - b.thing.sinceMs)
  const matched = new Map<Candidate, Thing>()
  const taken = new Set<Thing>()
  for (const { thing, candidate } of pairs) {
    if (matched.has(candidate) || taken.has(thing)) continue
    matched.set(candidate, thing)
    taken.add(thing)
  }
  return matched
}

/** The thing goes on as the candidate shows it; a part of it (half hidden) does not shrink it. */
export function continueThing(thing: Thing, candidate: Candidate): void {
  if (candidate.pixels.length >= 0.6 * thing.pixels.length) {
    thing.pixels = candidate.pixels
    thing.rect = candidate.rect
  }
  if (candidate.sinceMs < thing.sinceMs) thing.sinceMs = candidate.sinceMs
}

export function recordVerdict(thing: Thing, found: Verification): void {
  thing.looks++
  thing.votes.push(found.verdict)
  if (thing.votes.length > 4) thing.votes.shift()
  if (found.verdict === 'object') thing.objectVotes++
  if (thing.objectVotes < latchedVotes || found.verdict === 'object') thing.verdict = found.verdict
  thing.texture = found.fresh
  thing.chroma = found.dch
  thing.luminanceRatio = found.rho
  if (found.silhouette.length > 0) thing.silhouette = found.silhouette
}

/** What changes within the bounds of a known, clearly larger object (goods laid out, a cloth moved, its rim) belongs to it. */
export function isPartOf(candidate: Candidate, thing: Thing): boolean {
  const { left, top, right, bottom } = candidate.rect
  const { rect } = thing
  return (
    thing.verdict === 'object' &&
    thing.pixels.length >= 3 * candidate.pixels.length &&
    left >= rect.left - 3 &&
    top >= rect.top - 3 &&
    right <= rect.right + 3 &&
    bottom <= rect.bottom + 3
  )
}

/** Three agreeing votes within the last four. */
export function agreed(thing: Thing, verdict: Verdict): boolean {
  return thing.objectVotes < latchedVotes && thing.votes.filter((vote) => vote === verdict).length >= 3
}

/** Box of a thing as outlined, in pixels. */
export function outlineOf(thing: Thing, widthPx: number): PxRect {
  return thing.silhouette.length > 0 ? rectOf(thing.silhouette, widthPx) : thing.rect
}
