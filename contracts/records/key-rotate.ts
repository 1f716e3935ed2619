import { z } from 'zod'
import { sha256Hex } from './fields.js'

/** The change of the record key; the record carries two signatures, old then new. */
export const keyRotateBody = z.looseObject({
  old_keyid: sha256Hex,
  /** SubjectPublicKeyInfo, DER, base64. */
  new_spki: z.string().max(400),
})
export type KeyRotateBody = z.infer<typeof keyRotateBody>

export function toKeyRotateBody(oldKeyId: string, newSpki: string): KeyRotateBody {
  return { old_keyid: oldKeyId, new_spki: newSpki }
}
