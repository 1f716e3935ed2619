import type {
  CloseCode,
  LeadAction,
  LeadState,
  Mode,
  ReasonedRefusal,
  RejectCode,
  Role,
} from '../../contracts/api/index.js'
import { closeNeeds, leadStateTerms, rejectKeys } from '../../contracts/api/index.js'
import { type EpochMs, fromRfc3339, toRfc3339, unreachable } from '../../contracts/base/index.js'
import type { LeadFlow, ReviewRow } from '../store/leads.js'
import { leadRefusals } from './refusals.js'

/** A claim lapses after this (DESIGN.md §9.6). */
export const claimMs = 10 * 60_000

/** Who acts: an account with its roles. */
export interface Actor {
  readonly name: string
  readonly roles: readonly Role[]
}

/** All that a step may look at. */
export interface LeadContext {
  readonly lead: LeadFlow
  readonly actor: Actor
  readonly nowMs: EpochMs
  /** Reviews of the present round. */
  readonly reviews: readonly ReviewRow[]
  /** Accounts that accepted it in any round. */
  readonly acceptedBy: readonly string[]
  /** Mode of the cause in the policy pack. */
  readonly mode: Mode
}

export type LeadCommand =
  | { readonly action: 'claim' | 'release' | 'clip' }
  | { readonly action: 'accept'; readonly note: string }
  | { readonly action: 'reject'; readonly code: CloseCode; readonly note: string }
  | { readonly action: 'merge'; readonly into: string; readonly note: string; readonly hostFits: boolean }
  | { readonly action: 'review'; readonly verdict: 'confirm' | 'reject'; readonly note: string }
  | { readonly action: 'file'; readonly caseId: string }

type Condition = (context: LeadContext) => ReasonedRefusal | null

const mine: Condition = ({ lead, actor }) => (lead.claim_by === actor.name ? null : leadRefusals.notClaimed())
const free: Condition = ({ lead, actor }) =>
  lead.claim_by === null || lead.claim_by === actor.name ? null : leadRefusals.claimedByOther(lead.claim_by)
const notTriagedByMe: Condition = ({ acceptedBy, actor }) =>
  acceptedBy.includes(actor.name) ? leadRefusals.triagedIt() : null
const notReviewedByMe: Condition = ({ reviews, actor }) =>
  reviews.some(({ officer }) => officer === actor.name) ? leadRefusals.reviewedIt() : null
const roundOpen: Condition = ({ lead, reviews }) =>
  lead.confirmed || reviews.length >= 2 ? leadRefusals.reviewsDone() : null
const bothConfirm: Condition = ({ lead }) => (lead.confirmed ? null : leadRefusals.reviewsMissing())
const headApart: Condition = ({ acceptedBy, reviews, actor }) =>
  acceptedBy.includes(actor.name) || reviews.some(({ officer }) => officer === actor.name)
    ? leadRefusals.headInvolved()
    : null
const evidenceMode: Condition = ({ mode }) => (mode === 'EVIDENCE_MODE' ? null : leadRefusals.leadMode())

interface LeadRule {
  readonly roles: readonly Role[]
  readonly from: readonly LeadState[]
  /** Transition or gate of `process.json` that the step belongs to. */
  readonly rule: string
  /** In order; every failing one is said. */
  readonly conditions: readonly Condition[]
}

/** The whole of what may be done with a lead on the thin road: `allowed`, the refusals and the steps all read this table. */
export const leadRules = {
  claim: { roles: ['operator'], from: ['L2', 'L3'], rule: 't5', conditions: [free] },
  release: { roles: ['operator'], from: ['L3'], rule: 't53', conditions: [mine] },
  accept: { roles: ['operator'], from: ['L3'], rule: 't9', conditions: [mine] },
  reject: { roles: ['operator'], from: ['L3'], rule: 't12', conditions: [mine] },
  merge: { roles: ['operator'], from: ['L3'], rule: 't12', conditions: [mine] },
  clip: { roles: ['operator', 'officer_a', 'officer_b'], from: ['L2', 'L3', 'L8', 'L9'], rule: 'D02', conditions: [] },
  review: {
    roles: ['officer_a', 'officer_b'],
    from: ['L8'],
    rule: 'G10',
    conditions: [notTriagedByMe, notReviewedByMe, roundOpen],
  },
  file: { roles: ['head'], from: ['L8'], rule: 't16', conditions: [evidenceMode, bothConfirm, headApart] },
} as const satisfies Record<LeadAction, LeadRule>

/** The flow as it is now: a lapsed claim has gone back to the queue. */
export function leadNow<Flow extends LeadFlow>(lead: Flow, nowMs: EpochMs): Flow {
  if (lead.state !== 'L3' || lead.claim_until_at === null || fromRfc3339(lead.claim_until_at) > nowMs) return lead
  return { ...lead, state: 'L2', claim_by: null, claim_until_at: null }
}

