import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type EpochMs, toRfc3339 } from '../../contracts/base/index.js'
import type { MediaView, PortalStore } from '../store/portal.js'

/** `bytes=0-99` of a file with `size` bytes; null without a usable range, 'bad' when it lies outside (RFC 9110 §14). One range only. */
export function readRange(header: string | undefined, size: number): { from: number; to: number } | 'bad' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return null
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return from > to || from >= size ? 'bad' : { from, to }
}

/** Requests for parts of one file by one person within this time are one look. */
const lookMs = 10 * 60_000

/** Logs that somebody looks at a file, whatever part of it they ask for. */
export function logLook(views: PortalStore, nowMs: EpochMs, look: Omit<MediaView, 'at'>): void {
  views.addView({ at: toRfc3339(nowMs), ...look }, toRfc3339((nowMs - lookMs) as EpochMs))
}

/** Answers with a file that never changes (its address is its digest), whole or one range of it. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: string,
  type: string,
  cache = 'private, max-age=3600, immutable',
): Promise<FastifyReply> {
  const { size } = await stat(file)
  void reply.type(type).headers({ 'accept-ranges': 'bytes', 'cache-control': cache })
  const range = readRange(request.headers.range, size)
  if (range === 'bad') return reply.code(416).header('content-range', `bytes */${size}`).send()
  const { from, to } = range ?? { from: 0, to: size - 1 }
  void reply.header('content-length', to - from + 1)
  if (range !== null) void reply.code(206).header('content-range', `bytes ${from}-${to}/${size}`)
  if (request.method === 'HEAD' || size === 0) return reply.send()
  return reply.send(createReadStream(file, { start: from, end: to }))
}
