import { reasoned, reasonView, type FileAnswer } from '../../contracts/api/index.js'
import { toRfc3339 } from '../../contracts/base/index.js'
import type { Bilingual } from '../../contracts/terms.js'
import { deriveInputs, listsOf, type FiledEntry, type Look } from '../cases/derived/index.js'
import { offersFor, stateName, type FileView, type Person } from '../cases/engine/index.js'
import { process as law, type InputId } from '../cases/process/index.js'
import type { Actor } from '../leads/index.js'
import type { PaperRow } from '../store/files.js'
import type { Law, OpenFile } from './file-book.js'
import { timersOf } from './file-timers.js'

interface AnswerInput {
  readonly file: OpenFile
  readonly actor: Actor
  readonly by: readonly Person[]
  readonly look: Look
  readonly papers: readonly PaperRow[]
  readonly siblings: readonly string[]
  readonly clocks: Law
}

/** Verdicts that are given blind (SD2): until both halves are in, nobody sees either, nor what was said with it. */
const blind = [
  { fact: 'EV16', halves: ['finding.a', 'finding.b'], with: ['elements.cited_all', 'exculpatory.stated'] },
  { fact: 'EV17', halves: ['audit.technical', 'audit.legal'], with: ['audit.full_clip_seen'] },
] as const satisfies readonly { fact: string; halves: readonly [InputId, InputId]; with: readonly InputId[] }[]

/** Roles that do their part without the party's data (DOMAIN.md §5.1). */
const withoutParty: ReadonlySet<string> = new Set(['technician', 'finance'])

/** A file as one person may see it, with what stands before them and why what does not. */
export function toFileAnswer({ file, actor, by, look, papers, siblings, clocks }: AnswerInput): FileAnswer {
  const { view } = file
  const open = blind.filter(({ halves }) => halves.some((half) => (view.inputs[half] ?? 'none') === 'none'))
  const hidden = new Set<string>(open.map(({ fact }) => fact))
  const hiddenInputs = new Set<string>(open.flatMap((one) => [...one.halves, ...one.with]))
  const partial = actor.roles.every((role) => withoutParty.has(role))
  return {
    id: file.id,
    version: view.version,
    origin: file.origin,
    party: file.party,
    siblings: [...siblings],
    runs: view.runs.map(({ id, machine, state, doc, sinceMs }) => ({
      id,
      machine,
      state,
      name: stateName(law, state),
      doc,
      since_at: toRfc3339(sinceMs),
    })),
    inputs: Object.fromEntries(
      Object.entries(view.inputs).filter(([id]) => !hiddenInputs.has(id) && !(partial && id === 'case.parties')),
    ),
    timers: timersView(file, clocks),
    papers: papers.map(({ seq, id, sha256, fields }) => ({
      seq,
      id,
      name: nameOf(id),
      sha256,
      fields: partial || hidden.has(file.log[seq - 1]?.did ?? '') ? null : { ...fields },
    })),
    log: file.log.map((entry) => entryView(entry, hidden.has(entry.did), partial)),
    offers: offersOf(view, by, look),
  }
}

function offersOf(view: FileView, by: readonly Person[], look: Look): FileAnswer['offers'] {
  const base = { by, atMs: look.around.nowMs, derived: deriveInputs(look), lists: listsOf(look) }
  return offersFor(law, view, base).map(({ do: id, command, run, refusals }) => ({
    do: id,
    command,
    name: nameOf(id),
    run,
    refusals: refusals.map((one) => reasonView(reasoned(one, id))),
  }))
}

function timersView(file: OpenFile, clocks: Law): FileAnswer['timers'] {
  const open = new Map(timersOf(file, clocks).map((one) => [one.key, one]))
  return Object.entries(file.view.timers).map(([key, { phase, fromMs }]) => {
    const due = open.get(key)?.due
    return {
      key,
      name: nameOf(key.split('@')[0] ?? ''),
      phase,
      from_at: toRfc3339(fromMs),
      due_at: due == null ? null : toRfc3339(due.endMs),
      why: open.get(key)?.why ?? null,
    }
  })
}

function entryView(entry: FiledEntry, hidden: boolean, partial: boolean): FileAnswer['log'][number] {
  const { seq, atMs, by, did, reason, gates, effects, particulars } = entry
  const set = effects.flatMap((one) => (one.kind === 'set' ? [[one.input, one.value] as const] : []))
  return {
    seq,
    at: toRfc3339(atMs),
    by: by.map(({ role, person }) => ({ role, person })),
    did,
    name: nameOf(did.split('@')[0] ?? ''),
    reason,
    set: hidden || partial ? null : Object.fromEntries(set),
    particulars: hidden || partial ? null : { ...particulars },
    gates: gates.map(({ id }) => id),
  }
}

const names = new Map<string, Bilingual>(
  [...law.transitions, ...law.facts, ...law.timers, ...law.documents].map(({ id, name }) => [id, name]),
)
const nameOf = (id: string): Bilingual => ({ ...(names.get(id) ?? { zh: id, en: id }) })
