import type { Box } from '../../contracts/base/index.js'
import { coverOf, footOf, grownBy, iouOf } from '../../contracts/geometry.js'
import { distanceM } from '../../contracts/ground-plane.js'
import type { Cause } from '../../contracts/terms.js'
import type { BurstFacts, Facts, SeenPlume } from '../vision/types.js'
import type { Claim, Sighting } from './claim.js'
import { freshObjects, milli } from './rule.js'
import { isIgnored, lowerHalf } from './rules.js'
import type { CameraRules, RuleZone } from './rules.js'
import type { LookBackAnswers, Measurements } from './types.js'

/** Sightings of plumes for one cause; `zoneOf` says where the cause forbids it. */
export function sightPlumes(
  cause: Cause,
  facts: Facts,
  rules: CameraRules,
  zoneOf: (plume: SeenPlume) => RuleZone | null,
  describe: (plume: SeenPlume) => { values?: Record<string, number>; marks?: Record<string, boolean> },
): Sighting[] {
  return facts.plumes.flatMap((plume): Sighting[] => {
    if (isIgnored(rules, plume.box, facts.wallMs)) return []
    const zone = zoneOf(plume)
    if (zone === null) return []
    const more = describe(plume)
    const mPerWidth = mPerWidthAt(rules, plume.box)
    return [
      {
        cause,
        zone: zone.id,
        box: plume.box,
        staticId: null,
        sinceMs: facts.wallMs,
        creditMs: 0,
        strength: plume.strength,
        areaM2: plume.areaM2 ?? null,
        values: {
          strength: plume.strength,
          areaRatio: plume.areaRatio,
          ...(mPerWidth === null ? {} : { mPerWidth }),
          ...(plume.areaM2 === undefined ? {} : { areaM2: plume.areaM2 }),
          ...(plume.opacity ? { opacity: plume.opacity.percent } : {}),
          ...more.values,
        },
        marks: {
          flame: plume.kind === 'flame' || flameInside(plume, facts),
          onVehicle: onVehicle(plume.box, facts),
          nearSource: nearSource(plume.box, facts),
          warm: plume.colour === 'warm',
          ...more.marks,
        },
        classScores: {},
      },
    ]
  })
}

/** Bursts of footage that nobody has judged before: two claims of one place may ask for the same seconds, which count once. */
export function distinctBursts(answers: LookBackAnswers): BurstFacts[] {
  const kept: BurstFacts[] = []
  for (const answer of answers)
    if (answer.kind === 'burst' && !kept.some((known) => shares(known, answer))) kept.push(answer)
  return kept
}

/** More than half of the shorter one lies in both. */
function shares(a: BurstFacts, b: BurstFacts): boolean {
  const bothMs = Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs)
  return bothMs * 2 > Math.min(a.toMs - a.fromMs, b.toMs - b.fromMs)
}

/** The part of a plume where its source is: smoke leaves the zone, its foot does not. */
export function sourcePart([x, y, w, h]: Box): Box {
  return [x, y + (h * 2) / 3, w, h / 3]
}

export function flameInside(plume: SeenPlume, facts: Facts): boolean {
  return facts.plumes.some(
    (other) => other.kind === 'flame' && coverOf(other.box, grownBy(plume.box, 0.02, 0.02)) >= 0.5,
  )
}

/** Exhaust, headlights and steam of a vehicle leave with it. */
function onVehicle(box: Box, facts: Facts): boolean {
  const vehicles = freshObjects(facts, (object) => object.class === 'vehicle' && object.score >= 0.4)
  return vehicles.some((vehicle) => coverOf(lowerHalf(box), vehicle.box) >= 0.5 || iouOf(box, vehicle.box) >= 0.5)
}

/** A person, a grill, a stall or something static stands at the plume's foot. */
export function nearSource(box: Box, facts: Facts): boolean {
  const foot = grownBy(sourcePart(box), Math.max(0.03, box[2] * 0.5), 0.05)
  const beside = freshObjects(
    facts,
    (object) => ['person', 'grill', 'vendor_stall', 'handcart'].includes(object.class) && object.score >= 0.4,
  )
  return (
    beside.some((object) => coverOf(object.box, foot) >= 0.2) ||
    facts.statics.some((thing) => coverOf(thing.box, foot) >= 0.3)
  )
}

/** True while the foot of the plume stays where the claim has it: in metres where calibrated, else in picture widths. */
export function isAnchored(
  claim: Claim,
  sighting: Sighting,
  t: { anchor_m: number; anchor_ratio: number },
  ratio: number,
): boolean {
  const [ax, ay] = footOf(claim.box)
  const [bx, by] = footOf(sighting.box)
  const inWidths = Math.hypot(ax - bx, (ay - by) * (9 / 16))
  const mPerWidth = sighting.values['mPerWidth']
  const allowed = mPerWidth === undefined ? t.anchor_ratio : t.anchor_m / mPerWidth
  return inWidths <= Math.max(allowed, claim.box[2] / 2) / ratio
}

/** Metres that one picture width is at the foot of a box; null without calibration. */
export function mPerWidthAt(rules: CameraRules, [x, y, w, h]: Box): number | null {
  const step = 0.01
  const metres = distanceM(rules.ground, [x, y, w, h], [x + step, y, w, h])
  return metres === null || metres <= 0 ? null : metres / step
}

/** Speed of a drift over the ground at the plume's foot, cm/s; null without calibration. */
export function driftCmS(rules: CameraRules, burst: BurstFacts): number | null {
  const mPerWidth = mPerWidthAt(rules, burst.box)
  return mPerWidth === null ? null : Math.round(Math.hypot(burst.driftX, burst.driftY) * mPerWidth * 100)
}

/** One burst as a rule reads it: what spoke against it first, or null when nothing did. */
export interface BurstVote {
  readonly burst: BurstFacts
  readonly emission: number
  readonly against: string | null
}

export function burstMeasurements(votes: readonly BurstVote[]): Measurements {
  const good = votes.filter(({ against }) => against === null)
  const shown = good.length > 0 ? good : votes
  const opacities = shown.flatMap(({ burst }) => burst.opacity ?? [])
  const densest = opacities.reduce<(typeof opacities)[number] | null>(
    (best, now) => (best && best.percent >= now.percent ? best : now),
    null,
  )
  return {
    bursts: good.length,
    ...(shown.length === 0 ? {} : { plume_milli: milli(Math.max(...shown.map(({ emission }) => emission))) }),
    ...(densest
      ? {
          opacity_percent: Math.round(densest.percent),
          opacity_low: Math.round(densest.lowPercent),
          opacity_high: Math.round(densest.highPercent),
        }
      : {}),
  }
}

/** The most frequent thing that spoke against the bursts. */
export function mainReason(votes: readonly BurstVote[]): string {
  const counts = new Map<string, number>()
  for (const { against } of votes) if (against !== null) counts.set(against, (counts.get(against) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'no_emission'
}

/** A source that keeps emitting shows it in more than half of the bursts: two lucky ones out of many prove nothing. */
export function mostly(votes: readonly BurstVote[]): boolean {
  return votes.filter(({ against }) => against === null).length * 2 > votes.length
}
