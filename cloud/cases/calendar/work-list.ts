import type { EpochMs } from '../../../contracts/base/index.js'
import type { FileView } from '../engine/index.js'
import type { PolicyPack } from '../pack/pack.js'
import type { TimerId } from '../process/index.js'
import { addDays, dayOf, parseDay, startOfDay } from './day.js'
import { dueOf, type Due } from './due.js'
import { periodOf, type PeriodFacts } from './periods.js'
import { CalendarError, type WorkCalendar } from './work-calendar.js'

/** A running or paused timer of a file and when it ends. */
export interface OpenTimer {
  /** As the file names it: `T07`, `T13@service/3`. */
  readonly key: string
  readonly timer: TimerId
  readonly fromMs: EpochMs
  /** Null when it stands still, has no end of its own, or cannot be computed. */
  readonly due: Due | null
  /** Why there is no end: a pack key without usable value, a year without calendar. A person must look; nothing fires. */
  readonly why: string | null
}

/**
 * Every timer of a file that is not off or over, the next to end first. Computed afresh from the log each time, so a restart, a second
 * process or a changed calendar table changes nothing that was entered: an end is a log entry, and only a running timer can end.
 */
export function openTimers(view: FileView, pack: PolicyPack, calendar: WorkCalendar, facts: PeriodFacts): OpenTimer[] {
  return Object.entries(view.timers)
    .filter(([, { phase }]) => phase === 'running' || phase === 'paused')
    .map(([key, { fromMs, pauses }]): OpenTimer => {
      const timer = (key.split('@')[0] ?? '') as TimerId
      const period = periodOf(timer, pack, facts)
      if (!period.ok) return { key, timer, fromMs, due: null, why: `${period.key} is ${period.why}` }
      if (period.value === null) return { key, timer, fromMs, due: null, why: null }
      try {
        const due = dueOf(fromMs, period.value, calendar, pauses)
        return { key, timer, fromMs, due: timer === 'T07' ? extended(view, due) : due, why: null }
      } catch (error) {
        if (error instanceof CalendarError) return { key, timer, fromMs, due: null, why: error.message }
        throw error
      }
    })
    .sort((a, b) => (a.due?.endMs ?? Infinity) - (b.due?.endMs ?? Infinity))
}

/** A signed extension (EV06) moves the end of the decision period; it never shortens it. */
function extended(view: FileView, due: Due | null): Due | null {
  const text = view.inputs['extension.until']
  const until = typeof text === 'string' ? parseDay(text) : null
  if (due === null || until === null || until <= due.lastDay) return due
  return { lastDay: until, endMs: startOfDay(addDays(until, 1)) }
}

/** Timers whose end has come, in the order of their ends. Entering one makes it over, so it is never in the list again. */
export function overdue(timers: readonly OpenTimer[], nowMs: EpochMs): OpenTimer[] {
  return timers.filter(({ due }) => due !== null && due.endMs <= nowMs)
}

/** Days before the end at which somebody is told; T18 as DOMAIN.md §5.7 says, the others are practice. */
const reminderDays: Partial<Record<TimerId, number>> = { T07: 10, T08: 3, T18: 30, T28: 30 }

/** Timers that end soon and whose people should be told today. */
export function toRemind(timers: readonly OpenTimer[], nowMs: EpochMs): OpenTimer[] {
  return timers.filter(({ timer, due }) => {
    if (due === null || due.endMs <= nowMs) return false
    return due.lastDay - dayOf(nowMs) <= (reminderDays[timer] ?? 1)
  })
}
