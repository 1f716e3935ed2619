import { timingSafeEqual, createHash } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import type { Clock, Log } from '../../contracts/base/index.js'
import { readSecret, type EdgeConfig } from '../config/index.js'
import type { Edge, Post } from '../main.js'

export interface PanelDeps {
  readonly edge: Edge
  /** `edge.yaml`, which the panel shows and replaces whole. */
  readonly file: string
  readonly clock: Clock
  readonly log: Log
  readonly restart: () => void
}

/** The installer's page and its API. Password by HTTP Basic, user `panel`; `/healthz` is open. */
export async function openPanel(config: NonNullable<EdgeConfig['panel']>, deps: PanelDeps): Promise<AsyncDisposable> {
  const app = fastify({ logger: false, bodyLimit: 1 << 20 })
  const expected = digest(`panel:${await readSecret(config.password_file)}`)
  app.addHook('onRequest', async (request, reply) => {
    if (request.url === '/healthz') return
    const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    if (timingSafeEqual(digest(Buffer.from(given, 'base64').toString('utf8')), expected)) return
    await reply.code(401).header('www-authenticate', 'Basic realm="kerbwatch"').send({ title: 'a password is needed', status: 401 })
  })
  routes(app, deps)
  const colon = config.listen.lastIndexOf(':')
  await app.listen({ host: config.listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(config.listen.slice(colon + 1)) })
  return { [Symbol.asyncDispose]: () => app.close() }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function routes(app: FastifyInstance, { edge }: PanelDeps): void {
  app.get('/healthz', () => ({ ok: true, cameras: edge.posts.length }))
  app.get('/v1/cameras', () => ({ items: edge.posts.map(cameraView) }))
  app.get('/v1/health', () => ({
    device: edge.config.device,
    ffmpeg: { version: edge.ffmpeg.version, origin: edge.ffmpeg.origin, path: edge.ffmpeg.path, released_year: edge.ffmpeg.releasedYear ?? null },
    link_up: edge.linkUp(),
    records_waiting: edge.evidence.outbox.pendingCount(),
    clock: edge.evidence.clock(),
    storage: edge.evidence.storage(),
    ring: edge.ring.usage(),
  }))
}

function cameraView({ config, watch, health }: Post) {
  const counters = watch.counters()
  const state = health()
  return {
    id: config.id,
    place: config.place,
    state: state.state,
    fault: state.fault,
    transport: state.transport,
    codec: state.codec,
    gop_ms: state.gopMs,
    picture_px: state.pictureWidthPx === null ? null : [state.pictureWidthPx, state.pictureHeightPx],
    bits_per_second: state.bitsPerSecond,
    restarts: state.restarts,
    clock_usable: state.clockUsable,
    frames_seen: counters.framesSeen,
    frames_dropped: state.framesDropped + counters.framesShed,
    frames_damaged: state.framesDamaged,
    gaps: counters.gaps,
    view: counters.facts?.view ?? null,
  }
}
