import { z } from 'zod'
import { count, deviceId, instant, sha256Hex, uuidv7 } from '../records/fields.js'

/** Cumulative: everything of this chain up to `seq` is durable. Retained on the device's topic `rcpt`. */
export const receiptPayload = z.strictObject({
  at: instant,
  chain: uuidv7,
  device: deviceId,
  /** Payload digest of record `seq`. */
  h: sha256Hex,
  seq: count,
  v: z.literal(1),
  /** First record that is missing: send from here. */
  want: count.optional(),
})
export type ReceiptPayload = z.infer<typeof receiptPayload>
