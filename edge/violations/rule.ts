import type { Box, EpochMs } from '../../contracts/base/index.js'
import { areaOf, commonArea, grownBy } from '../../contracts/geometry.js'
import type { Cause } from '../../contracts/terms.js'
import type { Facts, SeenObject } from '../vision/types.js'
import type { Claim, Sighting } from './claim.js'
import type { CameraRules } from './rules.js'
import type { ZoneThresholds } from './thresholds.js'
import type { Finding, LookBackAnswers, LookBackWish, Measurements, Suspicion } from './types.js'

/** What one cause adds to the common machine of `step.ts`. All of it is pure. */
export interface Rule {
  readonly cause: Cause
  /** A thing stays where it is put: once due it is present while the static layer has it, whatever it looks like. */
  readonly still: boolean
  sight(facts: Facts, rules: CameraRules): Sighting[]
  /** The condition, with every quantity scaled by `ratio` (1 to enter, less to stay). */
  holds(claim: Claim, sighting: Sighting, thresholds: ZoneThresholds, ratio: number): boolean
  /** The next window that the rule needs and has not wished for yet. */
  wish(claim: Claim, nowMs: EpochMs, thresholds: ZoneThresholds): LookBackWish | null
  measure(claim: Claim): Measurements
  reasons(claim: Claim): readonly string[]
  judge(suspicion: Suspicion, answers: LookBackAnswers, thresholds: ZoneThresholds, rules: CameraRules): Finding
}

/** Boxes of the network count for this long after its look. */
const lookAgeMsMax = 10_000

/** Boxes of a class from a look that is still fresh; empty when there is none. */
export function freshObjects(facts: Facts, wanted: (object: SeenObject) => boolean): readonly SeenObject[] {
  return hasFreshLook(facts) ? facts.objects.filter(wanted) : []
}

export function hasFreshLook(facts: Facts): boolean {
  return facts.objectsAtMs !== null && facts.wallMs - facts.objectsAtMs <= lookAgeMsMax
}

/** A person within one and a half box widths: the uncalibrated form of "within 1.5 m". */
export function surroundings(box: Box): Box {
  const reach = 1.5 * Math.max(box[2], box[3] * 0.5)
  return grownBy(box, reach, reach * 0.6)
}

/** Part of the picture to decode around a place: its size several times over, at least `share` of the picture. */
export function regionAround(box: Box, times: number, share: number): Box | null {
  const dx = Math.max(box[2] * times, (share - box[2]) / 2)
  const dy = Math.max(box[3] * times, (share - box[3]) / 2)
  const region = grownBy(box, dx, dy)
  return region[2] > 0.9 && region[3] > 0.9 ? null : region
}

/** The window around the arrival: wished once, when the score asks for it and all of it lies in the past. */
export function arrivalWish(
  claim: Claim,
  nowMs: EpochMs,
  t: Readonly<Record<'arrival_before_s' | 'arrival_after_s' | 'look_back_fps', number>>,
  region: Box | null,
): LookBackWish | null {
  // What came after the arrival until the claim was raised is enough: waiting for more would make the answer late.
  const afterMs = Math.min(t.arrival_after_s * 1000, nowMs - claim.sinceMs)
  if (!claim.raised || claim.wishes.length > 0 || afterMs < Math.min(t.arrival_after_s, 2) * 1000) return null
  const fromMs = (claim.sinceMs - t.arrival_before_s * 1000) as EpochMs
  return { kind: 'arrival', fromMs, toMs: (claim.sinceMs + afterMs) as EpochMs, fps: t.look_back_fps, region }
}

/**
 * Two bursts: one when the claim is raised, one when it is nearly due and max(burst_gap_s, dwell/3) have passed (DETECTION.md §8,
 * a quarter of the dwell earlier, so that the answer is there when the claim is due). Each ends now, while the place emits, and
 * they share no picture.
 */
export function burstWish(
  claim: Claim,
  nowMs: EpochMs,
  t: Readonly<Record<'dwell_s' | 'burst_s' | 'burst_fps' | 'burst_gap_s', number>>,
): LookBackWish | null {
  if (!claim.raised || !claim.present || claim.wishes.length >= 2) return null
  const [first] = claim.wishes
  const gapMs = Math.max(t.burst_gap_s, t.dwell_s / 3) * 1000
  if (first && (claim.scoreMs < 0.75 * t.dwell_s * 1000 || nowMs < first.toMs + gapMs)) return null
  // Not much before the place began to emit: pictures without a plume would outvote those with one.
  const started = Math.min(claim.sinceMs, nowMs - 2000)
  const fromMs = Math.max(nowMs - t.burst_s * 1000, first ? first.toMs : started) as EpochMs
  return { kind: 'burst', fromMs, toMs: nowMs, fps: t.burst_fps, region: regionAround(claim.box, 0.75, 0.3) }
}

/** Measurements that every cause has (DESIGN.md §9.4): whole numbers; absent means not measurable. */
export function commonMeasurements(claim: Claim): Measurements {
  const classMilli = Object.fromEntries(
    Object.entries(claim.classScores).map(([name, score]) => [name, Math.round(score * 1000)]),
  )
  return {
    dwell_s: Math.round((claim.lastSeenMs - claim.sinceMs) / 1000),
    seen_s: Math.round(claim.seenMs / 1000),
    unseen_s: Math.round(claim.unseenMs / 1000),
    ...(claim.areaM2 === null ? {} : { area_cm2: Math.round(claim.areaM2 * 10_000) }),
    ...(Object.keys(classMilli).length === 0 ? {} : { class_milli: classMilli }),
  }
}

/** Thousandths of a share. */
export function milli(ratio: number): number {
  return Math.round(ratio * 1000)
}

/** A measurement as a number; 0 when it is absent or no number. */
export function numberOf(value: Measurements[string] | undefined): number {
  return typeof value === 'number' ? value : 0
}

/** Share of a box that others cover together, at most 1 (their own overlaps are counted twice). */
export function coveredShare(box: Box, covers: readonly Box[]): number {
  const area = areaOf(box)
  return area > 0 ? Math.min(1, covers.reduce((sum, cover) => sum + commonArea(box, cover), 0) / area) : 0
}
