import { z } from 'zod'
import type { Box, EpochMs } from '../base/index.js'
import { toRfc3339 } from '../base/index.js'

/** Lower-case hex SHA-256. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)
export const uuidv7 = z.uuidv7()
/** RFC 3339, UTC, milliseconds, `Z`: the only form of an instant in what is signed. */
export const instant = z.string().regex(/^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z$/)
export const cameraId = z.string().regex(/^[a-z0-9-]{2,20}$/)
export const deviceId = z.string().regex(/^[a-z0-9-]{3,40}$/)
/** `[x, y, w, h]` in 1/10 000 of the picture. */
export const boxE4 = z.tuple([
  z.int().min(0).max(10_000),
  z.int().min(0).max(10_000),
  z.int().min(0).max(10_000),
  z.int().min(0).max(10_000),
])
export type BoxE4 = z.infer<typeof boxE4>
/** 0..1000 */
export const milli = z.int().min(0).max(1_000)
export const count = z.int().min(0)
export const segmentIndex = z.int().min(0).max(999_999_999)

/** Normalised box -> 1/10 000 of the picture, clamped to it. */
export function toBoxE4(box: Box): BoxE4 {
  const whole = (value: number): number => Math.min(10_000, Math.max(0, Math.round(value * 10_000)))
  return [whole(box[0]), whole(box[1]), whole(box[2]), whole(box[3])]
}

/** Score 0..1 -> 0..1000. */
export function toMilli(score: number): number {
  return Math.min(1_000, Math.max(0, Math.round(score * 1_000)))
}

/** Instant or null. */
export function toInstant(ms: EpochMs): string {
  return toRfc3339(ms)
}

/**
 * Named numbers as what is signed may hold them: safe integers only. A fraction goes out as `<name>_milli` where three
 * decimals say it all, else as `<name>_e7` (EVIDENCE.md §1.1).
 */
export function toIntegers(values: Readonly<Record<string, number>>): Record<string, number> {
  const out: Record<string, number> = {}
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) continue
    const thousand = value * 1_000
    if (Number.isSafeInteger(value)) out[name] = value + 0
    else if (Math.abs(thousand - Math.round(thousand)) < 1e-6) out[`${name}_milli`] = Math.round(thousand)
    else out[`${name}_e7`] = Math.round(value * 1e7)
  }
  return out
}
