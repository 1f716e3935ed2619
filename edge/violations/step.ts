import type { EpochMs } from '../../contracts/base/index.js'
import { coverOf } from '../../contracts/geometry.js'
import type { Cause } from '../../contracts/terms.js'
import type { Facts } from '../vision/types.js'
import { fitOf, isSpent, latch, openClaim, paceOf, rememberSighting, weighClaim } from './claim.js'
import type { Claim, Sighting } from './claim.js'
import { dust } from './dust.js'
import { grilling } from './grilling.js'
import { commonMeasurements, freshObjects } from './rule.js'
import type { Rule } from './rule.js'
import { activeCauses, zoneById } from './rules.js'
import type { CameraRules, RuleZone } from './rules.js'
import { spillage } from './spillage.js'
import type { Finding, LookBackAnswers, Suspicion } from './types.js'
import { vending } from './vending.js'

const ruleOfCause: Readonly<Record<Cause, Rule>> = { vending, grilling, spillage, dust }

/** Memory of the rules of one camera. JSON-serialisable; stored in the camera's snapshot. */
export interface RuleState {
  readonly serial: number
  readonly lastWallMs: EpochMs | null
  readonly claims: readonly Claim[]
}

export const initialRuleState: RuleState = { serial: 0, lastWallMs: null, claims: [] }

/** A camera watches at most this many places; the weakest ones that nobody has been told of go first. */
const claimCountMax = 96

/**
 * Advances the rules of one camera by one watch frame. Time is the facts' own; what is not seen is a break, never presence.
 * Every raised claim is reported on every step until it ends; one that is no longer reported has ended.
 */
export function stepRules(
  state: RuleState,
  facts: Facts,
  rules: CameraRules,
): { state: RuleState; suspicions: Suspicion[] } {
  const passedMs = state.lastWallMs === null ? 0 : Math.max(0, facts.wallMs - state.lastWallMs)
  const blind = facts.unseen || facts.view.moved
  const holeMs = blind ? passedMs : Math.max(0, passedMs - facts.dtMs)
  let serial = state.serial
  let claims = state.claims.map((claim) => (holeMs > 0 ? { ...claim, unseenMs: claim.unseenMs + holeMs } : claim))
  if (blind) {
    claims = claims.map((claim) => ({ ...claim, present: false }))
  } else {
    for (const cause of activeCauses(rules)) {
      const stepped = stepCause(
        ruleOfCause[cause],
        claims.filter((claim) => claim.cause === cause),
        facts,
        rules,
        serial,
      )
      serial = stepped.serial
      claims = [...claims.filter((claim) => claim.cause !== cause), ...stepped.claims]
    }
    claims = bounded(claims)
  }
  return {
    state: { serial, lastWallMs: facts.wallMs, claims },
    suspicions: claims.filter(({ raised }) => raised).map((claim) => toSuspicion(claim, rules)),
  }
}

/** Judges a suspicion by everything that was looked back at so far, oldest first. */
export function judge(suspicion: Suspicion, answers: LookBackAnswers, rules: CameraRules): Finding {
  const zone = zoneById(rules, suspicion.zone)
  if (zone === undefined) return noLonger('zone_gone')
  return ruleOfCause[suspicion.cause].judge(suspicion, answers, zone.thresholds, rules)
}

function noLonger(reason: string): Finding {
  return {
    verdict: 'refuted',
    confidence: 0,
    grade: 1,
    measurements: {},
    reasons: [reason],
    actor: null,
    arrivedMs: null,
    box: null,
  }
}

