import { commonArea, coverOf, iouOf } from '../../contracts/geometry.js'
import { toRfc3339 } from '../../contracts/base/index.js'
import type { Box } from '../../contracts/base/index.js'
import type { ArrivalFacts, ClassScores, Facts, ObjectClass, SeenActor, SeenStatic } from '../vision/types.js'
import { markRatio } from './claim.js'
import type { Claim, Sighting } from './claim.js'
import { confidenceOf, gradeOf } from './confidence.js'
import {
  arrivalWish,
  coveredShare,
  freshObjects,
  hasFreshLook,
  milli,
  numberOf,
  regionAround,
  surroundings,
} from './rule.js'
import type { Rule } from './rule.js'
import { isIgnored, isPermitted, lowerHalf, zoneFor } from './rules.js'
import type { CameraRules } from './rules.js'
import type { Thresholds } from '../../contracts/thresholds.js'
import type { Finding, LookBackAnswers, Measurements, Suspicion } from './types.js'

type T = Thresholds<'vending'>

/** Things that sell only when somebody stands by them: a parcel tricycle or a heap of goods alone is no stall. */
const weakStallClasses: readonly ObjectClass[] = ['umbrella', 'handcart', 'goods', 'tricycle']
const carrierOfClass: Partial<Record<ObjectClass, string>> = {
  person: 'person',
  two_wheeler: 'two_wheeler',
  tricycle: 'tricycle',
  handcart: 'person',
  vehicle: 'van',
}

/** A new static thing of stall size that somebody attends, outside permitted places and hours. */
export const vending: Rule = {
  cause: 'vending',
  still: true,
  sight(facts, rules) {
    const things = facts.statics.flatMap((thing) => sightThing(thing, facts, rules) ?? [])
    return [...things, ...sightByNetwork(facts, rules)]
  },
  holds: (claim, sighting, { vending: t }, ratio) => holds(claim, sighting, t, ratio),
  wish: (claim, nowMs, { vending: t }) => arrivalWish(claim, nowMs, t, regionAround(claim.box, 1.5, 0.3)),
  measure,
  reasons: (claim) => [
    ...(attends(claim) >= 0.5 ? ['attended'] : []),
    ...(markRatio(claim, 'stallSeen') >= 0.6 ? ['stall_seen'] : []),
  ],
  judge: (suspicion, answers, { vending: t }) => judgeVending(suspicion, answers, t),
}

function sightThing(thing: SeenStatic, facts: Facts, rules: CameraRules): Sighting | null {
  const zone = placeOf(thing.box, facts, rules)
  if (zone === null) return null
  const t = zone.thresholds.vending
  const persons = freshObjects(facts, (object) => object.class === 'person' && object.score >= 0.4)
  const vehicles = freshObjects(facts, (object) => object.class === 'vehicle' && object.score >= 0.4)
  const attended = thing.seenMs > 0 ? Math.min(1, thing.attendedMs / thing.seenMs) : 0
  const stall = thing.classScores.vendor_stall ?? 0
  const weak = Math.max(0, ...weakStallClasses.map((name) => thing.classScores[name] ?? 0))
  return {
    cause: 'vending',
    zone: zone.id,
    box: thing.box,
    staticId: thing.id,
    sinceMs: thing.sinceMs,
    creditMs: thing.seenMs,
    strength: Math.max(stall, attended * 0.8),
    areaM2: thing.areaM2 ?? null,
    values: {
      size: sizeFit(thing, t),
      attended,
      lift: attended - thing.attendedBaseRatio,
      stall,
      weak,
      vehicle: thing.classScores.vehicle ?? 0,
      upright: uprightOf(thing.box),
      lane: inLane(thing.box, facts, rules) ? 1 : 0,
    },
    marks: {
      looked: hasFreshLook(facts),
      personLike:
        coveredShare(
          thing.box,
          persons.map(({ box }) => box),
        ) >= t.person_cover_max,
      vehicleLike: vehicles.some(({ box }) => iouOf(box, thing.box) >= 0.4),
      stallSeen: stall >= t.stall_score_min,
    },
    classScores: { ...thing.classScores },
  }
}

