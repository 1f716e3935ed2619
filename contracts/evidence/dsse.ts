import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { KerbError } from '../base/index.js'
import { jcs, parseText, type Json } from './jcs.js'

export class EnvelopeError extends KerbError<
  'ENVELOPE_MALFORMED' | 'ENVELOPE_NOT_CANONICAL' | 'ENVELOPE_TOO_LARGE' | 'KEY_MALFORMED'
> {}

export interface Signature {
  /** Hex SHA-256 of the signing key's SubjectPublicKeyInfo. */
  readonly keyid: string
  /** DER ECDSA-Sig-Value over SHA-256 of the pre-authentication encoding. */
  readonly sig: Buffer
}

/** DSSE v1: one signed payload. */
export interface Envelope {
  readonly payload: Buffer
  readonly payloadType: string
  readonly signatures: readonly Signature[]
}

export const payloadTypes = {
  record: 'application/vnd.kerbwatch.record.v1+json',
  receipt: 'application/vnd.kerbwatch.receipt.v1+json',
  command: 'application/vnd.kerbwatch.command.v1+json',
  release: 'application/vnd.kerbwatch.release.v1+json',
  package: 'application/vnd.kerbwatch.package.v1+json',
  enrol: 'application/vnd.kerbwatch.enrol.v1+json',
  upload: 'application/vnd.kerbwatch.upload.v1+json',
} as const

/** Who can sign. `sign` takes the pre-authentication encoding, hashes it with SHA-256 and answers a DER signature. */
export interface Signer {
  readonly keyId: string
  readonly alg: 'ES256'
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer
  sign(pae: Buffer): Promise<Buffer>
}

/** `DSSEv1 SP len(type) SP type SP len(payload) SP payload`, lengths in bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `
  return Buffer.concat([Buffer.from(head, 'utf8'), payload])
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Key id = hex SHA-256 of the SPKI DER. */
export function keyIdOf(spki: Uint8Array): string {
  return sha256(spki)
}

/** SPKI in DER or in base64 of it. @throws EnvelopeError `KEY_MALFORMED` for anything but a P-256 public key. */
export function publicKeyOf(spki: Uint8Array | string): KeyObject {
  try {
    const der = typeof spki === 'string' ? decodeBase64(spki) : Buffer.from(spki)
    if (der === null) throw new Error('not canonical base64')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
      throw new Error('not a P-256 key')
    return key
  } catch (cause) {
    throw new EnvelopeError('KEY_MALFORMED', 'not a P-256 public key', {}, { cause })
  }
}

/** Signs with every signer, in order. */
export async function signEnvelope(
  payloadType: string,
  payload: Buffer,
  signers: readonly Signer[],
): Promise<Envelope> {
  const pae = preAuthEncoding(payloadType, payload)
  const signatures: Signature[] = []
  for (const signer of signers) signatures.push({ keyid: signer.keyId, sig: await signer.sign(pae) })
  return { payload, payloadType, signatures }
}

/** Canonical form of the payload value, signed. */
export async function signJson(payloadType: string, value: Json, signers: readonly Signer[]): Promise<Envelope> {
  return signEnvelope(payloadType, Buffer.from(jcs(value), 'utf8'), signers)
}

/** Bytes that travel: canonical JSON, base64 with padding. */
export function encodeEnvelope(envelope: Envelope): string {
  const signatures = envelope.signatures.map(({ keyid, sig }) => ({ keyid, sig: sig.toString('base64') }))
  return jcs({ payload: envelope.payload.toString('base64'), payloadType: envelope.payloadType, signatures })
}

