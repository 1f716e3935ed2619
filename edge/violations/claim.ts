import type { Box, EpochMs } from '../../contracts/base/index.js'
import { areaOf, commonArea, iouOf } from '../../contracts/geometry.js'
import type { Cause } from '../../contracts/terms.js'
import type { LookBackWish } from './types.js'

/** One rule's statement about one place of one frame, before any memory. */
export interface Sighting {
  readonly cause: Cause
  readonly zone: string
  readonly box: Box
  /** Id of the static thing; null for plumes and for things that only the network sees. */
  readonly staticId: string | null
  readonly sinceMs: EpochMs
  /** Presence that the static layer gathered before the rule first saw it. */
  readonly creditMs: number
  /** 0..1 */
  readonly strength: number
  readonly areaM2: number | null
  /** Named quantities of this frame; `holds` reads them. */
  readonly values: Readonly<Record<string, number>>
  /** Things true in this frame; the claim adds up for how long. */
  readonly marks: Readonly<Record<string, boolean>>
  readonly classScores: Readonly<Record<string, number>>
}

/** Memory of one place that a rule watches. JSON-serialisable. */
export interface Claim {
  readonly key: string
  readonly cause: Cause
  readonly zone: string
  readonly box: Box
  readonly staticId: string | null
  readonly sinceMs: EpochMs
  readonly lastSeenMs: EpochMs
  readonly scoreMs: number
  readonly seenMs: number
  readonly unseenMs: number
  /** Seen time since the place last had a sighting. */
  readonly absentMs: number
  readonly raised: boolean
  readonly due: boolean
  readonly present: boolean
  readonly strength: number
  readonly areaM2: number | null
  readonly values: Readonly<Record<string, number>>
  /** Milliseconds for which each mark held. */
  readonly markMs: Readonly<Record<string, number>>
  readonly classScores: Readonly<Record<string, number>>
  readonly wishes: readonly LookBackWish[]
}

export interface Pace {
  readonly dwellMs: number
  readonly suspectRatio: number
  readonly absenceMs: number
  readonly capMs: number
}

export function paceOf(t: Readonly<Record<'dwell_s' | 'suspect_ratio' | 'absence_s' | 'cap_ratio', number>>): Pace {
  const dwellMs = t.dwell_s * 1000
  return {
    dwellMs,
    suspectRatio: t.suspect_ratio,
    absenceMs: Math.max(t.absence_s * 1000, dwellMs / 2),
    capMs: t.cap_ratio * dwellMs,
  }
}

/** A new claim for a place that nobody claims yet; its condition holds. */
export function openClaim(sighting: Sighting, serial: number, dtMs: number, wallMs: EpochMs, pace: Pace): Claim {
  const creditMs = Math.max(sighting.creditMs, dtMs)
  return {
    key: `${sighting.cause}|${sighting.zone}|${serial}`,
    cause: sighting.cause,
    zone: sighting.zone,
    box: sighting.box,
    staticId: sighting.staticId,
    sinceMs: sighting.sinceMs,
    lastSeenMs: wallMs,
    scoreMs: Math.min(creditMs, pace.capMs),
    seenMs: creditMs,
    unseenMs: 0,
    absentMs: 0,
    raised: false,
    due: false,
    present: true,
    strength: sighting.strength,
    areaM2: sighting.areaM2,
    values: sighting.values,
    markMs: {},
    classScores: sighting.classScores,
    wishes: [],
  }
}

/** Score of presence: +dt while it holds, -dt/2 while refuted, 0 while unseen (DETECTION.md §8). */
export function weighClaim(
  claim: Claim,
  present: boolean,
  sighted: boolean,
  dtMs: number,
  wallMs: EpochMs,
  pace: Pace,
): Claim {
  const scoreMs = present ? Math.min(pace.capMs, claim.scoreMs + dtMs) : Math.max(0, claim.scoreMs - dtMs / 2)
  return latch(
    {
      ...claim,
      scoreMs,
      present,
      seenMs: claim.seenMs + (present ? dtMs : 0),
      lastSeenMs: present ? wallMs : claim.lastSeenMs,
      absentMs: sighted ? 0 : claim.absentMs + dtMs,
    },
    pace,
  )
}

/** Once raised a claim is spoken of until it ends; once due it stays due. */
export function latch(claim: Claim, pace: Pace): Claim {
  return {
    ...claim,
    raised: claim.raised || claim.scoreMs >= pace.suspectRatio * pace.dwellMs,
    due: claim.due || claim.scoreMs >= pace.dwellMs,
  }
}

/** Takes over what a frame says about the place. Statics keep their outline, plumes average theirs. */
export function rememberSighting(claim: Claim, sighting: Sighting, dtMs: number): Claim {
  const markMs: Record<string, number> = { ...claim.markMs, seen: (claim.markMs['seen'] ?? 0) + dtMs }
  for (const [name, holds] of Object.entries(sighting.marks)) markMs[name] = (markMs[name] ?? 0) + (holds ? dtMs : 0)
  const still = sighting.staticId !== null
  return {
    ...claim,
    staticId: sighting.staticId ?? claim.staticId,
    box: still ? sighting.box : blend(claim.box, sighting.box, 0.25),
    strength: claim.strength + 0.25 * (sighting.strength - claim.strength),
    areaM2: sighting.areaM2 ?? claim.areaM2,
    values: sighting.values,
    markMs,
    classScores: sighting.classScores,
  }
}

function blend(old: Box, fresh: Box, weight: number): Box {
  const mix = (a: number, b: number): number => a + weight * (b - a)
  return [mix(old[0], fresh[0]), mix(old[1], fresh[1]), mix(old[2], fresh[2]), mix(old[3], fresh[3])]
}

/** True when the claim is over: its score is used up, or the place was seen without it for too long. */
export function isSpent(claim: Claim, pace: Pace): boolean {
  return claim.scoreMs <= 0 || claim.absentMs >= pace.absenceMs
}

/** How well a sighting fits a claim, 0 when it does not. */
export function fitOf(claim: Claim, sighting: Sighting): number {
  if (claim.cause !== sighting.cause) return 0
  if (claim.staticId !== null && claim.staticId === sighting.staticId) return 2
  const smaller = Math.min(areaOf(claim.box), areaOf(sighting.box))
  const inner = smaller > 0 ? commonArea(claim.box, sighting.box) / smaller : 0
  const iou = iouOf(claim.box, sighting.box)
  // A plume breathes: it may shrink to its source or fill the view. A thing keeps its outline.
  const plume = claim.staticId === null && sighting.staticId === null
  if (plume ? inner >= 0.3 : iou >= 0.3 || inner >= 0.7) return Math.max(iou, inner / 2)
  return 0
}

/** Share of the presence (or of the time for which `of` held) for which a mark held, 0..1. */
export function markRatio(claim: Claim, name: string, of = 'seen'): number {
  const total = claim.markMs[of] ?? 0
  return total > 0 ? Math.min(1, (claim.markMs[name] ?? 0) / total) : 0
}
