import type { Refusal } from '../../../contracts/api/index.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import type {
  DocumentId,
  Expr,
  Fact,
  FactId,
  GateId,
  InputId,
  Process,
  RoleKey,
  TimerId,
  Transition,
  TransitionId,
  Value,
  When,
} from '../process/index.js'
import { evaluate, type Verdict } from './expression.js'
import {
  applyEffect,
  newestRun,
  timerKey,
  type Effect,
  type FileEntry,
  type FileView,
  type Person,
  type Run,
} from './file-view.js'
import { originMs } from './origin.js'
import { refuse } from './refusals.js'
import { gateExpr, sightOf, type Brought } from './sight.js'
import { valueFits } from './values.js'
import { mayRecord, rolesOf, whoRefusals } from './who.js'

/** Somebody wants to take a step, or to record a fact. */
export interface StepRequest {
  readonly do: TransitionId | FactId
  readonly by: readonly Person[]
  readonly atMs: EpochMs
  /** Version of the file that the writer saw. */
  readonly version: number
  /** Which run of a companion; else the newest one that fits. */
  readonly run?: string
  readonly doc?: DocumentId
  /** Facts that the step records. */
  readonly set?: Readonly<Partial<Record<InputId, Value>>>
  /** Derived and pack inputs, computed by the caller for this moment. */
  readonly derived?: Readonly<Partial<Record<InputId, Value>>>
  /** Documents made and signed with the step, with the fields that are filled. */
  readonly documents?: readonly { readonly id: DocumentId; readonly filled: readonly string[] }[]
  readonly reason?: string
  /** Legal moment when it differs from the click: the day on a receipt. */
  readonly effectiveMs?: EpochMs
  /** What `{lines}` or `{list}` of a refusal stands for. */
  readonly lists?: Readonly<Record<string, string>>
}

export type Outcome =
  | { readonly ok: true; readonly entry: FileEntry }
  | { readonly ok: false; readonly refusals: readonly [Refusal, ...Refusal[]] }

interface Attempt {
  readonly process: Process
  readonly request: StepRequest
  readonly brought: Brought
  /** Grows as the step and what it runs take effect. */
  view: FileView
  readonly effects: Effect[]
  readonly refusals: Refusal[]
  readonly gates: { id: string; read: Partial<Record<InputId, Value>> }[]
}

/**
 * The one door into a file: says every reason against a step, or gives the log entry that takes it. Pure: the file, the request
 * and what the caller computed are all it knows. Machines never judge (DOMAIN.md, rule 1): roles stand with each step.
 */
export function propose(process: Process, view: FileView, request: StepRequest): Outcome {
  if (request.version !== view.version) return refusedBy([refuse.stale(view.version, request.version)])
  const fact = process.facts.find(({ id }) => id === request.do)
  const transition = process.transitions.find(({ id }) => id === request.do)
  const attempt: Attempt = {
    process,
    request,
    brought: {
      set: request.set ?? {},
      derived: request.derived ?? {},
      documents: (request.documents ?? []).map(({ id }) => id),
    },
    view,
    effects: [],
    refusals: [],
    gates: [],
  }
  if (transition?.trigger === 'inside') return refusedBy([refuse.inside(transition.inside ?? [])])
  if (transition !== undefined) takeStep(attempt, transition)
  else if (fact !== undefined) recordFact(attempt, fact)
  else return refusedBy([refuse.unknown(request.do)])
  if (attempt.refusals.length > 0) return refusedBy(attempt.refusals)
  return {
    ok: true,
    entry: {
      seq: view.version + 1,
      atMs: request.atMs,
      by: request.by,
      did: request.do,
      reason: request.reason ?? null,
      gates: attempt.gates,
      effects: attempt.effects,
    },
  }
}

function refusedBy(refusals: readonly Refusal[]): Outcome {
  const [first, ...others] = refusals
  if (first === undefined) throw new Error('a refusal without reason')
  return { ok: false, refusals: [first, ...others] }
}

function takeStep(attempt: Attempt, transition: Transition): void {
  const { process, request, view } = attempt
  const run = runFor(view, transition, request.run, request.doc)
  if (run === undefined) {
    const now = newestRun(view, transition.machine)?.state ?? 'none'
    attempt.refusals.push(refuse.state(process, now))
    return
  }
  const step = { id: transition.id, run, doc: null }
  attempt.refusals.push(
    ...inputRefusals(process, request, rolesOf(transition, run?.state ?? null), signersOf(view, transition, run)),
  )
  const ask = (expr: Expr): Verdict => evaluate(expr, sightOf(process, view, step, attempt.brought).sight)
  attempt.refusals.push(...whoRefusals(process, view, transition, run?.state ?? null, request.by, ask))
  if (transition.reason && (request.reason ?? '').trim() === '') attempt.refusals.push(refuse.reason())
  if (attempt.refusals.some(({ code }) => code === 'ROLE_WRONG')) return
  if (attempt.refusals.length > 0) {
    // Every reason is said at once, those of the gates too.
    checkGates(attempt, transition, run)
    return
  }
  if (!allSigned(attempt, transition, run)) return
  fire(attempt, transition, run)
}

