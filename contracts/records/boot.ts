import { z } from 'zod'
import { count, sha256Hex, uuidv7 } from './fields.js'

export const bootReasons = [
  'first_start',
  'restart',
  'disk_lost',
  'rollback_detected',
  'key_lost',
  'reenrolled',
] as const
export type BootReason = (typeof bootReasons)[number]

/** Where a chain ended: its id, sequence number and payload digest of the last record. */
export const chainHead = z.strictObject({ chain: uuidv7, seq: count, h: sha256Hex })
export type ChainHead = z.infer<typeof chainHead>

/** Every process start; seq 0 of every chain. */
export const bootBody = z.looseObject({
  reason: z.enum(bootReasons),
  last_chain: chainHead.nullable(),
  app: z.string().max(100),
  /** SubjectPublicKeyInfo, DER, base64. */
  signing_key_spki: z.string().max(400),
  head_checked: z.boolean().optional(),
})
export type BootBody = z.infer<typeof bootBody>

export interface Boot {
  readonly reason: BootReason
  readonly lastChain: ChainHead | null
  readonly app: string
  readonly signingKeySpki: string
  readonly headChecked: boolean
}

export function toBootBody(boot: Boot): BootBody {
  return {
    reason: boot.reason,
    last_chain: boot.lastChain,
    app: boot.app,
    signing_key_spki: boot.signingKeySpki,
    head_checked: boot.headChecked,
  }
}
