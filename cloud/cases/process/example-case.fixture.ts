import type { RoleKey } from './roles.js'
import type { InputId } from './inputs.js'
import type { DocumentId, FactId, TimerId, TransitionId, Value } from './types.js'

export type ExampleStep =
  | { readonly timerOver: TimerId }
  | {
      readonly do: TransitionId | FactId
      readonly doc?: DocumentId
      readonly by: readonly RoleKey[]
      readonly set: Readonly<Partial<Record<InputId, Value>>>
    }

/** One whole case: consent withdrawn before arrival, two statements, a lowered amount. */
export const exampleCase: readonly ExampleStep[] = [
  {
    do: 't1',
    by: ['edge_box'],
    set: {
      'lead.source': 'edge',
      'act.end_at': '2026-04-01T02:20:00Z',
      'act.discovered_at': '2026-04-01T02:05:00Z',
      'lead.dissuasion_allowed': true,
      'evidence.has_electronic': true,
      'evidence.signatures_ok': true,
      'evidence.digests_ok': true,
      'evidence.chain_ok': true,
      'evidence.clock_ok': true,
      'place.in_area': true,
      'limitation.open': true,
    },
  },
  { do: 't2', by: ['system'], set: {} },
  { do: 't5', by: ['operator'], set: {} },
  { do: 't6', by: ['operator'], set: {} },
  { do: 't7', by: ['system'], set: { 'lead.recapture_done': true } },
  { do: 't8', by: ['operator'], set: {} },
  { do: 'EV15', by: ['officer_a'], set: { 'checklist.missing': 0, 'exceptions.unanswered': 0, 'exceptions.hit': 0 } },
  {
    do: 't10',
    by: ['officer_a', 'officer_b'],
    set: {
      'officers.distinct': true,
      'officers.valid_today': true,
      'officers.valid_at_acts': true,
      'officers.no_conflict': true,
      'case.road': 'onsite',
    },
  },
  {
    do: 'EV22',
    by: ['officer_a'],
    set: { 'party.identity_complete': true, 'party.link_proved': true, 'party.age_known': true, 'party.minor': false },
  },
  {
    do: 't11',
    by: ['officer_a'],
    set: {
      'case.parties': ['p1'],
      'item.granted': true,
      'item.nonsite_listed': true,
      'item.first_filer': true,
      'act.no_prior_case': true,
      'act.no_previous_fine': true,
    },
  },
  { do: 'EV02', by: ['party'], set: { 'confirmation.in_force': true } },
  { do: 'sv1', doc: 'D12', by: ['legal_reviewer'], set: { 'service.way': 'electronic' } },
  {
    do: 'sv4',
    doc: 'D12',
    by: ['system'],
    set: { 'confirmation.at_arrival': true, 'arrival.recorded': true, 'receipt.complete': true },
  },
  { do: 'EV09', by: ['system'], set: {} },
  { do: 't16', by: ['head'], set: {} },
  { do: 't18', by: ['team_leader'], set: {} },
  { do: 't19', by: ['officer_a'], set: { 'record.used': true, 'elements.officer_evidence_all': true } },
  { do: 'EV17', by: ['tech_reviewer'], set: { 'audit.technical': 'pass' } },
  {
    do: 'EV17',
    by: ['legal_reviewer'],
    set: { 'audit.legal': 'pass', 'audit.full_clip_seen': true, 'audit.not_investigators': true },
  },
  { do: 't20', by: ['tech_reviewer', 'legal_reviewer'], set: {} },
  { do: 'EV16', by: ['officer_a'], set: { 'finding.a': 'proved' } },
  {
    do: 'EV16',
    by: ['officer_b'],
    set: { 'finding.b': 'proved', 'findings.blind': true, 'elements.cited_all': true, 'exculpatory.stated': true },
  },
  { do: 't22', by: ['officer_a', 'officer_b'], set: {} },
  {
    do: 'EV18',
    by: ['officer_a'],
    set: {
      'screen.complete': true,
      'screen.ground': ['NP4'],
      'screen.closing_ground': false,
      'screen.reasons_to_punish': true,
    },
  },
  { do: 'rc1', by: ['officer_a', 'officer_b'], set: { 'correction.ordered_or_moot': true } },
  { do: 'sv2', doc: 'D11', by: ['officer_a'], set: { 'service.way': 'direct' } },
  { do: 'sv4', doc: 'D11', by: ['officer_a'], set: { 'receipt.complete': true } },
  { do: 'rc3', by: ['officer_a', 'officer_b'], set: {} },
  {
    do: 't25',
    by: ['head'],
    set: {
      'proposal.amount': 300,
      'item.version_ok': true,
      'milder.attached': true,
      'amount.in_band': true,
      'deviation.approved': true,
      'law.highest_band_chosen': true,
      'notice.complete': true,
      'hearing.right': false,
      'review.required': true,
      'collective.required': false,
    },
  },
  { do: 'sv1', doc: 'D17', by: ['legal_reviewer'], set: { 'service.way': 'electronic' } },
  { do: 'EV03', by: ['party'], set: { 'confirmation.in_force': false } },
  { do: 'sv5', doc: 'D17', by: ['system'], set: {} },
  { do: 'sv3', doc: 'D17', by: ['legal_reviewer'], set: { 'service.way': 'post' } },
  { do: 'sv4', doc: 'D17', by: ['officer_a'], set: { 'receipt.complete': true } },
  { do: 't26', by: ['system'], set: { 'notice.covers_proposal': true, 'proposal.not_heavier': true } },
  { do: 't27', by: ['party'], set: { 'defence.unanswered': 2 } },
  { do: 't27', by: ['party'], set: { 'defence.unanswered': 3 } },
  { timerOver: 'T10' },
  { do: 't29', by: ['officer_a'], set: { 'defence.unanswered': 0, 'proposal.amount': 200 } },
  {
    do: 't33',
    by: ['legal_reviewer'],
    set: { 'review.opinion': 'agree', 'review.reviewer_ok': true, 'review.same_draft': true },
  },
  { do: 't35', by: ['head'], set: { 'decision.fine': 200 } },
  { do: 'sv2', doc: 'D26', by: ['officer_a'], set: { 'service.way': 'direct' } },
  { do: 'sv4', doc: 'D26', by: ['officer_a'], set: { 'receipt.complete': true } },
  { do: 't37', by: ['system'], set: { 'payment.owed': 200 } },
  {
    do: 'pb3',
    by: ['publicity_officer'],
    set: { 'publicity.scope_met': true, 'privacy.signed': true, 'redaction.clean': true },
  },
  { do: 'pb4', by: ['publicity_officer'], set: {} },
  { do: 'py2', by: ['finance'], set: { 'payment.paid': 200, 'payment.owed': 0 } },
  { do: 't42', by: ['finance'], set: {} },
  { do: 't48', by: ['officer_a'], set: { 'file.missing': 0, 'companions.at_rest': true, 'retention.class_set': true } },
  { do: 't49', by: ['head'], set: {} },
  { do: 't50', by: ['archivist'], set: {} },
]
