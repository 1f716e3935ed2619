import type { Thresholds } from '../../contracts/thresholds.js'
import type { BurstFacts } from '../vision/types.js'
import { markRatio } from './claim.js'
import type { Claim, Sighting } from './claim.js'
import { confidenceOf, gradeOf } from './confidence.js'
import { burstMeasurements, distinctBursts, isAnchored, mainReason, mostly, sightPlumes, sourcePart } from './plume.js'
import type { BurstVote } from './plume.js'
import { burstWish, milli } from './rule.js'
import type { Rule } from './rule.js'
import { zoneFor } from './rules.js'
import type { Finding, LookBackAnswers, Suspicion } from './types.js'

type T = Thresholds<'grilling'>

/** Smoke or flame from a small fixed source that keeps emitting where grilling is forbidden. */
export const grilling: Rule = {
  cause: 'grilling',
  still: false,
  sight: (facts, rules) =>
    sightPlumes(
      'grilling',
      facts,
      rules,
      (plume) => zoneFor(rules, 'grilling', sourcePart(plume.box), facts.wallMs),
      (plume) => ({
        // In an area that is also a dust zone a warm plume without flame is dust's.
        values: { dustZone: zoneFor(rules, 'dust', sourcePart(plume.box), facts.wallMs) ? 1 : 0 },
      }),
    ),
  holds: (claim, sighting, { grilling: t }, ratio) => holds(claim, sighting, t, ratio),
  wish: (claim, nowMs, { grilling: t }) => burstWish(claim, nowMs, t),
  measure: () => ({}),
  reasons: (claim) => [
    ...(markRatio(claim, 'flame') >= 0.3 ? ['flame_colour'] : []),
    ...(markRatio(claim, 'nearSource') >= 0.3 ? ['fixed_source'] : []),
  ],
  judge: (suspicion, answers, { grilling: t }) => judgeGrilling(suspicion, answers, t),
}

function holds(claim: Claim, sighting: Sighting, t: T, ratio: number): boolean {
  const { values } = sighting
  if ((values['strength'] ?? 0) < t.strength_min * ratio) return false
  if ((values['areaRatio'] ?? 0) > t.area_ratio_max / ratio) return false
  if (markRatio(claim, 'onVehicle') >= 0.5) return false
  if (!isAnchored(claim, sighting, t, ratio)) return false
  const flameless = markRatio(claim, 'flame') < 0.1
  return !(flameless && values['dustZone'] === 1 && markRatio(claim, 'warm') >= 0.5)
}

/** Heat: what tells a fire from steam and dust. Flicker alone is never enough (DETECTION.md §5.4): enough cells must do it. */
export function heatOf(
  burst: BurstFacts,
  t: Pick<
    T,
    'flicker_hz_min' | 'flame_cells_min' | 'flame_score_min' | 'grill_score_min' | 'glow_hz_min' | 'glow_cells_min'
  >,
): string | null {
  if (burst.scores.flame >= t.flame_score_min) return 'flame_seen'
  if (burst.flickerHz >= t.flicker_hz_min && burst.flameCells >= t.flame_cells_min) return 'flicker'
  if (grillScore(burst) >= t.grill_score_min) return 'grill_seen'
  return burst.flickerHz >= t.glow_hz_min && burst.flameCells >= t.glow_cells_min ? 'glow' : null
}

/**
 * Smoke again and again, and hardly any sign of steam: charcoal in daylight shows no more than that. Where the watch saw a flame's colour
 * in it for a good part of the time, the bursts that every claim needs are enough.
 */
function smokeThatGoesOn(good: readonly BurstVote[], flameWatched: boolean, t: T): string | null {
  const mean = (read: (vote: BurstVote) => number): number =>
    good.reduce((sum, vote) => sum + read(vote), 0) / good.length
  const [first, last] = [good[0], good.at(-1)]
  if (first === undefined || last === undefined || mean(({ emission }) => emission) < t.smoke_score_min) return null
  if (mean(({ burst }) => burst.scores.steam) > t.steam_score_max / 2) return null
  if (flameWatched) return good.length >= t.bursts_min ? 'flame_and_smoke' : null
  const goesOn = last.burst.toMs - first.burst.fromMs >= t.smoke_span_s * 1000
  return goesOn && good.length >= t.smoke_bursts_min ? 'smoke_goes_on' : null
}

/** A grill emits all the time that it is seen; what the passing cars bring comes and goes. */
function isSteady({ sinceMs, lastSeenMs, seenMs, unseenMs }: Suspicion, t: T): boolean {
  return seenMs >= t.steady_min * (lastSeenMs - sinceMs - unseenMs)
}

function grillScore(burst: BurstFacts): number {
  return Math.max(
    0,
    ...burst.objects
      .filter((seen) => seen.class === 'grill' || seen.class === 'vendor_stall')
      .map(({ score }) => score),
  )
}

function voteOf(burst: BurstFacts, t: T): BurstVote {
  const { smoke, flame, dust, steam } = burst.scores
  // The classifier takes smoke for dust and the reverse (DETECTION.md §5.6): colour decides, not the class.
  const emission = Math.min(1, smoke + flame + (burst.colour === 'warm' ? 0 : dust))
  const hot = heatOf(burst, t) !== null
  const against =
    burst.frames === 0 ? 'no_footage'
    : steam >= t.steam_score_max && steam > smoke + flame ? 'steam'
    : burst.globalRatio > t.global_ratio_max && !(hot && flame >= t.flame_score_min) ? 'global_change'
    : !burst.anchored ? 'not_anchored'
    : emission < t.emission_score_min ? 'no_emission'
    : null // prettier-ignore
  return { burst, emission, against }
}

function judgeGrilling(suspicion: Suspicion, answers: LookBackAnswers, t: T): Finding {
  const bursts = distinctBursts(answers)
  const votes = bursts.map((burst) => voteOf(burst, t))
  const good = votes.filter(({ against }) => against === null)
  const heat =
    good.map(({ burst }) => heatOf(burst, t)).find((reason) => reason !== null) ??
    smokeThatGoesOn(good, suspicion.reasons.includes('flame_colour'), t)
  const shown = (good.length > 0 ? good : votes).map(({ burst }) => burst)
  const best = (read: (burst: BurstFacts) => number): number => Math.max(0, ...shown.map(read))
  const confidence = confidenceOf('grilling', {
    dwell: suspicion.seenMs / (2 * suspicion.dwellMs),
    emission: Math.max(0, ...good.map(({ emission }) => emission)),
    flame: best((burst) => burst.scores.flame),
    flicker: best((burst) => (burst.flameCells >= t.flame_cells_min ? burst.flickerHz / (2 * t.flicker_hz_min) : 0)),
    grill: best(grillScore),
  })
  const measurements = {
    ...burstMeasurements(votes),
    ...(shown.length === 0
      ? {}
      : {
          flicker_mhz: Math.round(best((burst) => burst.flickerHz) * 1000),
          flame_cells: Math.round(best((burst) => burst.flameCells)),
          grill_milli: milli(best(grillScore)),
        }),
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
      box: good.at(-1)?.burst.box ?? null,
    }
  }
  if (votes.length === 0) return say('undecided', 'no_footage')
  if (good.length >= t.bursts_min && heat && mostly(votes))
    return isSteady(suspicion, t) ? say('confirmed', heat) : say('undecided', 'comes_and_goes')
  if (good.length === 0 && votes.length > t.bursts_min) return say('refuted', mainReason(votes))
  return say('undecided', good.length < t.bursts_min || !mostly(votes) ? 'needs_more_bursts' : 'no_heat_seen')
}
