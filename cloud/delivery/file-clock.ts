import { toRfc3339, type Clock, type EpochMs, type Log } from '../../contracts/base/index.js'
import { overdue } from '../cases/calendar/index.js'
import { proposeTimerEnd } from '../cases/engine/index.js'
import type { EvidenceState } from '../cases/derived/index.js'
import { process as law } from '../cases/process/index.js'
import type { FileBook, FileDeskDeps, OpenFile } from './file-book.js'
import type { FileSteps } from './file-steps.js'
import { stepsAfter } from './file-system.js'
import { basisOf, claimEndMs, timersOf } from './file-timers.js'

/** How long a process may be silent before another one takes over the clocks. */
export const claimMs = 60_000
/** How often the clocks are looked at. */
const tickMs = 10_000
const filesPerTick = 200
const endsPerFileMax = 40
/** An intake whose objects were read without a result: by a value that the pack lacks, say. */
const intakeEveryMs = 10 * 60_000
const intakeKeptMax = 10_000

/** What the passing of time does to files. */
export interface FileClock {
  /**
   * Enters what has ended in one file, takes the steps that the ends allow and what the system notes then. Inside a transaction of the
   * caller; a second process that comes after the commit finds the periods over. @returns entries written
   */
  endPeriods(id: string, evidence: EvidenceState): number
  /**
   * Enters every period that has ended, takes the steps that its end allows, and finishes intake checks. Only the process that holds the
   * claim does it; the others return 0 at once. @returns entries written
   */
  tick(holder: string): Promise<number>
  /** Computes the ends again that another pack or calendar computed. @returns files looked at */
  refresh(): number
}

export function fileClock(
  deps: FileDeskDeps,
  book: FileBook,
  steps: FileSteps,
  evidenceFor: (file: OpenFile, step: string) => Promise<EvidenceState>,
): FileClock {
  const { database, clock, changes } = deps
  const { store, read, append, refresh } = book
  const { tryOwn, settled } = steps
  let intakeAfter = ''
  const intakeAgainMs = new Map<string, number>()

  function claimed(holder: string): boolean {
    const nowMs = clock.wallMs()
    return store.claim('clocks', holder, toRfc3339(nowMs), toRfc3339((nowMs + claimMs) as EpochMs))
  }

  /** The end of one period and the steps that it lets the system take. Null when none has ended. */
  function endNext(file: OpenFile, evidence: EvidenceState): OpenFile | null {
    const [next] = overdue(timersOf(file, deps.law), clock.wallMs())
    if (next?.due == null) return null
    const end = { key: next.key, dueMs: next.due.endMs, version: file.view.version }
    const outcome = proposeTimerEnd(law, file.view, end)
    if (!outcome.ok) throw new Error(`period ${next.key} of file ${file.id} has ended and cannot be entered`)
    const run = next.key.split('@')[1]
    return stepsAfter(next.timer).reduce<OpenFile>(
      (now, step) => tryOwn(now, step, evidence, run === undefined ? {} : { run }) ?? now,
      append(file, outcome.entry),
    )
  }

  function endPeriods(id: string, evidence: EvidenceState): number {
    const before = read(id)
    if (before.view.version === 0) return 0
    let file = before
    for (let turn = 0; turn < endsPerFileMax; turn++) {
      const next = endNext(file, evidence)
      if (next === null) break
      file = next
    }
    const claimEnd = claimEndMs(file, deps.law)
    if (claimEnd !== null && claimEnd <= clock.wallMs())
      file = tryOwn(file, 't53', evidence, { reason: '领取超时，自动退回 / the claim lapsed' }) ?? file
    return settled(file, evidence).view.version - before.view.version
  }

  async function endOf(id: string, holder: string): Promise<number> {
    const evidence = await evidenceFor(read(id), '')
    const entries = database.transaction(() => (claimed(holder) ? endPeriods(id, evidence) : 0))
    // Objects that were read and still do not settle the intake are not read again at once.
    if (entries === 0 && evidence.digests !== null) intakeAgainMs.set(id, clock.wallMs() + intakeEveryMs)
    else intakeAgainMs.delete(id)
    if (entries > 0) changes.publish({ kind: 'file', id })
    return entries
  }

  /** The next leads whose intake is open; all of them come round, however many wait for footage that never comes. */
  function nextAtIntake(): string[] {
    const found = store.atIntake(intakeAfter, filesPerTick)
    intakeAfter = found.length < filesPerTick ? '' : (found.at(-1) ?? '')
    if (intakeAgainMs.size > intakeKeptMax) intakeAgainMs.clear()
    return found.filter((id) => (intakeAgainMs.get(id) ?? 0) <= clock.wallMs())
  }

  return {
    endPeriods,
    async tick(holder) {
      if (!claimed(holder)) return 0
      const due = store.dueFiles(toRfc3339(clock.wallMs()), filesPerTick)
      let written = 0
      for (const id of new Set([...due, ...nextAtIntake()])) written += await endOf(id, holder)
      return written
    },
    refresh() {
      let count = 0
      for (let after = ''; ;) {
        const files = store.staleFiles(basisOf(deps.law), after, filesPerTick)
        for (const id of files)
          database.transaction(() => {
            refresh(read(id))
          })
        count += files.length
        const last = files.at(-1)
        if (last === undefined) return count
        after = last
      }
    },
  }
}

/** Looks at the clocks until the signal ends it; a fault is said and tried again, because the log knows what was entered. */
export async function runClocks(
  { tick }: Pick<FileClock, 'tick'>,
  { clock, log, holder, signal }: { clock: Clock; log: Log; holder: string; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const entries = await tick(holder)
      if (entries > 0) log.info({ entries }, 'periods of files ended')
    } catch (error) {
      log.error({ err: error }, 'the clocks of files failed; they are tried again')
    }
    await clock.sleep(tickMs, signal).catch(() => undefined)
  }
}
