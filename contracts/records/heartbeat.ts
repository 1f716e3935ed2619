import { z } from 'zod'
import type { EpochMs } from '../base/index.js'
import { cameraId, count, instant, sha256Hex, toInstant } from './fields.js'

const cameraState = z.looseObject({
  cam: cameraId,
  state: z.enum(['starting', 'running', 'waiting', 'stopped']),
  fault: z.string().max(60).nullable(),
  dropped: count,
  restarts: count,
})

/** Health every 5 minutes; every 60 when more than 10 000 records wait. */
export const heartbeatBody = z.looseObject({
  disk_free_mb: count,
  /** Records without a receipt. */
  outbox: count,
  ring_oldest: instant.nullable(),
  temp_c: z.int().nullable().optional(),
  held_mb: count.optional(),
  held_full: z.boolean().optional(),
  cameras: z.array(cameraState).max(256).optional(),
  /** Newest witnessed checkpoint seen. */
  after: z.strictObject({ size: count, root: sha256Hex }).optional(),
})
export type HeartbeatBody = z.infer<typeof heartbeatBody>

export interface Heartbeat {
  readonly diskFreeMb: number
  readonly outbox: number
  readonly ringOldestMs: EpochMs | null
  readonly temperatureC: number | null
  readonly heldMb: number
  readonly heldFull: boolean
  readonly cameras: readonly {
    readonly camera: string
    readonly state: 'starting' | 'running' | 'waiting' | 'stopped'
    /** Code of the fault, null when all is well. */
    readonly fault: string | null
    readonly framesDropped: number
    readonly restarts: number
  }[]
}

export function toHeartbeatBody(beat: Heartbeat): HeartbeatBody {
  return {
    disk_free_mb: Math.max(0, Math.floor(beat.diskFreeMb)),
    outbox: beat.outbox,
    ring_oldest: beat.ringOldestMs === null ? null : toInstant(beat.ringOldestMs),
    temp_c: beat.temperatureC === null ? null : Math.round(beat.temperatureC),
    held_mb: Math.max(0, Math.ceil(beat.heldMb)),
    held_full: beat.heldFull,
    cameras: beat.cameras.map((camera) => ({
      cam: camera.camera,
      state: camera.state,
      fault: camera.fault === null ? null : camera.fault.slice(0, 60),
      dropped: camera.framesDropped,
      restarts: camera.restarts,
    })),
  }
}
