import { KerbError, type EpochMs } from '../../../contracts/base/index.js'
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
import {
  applyEntry,
  emptyFile,
  documentsOf,
  newestRun,
  propose,
  proposeTimerEnd,
  rolesOf,
  type FileEntry,
  type FileView,
  type Outcome,
  type StepRequest,
} from './index.js'

const dayMs = 86_400_000
const startMs = Date.parse('2026-03-02T02:00:00Z') as EpochMs

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
  readonly without?: readonly InputId[]
}

/** A file in the making: one person for each role, lawful values unless a test says otherwise. */
export class Walk {
  readonly log: FileEntry[] = []
  view: FileView = emptyFile
  atMs: EpochMs = startMs
  readonly derived: Set = {}
  readonly process: Process
  constructor(process: Process = law) {
    this.process = process
  }

  /** The request that a lawful clerk would make. */
  request(id: TransitionId | FactId, extra: Extra = {}): StepRequest {
    const step = this.process.transitions.find((one) => one.id === id)
    const fact = this.process.facts.find((one) => one.id === id)
    const row = step ?? fact
    if (row === undefined) throw new KerbError('STEP_UNKNOWN', id)
    const state = step === undefined ? null : (newestRun(this.view, step.machine)?.state ?? null)
    const roles = rolesOf(row, state)
    const all = step?.allSign === true ? roles : roles.slice(0, 1)
    const by = extra.by ?? all
    const facts = this.process.inputs.filter(
      (one) => one.kind === 'fact' && one.setBy.includes(id) && !(step?.sets !== undefined && one.id in step.sets),
    )
    const mine = facts.filter(
      (one) =>
        by.length !== 1 ||
        id.startsWith('t') ||
        !/^(audit|finding)\.(technical|legal|a|b)$/.test(one.id) ||
        (one.by as readonly string[]).includes(by[0] ?? ''),
    )
    const set: Set = Object.fromEntries(
      mine.filter((one) => !(extra.without ?? []).includes(one.id)).map((one) => [one.id, lawfulValue(one.id, id)]),
    )
    if (id === 'hr3' && by[0] !== 'party') delete set['waiver.hearing']
    const derived: Set = Object.fromEntries(
      this.process.inputs.filter(({ kind }) => kind !== 'fact').map((one) => [one.id, lawfulValue(one.id, id)]),
    )
    const right = { ...derived, ...this.derived, ...extra.derived }['hearing.right'] === true
    const fine = { ...this.view.inputs, ...set, ...extra.set }['decision.fine'] !== 0
    const inner =
      step === undefined
        ? []
        : documentsOf(this.process, step).may.filter(
            (one) => (one === 'D31' && fine) || (one === 'D39' && /^rm(3|8|11)$/.test(id)),
          )
    const asked = step === undefined ? (fact?.documents ?? []) : [...documentsOf(this.process, step).asked, ...inner]
    const fresh = (one: DocumentId): boolean =>
      step === undefined || step.anew?.includes(one) === true || !this.view.documents.includes(one)
    const documents = new Set([
      ...asked.filter((one) => one !== 'D18' || right).filter(fresh),
      ...(extra.mayMake ?? []),
    ])
    return {
      do: id,
      by: by.map((role) => ({ role, person: `p-${role}` })),
      atMs: this.atMs,
      version: this.view.version,
      set: { ...set, ...extra.set },
      derived: { ...derived, ...this.derived, ...extra.derived },
      documents: [...documents].map((one) => ({
        id: one,
        filled: this.process.documents.find((row) => row.id === one)?.required ?? [],
      })),
      reason: 'because',
      ...(extra.doc === undefined ? {} : { doc: extra.doc }),
    }
  }

  attempt(request: StepRequest): Outcome {
    const outcome = propose(this.process, this.view, request)
    if (outcome.ok) this.append(outcome.entry)
    return outcome
  }

  /** @throws Error naming every refusal. */
  take(id: TransitionId | FactId, extra: Extra = {}): void {
    this.atMs = (this.atMs + 60_000) as EpochMs
    const outcome = this.attempt(this.request(id, extra))
    if (!outcome.ok)
      throw new Error(
        `${id}: ${outcome.refusals.map(({ code, says, details }) => `${code} ${says.en} ${JSON.stringify(details ?? {})}`).join('; ')}`,
      )
  }

