import type { DocumentId, Expr, InputId, Process, TransitionId, Value } from '../process/index.js'
import { derivedFromFile } from './derived.js'
import type { Sight } from './expression.js'
import { newestRun, type FileView, type Run } from './file-view.js'
import { inputRow } from './rows.js'

/** What a step brings with it when its gates are asked. */
export interface Brought {
  readonly set: Readonly<Partial<Record<InputId, Value>>>
  readonly derived: Readonly<Partial<Record<InputId, Value>>>
  readonly documents: readonly DocumentId[]
}

/** What expressions see at a step: the file as it stands, overlaid by what the step brings; and what they read of it. */
export function sightOf(
  process: Process,
  view: FileView,
  step: { readonly id: string; readonly run: Run | null; readonly doc: DocumentId | null },
  brought: Brought,
): { readonly sight: Sight; readonly read: Partial<Record<InputId, Value>> } {
  const read: Partial<Record<InputId, Value>> = {}
  const service = step.run?.machine === 'service' ? step.run : step.doc && newestRun(view, `service:${step.doc}`)
  const remedy = step.run?.machine === 'remedy' ? step.run : newestRun(view, 'remedy')
  const input = (id: InputId): Value | undefined => {
    const row = inputRow(process, id)
    if (row === undefined) return undefined
    const run = row.scope === 'service' ? service : row.scope === 'remedy' ? remedy : null
    const stored = run ? run.inputs[id] : view.inputs[id]
    const overlay = { ...view, inputs: { ...view.inputs, ...brought.set } }
    return derivedFromFile(process, overlay, id) ?? brought.set[id] ?? brought.derived[id] ?? stored ?? row.initial
  }
  const sight: Sight = {
    input(id) {
      const value = input(id)
      if (value !== undefined) read[id] = value
      return value
    },
    state(name) {
      const wanted = name === 'service:{doc}' ? (`service:${step.doc ?? 'D0'}` as const) : name
      return newestRun(view, wanted)?.state ?? 'none'
    },
    timer(id) {
      const own = step.run === null ? undefined : view.timers[`${id}@${step.run.id}`]
      const newest = view.runs.findLast((run) => `${id}@${run.id}` in view.timers)
      return (own ?? (newest && view.timers[`${id}@${newest.id}`]) ?? view.timers[id])?.phase ?? 'off'
    },
    gate: (id) => gateExpr(process, id, step.id),
    doc: (id) => brought.documents.includes(id),
  }
  return { sight, read }
}

/** Value of an input of the file itself (scopes `service` and `remedy` apart), or its initial one. */
export function inputOf(process: Process, view: FileView, id: InputId): Value | undefined {
  return id in view.inputs ? view.inputs[id] : inputRow(process, id)?.initial
}

/** A gate as the step asks it. @throws Error for a gate that the process does not have; the model check finds those. */
export function gateExpr(process: Process, id: string, step: string): Expr {
  const gate = process.gates.find((one) => one.id === id)
  if (gate === undefined) throw new Error(`there is no gate ${id}`)
  return gate.at?.[step as TransitionId] ?? gate.expr
}
