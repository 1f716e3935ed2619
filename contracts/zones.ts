import { z } from 'zod'
import type { EpochMs } from './base/index.js'
import { polygonFault } from './geometry.js'
import { zoneKinds } from './terms.js'
import { ruleOverridesSchema } from './thresholds.js'

export { groundPlaneSchema } from './ground-plane.js'
export type { GroundPlane } from './ground-plane.js'
export { pointInPolygon, polygonFault, shareInside } from './geometry.js'
export { ruleOverridesSchema } from './thresholds.js'
export type { RuleOverrides } from './thresholds.js'

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
type Weekday = (typeof weekdays)[number]

const date = z.iso.date('give a date as 2026-03-01')
const hours = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
    'give hours as "06:00-09:00", past midnight as "17:00-02:00"',
  )
  .refine(
    (text) => text.slice(0, 5) !== text.slice(6),
    'begins and ends at the same time: a whole day is "00:00-24:00"',
  )

/** Weekly hours in the camera's time zone; hours past midnight belong to the day on which they start. */
export const scheduleSchema = z
  .strictObject({
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .max(7)
      .default([...weekdays]),
    hours: z.array(hours).min(1).max(12).default(['00:00-24:00']),
    /** First and last day, both included. */
    from: date.optional(),
    to: date.optional(),
    /** Days on which it does not hold. */
    except: z.array(date).max(366).default([]),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    message: '`to` lies before `from`',
    path: ['to'],
  })
export type Schedule = z.infer<typeof scheduleSchema>

const polygon = z
  .array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]))
  .max(64)
  .superRefine((points, context) => {
    const fault = polygonFault(points)
    if (fault !== null) context.addIssue({ code: 'custom', message: `the polygon ${fault}` })
  })

/** One zone of a camera, in picture coordinates; the same form in edge.yaml and in truth files. */
export const zoneSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,20}$/, 'an id is 1 to 20 of a-z, 0-9 and -'),
  kind: z.enum(zoneKinds),
  /** Permit of a `permitted_stall`. */
  holder_ref: z.string().min(1).max(80).optional(),
  polygon,
  schedule: scheduleSchema.nullable().default(null),
  rules: ruleOverridesSchema.default({}),
})
export type Zone = z.infer<typeof zoneSchema>

/** A list of zones whose ids differ. */
export const zonesSchema = z
  .array(zoneSchema)
  .max(64)
  .superRefine((zones, context) => {
    for (const [index, { id }] of zones.entries())
      if (zones.findIndex((zone) => zone.id === id) !== index)
        context.addIssue({
          code: 'custom',
          message: `another zone of this camera is also called ${id}`,
          path: [index, 'id'],
        })
  })

/** True for an IANA time zone that this machine knows. */
export function isTimeZone(tz: string): boolean {
  try {
    formatterOf(tz)
    return true
  } catch {
    return false // Intl throws RangeError for an unknown zone: that is the answer
  }
}

export const timeZoneSchema = z.string().refine(isTimeZone, 'not an IANA time zone such as Asia/Shanghai')

/** True when the schedule holds at `atMs`; no schedule holds always. */
export function isOpen(schedule: Schedule | null, atMs: EpochMs, tz: string): boolean {
  if (schedule === null) return true
  const now = localTime(atMs, tz)
  const yesterday = dayBefore(now.date)
  return schedule.hours.some((text) => {
    const from = minutesOf(text.slice(0, 5))
    const to = minutesOf(text.slice(6))
    if (from < to) return now.minutes >= from && now.minutes < to && holdsOn(schedule, now.date)
    return (now.minutes >= from && holdsOn(schedule, now.date)) || (now.minutes < to && holdsOn(schedule, yesterday))
  })
}

function holdsOn(schedule: Schedule, day: string): boolean {
  if (schedule.from !== undefined && day < schedule.from) return false
  if (schedule.to !== undefined && day > schedule.to) return false
  return schedule.days.includes(weekdayOf(day)) && !schedule.except.includes(day)
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
}

function weekdayOf(day: string): Weekday {
  return weekdays[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'mon'
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(tz: string): Intl.DateTimeFormat {
  let formatter = formatters.get(tz)
  if (formatter === undefined) {
    // sv-SE writes 2026-03-02 10:00, which needs no assembling
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short', timeStyle: 'short' })
    formatters.set(tz, formatter)
  }
  return formatter
}

function localTime(atMs: EpochMs, tz: string): { date: string; minutes: number } {
  const text = formatterOf(tz).format(atMs)
  return { date: text.slice(0, 10), minutes: minutesOf(text.slice(11, 16)) }
}
