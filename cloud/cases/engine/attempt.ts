import type { Refusal } from '../../../contracts/api/index.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import type { DocumentId, Expr, FactId, InputId, Process, TransitionId, Value, When } from '../process/index.js'
import { evaluate } from './expression.js'
import { applyEffect, type Effect, type FileEntry, type FileView, type Person } from './file-view.js'
import { sightOf, type Brought } from './sight.js'

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

/** A step in the making: what it wants, what it did so far to the file, and every reason against it. */
export interface Attempt {
  readonly process: Process
  readonly request: StepRequest
  readonly brought: Brought
  /** Grows as the step and what it runs take effect. */
  view: FileView
  readonly effects: Effect[]
  readonly refusals: Refusal[]
  readonly gates: { id: string; read: Partial<Record<InputId, Value>> }[]
}

/** Does one thing to the file in the making. */
export function act(attempt: Attempt, effect: Effect): void {
  attempt.effects.push(effect)
  attempt.view = applyEffect(attempt.view, effect)
}

/** Whether a condition of the step holds on the file as it stands now. */
export function askNow(attempt: Attempt, id: string, run: string, expr: Expr): boolean {
  const target = attempt.view.runs.find((one) => one.id === run) ?? null
  const { sight } = sightOf(attempt.process, attempt.view, { id, run: target, doc: null }, attempt.brought)
  return evaluate(expr, sight).holds
}

/** Of things that happen only sometimes, those that happen now. */
export function wanted<Id extends string>(list: readonly When<Id>[], holds: (expr: Expr) => boolean): Id[] {
  return list.flatMap((one) => (typeof one === 'string' ? [one] : holds(one.when) ? [one.id] : []))
}
