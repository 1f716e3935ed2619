import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { toRfc3339, type Clock, type Log } from '../../contracts/base/index.js'
import { objectBytesMax, uploadPayload, type UploadPayload } from '../../contracts/commands/index.js'
import {
  decodeBase64,
  decodeEnvelope,
  parseCanonical,
  payloadTypes,
  publicKeyOf,
  verifySignature,
} from '../../contracts/evidence/index.js'
import { ObjectError, type ObjectStore } from '../store/objects.js'
import type { RecordStore } from '../store/records.js'

export interface ObjectRoutes {
  readonly objects: ObjectStore
  readonly records: RecordStore
  /** An object is there and durable; repeats are harmless. */
  readonly onObject: (object: { readonly sha256: string; readonly bytes: number; readonly device: string }) => void
  /** Bytes that one device may bring within an hour. */
  readonly quotaBytesPerHour?: number
  readonly clock: Clock
  readonly log: Log
}

const params = z.object({ hex: z.string().regex(/^[0-9a-f]{64}$/) })
const hourMs = 3_600_000

/** `HEAD` and `PUT /v1/objects/sha-256/HEX` for boxes: DESIGN.md §9.3, EVIDENCE.md §4. */
export const objectRoutes: FastifyPluginCallback<ObjectRoutes> = (app, options, done) => {
  const { objects, records, clock, log } = options
  const quota = options.quotaBytesPerHour ?? 50e9
  const used = new Map<string, { hour: number; bytes: number }>()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, next) => {
    next(null, payload)
  })

  /** The permit, or the status that refuses. */
  function permitOf(request: FastifyRequest, hex: string): UploadPayload | number {
    const header = request.headers.authorization
    if (header?.startsWith('DSSE ') !== true) return 401
    const permit = readPermit(header.slice(5), records)
    if (permit === null) return 403
    return permit.sha256 === hex ? permit : 403
  }

  function isOverQuota(device: string, bytes: number): boolean {
    const hour = Math.floor(clock.wallMs() / hourMs)
    const before = used.get(device)
    const sum = (before?.hour === hour ? before.bytes : 0) + bytes
    if (sum > quota) return true
    used.set(device, { hour, bytes: sum })
    return false
  }

  const fail = (reply: FastifyReply, status: number, title: string): FastifyReply =>
    reply.code(status).type('application/problem+json').send({ type: 'about:blank', title, status })

  app.head('/v1/objects/sha-256/:hex', async (request, reply) => {
    const parsed = params.safeParse(request.params)
    if (!parsed.success) return reply.code(400).send()
    const permit = permitOf(request, parsed.data.hex)
    if (typeof permit === 'number') return reply.code(permit).send()
    const bytes = await objects.size(permit.sha256)
    if (bytes === null) return reply.code(404).send()
    options.onObject({ sha256: permit.sha256, bytes, device: permit.device })
    return reply.code(200).header('content-length', String(bytes)).send()
  })

  app.put('/v1/objects/sha-256/:hex', { bodyLimit: objectBytesMax }, async (request, reply) => {
    const parsed = params.safeParse(request.params)
    if (!parsed.success) return fail(reply, 400, 'not a SHA-256')
    const permit = permitOf(request, parsed.data.hex)
    if (typeof permit === 'number')
      return fail(reply, permit, permit === 401 ? 'a signed permit is needed' : 'not permitted')
    const announced = Number(request.headers['content-length'])
    if (announced > objectBytesMax) return fail(reply, 413, 'object too large')
    if (announced !== permit.bytes) return fail(reply, 400, 'length differs from the permit')
    if (!fits(request.headers['content-digest'], permit.sha256))
      return fail(reply, 422, 'digest differs from the address')
    if (isOverQuota(permit.device, announced)) return fail(reply, 429, 'too much for this hour')
    try {
      const how = await objects.put(permit.sha256, request.body as AsyncIterable<Uint8Array>, permit.bytes)
      options.onObject({ sha256: permit.sha256, bytes: permit.bytes, device: permit.device })
      return await reply.code(how === 'made' ? 201 : 200).send()
    } catch (cause) {
      if (!(cause instanceof ObjectError)) throw cause
      log.warn({ device: permit.device, sha256: permit.sha256, code: cause.code }, 'an upload was refused')
      const status = { OBJECT_DIGEST: 422, OBJECT_TOO_LARGE: 413, OBJECT_STORE_FULL: 507, OBJECT_MISSING: 400 }[
        cause.code
      ]
      if (cause.code === 'OBJECT_DIGEST')
        records.raise({
          device: permit.device,
          kind: 'object_digest',
          subject: permit.sha256,
          at: toRfc3339(clock.wallMs()),
          details: cause.details,
        })
      return fail(reply, status, cause.message)
    }
  })
  done()
}

/** Null for anything that is not a permit signed by the open record key of a registered device. */
function readPermit(base64: string, records: RecordStore): UploadPayload | null {
  try {
    const bytes = decodeBase64(base64)
    if (bytes === null) return null
    const envelope = decodeEnvelope(bytes, 4_096)
    if (envelope.payloadType !== payloadTypes.upload || envelope.signatures.length !== 1) return null
    const permit = uploadPayload.parse(parseCanonical(envelope.payload))
    const key = records.openKey(permit.device)
    if (key === null || envelope.signatures[0]?.keyid !== key.keyid) return null
    return verifySignature(envelope, 0, publicKeyOf(key.spki)) ? permit : null
  } catch {
    return null
  }
}

/** RFC 9530 `Content-Digest`; absent is allowed, because the address says the same. */
function fits(header: string | string[] | undefined, sha256: string): boolean {
  if (header === undefined) return true
  const match = /sha-256=:([^:]+):/.exec(String(header))
  return match?.[1] !== undefined && Buffer.from(match[1], 'base64').toString('hex') === sha256
}
