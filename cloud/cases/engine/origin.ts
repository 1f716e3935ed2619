import type { EpochMs } from '../../../contracts/base/index.js'
import type { Process, TimerId, Transition } from '../process/index.js'
import { newestRun, type FileView } from './file-view.js'

/**
 * The legal moment from which a timer counts (DOMAIN.md §5.7, "starts"); the step's own moment where the law names no other.
 * `outer` is the step inside which this one runs: the payment period counts from the service that t37 or t52 notes.
 */
export function originMs(
  process: Process,
  view: FileView,
  id: TimerId,
  step: Transition,
  outer: Transition,
  momentMs: EpochMs,
): EpochMs {
  switch (process.timers.find((timer) => timer.id === id)?.origin) {
    case 'service': {
      const doc = step.gateDoc?.['G19'] ?? outer.gateDoc?.['G19']
      const run = doc === undefined ? null : newestRun(view, `service:${doc}`)
      return run?.state === 'SV5' ? run.sinceMs : momentMs
    }
    case 'decision':
      return view.entered['C13'] ?? view.entered['C26'] ?? momentMs
    case 'act_end': {
      const end = view.inputs['act.end_at']
      return typeof end === 'string' ? (Date.parse(end) as EpochMs) : momentMs
    }
    default:
      return momentMs
  }
}
