import type { Refusal } from '../../../contracts/api/index.js'
import type { DocumentId, Expr, GateId, InputId, Process, RoleKey, Transition, Value } from '../process/index.js'
import { wanted, type Attempt, type StepRequest } from './attempt.js'
import { evaluate, type Verdict } from './expression.js'
import type { Person, Run } from './file-view.js'
import { refuse } from './refusals.js'
import { inputRow } from './rows.js'
import { gateExpr, sightOf } from './sight.js'
import { valueFits } from './values.js'
import { mayRecord } from './who.js'

/** Guard, gates and papers of a step: every reason goes into the attempt, and what each gate read. */
export function checkGates(attempt: Attempt, transition: Transition, run: Run | null): void {
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

/** Papers that do not belong to the step, and fields that are not filled. */
export function documentRefusals(process: Process, request: StepRequest, here: readonly DocumentId[]): Refusal[] {
  return (request.documents ?? []).flatMap(({ id, filled }) => {
    const row = process.documents.find((one) => one.id === id)
    if (!here.includes(id)) return [refuse.documentNotHere(id)]
    const lacking = row?.required.filter((field) => !filled.includes(field)) ?? []
    return row === undefined || lacking.length > 0 ? [refuse.document(process, id, lacking)] : []
  })
}

/** Facts stand only where the process says who writes them with which step; derived values are never written. */
export function inputRefusals(
  process: Process,
  request: StepRequest,
  roles: readonly RoleKey[],
  signed: readonly Person[],
): Refusal[] {
  return (Object.entries(request.set ?? {}) as [InputId, Value][]).flatMap(([input, value]) => {
    const row = inputRow(process, input)
    if (row?.kind !== 'fact' || !row.setBy.includes(request.do)) return [refuse.notHere(input, row?.setBy ?? [])]
    if (!mayRecord(row.by, roles, [...signed, ...request.by])) return [refuse.notYours(input, row.by)]
    return valueFits(row.type, value) ? [] : [refuse.value(input, row.type)]
  })
}
