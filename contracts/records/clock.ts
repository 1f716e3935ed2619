import { z } from 'zod'
import { count, uuidv7 } from './fields.js'

/** State of the box's clock at the moment of a record: EVIDENCE.md §6. In every record as `data.clock`. */
export const clockState = z.looseObject({
  boot: uuidv7,
  mono_us: count,
  sync: z.enum(['synced', 'holdover', 'unsynced']),
  src: z.string().max(200),
  /** Last measured offset; null when nothing was ever measured. */
  off_us: z.int().nullable(),
  /** Bound now; null when there is none. */
  err_us: count.nullable(),
  /** Steps since boot. */
  step: count,
})
export type ClockState = z.infer<typeof clockState>

/** Body of a `clock` record. It shares `data.clock` with the state, because the first word of its kind is the same. */
export const clockBody = z.looseObject({
  ...clockState.shape,
  old_err_us: count.nullable(),
  step_us: z.int(),
  cause: z.enum(['step', 'synced', 'holdover', 'unsynced']),
})
export type ClockBody = z.infer<typeof clockBody>

/** The inside's view of the same. */
export interface ClockReading {
  readonly boot: string
  readonly monoUs: number
  readonly sync: ClockState['sync']
  readonly source: string
  readonly offsetUs: number | null
  readonly errorUs: number | null
  readonly steps: number
}

export function toClockState(reading: ClockReading): ClockState {
  return {
    boot: reading.boot,
    mono_us: Math.max(0, Math.round(reading.monoUs)),
    sync: reading.sync,
    src: reading.source,
    off_us: reading.offsetUs === null ? null : Math.round(reading.offsetUs),
    err_us: reading.errorUs === null ? null : Math.max(0, Math.ceil(reading.errorUs)),
    step: reading.steps,
  }
}

export interface ClockChange {
  readonly oldErrorUs: number | null
  readonly stepUs: number
  readonly cause: ClockBody['cause']
}

/** Only what a `clock` record has beyond the state. */
export function toClockBody(change: ClockChange): Pick<ClockBody, 'old_err_us' | 'step_us' | 'cause'> {
  return {
    old_err_us: change.oldErrorUs === null ? null : Math.ceil(change.oldErrorUs),
    step_us: Math.round(change.stepUs),
    cause: change.cause,
  }
}
