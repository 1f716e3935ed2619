import { z } from 'zod'
import { count, deviceId, instant, sha256Hex } from '../records/fields.js'

/** One segment of the ring, one still, one plate object: nothing larger. */
export const objectBytesMax = 64 * 1024 * 1024

/** What `Authorization: DSSE <base64 of an envelope>` says; a replay is harmless, because the address is the content. */
export const uploadPayload = z.strictObject({
  at: instant,
  bytes: count.max(objectBytesMax),
  device: deviceId,
  sha256: sha256Hex,
  v: z.literal(1),
})
export type UploadPayload = z.infer<typeof uploadPayload>

export const objectPath = (sha256: string): string => `/v1/objects/sha-256/${sha256}`