/** A stall that stood there before the box looked has no static: the network alone sees it, and somebody must be with it. */
function sightByNetwork(facts: Facts, rules: CameraRules): Sighting[] {
  const persons = freshObjects(facts, (object) => object.class === 'person' && object.score >= 0.4)
  const stalls = freshObjects(facts, (object) => object.class === 'vendor_stall' && object.score >= 0.3)
  return stalls.flatMap((stall): Sighting[] => {
    const zone = placeOf(stall.box, facts, rules)
    if (zone === null) return []
    if (facts.statics.some(({ box }) => iouOf(box, stall.box) >= 0.3 || coverOf(box, stall.box) >= 0.5)) return []
    const near = surroundings(stall.box)
    const attended = persons.some(({ box }) => coverOf(box, near) >= 0.5)
    return [
      {
        cause: 'vending',
        zone: zone.id,
        box: stall.box,
        staticId: null,
        sinceMs: facts.wallMs,
        creditMs: 0,
        strength: stall.score,
        areaM2: null,
        values: { size: 1, stall: stall.score, networkOnly: 1 },
        marks: { looked: true, attended, stallSeen: stall.score >= zone.thresholds.vending.stall_score_min },
        classScores: { vendor_stall: stall.score },
      },
    ]
  })
}

/** The zone that forbids it here and now; null when none does, or when it is hidden or permitted. */
function placeOf(box: Box, facts: Facts, rules: CameraRules): ReturnType<typeof zoneFor> {
  if (isIgnored(rules, box, facts.wallMs) || isPermitted(rules, box, facts.wallMs)) return null
  return zoneFor(rules, 'vending', lowerHalf(box), facts.wallMs)
}

/** A lane that somebody drew: in the whole-picture zone nobody said that this is one. */
function inLane(box: Box, facts: Facts, rules: CameraRules): boolean {
  return zoneFor(rules, 'vending', lowerHalf(box), facts.wallMs, ['carriageway'])?.kind === 'carriageway'
}

/** Height by width in pixels of a 16:9 picture. */
function uprightOf([, , w, h]: SeenStatic['box']): number {
  return (h * 9) / (w * 16)
}

/** 1 inside the range of sizes, falling outside: what `holds` scales. */
function sizeFit(thing: SeenStatic, t: T): number {
  const [, , w, h] = thing.box
  const longByShort = Math.max((w * 16) / (h * 9), (h * 9) / (w * 16)) // of a 16:9 picture
  const aspect = t.aspect_max / longByShort
  const [size, min, max] =
    thing.areaM2 === undefined
      ? [thing.areaRatio, t.area_ratio_min, t.area_ratio_max]
      : [thing.areaM2, t.area_m2_min, t.area_m2_max]
  return Math.min(1, aspect, size / min, max / size)
}

function holds(claim: Claim, { values }: Sighting, t: T, ratio: number): boolean {
  const value = (name: string): number => values[name] ?? 0
  if (value('size') < ratio) return false
  const stall = value('stall') >= t.stall_score_min * ratio
  if (value('networkOnly') === 1) return stall && markRatio(claim, 'attended') >= t.attended_stall_ratio_min * ratio
  if (!stall && value('vehicle') >= t.vehicle_score_max / ratio) return false
  if (!stall && markRatio(claim, 'vehicleLike', 'looked') >= 0.5) return false
  if (!stall && markRatio(claim, 'personLike', 'looked') >= 0.5) return false
  if (stall) return true
  if (value('weak') >= t.stall_score_min * ratio && value('attended') >= t.attended_stall_ratio_min * ratio) return true
  // A person who waits stands still, too: what has a person's outline the network must name.
  if (value('upright') > t.upright_max / ratio && value('weak') < 0.3) return false
  // In a lane things stop that nobody can name: there the network must name it.
  if (value('lane') === 1 && value('weak') < 0.3) return false
  return value('attended') >= t.attended_ratio_min * ratio && value('lift') >= t.lift_min * ratio
}

function attends(claim: Claim): number {
  return claim.values['attended'] ?? markRatio(claim, 'attended')
}

function measure(claim: Claim): Measurements {
  const lift = claim.values['lift']
  return {
    attended_milli: milli(attends(claim)),
    ...(lift === undefined ? {} : { lift_milli: milli(lift) }),
    stall_seen: markRatio(claim, 'stallSeen') >= 0.6,
  }
}

