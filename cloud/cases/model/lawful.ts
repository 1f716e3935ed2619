import type { EpochMs } from '../../../contracts/base/index.js'
import { documentsOf, mayRecord, newestRun, rolesOf, type FileView, type StepRequest } from '../engine/index.js'
import {
  process as law,
  type DocumentId,
  type FactId,
  type InputId,
  type Process,
  type RoleKey,
  type TransitionId,
  type Value,
} from '../process/index.js'

/** Values with which a lawful case goes through; what is not named here is true, 0 or the first value of its type. */
const lawful: Partial<Record<InputId, Value>> = {
  'act.other_fine': false,
  'party.minor': false,
  'hearing.right': false,
  'collective.required': false,
  'enforcement.stayed': false,
  nonsite_sole_proof: false,
  'screen.reasons_to_punish': true,
  'screen.ground': [],
  'lead.source': 'edge',
  'lead.fault_kind': 'clock',
  'lead.close_code': 'RX03',
  'act.end_at': '2026-03-02T01:55:00Z',
  'act.discovered_at': '2026-03-02T02:00:00Z',
  'case.road': 'onsite',
  'case.parties': ['party-1'],
  'audit.technical': 'pass',
  'audit.legal': 'pass',
  'finding.a': 'proved',
  'finding.b': 'proved',
  'review.opinion': 'agree',
  'decision.fine': 20_000,
  'proposal.kind': 'penalty',
  'proposal.amount': 20_000,
  'recusal.open': false,
  'remedy.against_onsite': false,
  'remedy.refused': false,
  'payment.paid': 0,
  'payment.owed': 20_000,
  'end.record': 'lapsed',
  'extension.until': '2026-07-01',
  'qs2.drawn': false,
  'redo.ordered': false,
  'item.mode': 'LEAD_MODE',
  'decision.pauses_on_suspension': false,
  'lead.host': 'lead-0',
}
const lawfulAt: Partial<Record<TransitionId | FactId, Partial<Record<InputId, Value>>>> = {
  sv1: { 'service.way': 'electronic' },
  sv2: { 'service.way': 'direct' },
  sv3: { 'service.way': 'post' },
  sv6: { 'service.way': 'notice' },
  EV01: { 'defence.unanswered': 1 },
  EV03: { 'confirmation.in_force': false },
  EV04: { 'recusal.open': true },
  EV14: { 'reminder.unanswered': 1 },
  EV21: { 'waiver.statement': false },
  t23: { 'qs2.drawn': true },
  t27: { 'defence.unanswered': 1 },
  t35: { 'decision.fine': 20_000 },
  s1: { 'decision.revoked_part': 'all', 'redo.ordered': false },
  rm3: { 'remedy.result': 'revoked' },
  rm7: { 'remedy.result': 'upheld' },
  rm8: { 'remedy.result': 'changed' },
  rm11: { 'remedy.result': 'changed' },
  rm12: { 'remedy.result': 'upheld' },
}

export function lawfulValue(id: InputId, step: string): Value {
  const here = lawfulAt[step as TransitionId]?.[id] ?? lawful[id]
  if (here !== undefined) return here
  const type = law.inputs.find((one) => one.id === id)?.type ?? 'bool'
  if (type === 'int' || type === 'decimal') return 0
  return type.includes('|') ? (type.split('|').at(-1) ?? '') : true
}

export type Set = Partial<Record<InputId, Value>>
export interface Extra {
  readonly by?: readonly RoleKey[]
  readonly set?: Set
  readonly derived?: Set
  readonly mayMake?: readonly DocumentId[]
  readonly doc?: DocumentId
}

/** The request that a lawful clerk would make: one person for each role, every paper, the values above. `null`: there is no such step. */
export function lawfulRequest(
  process: Process,
  view: FileView,
  id: TransitionId | FactId,
  atMs: EpochMs,
  extra: Extra = {},
): StepRequest | null {
  const step = process.transitions.find((one) => one.id === id)
  const fact = process.facts.find((one) => one.id === id)
  const row = step ?? fact
  if (row === undefined) return null
  const state = step === undefined ? null : (newestRun(view, step.machine)?.state ?? null)
  const roles = rolesOf(row, state)
  const by = extra.by ?? (step?.allSign === true ? roles : roles.slice(0, 1))
  const set = factsOf(process, id, roles, by)
  const derived: Set = Object.fromEntries(
    process.inputs.filter(({ kind }) => kind !== 'fact').map((one) => [one.id, lawfulValue(one.id, id)]),
  )
  const seen: Set = { ...view.inputs, ...set, ...extra.set, ...derived, ...extra.derived }
  return {
    do: id,
    by: by.map((role) => ({ role, person: `p-${role}` })),
    atMs,
    version: view.version,
    set: { ...set, ...extra.set },
    derived: { ...derived, ...extra.derived },
    documents: [...papersOf(process, view, id, seen), ...(extra.mayMake ?? [])].map((one) => ({
      id: one,
      filled: process.documents.find(({ id: doc }) => doc === one)?.required ?? [],
    })),
    reason: 'because',
    ...(extra.doc === undefined ? {} : { doc: extra.doc }),
  }
}

/** Facts that the step records, of those that are theirs to record. */
function factsOf(process: Process, id: TransitionId | FactId, roles: readonly RoleKey[], by: readonly RoleKey[]): Set {
  const sets = process.transitions.find((one) => one.id === id)?.sets
  const people = by.map((role) => ({ role, person: '' }))
  const rows = process.inputs.filter(
    (one) =>
      one.kind === 'fact' &&
      one.setBy.includes(id) &&
      !(sets !== undefined && one.id in sets) &&
      mayRecord(one.by, roles, people),
  )
  return Object.fromEntries(rows.map((one) => [one.id, lawfulValue(one.id, id)]))
}

/** Papers that the step needs and that are not there yet. */
function papersOf(process: Process, view: FileView, id: TransitionId | FactId, seen: Set): DocumentId[] {
  const step = process.transitions.find((one) => one.id === id)
  if (step === undefined) return [...(process.facts.find((one) => one.id === id)?.documents ?? [])]
  const inside = documentsOf(process, step).may.filter(
    (one) => (one === 'D31' && seen['decision.fine'] !== 0) || (one === 'D39' && /^rm(3|8|11)$/.test(id)),
  )
  const asked = [...documentsOf(process, step).asked, ...inside].filter(
    (one) => one !== 'D18' || seen['hearing.right'] === true,
  )
  return [...new Set(asked)].filter((one) => step.anew?.includes(one) === true || !view.documents.includes(one))
}