function signingKey(transition: Transition, run: Run | null): string {
  return run?.id ?? `${transition.machine}/new`
}

/** Who signed the step already. */
function signersOf(view: FileView, transition: Transition, run: Run | null): readonly Person[] {
  const key = signingKey(transition, run)
  return view.signed.filter((one) => one.step === transition.id && one.run === key)
}

/** True when the last signature is there; else the step only adds the signatures that came. */
function allSigned(attempt: Attempt, transition: Transition, run: Run | null): boolean {
  if (!transition.allSign) return true
  const { view, request } = attempt
  const key = signingKey(transition, run)
  const have = new Set([...signersOf(view, transition, run), ...request.by].map(({ role }) => role))
  if (rolesOf(transition, run?.state ?? null).every((role) => have.has(role))) return true
  for (const person of request.by) act(attempt, { kind: 'sign', step: transition.id, run: key, person })
  return false
}

/**
 * Gates, guard and documents, then everything the step does: inputs, the move, clocks (stops before starts), service runs of
 * issued documents, machines born with it, steps run inside it. A nested step that is refused refuses the whole.
 */
function fire(attempt: Attempt, transition: Transition, run: Run | null): void {
  const { request } = attempt
  checkGates(attempt, transition, run)
  if (attempt.refusals.length > 0) return
  const id = run?.id ?? nextRunId(attempt.view, transition)
  const moment = request.effectiveMs ?? request.atMs
  act(attempt, {
    kind: 'move',
    run: id,
    machine: transition.machine,
    to: transition.to,
    doc: run?.doc ?? null,
    atMs: moment,
  })
  if (transition.id === request.do)
    for (const [input, value] of Object.entries(request.set ?? {}) as [InputId, Value][])
      setInput(attempt, id, input, value)
  for (const [input, value] of Object.entries(transition.sets ?? {}) as [InputId, Value][])
    setInput(attempt, id, input, value)
  clocks(attempt, transition, id, moment)
  runInside(attempt, transition)
  issueDocuments(attempt, transition)
  bear(attempt, transition)
}

function checkGates(attempt: Attempt, transition: Transition, run: Run | null): void {
  const { process, request, view } = attempt
  const seen = (gate: GateId | null): ReturnType<typeof sightOf> =>
    sightOf(
      process,
      view,
      { id: transition.id, run, doc: gate === null ? null : (transition.gateDoc?.[gate] ?? run?.doc ?? null) },
      attempt.brought,
    )
  const ask = (expr: Expr, gate: GateId | null): Verdict & { read: Partial<Record<InputId, Value>> } => {
    const { sight, read } = seen(gate)
    return { ...evaluate(expr, sight), read }
  }
  const missing = new Set<InputId>()
  if (transition.guard !== undefined) {
    const verdict = ask(transition.guard, null)
    for (const input of verdict.missing) missing.add(input)
    if (!verdict.holds && verdict.missing.length === 0)
      attempt.refusals.push(refuse.guard(transition.note ?? transition.name.en))
  }
  for (const id of transition.gates ?? []) {
    const gate = process.gates.find((one) => one.id === id)
    if (gate === undefined) throw new Error(`there is no gate ${id}`)
    const verdict = ask(gateExpr(process, id, transition.id), id)
    for (const input of verdict.missing) missing.add(input)
    if (!verdict.holds || verdict.missing.length > 0) attempt.refusals.push(refuse.gate(gate, request.lists ?? {}))
    attempt.gates.push({ id, read: verdict.read })
  }
  attempt.refusals.push(...[...missing].map(refuse.notRecorded))
  for (const id of wanted(transition.documents ?? [], (expr) => ask(expr, null).holds)) {
    const made = request.documents?.find((one) => one.id === id)
    if (made === undefined && (transition.anew?.includes(id) === true || !view.documents.includes(id)))
      attempt.refusals.push(refuse.document(process, id, []))
  }
  if (transition.id !== request.do) return
  const { asked, may } = documentsOf(process, transition)
  attempt.refusals.push(...documentRefusals(process, request, [...asked, ...may]))
}

