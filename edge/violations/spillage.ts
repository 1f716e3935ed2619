import { toRfc3339 } from '../../contracts/base/index.js'
import type { Box } from '../../contracts/base/index.js'
import { coverOf, grownBy, iouOf } from '../../contracts/geometry.js'
import type { Thresholds } from '../../contracts/thresholds.js'
import type { ArrivalFacts, ClassScores, Facts, ObjectClass, SeenActor, SeenStatic } from '../vision/types.js'
import { markRatio } from './claim.js'
import type { Claim, Sighting } from './claim.js'
import { confidenceOf, gradeOf } from './confidence.js'
import { arrivalWish, coveredShare, freshObjects, hasFreshLook, numberOf, regionAround } from './rule.js'
import type { Rule } from './rule.js'
import { isIgnored, zoneFor } from './rules.js'
import type { CameraRules } from './rules.js'
import type { Actor, Finding, LookBackAnswers, Suspicion } from './types.js'

type T = Thresholds<'spillage'>

const carrierClasses: readonly ObjectClass[] = ['vehicle', 'tricycle', 'two_wheeler']
/** What explains the thing as somebody's stall or vehicle, not as something lost. */
const explainingClasses: readonly ObjectClass[] = [
  'vehicle',
  'person',
  'two_wheeler',
  'tricycle',
  'vendor_stall',
  'handcart',
  'umbrella',
]

/** A new small static blob on a carriageway that neither vehicle nor person explains and that persists. */
export const spillage: Rule = {
  cause: 'spillage',
  still: true,
  sight: (facts, rules) => facts.statics.flatMap((thing) => sightBlob(thing, facts, rules) ?? []),
  holds: (claim, sighting, { spillage: t }, ratio) => holds(claim, sighting, t, ratio),
  wish: (claim, nowMs, { spillage: t }) => arrivalWish(claim, nowMs, t, regionAround(claim.box, 4, 0.4)),
  measure: (claim) => ({ blobs: Math.max(1, claim.values['blobs'] ?? 1), texture_milli: Math.round((claim.values['texture'] ?? 0) * 1000), luminance_milli: Math.round((claim.values['luminance'] ?? 0) * 1000), chroma_milli: Math.round((claim.values['chroma'] ?? 0) * 1000) }), // prettier-ignore
  reasons: () => ['new_on_carriageway'],
  judge: (suspicion, answers, { spillage: t }) => judgeSpillage(suspicion, answers, t),
}

function sightBlob(thing: SeenStatic, facts: Facts, rules: CameraRules): Sighting | null {
  if (isIgnored(rules, thing.box, facts.wallMs)) return null
  const zone = zoneFor(rules, 'spillage', thing.box, facts.wallMs)
  if (zone === null) return null
  const t = zone.thresholds.spillage
  if (facts.statics.some((other) => isPartOf(thing, other, t))) return null
  const persons = freshObjects(facts, (object) => object.class === 'person' && object.score >= 0.4)
  const vehicles = freshObjects(facts, (object) => carrierClasses.includes(object.class) && object.score >= 0.4)
  const attended = thing.seenMs > 0 ? thing.attendedMs / thing.seenMs : 0
  return {
    cause: 'spillage',
    zone: zone.id,
    box: thing.box,
    staticId: thing.id,
    sinceMs: thing.sinceMs,
    creditMs: thing.seenMs,
    strength: Math.min(1, thing.texture / (2 * t.texture_min)),
    areaM2: thing.areaM2 ?? null,
    values: {
      size: sizeFit(thing, t),
      explained: Math.max(0, ...explainingClasses.map((name) => thing.classScores[name] ?? 0)),
      attended,
      lift: attended - thing.attendedBaseRatio,
      texture: thing.texture,
      luminance: thing.luminanceRatio,
      chroma: thing.chroma,
      blobs: facts.statics.filter(
        (other) => sizeFit(other, t) >= 1 && zoneFor(rules, 'spillage', other.box, facts.wallMs) === zone,
      ).length,
    },
    marks: {
      looked: hasFreshLook(facts),
      personLike:
        coveredShare(
          thing.box,
          persons.map(({ box }) => box),
        ) >= t.person_cover_max,
      vehicleLike: vehicles.some(({ box }) => iouOf(box, thing.box) >= 0.3),
    },
    classScores: { ...thing.classScores },
  }
}