/** Every reason against an action, empty when it is in force. `context.lead` must come from `leadNow`. */
export function refusalsOf(action: LeadAction, context: LeadContext): ReasonedRefusal[] {
  const rule: LeadRule = leadRules[action]
  if (!rule.roles.some((role) => context.actor.roles.includes(role))) return [leadRefusals.notYourRole(rule.roles)]
  if (!rule.from.includes(context.lead.state)) {
    // A claim that lapsed or was lost is the likelier and more useful reason than the state's name.
    if (rule.conditions.includes(mine) && context.lead.state === 'L2') return [leadRefusals.notClaimed()]
    const { zh, en } = leadStateTerms[context.lead.state]
    return [leadRefusals.wrongState(zh, en, rule.rule)]
  }
  return rule.conditions.map((condition) => condition(context)).filter((refusal) => refusal !== null)
}

export type LeadStep =
  | { readonly refusals: readonly [ReasonedRefusal, ...ReasonedRefusal[]] }
  | { readonly next: LeadFlow; readonly logged: string; readonly review?: ReviewRow }

/**
 * One step of the life cycle; pure. A first review changes nothing that anyone else can read (`next` is the lead itself):
 * the pair counts when both are in. Two confirmations make it ready for the head, one rejection returns it to triage (L3),
 * held for 10 minutes by the operator who had accepted it.
 * Source: Administrative Penalty Law (2021), art. 42 (two officers); DESIGN.md §9.6.
 */
export function stepLead(command: LeadCommand, context: LeadContext): LeadStep {
  const { lead, actor, nowMs } = context
  const [first, ...others] = [...refusalsOf(command.action, context), ...commandRefusals(command)]
  if (first !== undefined) return { refusals: [first, ...others] }
  const at = toRfc3339(nowMs)
  const next = { ...lead, version: lead.version + 1 }
  const unclaimed = { claim_by: null, claim_until_at: null }
  switch (command.action) {
    case 'claim':
      return { next: { ...next, ...claimOf(actor.name, nowMs), state: 'L3' }, logged: 'claim' }
    case 'release':
      return { next: { ...next, ...unclaimed, state: 'L2' }, logged: 'release' }
    case 'clip':
      return { next: lead, logged: 'clip' }
    case 'accept': {
      const decision = { kind: 'accept', code: null, note: command.note, by: actor.name, at } as const
      return { next: { ...next, ...unclaimed, state: 'L8', decision }, logged: 'accept' }
    }
    case 'reject': {
      const decision = { kind: 'reject', code: command.code, note: command.note, by: actor.name, at } as const
      return { next: { ...next, ...unclaimed, state: 'L10', decision }, logged: 'reject' }
    }
    case 'merge': {
      const decision = { kind: 'merge', code: 'RX02', note: command.note, by: actor.name, at } as const
      return { next: { ...next, ...unclaimed, state: 'L10', decision, merged_into: command.into }, logged: 'merge' }
    }
    case 'review':
      return review(command, context, at)
    case 'file':
      return { next: { ...next, state: 'L9', case_id: command.caseId }, logged: 'file' }
    default:
      return unreachable(command)
  }
}

function review(
  { verdict, note }: { readonly verdict: 'confirm' | 'reject'; readonly note: string },
  { lead, actor, reviews, nowMs }: LeadContext,
  at: string,
): LeadStep {
  const own: ReviewRow = { officer: actor.name, verdict, note, at }
  const both = [...reviews, own]
  if (both.length < 2) return { next: lead, logged: 'review', review: own }
  const next = { ...lead, version: lead.version + 1 }
  if (both.every((one) => one.verdict === 'confirm'))
    return { next: { ...next, confirmed: true }, logged: 'reviews_confirm', review: own }
  const operator = lead.decision?.by ?? ''
  return {
    next: { ...next, ...claimOf(operator, nowMs), state: 'L3', round: lead.round + 1, decision: null },
    logged: 'reviews_reject',
    review: own,
  }
}

function claimOf(name: string, nowMs: EpochMs): Pick<LeadFlow, 'claim_by' | 'claim_until_at'> {
  return { claim_by: name, claim_until_at: toRfc3339((nowMs + claimMs) as EpochMs) }
}

/** What is wrong with the command itself. */
function commandRefusals(command: LeadCommand): ReasonedRefusal[] {
  switch (command.action) {
    case 'reject':
      return (rejectKeys as readonly CloseCode[]).includes(command.code)
        ? []
        : [leadRefusals.codeNeeds(command.code, closeNeeds[command.code as Exclude<CloseCode, RejectCode>])]
    case 'merge':
      return command.hostFits ? [] : [leadRefusals.mergeHost()]
    case 'review':
      return command.note.trim() === '' ? [leadRefusals.reviewNote()] : []
    default:
      return []
  }
}
