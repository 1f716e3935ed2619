import { z } from 'zod'
import type { EpochMs } from '../base/index.js'
import type { GapReason } from '../terms.js'
import { gapReasons } from '../terms.js'
import { cameraId, instant, toInstant } from './fields.js'

/** A hole of more than 2 s in which nothing was recorded. */
export const gapBody = z.looseObject({ cam: cameraId, from: instant, to: instant, reason: z.enum(gapReasons) })
export type GapBody = z.infer<typeof gapBody>

export interface GapFacts {
  readonly camera: string
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly reason: GapReason
}

export function toGapBody(gap: GapFacts): GapBody {
  return { cam: gap.camera, from: toInstant(gap.fromMs), to: toInstant(gap.toMs), reason: gap.reason }
}