  /** Lets every running timer of that name end. */
  end(timer: string): void {
    for (const [key, { phase }] of Object.entries(this.view.timers))
      if ((key === timer || key.startsWith(`${timer}@`)) && phase === 'running') {
        this.atMs = (this.atMs + 7 * dayMs) as EpochMs
        const outcome = proposeTimerEnd(this.process, this.view, { key, dueMs: this.atMs, version: this.view.version })
        if (outcome.ok) this.append(outcome.entry)
      }
  }

  /** Hands a document over in person, when its service is still open. */
  serve(doc: DocumentId): void {
    const run = newestRun(this.view, `service:${doc}`)
    if (run?.state === 'SV0' || run?.state === 'SV4') this.take('sv2', { doc })
    if (newestRun(this.view, `service:${doc}`)?.state !== 'SV2') return
    this.take('sv4', { doc, by: ['officer_a'] })
  }

  /** What a lawful office does before a step that a scenario names: facts, services, the passing of time. */
  prepare(id: TransitionId, extra: Extra = {}): void {
    const before: Partial<Record<TransitionId, () => void>> = {
      t9: () => this.take('EV15'),
      t10: () => this.take('EV15', { by: ['officer_a'] }),
      t11: () => this.take('EV22'),
      t17: () => {
        this.take('EV15', { by: ['officer_a'] })
        this.take('EV22')
        this.take('EV18', { by: ['officer_a'] })
      },
      t20: () => {
        this.take('EV17', { by: ['tech_reviewer'] })
        this.take('EV17', { by: ['legal_reviewer'] })
      },
      t22: () => this.findings(),
      t23: () => this.findings(),
      t25: () => this.take('EV18', { set: extra.set ?? {} }),
      t26: () => ['D17', 'D18'].forEach((doc) => this.serve(doc as DocumentId)),
      t29: () => this.end('T10'),
      t30: () => this.end('T10'),
      t37: () => this.serve('D26'),
      t38: () => this.serve('D28'),
      t40: () => {
        this.take('EV29')
        this.serve('D33')
      },
      t41: () => ['T17', 'T19', 'T20'].forEach((timer) => this.end(timer)),
      t52: () => this.serve('D39'),
      t49: () => {
        this.view.runs.filter(({ machine }) => machine === 'service').forEach(({ doc }) => doc && this.serve(doc))
        if (newestRun(this.view, 'publicity')?.state === 'PB0') this.take('pb2')
      },
      rc2: () => this.serve('D11'),
      rc4: () => this.end('T27'),
      hr3: () => extra.by?.[0] !== 'party' && this.end('T11'),
      hr5: () => this.end('T12'),
      py5: () => this.end('T15'),
      sv7: () => this.end('T13'),
      pb6: () => this.end('T32'),
      sv1: () => this.take('EV02'),
      t55: () => this.take('EV18', { set: { 'screen.ground': ['NP6'] } }),
      t36: () =>
        newestRun(this.view, 'case')?.state !== 'C29' && this.take('EV18', { set: { 'screen.ground': ['NP4'] } }),
    }
    before[id]?.()
  }

  /** Whether the entry before already ran this step inside it. */
  done(id: TransitionId): boolean {
    const step = this.process.transitions.find((one) => one.id === id)
    const state = step === undefined ? null : (newestRun(this.view, step.machine)?.state ?? null)
    const moved = this.log.at(-1)?.effects ?? []
    const ran = moved.some((one) => one.kind === 'move' && one.machine === step?.machine && one.to === step.to)
    return ran && state !== null && state === step?.to && !step.from.includes(state)
  }

  /** One step of a scenario with all that belongs before it; a step that another one already ran is passed over. */
  go(id: TransitionId, extra: Extra = {}): void {
    if (this.done(id)) return
    this.prepare(id, extra)
    this.take(id, extra)
  }

  private findings(): void {
    this.take('EV16', { by: ['officer_a'] })
    this.take('EV16', { by: ['officer_b'] })
  }

  private append(entry: FileEntry): void {
    this.log.push(entry)
    this.view = applyEntry(this.view, entry)
  }
}
