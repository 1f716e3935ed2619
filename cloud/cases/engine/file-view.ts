import type { EpochMs } from '../../../contracts/base/index.js'
import type {
  DocumentId,
  InputId,
  MachineId,
  Process,
  RoleKey,
  RunName,
  StateId,
  TimerId,
  TimerPhase,
  TransitionId,
  Value,
} from '../process/index.js'

/** One life of a machine in a file: the lead, the case, the service of one document, one remedy. */
export interface Run {
  /** `service/3`: third service run of the file. */
  readonly id: string
  readonly machine: MachineId
  readonly state: StateId
  /** The document that a service run serves. */
  readonly doc: DocumentId | null
  /** Inputs that belong to this run (scope `service`, `remedy`). */
  readonly inputs: Readonly<Partial<Record<InputId, Value>>>
  /** When it entered its state: the legal moment, not the click. */
  readonly sinceMs: EpochMs
}

export interface TimerState {
  readonly phase: TimerPhase
  /** The legal moment that starts the period. */
  readonly fromMs: EpochMs
  /** Closed and open pauses, oldest first. */
  readonly pauses: readonly { readonly fromMs: EpochMs; readonly toMs: EpochMs | null }[]
}

export interface Person {
  readonly role: RoleKey
  /** Account, register entry, or `system`, `edge:<device>`. */
  readonly person: string
  /** Every role of the account: an administrator takes no case step at all (SD8). */
  readonly holds?: readonly RoleKey[]
}

/** A file (a lead with its case, or a device) as its log says. Nothing in it is written anywhere but by `applyEntry`. */
export interface FileView {
  /** Entries so far: the version that a writer must name. */
  readonly version: number
  readonly runs: readonly Run[]
  readonly inputs: Readonly<Partial<Record<InputId, Value>>>
  /** Key: `T07`, or `T13@service/3` for timers of a run. */
  readonly timers: Readonly<Record<string, TimerState>>
  readonly documents: readonly DocumentId[]
  readonly people: readonly Person[]
  /** Signatures of steps that need several and still wait for one. */
  readonly signed: readonly (Person & { readonly step: TransitionId; readonly run: string })[]
  /** Legal moment at which a state was last entered. */
  readonly entered: Readonly<Partial<Record<StateId, EpochMs>>>
}

export const emptyFile: FileView = {
  version: 0,
  runs: [],
  inputs: {},
  timers: {},
  documents: [],
  people: [],
  signed: [],
  entered: {},
}

/** What an entry does to the file. Stored with the entry, so that a replay asks no rule and no later version of the process. */
export type Effect =
  | {
      readonly kind: 'move'
      readonly run: string
      readonly machine: MachineId
      readonly to: StateId
      readonly doc: DocumentId | null
      readonly atMs: EpochMs
    }
  | { readonly kind: 'set'; readonly run: string | null; readonly input: InputId; readonly value: Value }
  | { readonly kind: 'timer'; readonly key: string; readonly phase: TimerPhase; readonly atMs: EpochMs }
  | { readonly kind: 'document'; readonly id: DocumentId }
  | { readonly kind: 'sign'; readonly step: TransitionId; readonly run: string; readonly person: Person }

/** One line of a file's log; append-only. */
export interface FileEntry {
  readonly seq: number
  readonly atMs: EpochMs
  readonly by: readonly Person[]
  /** Step, fact, `Tnn` for the end of a timer. */
  readonly did: string
  readonly reason: string | null
  /** Each gate with what it read; derived inputs were computed at that moment. */
  readonly gates: readonly { readonly id: string; readonly read: Readonly<Partial<Record<InputId, Value>>> }[]
  readonly effects: readonly Effect[]
}

/** Folds a log into the file. Pure and total; the same log gives the same view, byte for byte. */
export function replay(log: readonly FileEntry[]): FileView {
  return log.reduce(applyEntry, emptyFile)
}

/** @throws Error when the entry is not the next one: a log with a hole is no log. */
export function applyEntry(view: FileView, entry: FileEntry): FileView {
  if (entry.seq !== view.version + 1) throw new Error(`entry ${entry.seq} after ${view.version}`)
  const after = entry.effects.reduce(applyEffect, view)
  const people = entry.by.filter(
    ({ role, person }) => !view.people.some((one) => one.role === role && one.person === person),
  )
  const acted = people.map(({ role, person }) => ({ role, person }))
  return { ...after, version: entry.seq, people: [...after.people, ...acted] }
}

export function applyEffect(view: FileView, effect: Effect): FileView {
  switch (effect.kind) {
    case 'move':
      return moved(view, effect)
    case 'set':
      if (effect.run === null) return { ...view, inputs: { ...view.inputs, [effect.input]: effect.value } }
      return {
        ...view,
        runs: view.runs.map((run) =>
          run.id === effect.run ? { ...run, inputs: { ...run.inputs, [effect.input]: effect.value } } : run,
        ),
      }
    case 'timer':
      return { ...view, timers: { ...view.timers, [effect.key]: clocked(view.timers[effect.key], effect) } }
    case 'document':
      return { ...view, documents: [...view.documents, effect.id] }
    case 'sign':
      return { ...view, signed: [...view.signed, { ...effect.person, step: effect.step, run: effect.run }] }
  }
}

function moved(view: FileView, { run, machine, to, doc, atMs }: Extract<Effect, { kind: 'move' }>): FileView {
  const known = view.runs.some(({ id }) => id === run)
  return {
    ...view,
    runs: known
      ? view.runs.map((one) => (one.id === run ? { ...one, state: to, sinceMs: atMs } : one))
      : [...view.runs, { id: run, machine, state: to, doc, inputs: {}, sinceMs: atMs }],
    // A half-signed step of a machine that moved is void.
    signed: view.signed.filter((one) => one.run !== run),
    entered: { ...view.entered, [to]: atMs },
  }
}

function clocked(before: TimerState | undefined, { phase, atMs }: Extract<Effect, { kind: 'timer' }>): TimerState {
  const kept = before ?? { phase: 'off', fromMs: atMs, pauses: [] }
  if (phase === 'paused') return { ...kept, phase, pauses: [...kept.pauses, { fromMs: atMs, toMs: null }] }
  if (phase === 'running' && kept.phase === 'paused')
    return { ...kept, phase, pauses: kept.pauses.map((one) => (one.toMs === null ? { ...one, toMs: atMs } : one)) }
  return phase === 'running' ? { phase, fromMs: atMs, pauses: [] } : { ...kept, phase }
}

/** The newest run of a machine, or of a document's service; null when there is none. */
export function newestRun(view: FileView, name: RunName): Run | null {
  const [machine, doc] = name.split(':') as [MachineId, DocumentId | undefined]
  return view.runs.findLast((run) => run.machine === machine && (doc === undefined || run.doc === doc)) ?? null
}

/** Key of a timer in the view: per run when the process says so. */
export function timerKey(process: Process, id: TimerId, run: string | null): string {
  const row = process.timers.find((timer) => timer.id === id)
  return row?.scope === 'run' && run !== null ? `${id}@${run}` : id
}
