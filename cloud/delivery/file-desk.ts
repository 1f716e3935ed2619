import { RefusedError, type FileAnswer, type FileRowView } from '../../contracts/api/index.js'
import { lackingParticulars, misplaced, type EvidenceState } from '../cases/derived/index.js'
import { newestRun, stateName, type Person } from '../cases/engine/index.js'
import { process as law, type RoleKey, type StateId } from '../cases/process/index.js'
import type { Actor } from '../leads/index.js'
import type { FileCursor } from '../store/files.js'
import type { LeadRow } from '../store/leads.js'
import { toFileAnswer } from './file-answer.js'
import { fileBook, type FileDeskDeps, type OpenFile, type StepWish } from './file-book.js'
import { fileClock, type FileClock } from './file-clock.js'
import { borderRefusals, effectiveRefusals, fileNotFound, refusedWith } from './file-refusals.js'
import { fileSteps, personFor, personsOf } from './file-steps.js'
import { endWish, leadWish, type KnownPlace } from './file-system.js'

/** Files of the whole process for people and clocks. Every step is one transaction: all its entries or none. */
export interface FileDesk {
  /** Takes a step, and what the system notes after it. @throws RefusedError with every reason against it, each field named */
  take(actor: Actor, id: string, wish: StepWish, role: RoleKey | null): Promise<FileAnswer>
  /** Newest first; the work that is due stands in `next_due_at`. */
  list(state: string | null, after: FileCursor | null, limit: number): FileRowView[]
  /** @throws RefusedError `FILE_NOT_FOUND` */
  open(actor: Actor, id: string): Promise<FileAnswer>
  /** What a box says of a lead: its file is begun, then the end of the act is noted. Inside the transaction of its record. */
  noteLead(lead: LeadRow, place: KnownPlace): void
  readonly clock: FileClock
}

/** At the birth of a lead nothing of its footage is here yet. */
const unseen: EvidenceState = {
  fromBox: true,
  signatures: null,
  digests: null,
  chain: null,
  clockErrorMs: null,
  clockNamed: false,
}

export function fileDesk(deps: FileDeskDeps): FileDesk {
  const { database, clock, changes } = deps
  const book = fileBook(deps)
  const { store, read, judge, append, lookAt } = book
  const steps = fileSteps(deps, book)
  const evidenceFor = (file: OpenFile, step: string): Promise<EvidenceState> =>
    deps.evidenceOf(deps.leadOf(file.origin), asksDigests(file, step))
  const clocks = fileClock(deps, book, steps, evidenceFor)

  async function answer(actor: Actor, id: string): Promise<FileAnswer> {
    const file = read(id)
    if (file.view.version === 0) throw new RefusedError(fileNotFound)
    const by = personsOf(actor)
    const look = lookAt(file, null, by, await evidenceFor(file, ''))
    const siblings = store
      .ofOrigin(file.origin)
      .map((row) => row.id)
      .filter((one) => one !== id)
    return toFileAnswer({ file, actor, by, look, papers: store.papers(id), siblings, clocks: deps.law })
  }

  /** The step and all that follows from it; inside a transaction. @returns the files that changed */
  function step(actor: Actor, id: string, wish: StepWish, role: RoleKey | null, evidence: EvidenceState): string[] {
    const file = read(id)
    if (file.view.version === 0 && wish.do !== 't1') throw new RefusedError(fileNotFound)
    const by: Person[] = [personFor(actor, role, file, wish)]
    const whole = steps.completed(file, wish, by, evidence)
    const outcome = judge(file, whole, by, evidence)
    const refusals = [
      ...(outcome.ok ? [] : outcome.refusals),
      ...borderRefusals(wish),
      ...misplaced(wish.do, wish.particulars),
      ...lackingParticulars(wish.do, wish.particulars),
      ...effectiveRefusals(file, wish, clock.wallMs()),
    ]
    if (!outcome.ok || refusals.length > 0) throw refusedWith(wish.do, refusals, file)
    const others = steps.split(file, wish, by, evidence)
    steps.settled(append(file, outcome.entry, whole), evidence)
    return [id, ...others]
  }

  return {
    async take(actor, id, wish, role) {
      const evidence = await evidenceFor(read(id), wish.do)
      // A period that is over counts as over for this step, even when no clock has looked since.
      const ended = database.transaction(() => clocks.endPeriods(id, evidence))
      if (ended > 0) changes.publish({ kind: 'file', id })
      for (const file of database.transaction(() => step(actor, id, wish, role, evidence)))
        changes.publish({ kind: 'file', id: file })
      return answer(actor, id)
    },
    list: (state, after, limit) =>
      store.list(state, after, limit).map(({ id, origin, party, version, cause, opened_at, next_due_at, ...row }) => {
        const now = row.case_state ?? row.lead_state ?? ''
        const name = { ...stateName(law, now as StateId) }
        return { id, origin, party, version, state: now, name, cause, opened_at, next_due_at }
      }),
    open: answer,
    noteLead(lead, place) {
      const box: Person = { role: 'edge_box', person: `edge:${lead.facts.device}` }
      const known = store.ofOrigin(lead.id)
      if (known.length === 0) steps.enter(read(lead.id), leadWish(lead, place), [box], unseen)
      for (const { id } of known) {
        const file = read(id)
        const wish = endWish(file, lead)
        if (wish !== null) steps.enter(file, wish, [box], unseen)
      }
    },
    clock: clocks,
  }
}

/** Objects are read again only where a gate asks their digests: before intake is done, at submission and at the decision. */
function asksDigests({ view }: OpenFile, step: string): boolean {
  const [lead, matter] = [newestRun(view, 'lead')?.state, newestRun(view, 'case')?.state]
  if (step !== '') return ['t1', 't2', 't3', 't4', 't19', 't35'].includes(step) || lead === 'L0'
  return lead === 'L0' || lead === 'L1' || matter === 'C1' || matter === 'C12'
}