/**
 * Wheels, bumper and shade of what stopped there, the umbrella over a stall and the people at it come as blobs of their own: a larger
 * thing that came with them explains what lies in it or juts out of it. When it leaves, what stays explains itself.
 */
function isPartOf(thing: SeenStatic, other: SeenStatic, t: T): boolean {
  const large = other.areaM2 === undefined ? other.areaRatio > t.area_ratio_max : other.areaM2 > t.area_m2_max
  const reach = grownBy(other.box, partOfReach * other.box[2], partOfReach * other.box[3])
  return large && Math.abs(other.sinceMs - thing.sinceMs) <= partOfMs && coverOf(thing.box, reach) >= 0.5
}

/** The parts of one thing settle within a few key frames of each other. */
const partOfMs = 15_000
/** How far parts jut out of the larger thing's box, in its own size. */
const partOfReach = 0.35

function sizeFit(thing: SeenStatic, t: T): number {
  const [size, min, max] =
    thing.areaM2 === undefined
      ? [thing.areaRatio, t.area_ratio_min, t.area_ratio_max]
      : [thing.areaM2, t.area_m2_min, t.area_m2_max]
  const [, , w, h] = thing.box
  return Math.min(1, size / min, max / size, (t.upright_max * w * 16) / (h * 9))
}

function holds(claim: Claim, { values }: Sighting, t: T, ratio: number): boolean {
  const value = (name: string): number => values[name] ?? 0
  if (value('size') < ratio) return false
  if (value('explained') >= t.vehicle_score_max / ratio) return false
  // Somebody stays with it above the place's habit: that is the vending rule's matter, one thing is not two acts.
  if (value('attended') >= 0.6 / ratio && value('lift') >= 0.3) return false
  return markRatio(claim, 'vehicleLike', 'looked') < 0.5 && markRatio(claim, 'personLike', 'looked') < 0.5
}

