import type { LeadAction, LeadView, Mode, Place } from '../../contracts/api/index.js'
import { leadActions, reasonView } from '../../contracts/api/index.js'
import type { LeadRow, ReviewRow } from '../store/leads.js'
import type { ClipDesk } from './media.js'
import { leadRules, refusalsOf, type LeadContext } from './life-cycle.js'

export interface LeadViewInput {
  readonly row: LeadRow
  readonly context: LeadContext
  /** Reviews of the round before, for those who are not to review it again. */
  readonly earlierReviews: readonly ReviewRow[]
  readonly place: Place
  readonly clip: ReturnType<ClipDesk['clipOf']>
  readonly mode: Mode
}

/**
 * A lead as one person may see it. Until both verdicts of a round are in, it is the same for everyone whatever one reviewer
 * did (U15): only the reviewer's own verdict shows, and only to them; officers do not see the operator's note either.
 */
export function toLeadView({ row, context, earlierReviews, place, clip, mode }: LeadViewInput): LeadView {
  const { facts } = row
  const { actor, reviews } = context
  const isOfficer = actor.roles.some((role) => role === 'officer_a' || role === 'officer_b')
  const bothIn = reviews.length >= 2
  const shown = bothIn ? reviews : isOfficer ? [] : earlierReviews
  const own = reviews.find(({ officer }) => officer === actor.name)
  const actions = leadActions.filter((action) => hasRole(action, context))
  const failing = actions.map((action) => ({ action, refusals: refusalsOf(action, context) }))
  return {
    id: row.id,
    device: facts.device,
    cam: facts.cam,
    zone: facts.zone,
    cause: facts.cause,
    state: row.state,
    version: row.version,
    conf_milli: facts.conf_milli,
    grade: facts.grade,
    audit: row.audit,
    first_at: facts.first_at,
    confirmed_at: facts.confirmed_at,
    last_at: facts.last_at,
    over: facts.over,
    reopened: facts.reopened,
    received_at: row.received_at,
    place,
    box_e4: [...facts.box_e4],
    measurements: { ...facts.measurements },
    reasons: [...facts.reasons],
    actor: facts.actor === null ? null : { ...facts.actor, box_e4: [...facts.actor.box_e4] },
    rule: facts.rule,
    thresholds: { ...facts.thresholds },
    models: { ...facts.models },
    view: { ...facts.view },
    windows: facts.windows.map(({ kind, from, to }) => ({ kind, from_at: from, to_at: to })),
    time_unsure: facts.time_unsure,
    time_error_ms: facts.time_error_ms,
    stills: facts.stills.map(({ kind, at, sha256, w_px, h_px }) => ({
      kind,
      at,
      url: `/v1/stills/${sha256}`,
      w_px,
      h_px,
    })),
    clip: {
      state: clip.state,
      url: clip.sha256 === null ? null : `/v1/clips/${clip.sha256}`,
      missing_s: clip.missingS,
      percent: clip.percent,
    },
    claim:
      row.claim_by === null || row.claim_until_at === null ? null : { by: row.claim_by, until_at: row.claim_until_at },
    decision: row.decision === null ? null : isOfficer && !bothIn ? { ...row.decision, note: '' } : { ...row.decision },
    merged_into: row.merged_into,
    my_review: own === undefined ? null : reviewView(own),
    reviews: shown.map(reviewView),
    case: row.case_id,
    mode,
    allowed: failing.filter(({ refusals }) => refusals.length === 0).map(({ action }) => action),
    refused: failing.flatMap(({ action, refusals }) => refusals.map((refusal) => ({ action, ...reasonView(refusal) }))),
  }
}

function hasRole(action: LeadAction, { actor }: LeadContext): boolean {
  return leadRules[action].roles.some((role) => actor.roles.includes(role))
}

function reviewView({ officer, verdict, note, at }: ReviewRow): LeadView['reviews'][number] {
  return { by: officer, verdict, note, at }
}
