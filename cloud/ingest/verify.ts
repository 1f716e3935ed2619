import type { KeyObject } from 'node:crypto'
import {
  integersOnly,
  parseCanonical,
  payloadTypes,
  publicKeyOf,
  sha256,
  verifySignature,
  type Envelope,
  type Json,
} from '../../contracts/evidence/index.js'
import {
  deviceOfSource,
  envelopeBytesMax,
  payloadBytesMax,
  recordFrame,
  type RecordFrame,
} from '../../contracts/records/index.js'

/** A record whose form is sound; its signature is not looked at yet. */
export interface ReadRecord {
  readonly frame: RecordFrame
  readonly h: string
  readonly envelope: Envelope
  readonly text: string
}

export type Refusal = { readonly refused: 'too_large' | 'type' | 'form' | 'device' }

/** EVIDENCE.md §1.4, everything before the key: size, type, canonical payload, frame, device. */
export function readRecord(
  item: { readonly envelope: Envelope; readonly text: string },
  topicDevice: string,
): ReadRecord | Refusal {
  const { envelope, text } = item
  if (text.length > envelopeBytesMax || envelope.payload.length > payloadBytesMax) return { refused: 'too_large' }
  if (envelope.payloadType !== payloadTypes.record) return { refused: 'type' }
  let value: Json
  try {
    value = parseCanonical(envelope.payload)
  } catch {
    return { refused: 'form' }
  }
  const result = recordFrame.safeParse(value)
  if (!result.success || !integersOnly(value)) return { refused: 'form' }
  if (deviceOfSource(result.data.source) !== topicDevice) return { refused: 'device' }
  return { frame: result.data, h: sha256(envelope.payload), envelope, text }
}

/** Parsed keys by id: importing one costs more than verifying with it. */
export function keyCache(countMax = 10_000): (keyid: string, spki: string) => KeyObject {
  const keys = new Map<string, KeyObject>()
  return (keyid, spki) => {
    const known = keys.get(keyid)
    if (known !== undefined) return known
    if (keys.size >= countMax) keys.clear()
    const key = publicKeyOf(spki)
    keys.set(keyid, key)
    return key
  }
}

/** Exactly one signature, by this key. */
export function isSignedBy(record: ReadRecord, keyid: string, key: KeyObject): boolean {
  const { signatures } = record.envelope
  return signatures.length === 1 && signatures[0]?.keyid === keyid && verifySignature(record.envelope, 0, key)
}

/** Exactly two signatures: the old key's, then the new one's. */
export function isRotation(
  record: ReadRecord,
  old: { keyid: string; key: KeyObject },
  next: { keyid: string; key: KeyObject },
): boolean {
  const { signatures } = record.envelope
  return (
    signatures.length === 2 &&
    signatures[0]?.keyid === old.keyid &&
    signatures[1]?.keyid === next.keyid &&
    verifySignature(record.envelope, 0, old.key) &&
    verifySignature(record.envelope, 1, next.key)
  )
}
