import type { ServerResponse } from 'node:http'
import type { FastifyPluginCallback } from 'fastify'
import { RefusedError } from '../../contracts/api/index.js'
import type { AppDeps } from './deps.js'
import { need } from './guard.js'

export const streamBounds = {
  clientsMax: 200,
  /** A client that does not read is cut off here; it comes back by itself and reads anew. */
  bufferBytesMax: 64 * 1024,
  heartbeatMs: 5_000,
} as const

/**
 * `GET /v1/stream`: server-sent events that say what changed by kind and id, nothing else; whoever wants more asks for it
 * with their own rights. A heartbeat every 5 s lets pages notice a dead line.
 */
export const streamRoutes: FastifyPluginCallback<AppDeps> = (app, { changes, clock, log }, done) => {
  const clients = new Set<ServerResponse>()
  const stop = new AbortController()
  const send = (text: string): void => {
    for (const client of clients) {
      if (client.writableLength > streamBounds.bufferBytesMax) client.destroy()
      else client.write(text)
    }
  }
  const unsubscribe = changes.subscribe(({ kind, id }) => {
    send(`event: ${kind}\ndata: ${JSON.stringify({ id })}\n\n`)
  })
  const beat = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await clock.sleep(streamBounds.heartbeatMs, stop.signal)
      send(': \n\n')
    }
  }
  app.addHook('onReady', () => {
    beat().catch((error: unknown) => {
      if (!stop.signal.aborted) log.error({ err: error }, 'the heartbeat of the stream stopped')
    })
  })
  app.addHook('preClose', () => {
    stop.abort()
    unsubscribe()
    for (const client of clients) client.end()
  })
  app.get(
    '/v1/stream',
    { schema: { tags: ['stream'], summary: 'Server-sent events: what changed, by id' } },
    (request, reply) => {
      need(request, 'any')
      if (clients.size >= streamBounds.clientsMax)
        throw new RefusedError({
          code: 'STREAM_FULL',
          status: 503,
          says: { zh: '同时打开的页面太多。', en: 'Too many pages are open.' },
          next: { zh: '关掉不用的页面。', en: 'Close those that are not needed.' },
          retryAfterS: 30,
        })
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-accel-buffering': 'no',
      })
      raw.write('retry: 2000\n\n')
      clients.add(raw)
      raw.once('close', () => clients.delete(raw))
      raw.on('error', () => clients.delete(raw))
    },
  )
  done()
}
