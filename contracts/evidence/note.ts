import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { KerbError } from '../base/index.js'
import { decodeBase64 } from './dsse.js'

export class NoteError extends KerbError<'NOTE_MALFORMED'> {}

/** A text and who signed it: C2SP signed-note. */
export interface Note {
  /** Up to and with the last newline before the empty line. */
  readonly body: string
  readonly signatures: readonly { readonly name: string; readonly keyId: Buffer; readonly bytes: Buffer }[]
}

/** Public key with its name, as a policy file spells it. */
export interface NoteKey {
  readonly name: string
  /** 1: Ed25519 over the body; 4: cosignature/v1. */
  readonly type: 1 | 4
  readonly keyId: Buffer
  readonly key: KeyObject
}

/** The head of a log: C2SP tlog-checkpoint, without extension lines. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Buffer
}

const signatureLine = /^\u2014 (\S+) (\S+)$/u
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex') // RFC 8410: SubjectPublicKeyInfo of Ed25519

/** @throws NoteError `NOTE_MALFORMED` */
export function parseNote(text: string): Note {
  const split = text.lastIndexOf('\n\n')
  if (split < 0 || !text.endsWith('\n')) throw malformed('no empty line before the signatures')
  const lines = text.slice(split + 2, -1).split('\n')
  return {
    body: text.slice(0, split + 1),
    signatures: lines.map((line) => {
      const match = signatureLine.exec(line)
      const bytes = match === null ? null : decodeBase64(match[2] ?? '')
      if (match?.[1] === undefined || bytes === null || bytes.length < 5) throw malformed('signature line')
      return { name: match[1], keyId: bytes.subarray(0, 4), bytes: bytes.subarray(4) }
    }),
  }
}

export function formatNote(note: Note): string {
  const lines = note.signatures.map(
    ({ name, keyId, bytes }) => `\u2014 ${name} ${Buffer.concat([keyId, bytes]).toString('base64')}\n`,
  )
  return `${note.body}\n${lines.join('')}`
}

/** `name+keyid+base64(type || public key)`. @throws NoteError `NOTE_MALFORMED` also when the key id does not fit. */
export function parseVkey(text: string): NoteKey {
  const match = /^(\S+?)\+([0-9a-f]{8})\+(\S+)$/.exec(text)
  const raw = match === null ? null : decodeBase64(match[3] ?? '')
  const [name, hex] = [match?.[1], match?.[2]]
  const type = raw?.[0]
  if (name === undefined || raw?.length !== 33 || (type !== 1 && type !== 4)) throw malformed('verifier key')
  const made = noteKey(name, type, raw.subarray(1))
  if (made.keyId.toString('hex') !== hex) throw malformed('key id of the verifier key')
  return made
}

/** Key id = first four bytes of `SHA-256(name || 0A || type || public key)`. */
export function noteKey(name: string, type: 1 | 4, publicKey: Uint8Array): NoteKey {
  const keyId = createHash('sha256').update(`${name}\n`).update(Buffer.of(type)).update(publicKey).digest()
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: 'der', type: 'spki' })
  return { name, type, keyId: keyId.subarray(0, 4), key }
}

/** True when the note carries a good signature of this key. */
export function verifyNote(note: Note, key: NoteKey): boolean {
  return note.signatures.some(
    ({ name, keyId, bytes }) =>
      name === key.name && keyId.equals(key.keyId) && verifyOne(note.body, bytes, key) !== null,
  )
}

/** Time of a witness's cosignature in seconds since the epoch; null when there is no good one. */
export function cosignedAtS(note: Note, key: NoteKey): number | null {
  for (const { name, keyId, bytes } of note.signatures) {
    if (name !== key.name || !keyId.equals(key.keyId) || key.type !== 4) continue
    const atS = verifyOne(note.body, bytes, key)
    if (atS !== null) return atS
  }
  return null
}

function verifyOne(body: string, bytes: Buffer, { type, key }: NoteKey): number | null {
  if (type === 1) return bytes.length === 64 && verify(null, Buffer.from(body), key, bytes) ? 0 : null
  if (bytes.length !== 72) return null
  const atS = Number(bytes.readBigUInt64BE(0))
  return verify(null, Buffer.from(`cosignature/v1\ntime ${atS}\n${body}`), key, bytes.subarray(8)) ? atS : null
}

/** Signs a body as a log does (Ed25519, type 1). */
export function signNote(body: string, key: NoteKey, privateKey: KeyObject): Note['signatures'][number] {
  return { name: key.name, keyId: key.keyId, bytes: sign(null, Buffer.from(body), privateKey) }
}

/** @throws NoteError `NOTE_MALFORMED` */
export function parseCheckpoint(body: string): Checkpoint {
  const match = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n$/.exec(body)
  const root = match === null ? null : decodeBase64(match[3] ?? '')
  if (match?.[1] === undefined || root?.length !== 32) throw malformed('checkpoint')
  return { origin: match[1], size: Number(match[2]), root }
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

function malformed(what: string): NoteError {
  return new NoteError('NOTE_MALFORMED', `note refused: ${what}`)
}