/** @throws EnvelopeError `ENVELOPE_TOO_LARGE`, `ENVELOPE_MALFORMED`, `ENVELOPE_NOT_CANONICAL`. */
export function decodeEnvelope(bytes: Uint8Array, bytesMax = 64 * 1024): Envelope {
  if (bytes.byteLength > bytesMax)
    throw new EnvelopeError('ENVELOPE_TOO_LARGE', `envelope of ${bytes.byteLength} bytes`, { bytes: bytes.byteLength })
  const { text, value } = read(bytes)
  const envelope = envelopeOf(value)
  if (encodeEnvelope(envelope) !== text)
    throw new EnvelopeError('ENVELOPE_NOT_CANONICAL', 'envelope is not in canonical form')
  return envelope
}

/**
 * One envelope or an array of them, as the topic `rec` carries them; each keeps its own canonical text.
 * @throws EnvelopeError as `decodeEnvelope`; also when the array is empty or longer than `countMax`.
 */
export function decodeBatch(
  bytes: Uint8Array,
  limits: { readonly bytesMax: number; readonly countMax: number },
): { readonly envelope: Envelope; readonly text: string }[] {
  if (bytes.byteLength > limits.bytesMax)
    throw new EnvelopeError('ENVELOPE_TOO_LARGE', `message of ${bytes.byteLength} bytes`, { bytes: bytes.byteLength })
  const { text, value } = read(bytes)
  const values: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [value]
  if (values.length === 0 || values.length > limits.countMax)
    throw new EnvelopeError('ENVELOPE_MALFORMED', `batch of ${values.length}`, { count: values.length })
  const items = values.map((one) => {
    const envelope = envelopeOf(one)
    return { envelope, text: encodeEnvelope(envelope) }
  })
  const joined = items.map((item) => item.text).join(',')
  if ((Array.isArray(value) ? `[${joined}]` : joined) !== text)
    throw new EnvelopeError('ENVELOPE_NOT_CANONICAL', 'message is not in canonical form')
  return items
}

/** Texts of envelopes -> the message that carries them all. */
export function encodeBatch(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(',')}]`
}

/** True when signature `index` was made by this key over these bytes. Never throws. */
export function verifySignature(envelope: Envelope, index: number, key: KeyObject): boolean {
  const signature = envelope.signatures[index]
  if (signature === undefined) return false
  try {
    return verify('sha256', preAuthEncoding(envelope.payloadType, envelope.payload), key, signature.sig)
  } catch {
    return false // not DER
  }
}

/** Standard base64 with padding that encodes back to itself; null for any other form. */
export function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

function read(bytes: Uint8Array): { text: string; value: Json } {
  try {
    return parseText(bytes)
  } catch (cause) {
    throw new EnvelopeError('ENVELOPE_MALFORMED', 'envelope is not JSON in UTF-8', {}, { cause })
  }
}

const keyIdPattern = /^[0-9a-f]{64}$/

function envelopeOf(value: Json): Envelope {
  const { payload, payloadType, signatures } = fieldsOf(value, 3)
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !Array.isArray(signatures))
    throw malformed('payload, payloadType, signatures expected')
  const list = signatures as readonly Json[]
  if (list.length < 1 || list.length > 4) throw malformed('1 to 4 signatures expected')
  return {
    payload: bytesOf(payload),
    payloadType,
    signatures: list.map((one) => {
      const { keyid, sig } = fieldsOf(one, 2)
      if (typeof keyid !== 'string' || typeof sig !== 'string' || !keyIdPattern.test(keyid))
        throw malformed('keyid, sig expected')
      return { keyid, sig: bytesOf(sig) }
    }),
  }
}

function fieldsOf(value: Json, count: number): Readonly<Record<string, Json | undefined>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('object expected')
  if (Object.keys(value).length !== count) throw malformed('unknown or missing field')
  return value as Readonly<Record<string, Json | undefined>>
}

function bytesOf(text: string): Buffer {
  const bytes = decodeBase64(text)
  if (bytes === null) throw malformed('base64 is not in its one canonical form')
  return bytes
}

function malformed(what: string): EnvelopeError {
  return new EnvelopeError('ENVELOPE_MALFORMED', `envelope refused: ${what}`)
}
