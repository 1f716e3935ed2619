import type { Refusal } from '../../../contracts/api/index.js'
import type { FactId, Process, TransitionId } from '../process/index.js'
import type { FileView } from './file-view.js'
import type { StepRequest } from './attempt.js'
import { documentsOf } from './step-checks.js'
import { propose } from './step.js'
import { rolesOf } from './who.js'

/** A step that stands before somebody: to be taken, or with every reason against it. */
export interface Offer {
  readonly do: TransitionId | FactId
  readonly command: string
  readonly run: string | null
  readonly refusals: readonly Refusal[]
}

/**
 * What these people could do now, for the buttons of a page and the API's `allowed`: steps that begin where a run stands and
 * belong to one of their roles. `documents` are taken as made (their pages make them); inputs are those the caller knows.
 */
export function offersFor(process: Process, view: FileView, base: Omit<StepRequest, 'do' | 'version'>): Offer[] {
  const version = view.version
  const steps = process.transitions
    .filter(({ trigger }) => trigger !== 'inside')
    .flatMap((step) =>
      view.runs
        .filter(({ machine, state }) => machine === step.machine && step.from.includes(state))
        .filter(({ state }) => base.by.some(({ role }) => rolesOf(step, state).includes(role)))
        .map((run) => ({ step, run })),
    )
    .map(({ step, run }): Offer => {
      const by = base.by.filter(({ role }) => rolesOf(step, run.state).includes(role))
      const { asked, may } = documentsOf(process, step)
      const documents = [...new Set([...asked, ...may])]
      const outcome = propose(process, view, {
        ...base,
        do: step.id,
        version,
        run: run.id,
        by,
        reason: base.reason ?? 'to be written',
        documents: documents.map((id) => ({ id, filled: fieldsOf(process, id) })),
      })
      return { do: step.id, command: step.command, run: run.id, refusals: outcome.ok ? [] : outcome.refusals }
    })
  const facts = process.facts
    .filter((fact) => base.by.some(({ role }) => fact.by.includes(role)))
    .map((fact): Offer => {
      const outcome = propose(process, view, {
        ...base,
        do: fact.id,
        version,
        by: base.by.filter(({ role }) => fact.by.includes(role)),
        documents: (fact.documents ?? []).map((id) => ({ id, filled: fieldsOf(process, id) })),
      })
      return { do: fact.id, command: fact.command, run: null, refusals: outcome.ok ? [] : outcome.refusals }
    })
    .filter(({ refusals }) => refusals.every(({ code }) => code !== 'FILE_STATE'))
  return [...steps, ...facts]
}

function fieldsOf(process: Process, id: string): readonly string[] {
  return process.documents.find((one) => one.id === id)?.required ?? []
}