function judgeVending(suspicion: Suspicion, answers: LookBackAnswers, t: T): Finding {
  const arrivals = answers.filter((answer) => answer.kind === 'arrival')
  const arrival = arrivals.find(({ arrivedMs }) => arrivedMs !== null) ?? null
  const carrier = arrival ? carrierOf(arrival, suspicion.box, t) : null
  const looks = arrivals.flatMap((answer) => answer.looks)
  const stallLooks = looks.filter(({ scores }) => (scores.vendor_stall ?? 0) >= t.stall_score_min).length
  const stallSeen = stallLooks >= t.stall_looks_min
  const attended = numberOf(suspicion.measurements['attended_milli']) / 1000
  const confidence = confidenceOf('vending', {
    dwell: suspicion.seenMs / (2 * suspicion.dwellMs),
    attended,
    lift: numberOf(suspicion.measurements['lift_milli']) / 1000,
    stall: Math.max(stallSeen ? 1 : 0, bestOf(looks.map(({ scores }) => scores))),
    carrier: carrier ? carrier.score : 0,
  })
  const found = {
    measurements: {
      ...(arrival?.arrivedMs == null ? {} : { arrived_at: toRfc3339(arrival.arrivedMs) }),
      ...(arrivals.length === 0 ? {} : { carrier: carrier ? (carrierOfClass[carrier.class] ?? 'none') : 'none' }),
      ...(stallSeen ? { stall_seen: true } : {}),
    },
    arrivedMs: arrival?.arrivedMs ?? null,
    actor: null,
    box: null,
  }
  const say = (verdict: Finding['verdict'], reason: string): Finding => {
    const value = verdict === 'confirmed' ? confidence : verdict === 'undecided' ? confidence / 2 : 0
    return { verdict, confidence: value, grade: gradeOf(value), reasons: [reason], ...found }
  }
  if (arrivals.length === 0) return say('undecided', 'no_footage')
  if (!stallSeen && isItself(arrival, suspicion.box, 'vehicle')) return say('refuted', 'parked_vehicle')
  if (
    !stallSeen &&
    mostLooksSay(
      looks.map(({ scores }) => scores),
      'vehicle',
      t,
    )
  )
    return say('refuted', 'parked_vehicle')
  if (!stallSeen && isItself(arrival, suspicion.box, 'person')) return say('refuted', 'waiting_person')
  if (carrier) return say('confirmed', `arrival_with_${carrierOfClass[carrier.class] ?? 'carrier'}`)
  if (stallSeen) return say('confirmed', 'stall_seen')
  return say('undecided', arrival ? 'no_carrier_seen' : 'arrival_not_seen')
}

/** Share of its pictures in which a vehicle that unloads hides the place. */
const vehicleHidMin = 0.4

/** Whoever came from outside and covered the place just before the thing stood there. */
function carrierOf(arrival: ArrivalFacts, box: Box, t: T): SeenActor | null {
  return (
    arrival.actors.find(
      (actor) =>
        actor.class in carrierOfClass &&
        actor.entered &&
        // Vehicles drive by all day: one that brought something stood before the place.
        (actor.class !== 'vehicle' || actor.hid >= vehicleHidMin) &&
        actor.gapMs <= t.carrier_gap_s * 1000 &&
        // A thing can be set down from beside it: overlap with the place grown by the carrier's own reach counts.
        (actor.overlap > 0 || commonArea(actor.box, surroundings(box)) > 0),
    ) ?? null
  )
}

/** The "thing" is the one who came, standing still: its last box is the thing's own outline. */
function isItself(arrival: ArrivalFacts | null, box: Box, wanted: ObjectClass): boolean {
  return arrival?.actors.some((actor) => actor.class === wanted && iouOf(actor.box, box) >= 0.6) ?? false
}

function mostLooksSay(looks: readonly ClassScores[], wanted: ObjectClass, t: T): boolean {
  const saying = looks.filter(
    (scores) => (scores[wanted] ?? 0) >= 0.5 && (scores.vendor_stall ?? 0) < t.stall_score_min,
  )
  return looks.length >= 2 && saying.length * 2 > looks.length
}

function bestOf(looks: readonly ClassScores[]): number {
  return Math.max(0, ...looks.map((scores) => scores.vendor_stall ?? 0))
}
