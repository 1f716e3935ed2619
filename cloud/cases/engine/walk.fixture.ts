import { KerbError, type EpochMs } from '../../../contracts/base/index.js'
import { process as law, type DocumentId, type FactId, type Process, type TransitionId } from '../process/index.js'
import { lawfulRequest, type Extra, type Set } from '../model/lawful.js'
import {
  applyEntry,
  emptyFile,
  newestRun,
  propose,
  proposeTimerEnd,
  type FileEntry,
  type FileView,
  type Outcome,
  type StepRequest,
} from './index.js'

const dayMs = 86_400_000
const startMs = Date.parse('2026-03-02T02:00:00Z') as EpochMs

export { lawfulValue, type Extra, type Set } from '../model/lawful.js'

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
    const request = lawfulRequest(this.process, this.view, id, this.atMs, {
      ...extra,
      derived: { ...this.derived, ...extra.derived },
    })
    if (request === null) throw new KerbError('STEP_UNKNOWN', id)
    return request
  }

  attempt(request: StepRequest): Outcome {
    const outcome = propose(this.process, this.view, request)
    if (outcome.ok) this.enter(outcome.entry)
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
        if (outcome.ok) this.enter(outcome.entry)
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

  enter(entry: FileEntry): void {
    this.log.push(entry)
    this.view = applyEntry(this.view, entry)
  }
}
