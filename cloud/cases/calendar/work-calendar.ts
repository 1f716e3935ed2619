import { z } from 'zod'
import { KerbError } from '../../../contracts/base/index.js'
import { parseYaml, type ConfigFault } from '../../../contracts/yaml-faults.js'
import { addDays, dayText, isWeekend, parseDay, yearOfDay, type Day } from './day.js'

const date = z.string().refine((text) => parseDay(text) !== null, 'is no day: write 2026-01-31')
const words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const table = z
  .strictObject({
    year: z.int().min(2021).max(2100),
    source: z.strictObject({
      title: z.string().min(1),
      number: z.string().min(1).nullable(),
      issued_on: date,
      read_in: z.string().min(1),
    }),
    verified: z.boolean().describe('somebody compared it with the notice on the site of the State Council'),
    verified_by: z.string().nullable(),
    verified_on: date.nullable(),
    holidays: z.array(z.strictObject({ name: words, from: date, to: date })).min(1),
    work_days: z.array(date).describe('Saturdays and Sundays on which work is made up'),
  })
  .superRefine((one, context) => {
    const say = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    const off = new Set<Day>()
    for (const [index, { from, to }] of one.holidays.entries()) {
      const [first, last] = [parseDay(from), parseDay(to)]
      if (first === null || last === null) continue
      if (last < first) say(['holidays', index, 'to'], 'lies before its beginning')
      if (yearOfDay(first) !== one.year || yearOfDay(last) !== one.year)
        say(['holidays', index], `lies outside ${one.year}`)
      for (let day = first; day <= last; day = addDays(day, 1)) off.add(day)
    }
    for (const [index, text] of one.work_days.entries()) {
      const day = parseDay(text)
      if (day === null) continue
      if (!isWeekend(day)) say(['work_days', index], 'is no Saturday or Sunday: nothing to make up')
      if (off.has(day)) say(['work_days', index], 'is a holiday too')
      if (yearOfDay(day) !== one.year) say(['work_days', index], `lies outside ${one.year}`)
    }
    if (one.verified && (one.verified_by === null || one.verified_on === null))
      say(['verified'], 'needs verified_by and verified_on')
  })
/** Working days of one year, as its notice of the State Council says. */
export type YearTable = z.infer<typeof table>

/** Every fault with line and key; the table when there is none. Never throws. */
export function parseYearTable(
  source: string,
  file: string,
): { table: YearTable | null; faults: readonly ConfigFault[] } {
  const { value, faults } = parseYaml(source, file, table)
  return { table: value, faults }
}

export class CalendarError extends KerbError<'CALENDAR_YEAR_MISSING'> {}

export interface WorkCalendar {
  /** @throws CalendarError `CALENDAR_YEAR_MISSING`: a day of a year without table is neither a working day nor a holiday. */
  isWorking(day: Day): boolean
  /** The day itself, or the next working day after it. @throws CalendarError */
  orNextWorking(day: Day): Day
  /** Whether the table of that year was compared with the official notice. @throws CalendarError */
  isVerified(day: Day): boolean
  readonly years: readonly number[]
}

export function workCalendar(tables: readonly YearTable[]): WorkCalendar {
  const years = new Map(
    tables.map((one) => [
      one.year,
      { off: daysOff(one), on: new Set(one.work_days.flatMap((text) => parseDay(text) ?? [])), verified: one.verified },
    ]),
  )
  const yearOf = (day: Day): { off: ReadonlySet<Day>; on: ReadonlySet<Day>; verified: boolean } => {
    const year = years.get(yearOfDay(day))
    if (year === undefined)
      throw new CalendarError(
        'CALENDAR_YEAR_MISSING',
        `no table of working days for ${yearOfDay(day)} (asked for ${dayText(day)}): add policy/calendar/${yearOfDay(day)}.yaml`,
        {
          year: yearOfDay(day),
          loaded: [...years.keys()],
        },
      )
    return year
  }
  const isWorking = (day: Day): boolean => {
    const { off, on } = yearOf(day)
    return on.has(day) || (!isWeekend(day) && !off.has(day))
  }
  return {
    isWorking,
    orNextWorking(day) {
      let next = day
      while (!isWorking(next)) next = addDays(next, 1)
      return next
    },
    isVerified: (day) => yearOf(day).verified,
    years: [...years.keys()].sort((a, b) => a - b),
  }
}

function daysOff({ holidays }: YearTable): ReadonlySet<Day> {
  const off = new Set<Day>()
  for (const { from, to } of holidays) {
    const [first, last] = [parseDay(from), parseDay(to)]
    if (first !== null && last !== null) for (let day = first; day <= last; day = addDays(day, 1)) off.add(day)
  }
  return off
}
