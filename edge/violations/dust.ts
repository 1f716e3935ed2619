import type { Thresholds } from '../../contracts/thresholds.js'
import { coverOf, grownBy, shareInside, unionOf } from '../../contracts/geometry.js'
import { isOpen } from '../../contracts/zones.js'
import type { BurstFacts, Facts, SeenPlume } from '../vision/types.js'
import { markRatio } from './claim.js'
import type { Claim, Sighting } from './claim.js'
import { confidenceOf, gradeOf } from './confidence.js'
import { heatOf } from './grilling.js'
import {
  burstMeasurements,
  distinctBursts,
  driftCmS,
  mainReason,
  mostly,
  nearSource,
  sightPlumes,
  sourcePart,
} from './plume.js'
import type { BurstVote } from './plume.js'
import { burstWish, freshObjects, milli } from './rule.js'
import type { Rule } from './rule.js'
import { zoneFor } from './rules.js'
import type { CameraRules, RuleZone } from './rules.js'
import type { ZoneThresholds } from './thresholds.js'
import type { Finding, LookBackAnswers, Suspicion } from './types.js'

type T = Thresholds<'dust'>

/** A veil of dust in or out of a work site, or behind a vehicle on the carriageway. */
export const dust: Rule = {
  cause: 'dust',
  still: false,
  sight: (facts, rules) =>
    sightPlumes(
      'dust',
      facts,
      rules,
      (plume) => dustZone(plume, facts, rules),
      (plume) => describe(plume, facts, rules),
    ),
  holds: (claim, sighting, { dust: t }, ratio) => holds(claim, sighting, t, ratio),
  wish: (claim, nowMs, { dust: t }) => burstWish(claim, nowMs, t),
  measure: () => ({}),
  reasons: (claim) => [
    ...(markRatio(claim, 'warm') >= 0.5 ? ['warm_colour'] : []),
    ...(markRatio(claim, 'behindVehicle') > 0 ? ['behind_vehicle'] : []),
  ],
  judge: judgeDust,
}

/** A cloud that reaches out of a work site is the site's from a fifth of it on; on the road its foot decides. */
function dustZone(plume: SeenPlume, facts: Facts, rules: CameraRules): RuleZone | null {
  const site = rules.zones.find(
    ({ kind, zone }) =>
      kind === 'work_site' &&
      zone !== null &&
      isOpen(zone.schedule, facts.wallMs, rules.tz) &&
      shareInside(plume.box, zone.polygon) >= 0.2,
  )
  return site ?? zoneFor(rules, 'dust', sourcePart(plume.box), facts.wallMs)
}

function describe(
  plume: SeenPlume,
  facts: Facts,
  rules: CameraRules,
): { values: Record<string, number>; marks: Record<string, boolean> } {
  const zone = dustZone(plume, facts, rules)
  const vehicles = freshObjects(facts, (object) => object.class === 'vehicle' && object.score >= 0.4)
  const reach = grownBy(plume.box, Math.max(0.05, plume.box[2] / 2), 0.05)
  return {
    values: {
      onCarriageway: zone?.kind === 'carriageway' ? 1 : 0,
      grillingZone: zoneFor(rules, 'grilling', sourcePart(plume.box), facts.wallMs) ? 1 : 0,
    },
    marks: {
      fromSite: zone?.kind === 'work_site',
      veil: plume.kind === 'plume' && plume.colour !== 'dark',
      behindVehicle: vehicles.some((vehicle) => coverOf(vehicle.box, reach) >= 0.3),
      besideSource: nearSource(plume.box, facts),
    },
  }
}

function holds(claim: Claim, { values }: Sighting, t: T, ratio: number): boolean {
  const areaM2 = values['areaM2']
  const size = areaM2 === undefined ? (values['areaRatio'] ?? 0) / t.area_ratio_min : areaM2 / t.area_m2_min
  if ((values['strength'] ?? 0) < t.strength_min * ratio || size < ratio) return false
  // Sunlit dust is flame-coloured here and there; the bursts tell fire (voteOf).
  if (markRatio(claim, 'flame') >= 0.6 || markRatio(claim, 'veil') < 0.5) return false
  // On a carriageway only what a vehicle raises is dust; it hangs on after the vehicle has gone.
  // What came out of a work site stays the site's, wherever the wind takes it.
  const raisedMs = claim.markMs['behindVehicle'] ?? 0
  const fromSite = (claim.markMs['fromSite'] ?? 0) > 0
  if (
    values['onCarriageway'] === 1 &&
    !fromSite &&
    (raisedMs === 0 || claim.seenMs - raisedMs > 6 * t.vehicle_gap_s * 1000)
  )
    return false
  if (values['grillingZone'] !== 1 || markRatio(claim, 'warm') >= 0.5) return true
  // Where both causes are possible, a small grey plume with somebody at its foot is smoke until shown otherwise.
  return size >= 5 && markRatio(claim, 'besideSource') < 0.5
}