/** Documents that a step asks or may make, those of the steps inside it included. */
export function documentsOf(
  process: Process,
  step: Transition,
): { readonly asked: readonly DocumentId[]; readonly may: readonly DocumentId[] } {
  const inner = [...(step.creates ?? []).flatMap(({ run }) => run ?? []), ...(step.runs ?? []).map(({ id }) => id)]
    .flatMap((id) => process.transitions.find((one) => one.id === id) ?? [])
    .map((one) => documentsOf(process, one))
  const asked = (step.documents ?? []).map((one) => (typeof one === 'string' ? one : one.id))
  return {
    asked,
    may: [...(step.mayMake ?? []), ...inner.flatMap((one) => [...one.asked, ...one.may])],
  }
}

function documentRefusals(process: Process, request: StepRequest, here: readonly DocumentId[]): Refusal[] {
  return (request.documents ?? []).flatMap(({ id, filled }) => {
    const row = process.documents.find((one) => one.id === id)
    if (!here.includes(id)) return [refuse.documentNotHere(id)]
    const lacking = row?.required.filter((field) => !filled.includes(field)) ?? []
    return row === undefined || lacking.length > 0 ? [refuse.document(process, id, lacking)] : []
  })
}

function clocks(attempt: Attempt, transition: Transition, run: string, moment: EpochMs): void {
  const { process, request } = attempt
  const holds = (expr: Expr): boolean => askNow(attempt, transition.id, run, expr)
  for (const id of transition.stops ?? []) for (const key of keysOf(attempt.view, id, run)) stop(attempt, key)
  for (const id of wanted(transition.starts ?? [], holds)) {
    const key = timerKey(process, id, run)
    // T16 only counts on; every other timer starts afresh (process.json, schema.timers).
    if (id === 'T16' && attempt.view.timers[key]?.phase === 'running') continue
    const outer = process.transitions.find((one) => one.id === request.do) ?? transition
    const atMs = originMs(process, attempt.view, id, transition, outer, moment)
    act(attempt, { kind: 'timer', key, phase: 'running', atMs })
  }
  const change = (id: TimerId, from: 'running' | 'paused', phase: 'paused' | 'running'): void => {
    for (const key of keysOf(attempt.view, id, run))
      if (attempt.view.timers[key]?.phase === from) act(attempt, { kind: 'timer', key, phase, atMs: request.atMs })
  }
  for (const id of wanted(transition.pauses ?? [], holds)) change(id, 'running', 'paused')
  for (const id of transition.resumes ?? []) change(id, 'paused', 'running')
}

/** The run's own timer, else that of every run: a case step ends what its companions count. */
function keysOf(view: FileView, id: TimerId, run: string): string[] {
  if (`${id}@${run}` in view.timers) return [`${id}@${run}`]
  return Object.keys(view.timers).filter((key) => key === id || key.startsWith(`${id}@`))
}

function stop(attempt: Attempt, key: string): void {
  if (attempt.view.timers[key]?.phase === 'off') return
  act(attempt, { kind: 'timer', key, phase: 'off', atMs: attempt.request.atMs })
}

function issueDocuments(attempt: Attempt, transition: Pick<Transition, 'id'> | Fact): void {
  const { process, request } = attempt
  if (transition.id !== request.do) return
  for (const { id } of request.documents ?? []) {
    act(attempt, { kind: 'document', id })
    const row = process.documents.find((one) => one.id === id)
    if (row?.served !== true) continue
    const run = `service/${attempt.view.runs.filter(({ machine }) => machine === 'service').length + 1}`
    act(attempt, { kind: 'move', run, machine: 'service', to: 'SV0', doc: id, atMs: request.atMs })
  }
}

/** Machines that the step gives birth to. */
function bear(attempt: Attempt, transition: Transition): void {
  const run = newestRun(attempt.view, transition.machine)?.id ?? ''
  for (const { machine, state, run: by, when } of transition.creates ?? []) {
    if (when !== undefined && !askNow(attempt, transition.id, run, when)) continue
    if (by !== undefined) fire(attempt, stepOf(attempt.process, by), null)
    else
      act(attempt, {
        kind: 'move',
        run: nextRunId(attempt.view, { machine }),
        machine,
        to: state,
        doc: null,
        atMs: attempt.request.atMs,
      })
  }
}

/** Steps that run in the same transaction. Before new papers are issued: what they recall is the old one. */
function runInside(attempt: Attempt, transition: Transition): void {
  const run = newestRun(attempt.view, transition.machine)?.id ?? ''
  for (const { id, when, doc } of transition.runs ?? []) {
    if (!askNow(attempt, transition.id, run, when)) continue
    const inner = stepOf(attempt.process, id)
    const target = newestRun(attempt.view, doc === undefined ? inner.machine : `service:${doc}`)
    if (target !== null && inner.from.includes(target.state)) fire(attempt, inner, target)
  }
}