function judgeSpillage(suspicion: Suspicion, answers: LookBackAnswers, t: T): Finding {
  const arrivals = answers.filter((answer) => answer.kind === 'arrival')
  const arrival = arrivals.find(({ arrivedMs }) => arrivedMs !== null) ?? null
  const passing = arrival ? passersOf(arrival, t) : []
  const [best, second] = passing
  const margin = best ? best.rank - (second?.rank ?? 0) : 0
  const actor: Actor | null =
    best && best.rank >= t.actor_rank_min && margin >= t.actor_margin_min
      ? { kind: best.class, atMs: best.atMs, box: best.box, score: best.rank, margin }
      : null
  const texture = Math.max(
    numberOf(suspicion.measurements['texture_milli']) / 1000,
    ...arrivals.map((answer) => answer.texture),
  )
  const shadowy = looksLikeShadow(suspicion)
  // Ground in shade keeps a rest of its own pattern: what is only darker must show more of its own.
  // A colour of its own neither a shadow nor a puddle has.
  const coloured = numberOf(suspicion.measurements['chroma_milli']) / 1000 >= t.chroma_min
  const clear = coloured || texture >= t.texture_min * (shadowy ? 2 : 1)
  const confidence = confidenceOf('spillage', {
    dwell: suspicion.seenMs / (2 * suspicion.dwellMs),
    texture: texture / (3 * t.texture_min),
    vehicle: best ? 1 : 0,
    actor: actor ? actor.score : 0,
  })
  const found = {
    measurements: {
      ...(arrival?.arrivedMs == null ? {} : { arrived_at: toRfc3339(arrival.arrivedMs) }),
      ...(arrival?.stepMs == null ? {} : { step_s: Math.round(arrival.stepMs / 1000) }),
      ...(best ? { carrier_gap_ms: Math.round(best.gapMs) } : {}),
      ...(arrivals.length > 0
        ? { vehicles_considered: Math.max(...arrivals.map((answer) => answer.vehiclesConsidered)) }
        : {}),
    },
    arrivedMs: arrival?.arrivedMs ?? null,
    box: null,
  }
  const say = (verdict: Finding['verdict'], reason: string): Finding => {
    const value = verdict === 'confirmed' ? confidence : verdict === 'undecided' ? confidence / 2 : 0
    return {
      verdict,
      confidence: value,
      grade: gradeOf(value),
      reasons: [reason],
      actor: verdict === 'confirmed' ? actor : null,
      ...found,
    }
  }
  if (arrivals.length === 0) return say('undecided', 'no_footage')
  if (
    isStopped(
      arrival,
      suspicion.box,
      arrivals.flatMap(({ looks }) => looks.map(({ scores }) => scores)),
    )
  )
    return say('refuted', 'stopped_vehicle_or_person')
  // No texture: a shadow or a puddle looks the same (DETECTION.md §12.6). What is brighter and was seen to be lost is neither.
  if (!clear && (shadowy || !actor)) return say('undecided', shadowy ? 'may_be_shadow' : 'no_texture')
  if (actor) return say('confirmed', 'vehicle_left_it')
  // Colourless and darker than the road, as water is: that any vehicle passed before says nothing, on a road one always does.
  if (shadowy && !coloured) return say('undecided', 'may_be_water')
  if (best) return say('confirmed', 'vehicle_passed')
  return say('undecided', arrival ? 'no_vehicle_seen' : 'arrival_not_seen')
}

/** What lost something was driving: less than this share of its own size is the trembling of a box, or a car that parks out. */
const travelMin = 0.4
/** A vehicle that passes over the place is seen instead of it: a change of light beside which a car stands is not. */
const hidMin = 0.4

/** Vehicles that came and covered the place within the allowed time before the arrival, best rank first. */
function passersOf(arrival: ArrivalFacts, t: T): ArrivalFacts['actors'] {
  return arrival.actors
    .filter(
      (actor) =>
        carrierClasses.includes(actor.class) &&
        actor.gapMs <= t.carrier_gap_s * 1000 &&
        actor.overlap > 0 &&
        actor.travel >= travelMin &&
        actor.hid >= hidMin,
    )
    .sort((a, b) => b.rank - a.rank)
}

/** Longer than anything takes from a lorry's bed to where it comes to rest. */
const fallMs = 1_500

function isStopped(arrival: ArrivalFacts | null, box: Box, looks: readonly ClassScores[]): boolean {
  // What came driving and stands at the place itself is the thing in question, whatever the network takes it for. What fell from a
  // load comes there, too, yet nobody saw it before it fell.
  const arrivedMs = arrival?.arrivedMs ?? null
  const droveUp = (actor: SeenActor): boolean => arrivedMs === null || actor.sinceMs <= arrivedMs - fallMs
  if (arrival?.actors.some((actor) => actor.entered && droveUp(actor) && iouOf(actor.box, box) >= 0.5)) return true
  const named = looks.filter(
    (scores) => Math.max(scores.vehicle ?? 0, scores.person ?? 0, scores.two_wheeler ?? 0) >= 0.5,
  )
  return looks.length >= 2 && named.length * 2 > looks.length
}

/** Cast shadows leave 0.35 to 0.85 of the light (DETECTION.md §3.4 `flat`). */
function looksLikeShadow(suspicion: Suspicion): boolean {
  const luminance = numberOf(suspicion.measurements['luminance_milli']) / 1000
  return luminance >= 0.35 && luminance <= 0.85
}
