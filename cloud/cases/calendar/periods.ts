import type { Cause } from '../../../contracts/terms.js'
import { usableFigure, type PolicyPack, type Usable } from '../pack/pack.js'
import type { FigureKey, FigureValue } from '../pack/figures.js'
import type { TimerId } from '../process/index.js'
import type { DutyHours, Period } from './due.js'

/** What a period depends on beside the pack. */
export interface PeriodFacts {
  readonly cause: Cause
  /** Hours of duty for periods on the clock; null: round the clock. */
  readonly duty?: DutyHours
  /** T07 of a redo, T27 as ordered. */
  readonly orderedDays?: number
  /** T23 before a court, not the reconsideration organ. */
  readonly court?: boolean
  /** T23, T34 in the simplified procedure. */
  readonly simplified?: boolean
  /** T09: danger to life, health or finance with harm. */
  readonly grave?: boolean
  /** T29: major case. */
  readonly major?: boolean
  /** T32: class of the published matter. */
  readonly publicity?: 'light' | 'general' | 'serious'
}

/** `null`: the timer has no end of its own (T16 counts days, T03 for spillage does not exist). */
export type PeriodChoice = Usable<Period | null>

const working = (count: number, roll = false): Period => ({ unit: 'working_day', count, roll })
const calendar = (count: number, roll: boolean): Period => ({ unit: 'calendar_day', count, roll })
const months = (count: number, roll: boolean): Period => ({ unit: 'month', count, roll })
const years = (count: number): Period => ({ unit: 'year', count, roll: false })
const fixed = (value: Period | null): PeriodChoice => ({ ok: true, value })

/**
 * Length of each timer (DOMAIN.md §5.7): from the statute where it fixes one, else from the pack. Two, three, five, seven and
 * ten days are working days (APL Art. 85, ACL Art. 69, RL Art. 88); the rest are calendar days.
 */
export function periodOf(timer: TimerId, pack: PolicyPack, facts: PeriodFacts): PeriodChoice {
  const from = <Key extends FigureKey>(key: Key, make: (value: FigureValue<Key>) => Period | null): PeriodChoice => {
    const found = usableFigure(pack, key)
    return found.ok ? fixed(make(found.value)) : found
  }
  const clock = (count: number | null): Period | null =>
    count === null ? null : { unit: 'minute', count, duty: facts.duty ?? null }
  switch (timer) {
    case 'T01':
      return from('triage.minutes', (value) => clock(value[facts.cause]))
    case 'T02':
      return from('intake.quarantine_days', (value) => working(value, true))
    case 'T03':
      return from('dissuasion.grace_min', (value) => clock(value[facts.cause]))
    case 'T04':
      return from('dispatch.minutes', clock)
    case 'T05':
      return from('identify.days', (value) => calendar(value, true))
    case 'T06':
      return from('notice.facts_days', (value) => working(value))
    case 'T07': // APL Art. 60; a redo as ordered (RL Implementing Regulation Art. 49). Not rolled: stricter than CPL 85.
      return facts.orderedDays === undefined
        ? from('decision.days', (value) => calendar(value, false))
        : fixed(calendar(facts.orderedDays, false))
    case 'T08':
      return from('lead.verify_days', (value) => calendar(value, true))
    case 'T09': // APL Art. 36
      return from('limitation.years', ({ ordinary, grave }) => years(facts.grave === true ? grave : ordinary))
    case 'T10':
      return from('defence.window_days', (value) => working(value, true))
    case 'T11': // APL Art. 64(1), 85
      return fixed(working(5, true))
    case 'T12': // APL Art. 64(2), 85
      return fixed(working(7))
    case 'T13':
      return from('service.public_notice_days', (value) => calendar(value, true))
    case 'T14': // APL Art. 61, 85
      return fixed(working(7))
    case 'T15': // APL Art. 67
      return fixed(calendar(15, true))
    case 'T16': // counts days, see surcharge.ts
      return fixed(null)
    case 'T17': // Compulsion Law Art. 54, 69
      return fixed(working(10, true))
    case 'T18': // Compulsion Law Art. 53
      return fixed(months(3, true))
    case 'T19': // Reconsideration Law Art. 20
      return fixed(calendar(60, true))
    case 'T20': // Litigation Law Art. 46
      return fixed(months(6, true))
    case 'T21': // Litigation Law Art. 45
      return fixed(calendar(15, true))
    case 'T22': // Reconsideration Law Art. 32, 88
      return fixed(working(5))
    case 'T23': // Reconsideration Law Art. 48, 54, 88; Litigation Law Art. 67
      return fixed(facts.court === true ? calendar(15, true) : working(facts.simplified === true ? 5 : 10, true))
    case 'T24': // APL Art. 48(2), 85
      return fixed(working(3))
    case 'T25':
      return from('publicity.days', (value) => working(value))
    case 'T26': // APL Art. 56, 85
      return fixed(working(7))
    case 'T27':
      return facts.orderedDays === undefined
        ? from('rectify.days', (value) => calendar(value[facts.cause], true))
        : fixed(calendar(facts.orderedDays, true))
    case 'T28':
      return from('device.review_months', (value) => months(value, false))
    case 'T29':
      return from('retention.file_years', ({ ordinary, major }) => years(facts.major === true ? major : ordinary))
    case 'T30':
      return from('retention.clip_days', ({ cloud }) => calendar(cloud, false))
    case 'T31':
      return from('complaint.reply_days', (value) => working(value))
    case 'T32':
      return from('publicity.term_months', (value) => months(value[facts.publicity ?? 'general'], false))
    case 'T33':
      return from('portal.link_days', (value) => calendar(value, false))
    case 'T34': // Reconsideration Law Art. 62
      return fixed(calendar(facts.simplified === true ? 30 : 60, true))
    default:
      return { ok: false, why: 'unknown', key: timer }
  }
}