function stepOf(process: Process, id: TransitionId): Transition {
  const found = process.transitions.find((one) => one.id === id)
  if (found === undefined) throw new Error(`there is no step ${id}`)
  return found
}

function recordFact(attempt: Attempt, fact: Fact): void {
  const { process, request, view } = attempt
  const here = view.runs.filter(({ machine }) => machine === 'lead' || machine === 'case' || machine === 'device')
  if (fact.states !== 'any' && !here.some(({ state }) => fact.states.includes(state))) {
    attempt.refusals.push(
      refuse.state(process, newestRun(view, 'case')?.state ?? newestRun(view, 'lead')?.state ?? 'none'),
    )
    return
  }
  const step = { id: fact.id, run: null, doc: request.doc ?? null }
  const ask = (expr: Expr): Verdict => evaluate(expr, sightOf(process, view, step, attempt.brought).sight)
  attempt.refusals.push(
    ...inputRefusals(process, request, fact.by, []),
    ...whoRefusals(process, view, fact, null, request.by, ask),
  )
  if (fact.guard !== undefined && !ask(fact.guard).holds) attempt.refusals.push(refuse.guard(fact.note ?? fact.name.en))
  for (const id of fact.documents ?? [])
    if (request.documents?.every((one) => one.id !== id) ?? true)
      attempt.refusals.push(refuse.document(process, id, []))
  attempt.refusals.push(...documentRefusals(process, request, fact.documents ?? []))
  if (attempt.refusals.length > 0) return
  for (const [input, value] of Object.entries(request.set ?? {}) as [InputId, Value][])
    setInput(attempt, null, input, value)
  for (const id of fact.stops ?? []) for (const key of keysOf(view, id, '')) stop(attempt, key)
  issueDocuments(attempt, fact)
}

/** Facts stand only where the process says who writes them with which step; derived values are never written. */
function inputRefusals(
  process: Process,
  request: StepRequest,
  roles: readonly RoleKey[],
  signed: readonly Person[],
): Refusal[] {
  return (Object.entries(request.set ?? {}) as [InputId, Value][]).flatMap(([input, value]) => {
    const row = process.inputs.find(({ id }) => id === input)
    if (row?.kind !== 'fact' || !row.setBy.includes(request.do)) return [refuse.notHere(input, row?.setBy ?? [])]
    if (!mayRecord(row.by, roles, [...signed, ...request.by])) return [refuse.notYours(input, row.by)]
    return valueFits(row.type, value) ? [] : [refuse.value(input, row.type)]
  })
}

function setInput(attempt: Attempt, run: string | null, input: InputId, value: Value): void {
  const scope = attempt.process.inputs.find(({ id }) => id === input)?.scope
  act(attempt, { kind: 'set', run: scope === 'service' || scope === 'remedy' ? run : null, input, value })
}

function act(attempt: Attempt, effect: Effect): void {
  attempt.effects.push(effect)
  attempt.view = applyEffect(attempt.view, effect)
}

function askNow(attempt: Attempt, id: string, run: string, expr: Expr): boolean {
  const target = attempt.view.runs.find((one) => one.id === run) ?? null
  const { sight } = sightOf(attempt.process, attempt.view, { id, run: target, doc: null }, attempt.brought)
  return evaluate(expr, sight).holds
}

function wanted<Id extends string>(list: readonly When<Id>[], holds: (expr: Expr) => boolean): Id[] {
  return list.flatMap((one) => (typeof one === 'string' ? [one] : holds(one.when) ? [one.id] : []))
}

/** The run that a step is about; null for one that makes a new run, undefined when none stands where it begins. */
function runFor(
  view: FileView,
  transition: Transition,
  run: string | undefined,
  doc: DocumentId | undefined,
): Run | null | undefined {
  const fits = (one: Run): boolean =>
    one.machine === transition.machine &&
    transition.from.includes(one.state) &&
    (run === undefined || one.id === run) &&
    (doc === undefined || one.doc === doc)
  const found = view.runs.findLast(fits)
  if (found !== undefined) return found
  if (transition.from.length > 0) return undefined
  // One lead, one case and one device a file; the companions may begin anew.
  const alone = transition.machine === 'lead' || transition.machine === 'case' || transition.machine === 'device'
  return alone && newestRun(view, transition.machine) !== null ? undefined : null
}

function nextRunId(view: FileView, { machine }: Pick<Transition, 'machine'>): string {
  return `${machine}/${view.runs.filter((one) => one.machine === machine).length + 1}`
}
