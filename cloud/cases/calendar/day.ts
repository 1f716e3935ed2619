import type { EpochMs } from '../../../contracts/base/index.js'

declare const unit: unique symbol
/** A day of the civil calendar in China: days since 1970-01-01 at UTC+8. China has had no summer time since 1991. */
export type Day = number & { readonly [unit]: 'Day' }

const dayMs = 86_400_000
const offsetMs = 8 * 3_600_000

export function dayOf(ms: EpochMs): Day {
  return Math.floor((ms + offsetMs) / dayMs) as Day
}

/** The instant at which a day begins, 00:00 at UTC+8. */
export function startOfDay(day: Day): EpochMs {
  return (day * dayMs - offsetMs) as EpochMs
}

/** `2026-02-17` */
export function dayText(day: Day): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

/** @returns null for what is no day (2026-02-30). */
export function parseDay(text: string): Day | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : ((ms / dayMs) as Day)
}

export function yearOfDay(day: Day): number {
  return new Date(day * dayMs).getUTCFullYear()
}

/** Saturday or Sunday. 1970-01-01 was a Thursday. */
export function isWeekend(day: Day): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7
  return weekday === 0 || weekday === 6
}

export function addDays(day: Day, count: number): Day {
  return (day + count) as Day
}

/** The same day of a later month, or that month's last day when it has none (Civil Code Art. 202). */
export function addMonths(day: Day, months: number): Day {
  const date = new Date(day * dayMs)
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate()
  return (Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, Math.min(date.getUTCDate(), last)) /
    dayMs) as Day
}
