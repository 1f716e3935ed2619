import { toRfc3339, type EpochMs } from '../../contracts/base/index.js'
import { openTimers, type OpenTimer, type WorkCalendar } from '../cases/calendar/index.js'
import { newestRun } from '../cases/engine/index.js'
import { usableFigure, type PolicyPack } from '../cases/pack/index.js'
import { process as law } from '../cases/process/index.js'
import type { FileTimerRow } from '../store/files.js'
import type { OpenFile } from './file-book.js'

interface Clocks {
  readonly pack: PolicyPack
  readonly calendar: WorkCalendar
}

/** The claim of a lead lapses like a period, though the law knows none: `t53` gives it back. */
export const claimKey = 'claim'

/** By what the ends in the table were computed; another pack or calendar makes them stale. */
export function basisOf({ pack, calendar }: Clocks): string {
  return `${law.version} ${pack.pack}@${pack.version} ${calendar.years.join(',')}`
}

/** Timers of a file that run, with their ends. */
export function timersOf(file: OpenFile, { pack, calendar }: Clocks): OpenTimer[] {
  const { cause, grave } = file.matter
  return cause === null ? [] : openTimers(file.view, pack, calendar, { cause, grave })
}

/** When a claimed lead goes back to the queue; null when nobody holds it, or the pack does not say. */
export function claimEndMs(file: OpenFile, { pack }: Clocks): EpochMs | null {
  const lead = newestRun(file.view, 'lead')
  const minutes = usableFigure(pack, 'triage.claim_minutes')
  return lead?.state === 'L3' && minutes.ok ? ((lead.sinceMs + minutes.value * 60_000) as EpochMs) : null
}

/** The rows by which the next end is found. */
export function timerRows(file: OpenFile, clocks: Clocks): Omit<FileTimerRow, 'file'>[] {
  const basis = basisOf(clocks)
  const claim = claimEndMs(file, clocks)
  return [
    ...timersOf(file, clocks).map(({ key, due, why }) => ({
      key,
      due_at: due === null ? null : toRfc3339(due.endMs),
      why,
      basis,
    })),
    ...(claim === null ? [] : [{ key: claimKey, due_at: toRfc3339(claim), why: null, basis }]),
  ]
}
