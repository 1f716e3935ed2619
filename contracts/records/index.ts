import { z } from 'zod'
import { bootBody } from './boot.js'
import { clockBody, clockState } from './clock.js'
import { commandResultBody } from './command-result.js'
import { configBody } from './config.js'
import { eventBody } from './event.js'
import { count, deviceId, instant, sha256Hex, uuidv7 } from './fields.js'
import { gapBody } from './gap.js'
import { heartbeatBody } from './heartbeat.js'
import { keyRotateBody } from './key-rotate.js'
import { sealBody } from './seal.js'

export * from './boot.js'
export * from './clock.js'
export * from './command-result.js'
export * from './config.js'
export * from './event.js'
export * from './fields.js'
export * from './gap.js'
export * from './heartbeat.js'
export * from './key-rotate.js'
export * from './seal.js'

/** Payload <= 32 KiB, envelope <= 64 KiB (EVIDENCE.md §1.1). */
export const payloadBytesMax = 32 * 1024
export const envelopeBytesMax = 64 * 1024
/** `kwprev` of the first record of a chain. */
export const zeroDigest = '0'.repeat(64)

/** Body by kind; it stands under `data.<first word of the kind>`. */
export const bodyOfKind = {
  boot: bootBody,
  config: configBody,
  seal: sealBody,
  event: eventBody,
  gap: gapBody,
  heartbeat: heartbeatBody,
  clock: clockBody,
  'command.result': commandResultBody,
  'key.rotate': keyRotateBody,
} as const
export type RecordKind = keyof typeof bodyOfKind
export const recordKinds = Object.keys(bodyOfKind) as RecordKind[]
export type BodyOf<Kind extends RecordKind> = z.infer<(typeof bodyOfKind)[Kind]>

/** `command.result` -> `command`. */
export function bodyKey(kind: RecordKind): string {
  return kind.split('.')[0] ?? kind
}

export const recordTypePattern = /^kerbwatch\.([a-z]+(?:\.[a-z]+)?)\.v1$/
export const sourcePattern = /^urn:kerbwatch:edge:([a-z0-9-]{3,40})$/

/** The frame of every record: CloudEvents 1.0 with the chain's attributes. Unknown attributes are refused. */
export const recordFrame = z.strictObject({
  data: z.looseObject({ clock: clockState }),
  datacontenttype: z.literal('application/json'),
  id: uuidv7,
  kwchain: uuidv7,
  kwprev: sha256Hex,
  kwseq: count.max(2_147_483_647),
  source: z.string().regex(sourcePattern),
  specversion: z.literal('1.0'),
  time: instant,
  type: z.string().regex(recordTypePattern),
})
export type RecordFrame = z.infer<typeof recordFrame>

/** The whole payload of one kind, for JSON Schema and for tests. */
export function recordSchema<Kind extends RecordKind>(kind: Kind) {
  const data =
    kind === 'clock'
      ? z.looseObject({ clock: clockBody })
      : z.looseObject({ clock: clockState, [bodyKey(kind)]: bodyOfKind[kind] })
  return z.strictObject({ ...recordFrame.shape, data, type: z.literal(`kerbwatch.${kind}.v1`) })
}

/** What a record says: typed by kind, or the reason why its body cannot be read (it still belongs to the chain). */
export type RecordContent =
  | { [Kind in RecordKind]: { readonly kind: Kind; readonly body: BodyOf<Kind> } }[RecordKind]
  | { readonly kind: 'unreadable'; readonly type: string; readonly issue: string }

/** Reads the body of a frame that was verified before. Never throws. */
export function readContent(frame: RecordFrame): RecordContent {
  const kind = recordTypePattern.exec(frame.type)?.[1] as RecordKind | undefined
  if (kind === undefined || !Object.hasOwn(bodyOfKind, kind))
    return { kind: 'unreadable', type: frame.type, issue: 'unknown kind' }
  const result = bodyOfKind[kind].safeParse(frame.data[bodyKey(kind)])
  if (result.success) return { kind, body: result.data } as RecordContent
  const first = result.error.issues[0]
  return { kind: 'unreadable', type: frame.type, issue: `${first?.path.join('.') ?? ''}: ${first?.message ?? ''}` }
}

/** `urn:kerbwatch:edge:<device>` -> device. */
export function deviceOfSource(source: string): string | null {
  return sourcePattern.exec(source)?.[1] ?? null
}
export const deviceIdSchema = deviceId