function stepCause(
  rule: Rule,
  old: readonly Claim[],
  facts: Facts,
  rules: CameraRules,
  serialBefore: number,
): { claims: Claim[]; serial: number } {
  const free = new Set(rule.sight(facts, rules))
  const claims: Claim[] = []
  for (const claim of old) {
    const zone = zoneById(rules, claim.zone)
    if (zone === undefined) continue // the configuration lost it
    const sighting = bestFit(claim, free)
    if (sighting) free.delete(sighting)
    const next = stepClaim(rule, claim, sighting, zone, facts)
    if (next) claims.push(next)
  }
  let serial = serialBefore
  for (const sighting of free) {
    const zone = zoneById(rules, sighting.zone)
    // Another outline of a place that is claimed already is no second act.
    if (zone === undefined || claims.some((claim) => fitOf(claim, sighting) > 0)) continue
    const pace = paceOf(zone.thresholds[rule.cause])
    const opened = openClaim(sighting, serial, facts.dtMs, facts.wallMs, pace)
    const claim = latch(rememberSighting(opened, sighting, facts.dtMs), pace)
    if (!rule.holds(claim, sighting, zone.thresholds, 1)) continue
    claims.push(withWish(rule, claim, facts.wallMs, zone))
    serial += 1
  }
  return { claims, serial }
}

function stepClaim(rule: Rule, claim: Claim, sighting: Sighting | null, zone: RuleZone, facts: Facts): Claim | null {
  const pace = paceOf(zone.thresholds[rule.cause])
  if (sighting === null && rule.still && isHidden(claim, facts))
    return { ...claim, present: false, unseenMs: claim.unseenMs + facts.dtMs }
  const known = sighting ? rememberSighting(claim, sighting, facts.dtMs) : claim
  const stay = zone.thresholds[rule.cause].stay_ratio
  const present = sighting !== null && ((rule.still && claim.due) || rule.holds(known, sighting, zone.thresholds, stay))
  const weighed = weighClaim(known, present, sighting !== null, facts.dtMs, facts.wallMs, pace)
  return isSpent(weighed, pace) && !present ? null : withWish(rule, weighed, facts.wallMs, zone)
}

function withWish(rule: Rule, claim: Claim, nowMs: EpochMs, zone: RuleZone): Claim {
  const wish = rule.wish(claim, nowMs, zone.thresholds)
  return wish ? { ...claim, wishes: [...claim.wishes, wish] } : claim
}

/** A thing behind a bus has not gone: nothing is known of it. */
function isHidden(claim: Claim, facts: Facts): boolean {
  const before = freshObjects(facts, (object) => object.class === 'vehicle' || object.class === 'person')
  return before.some((object) => coverOf(claim.box, object.box) >= 0.7)
}

function bestFit(claim: Claim, free: ReadonlySet<Sighting>): Sighting | null {
  let best: Sighting | null = null
  let bestFit = 0
  for (const sighting of free) {
    const fit = fitOf(claim, sighting)
    if (fit > bestFit) [best, bestFit] = [sighting, fit]
  }
  return best
}

function bounded(claims: Claim[]): Claim[] {
  if (claims.length <= claimCountMax) return claims
  const rank = (claim: Claim): number => (claim.raised ? 1e12 : 0) + claim.scoreMs
  const kept = new Set([...claims].sort((a, b) => rank(b) - rank(a)).slice(0, claimCountMax))
  return claims.filter((claim) => kept.has(claim))
}

function toSuspicion(claim: Claim, rules: CameraRules): Suspicion {
  const zone = zoneById(rules, claim.zone)
  const rule = ruleOfCause[claim.cause]
  const dwellMs = zone ? paceOf(zone.thresholds[claim.cause]).dwellMs : claim.scoreMs
  return {
    key: claim.key,
    cause: claim.cause,
    camera: rules.camera,
    zone: claim.zone,
    box: claim.box,
    sinceMs: claim.sinceMs,
    lastSeenMs: claim.lastSeenMs,
    scoreMs: claim.scoreMs,
    dwellMs,
    seenMs: claim.seenMs,
    unseenMs: claim.unseenMs,
    strength: Math.min(1, claim.scoreMs / dwellMs) * (0.5 + 0.5 * claim.strength),
    present: claim.present,
    due: claim.due,
    lookBack: claim.wishes,
    measurements: { ...commonMeasurements(claim), ...rule.measure(claim) },
    reasons: rule.reasons(claim),
  }
}