function voteOf(burst: BurstFacts, { dust: t, grilling }: ZoneThresholds): BurstVote {
  const { smoke, flame, dust: veil, steam } = burst.scores
  const emission = Math.min(1, veil + smoke)
  // A veil that was measured is there: the network then only must not speak against it.
  const measured = burst.anchored && (burst.opacity?.lowPercent ?? 0) > 0
  const emissionMin = t.emission_score_min * (measured ? 0.5 : 1)
  const against =
    burst.frames === 0 ? 'no_footage'
    : flame >= t.flame_score_max || heatOf(burst, grilling) !== null ? 'fire'
    : steam >= t.steam_score_max && steam > emission ? 'steam'
    : burst.globalRatio > t.global_ratio_max ? 'global_change'
    : burst.colour === 'dark' ? 'dark_smoke'
    : emission < emissionMin ? 'no_emission'
    : null // prettier-ignore
  return { burst, emission, against }
}

function judgeDust(
  suspicion: Suspicion,
  answers: LookBackAnswers,
  thresholds: ZoneThresholds,
  rules: CameraRules,
): Finding {
  const { dust: t } = thresholds
  const bursts = distinctBursts(answers)
  const votes = bursts.map((burst) => voteOf(burst, thresholds))
  const good = votes.filter(({ against }) => against === null)
  const best = (read: (burst: BurstFacts) => number): number => Math.max(0, ...good.map(({ burst }) => read(burst)))
  const growth = best(({ growth: share }) => share)
  const drift = best(({ driftX, driftY }) => Math.hypot(driftX, driftY))
  const moving = growth >= t.growth_min || drift >= t.drift_min
  const opacities = good.flatMap(({ burst }) => burst.opacity?.percent ?? [])
  const opacity = opacities.length > 0 ? Math.max(...opacities) : null
  const speeds = good.flatMap(({ burst }) => driftCmS(rules, burst) ?? [])
  const confidence = confidenceOf('dust', {
    dwell: suspicion.seenMs / (2 * suspicion.dwellMs),
    emission: Math.max(0, ...good.map(({ emission }) => emission)),
    warm: good.some(({ burst }) => burst.colour === 'warm') ? 1 : 0,
    motion: Math.max(growth / (4 * t.growth_min), drift / (4 * t.drift_min)),
    opacity: opacity === null ? 0 : opacity / 100,
  })
  const measurements = {
    ...burstMeasurements(votes),
    ...(good.length === 0 ? {} : { growth_milli: milli(growth) }),
    ...(speeds.length === 0 ? {} : { drift_cm_s: Math.max(...speeds) }),
  }
  const say = (verdict: Finding['verdict'], reason: string): Finding => {
    const value = verdict === 'confirmed' ? confidence : verdict === 'undecided' ? confidence / 2 : 0
    return {
      verdict,
      confidence: value,
      grade: gradeOf(value),
      measurements,
      reasons: [reason],
      actor: null,
      arrivedMs: null,
      box: good.length === 0 ? null : good.map(({ burst }) => burst.box).reduce((a, b) => unionOf(a, b)),
    }
  }
  if (votes.length === 0) return say('undecided', 'no_footage')
  if (good.length === 0 && votes.length >= 2) return say('refuted', mainReason(votes))
  if (good.length < t.bursts_min || !mostly(votes)) return say('undecided', 'needs_more_bursts')
  if (!moving) return say('undecided', 'neither_grows_nor_drifts')
  if (opacity !== null && opacity < t.opacity_percent_min) return say('undecided', 'too_thin')
  return say('confirmed', opacity === null ? 'plume_seen' : 'opacity_measured')
}
