import type { Refusal } from '../../../contracts/api/index.js'
import type { DocumentId, Expr, Fact, InputId, Process, Transition, TransitionId, Value } from '../process/index.js'
import { act, askNow, type Attempt, type Outcome, type StepRequest } from './attempt.js'
import { evaluate, type Verdict } from './expression.js'
import { newestRun, type FileView, type Person, type Run } from './file-view.js'
import { refuse } from './refusals.js'
import { inputRow } from './rows.js'
import { sightOf } from './sight.js'
import { checkGates, documentRefusals, inputRefusals } from './step-checks.js'
import { clocks, keysOf, stop } from './step-clocks.js'
import { rolesOf, whoRefusals } from './who.js'

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

function setInput(attempt: Attempt, run: string | null, input: InputId, value: Value): void {
  const scope = inputRow(attempt.process, input)?.scope
  act(attempt, { kind: 'set', run: scope === 'service' || scope === 'remedy' ? run : null, input, value })
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
