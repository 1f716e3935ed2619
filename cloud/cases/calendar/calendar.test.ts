import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { EpochMs } from '../../../contracts/base/index.js'
import {
  addDays,
  addMonths,
  dayOf,
  dayText,
  dueOf,
  isWeekend,
  parseDay,
  parseYearTable,
  startOfDay,
  surchargeFen,
  workCalendar,
  type Day,
  type Period,
} from './index.js'

const folder = new URL('../../../policy/calendar/', import.meta.url)
const tables = [2025, 2026].map((year) => {
  const { table, faults } = parseYearTable(readFileSync(new URL(`${year}.yaml`, folder), 'utf8'), `${year}.yaml`)
  if (table === null) throw new Error(JSON.stringify(faults))
  return table
})
const calendar = workCalendar(tables)
const seed = Number(process.env['KW_SEED'] ?? 20260302)
const at = (text: string): EpochMs => Date.parse(text) as EpochMs
const working = (count: number): Period => ({ unit: 'working_day', count, roll: true })
const plain = (count: number, roll = false): Period => ({ unit: 'calendar_day', count, roll })

t.test('working days a year: 365 days less weekends and holidays, with the swapped weekends', async (t) => {
  const count = (year: number): number => {
    const first = parseDay(`${year}-01-01`) as Day
    return Array.from({ length: 365 }, (_, index) => addDays(first, index)).filter((day) => calendar.isWorking(day))
      .length
  }
  // 2025: 28 days off, 5 made up; of the days off some are weekends. Counted by hand from the two notices.
  t.same([count(2025), count(2026)], [248, 248])
})

t.test('known ends', async (t) => {
  const table: readonly (readonly [string, Period, string])[] = [
    ['2026-03-02T10:00:00+08:00', working(5), '2026-03-09'],
    ['2026-03-02T23:59:59+08:00', working(5), '2026-03-09'],
    ['2026-02-13T09:00:00+08:00', working(2), '2026-02-24'], // 14th is made up, then nine days of Spring Festival
    ['2026-02-13T09:00:00+08:00', plain(5, true), '2026-02-24'],
    ['2026-02-13T09:00:00+08:00', plain(5), '2026-02-18'],
    ['2025-09-26T12:00:00+08:00', working(3), '2025-09-30'], // Sunday the 28th is made up
    ['2025-08-31T12:00:00+08:00', { unit: 'month', count: 6, roll: false }, '2026-02-28'],
    ['2025-08-31T12:00:00+08:00', { unit: 'month', count: 6, roll: true }, '2026-02-28'], // a Saturday, made up: a working day
    ['2026-06-30T16:30:00Z', working(1), '2026-07-02'], // already 1 July in Shanghai
  ]
  for (const [from, period, last] of table) {
    const due = dueOf(at(from), period, calendar)
    t.equal(due && dayText(due.lastDay), last, `${from} + ${JSON.stringify(period)}`)
    t.equal(due?.endMs, at(`${dayText(addDays(parseDay(last) as Day, 1))}T00:00:00+08:00`))
  }
})

t.test('a year without table is refused, by name', async (t) => {
  t.throws(() => dueOf(at('2026-12-30T10:00:00+08:00'), working(5), calendar), {
    code: 'CALENDAR_YEAR_MISSING',
    details: { year: 2027 },
  })
  t.equal(
    dayText((dueOf(at('2026-12-30T10:00:00+08:00'), plain(5), calendar) ?? { lastDay: 0 as Day }).lastDay),
    '2027-01-04',
    'calendar days need no table',
  )
})

t.test('a suspended period stands still and then counts on', async (t) => {
  const from = at('2026-03-02T10:00:00+08:00')
  t.equal(dueOf(from, plain(90), calendar, [{ fromMs: at('2026-03-10T09:00:00+08:00'), toMs: null }]), null)
  const due = dueOf(from, plain(90), calendar, [
    { fromMs: at('2026-03-10T09:00:00+08:00'), toMs: at('2026-03-20T09:00:00+08:00') },
  ])
  t.equal(due && dayText(due.lastDay), dayText(addDays(parseDay('2026-03-02') as Day, 100)))
})

