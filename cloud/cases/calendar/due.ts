import type { EpochMs } from '../../../contracts/base/index.js'
import { addDays, addMonths, dayOf, startOfDay, type Day } from './day.js'
import type { WorkCalendar } from './work-calendar.js'

/** Minutes of the day, UTC+8, between which a clock period runs. */
export interface DutyHours {
  readonly fromMin: number
  readonly toMin: number
}

/** How long a period is and in what it counts (APL Art. 85, CPL Art. 85). */
export type Period =
  | { readonly unit: 'minute'; readonly count: number; readonly duty: DutyHours | null }
  | { readonly unit: 'working_day' | 'calendar_day' | 'month' | 'year'; readonly count: number; readonly roll: boolean }

export interface Pause {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs | null
}

/** `endMs` is the first instant after the period: 00:00 at UTC+8 of the day after the last one. */
export interface Due {
  readonly lastDay: Day
  readonly endMs: EpochMs
}

/**
 * When a period ends. The day on which it starts does not count; a last day on a day off moves to the next working day where
 * `roll` says so; days of a suspension (after the day it began, up to the day it ended) are not counted. Null while it stands still.
 * @throws CalendarError when it needs a year without table: such an end is unknown, never guessed.
 */
export function dueOf(
  fromMs: EpochMs,
  period: Period,
  calendar: WorkCalendar,
  pauses: readonly Pause[] = [],
): Due | null {
  if (pauses.some(({ toMs }) => toMs === null)) return null
  if (period.unit === 'minute') {
    const endMs = afterMinutes(fromMs, period.count, period.duty, pauses)
    return { lastDay: dayOf((endMs - 1) as EpochMs), endMs }
  }
  const start = dayOf(fromMs)
  const still = (day: Day): boolean =>
    pauses.some(({ fromMs: from, toMs: to }) => to !== null && day > dayOf(from) && day <= dayOf(to))
  const last = lastDayOf(start, period, calendar, still)
  const lastDay = period.roll ? calendar.orNextWorking(last) : last
  return { lastDay, endMs: startOfDay(addDays(lastDay, 1)) }
}

function lastDayOf(
  start: Day,
  { unit, count }: Exclude<Period, { unit: 'minute' }>,
  calendar: WorkCalendar,
  still: (day: Day) => boolean,
): Day {
  const counts = (day: Day): boolean => !still(day) && (unit !== 'working_day' || calendar.isWorking(day))
  const plain = unit === 'month' ? addMonths(start, count) : unit === 'year' ? addMonths(start, 12 * count) : null
  // A period by the month is the days between the two dates; a suspension adds the days that it took.
  let left = plain === null ? count : plain - start
  let day = start
  while (left > 0) {
    day = addDays(day, 1)
    if (counts(day)) left -= 1
  }
  return day
}

/** Minutes on the clock, only within duty hours when there are such. */
function afterMinutes(fromMs: EpochMs, count: number, duty: DutyHours | null, pauses: readonly Pause[]): EpochMs {
  const minuteMs = 60_000
  let left = count * minuteMs
  let at: number = fromMs
  // Runs of open time: between pauses and, day by day, between the hours of duty.
  for (let turns = 0; left > 0 && turns < 100_000; turns++) {
    const pause = pauses.find(({ fromMs: from, toMs: to }) => to !== null && at >= from && at < to)
    if (pause?.toMs != null) {
      at = pause.toMs
      continue
    }
    const dayStart = startOfDay(dayOf(at as EpochMs))
    const open = duty === null ? dayStart : dayStart + duty.fromMin * minuteMs
    const close = duty === null ? dayStart + 86_400_000 : dayStart + duty.toMin * minuteMs
    if (at < open) {
      at = open
      continue
    }
    if (at >= close) {
      at = startOfDay(addDays(dayOf(at as EpochMs), 1))
      continue
    }
    const nextPause = Math.min(...pauses.map(({ fromMs: from }) => (from > at ? from : Infinity)), close)
    const run = Math.min(left, nextPause - at)
    left -= run
    at += run
  }
  return at as EpochMs
}