t.test('minutes run on the clock, within hours of duty where there are such', async (t) => {
  const duty = { fromMin: 8 * 60, toMin: 20 * 60 }
  const end = (from: string, count: number, hours: typeof duty | null): string =>
    new Date(dueOf(at(from), { unit: 'minute', count, duty: hours }, calendar)?.endMs ?? 0).toISOString()
  t.equal(end('2026-03-02T10:00:00+08:00', 30, null), '2026-03-02T02:30:00.000Z')
  t.equal(
    end('2026-03-02T19:50:00+08:00', 30, duty),
    '2026-03-03T00:20:00.000Z',
    '10 minutes in the evening, 20 in the morning',
  )
  t.equal(end('2026-03-02T02:00:00+08:00', 30, duty), '2026-03-02T00:30:00.000Z')
})

const moment = fc
  .integer({ min: at('2025-01-01T00:00:00+08:00'), max: at('2026-09-01T00:00:00+08:00') })
  .map((ms) => ms as EpochMs)

t.test('properties: exactly n working days, order, rolling, pauses never shorten', async () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 30 }), (from, count) => {
      const due = dueOf(from, working(count), calendar)
      if (due === null) return false
      let seen = 0
      for (let day = addDays(dayOf(from), 1); day <= due.lastDay; day = addDays(day, 1))
        if (calendar.isWorking(day)) seen++
      return (
        seen === count &&
        calendar.isWorking(due.lastDay) &&
        due.endMs === startOfDay(addDays(due.lastDay, 1)) &&
        due.endMs > from
      )
    }),
    { seed, numRuns: 500 },
  )
  fc.assert(
    fc.property(moment, moment, fc.integer({ min: 1, max: 30 }), fc.boolean(), (a, b, count, roll) => {
      const [early, late] = a <= b ? [a, b] : [b, a]
      const ends = [early, late].map((from) => dueOf(from, plain(count, roll), calendar)?.endMs ?? 0)
      return (ends[0] ?? 0) <= (ends[1] ?? 0)
    }),
    { seed, numRuns: 500 },
  )
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 20 }),
      (from, count, after, length) => {
        const start = addDays(dayOf(from), after)
        const pause = { fromMs: startOfDay(start), toMs: startOfDay(addDays(start, length)) }
        const [bare, paused] = [dueOf(from, plain(count), calendar), dueOf(from, plain(count), calendar, [pause])]
        if (bare === null || paused === null) return false
        const grew = paused.lastDay - bare.lastDay
        return grew >= 0 && grew <= length && (after + length >= count || grew === length)
      },
    ),
    { seed, numRuns: 500 },
  )
})

t.test('days and months: round trip, and the last day of a short month', async (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 18_000, max: 25_000 }),
      (n) => parseDay(dayText(n as Day)) === n && dayOf(startOfDay(n as Day)) === n,
    ),
    { seed },
  )
  t.equal(dayText(addMonths(parseDay('2024-01-31') as Day, 1)), '2024-02-29')
  t.equal(parseDay('2026-02-30'), null)
  t.equal(isWeekend(parseDay('2026-03-01') as Day), true)
})

t.test('the surcharge is 3 % a day and never above the fine (I6)', async (t) => {
  t.same(
    [0, 1, 33, 34, 400].map((days) => surchargeFen(20_000, days)),
    [0, 600, 19_800, 20_000, 20_000],
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 100_000_000 }),
      fc.nat(2000),
      (fine, days) => surchargeFen(fine, days) <= fine && surchargeFen(fine, days) <= surchargeFen(fine, days + 1),
    ),
    { seed },
  )
  t.throws(() => surchargeFen(-1, 1), RangeError)
})

t.test('a wrong table: every fault with line and key; any bytes give an answer', async (t) => {
  const source = readFileSync(new URL('2026.yaml', folder), 'utf8')
    .replace("'2026-01-04'", "'2026-01-05'")
    .replace("from: '2026-04-04'", "from: '2026-04-31'")
    .replace('verified: false', 'verified: true')
  const { table, faults } = parseYearTable(source, 'x.yaml')
  t.equal(table, null)
  t.match(faults.map(({ key, line }) => `${key}:${line > 1}`).join(' '), /holidays\[2\]\.from:true/)
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => parseYearTable(text, 'x').faults.length >= 0),
    { seed },
  )
})
