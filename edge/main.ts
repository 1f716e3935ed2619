import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CameraId, Clock, Ids, Log } from '../contracts/base/index.js'
import { jcs, type Json } from '../contracts/evidence/index.js'
import { lookBackGate, openRing, probeFfmpeg, type Ffmpeg, type Ring } from './capture/index.js'
import type { EdgeConfig } from './config/index.js'
import { openDataFolder } from './data-folder.js'
import { openEvidence, type Evidence } from './evidence/index.js'
import { openPost, type Post } from './post.js'
import { openLink, openUplink, readCloudKeys } from './uplink/index.js'
import { openVision, type Vision } from './vision/index.js'

export type { Post } from './post.js'
export { watchClip, type WatchClipOptions } from './watch-clip.js'

export interface EdgeDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Ends the program so that its supervisor starts it again (command `restart`). */
  readonly restart: () => void
}

/** After a restart the ring of so many cameras is watched again at a time; the others' live pictures wait in their rings. */
const replaysAtOnce = 2

/** A running box, as its panel and `main` see it. */
export interface Edge extends AsyncDisposable {
  readonly config: EdgeConfig
  readonly ffmpeg: Ffmpeg
  readonly posts: readonly Post[]
  readonly evidence: Evidence
  readonly ring: Ring
  readonly linkUp: () => boolean
  /** Rejects when a station ended that must not. */
  readonly ended: Promise<void>
}

/** Folder of the models that come with the program. */
export function modelsDir(): string {
  const beside = fileURLToPath(new URL('../models', import.meta.url))
  return existsSync(beside) ? beside : join(process.cwd(), 'models')
}

/** Opens the stations in the order of the data and lets the cameras run. @throws KerbError when one cannot be opened. */
export async function openEdge(config: EdgeConfig, deps: EdgeDeps): Promise<Edge> {
  const { clock, ids, log } = deps
  const { storage } = config
  openDataFolder(config.data)
  const ffmpeg = await probeFfmpeg(config.ffmpeg)
  log.info({ ffmpeg: ffmpeg.version, path: ffmpeg.path, origin: ffmpeg.origin }, 'the decoder')

  const ring = await openRing(
    {
      dir: join(config.data, 'ring'),
      ringMb: storage.ring_mb,
      ringDays: storage.ring_days,
      minFreePercent: storage.min_free_percent,
    },
    { clock, log, bytesMax: () => evidence.storage().ringBytesMax },
  )
  const gate = lookBackGate(config.look_back)
  const replayGate = lookBackGate({ concurrent: replaysAtOnce, queued: Infinity })
  const { workers, models } = config.vision
  const vision = await openVision({ workers, modelsDir: modelsDir(), models, log })

  const keys = readCloudKeys(config.cloud.keys_file)
  const link = openLink({
    device: config.device,
    url: config.cloud.mqtt,
    password: () => readFileSync(config.cloud.password_file, 'utf8').trim(),
    receiptKey: keys.receipt,
    allowPlain: config.cloud.allow_plain,
    clock,
    log,
  })
  const posts: Post[] = []
  const evidence = openEvidence({
    device: config.device,
    app: appVersion(),
    dataDir: config.data,
    keyFile: join(config.data, 'secret', 'record-key.pem'),
    cameras: config.cameras.map((camera) => ({
      id: camera.id as CameraId,
      privateZones: camera.zones.filter(({ kind }) => kind === 'private').map(({ polygon }) => polygon),
    })),
    storage: {
      ringMb: storage.ring_mb,
      ringDays: storage.ring_days,
      heldMb: storage.held_mb,
      heldDays: storage.held_days,
      minFreePercent: storage.min_free_percent,
      reserveMb: storage.reserve_mb,
    },
    ntp: config.ntp,
    ffmpeg: ffmpeg.path,
    clock,
    ids,
    log,
    receipt: (signal) => link.firstReceipt(signal),
    health: () => ({ cameras: posts.map(heartbeatOf), temperatureC: null }),
  })
  const uplink = openUplink({
    device: config.device,
    httpUrl: config.cloud.http,
    allowPlain: config.cloud.allow_plain,
    commandKey: keys.command,
    link,
    evidence,
    restart: deps.restart,
    clock,
    log,
  })
  void evidence.ready
    .then(() => evidence.configure(configFacts(config, vision)))
    .catch((error: unknown) => {
      log.error({ err: error }, 'the configuration could not be recorded')
    })

  const stop = new AbortController()
  const running: Promise<void>[] = []
  for (const camera of config.cameras) {
    const { post, source } = await openPost(camera, config, {
      ...deps,
      ffmpeg,
      ring,
      gate,
      replayGate,
      vision,
      evidence,
    })
    posts.push(post)
    running.push(post.watch.run(stop.signal))
    stop.signal.addEventListener('abort', () => void source.close())
  }
  return {
    config,
    ffmpeg,
    posts,
    evidence,
    ring,
    linkUp: () => link.isUp(),
    ended: Promise.all(running).then(() => undefined),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the box is stopping'))
      await Promise.allSettled(running)
      await uplink.close()
      await evidence.close()
      await link.close()
      await vision.close()
    },
  }
}

function heartbeatOf(post: Post) {
  const { state, fault, framesDropped, restarts } = post.health()
  const dropped = framesDropped + post.watch.counters().framesShed
  return { camera: post.config.id, state, fault: fault?.code ?? null, framesDropped: dropped, restarts }
}

/** What the `config` record says: digests, and for each camera its place and zones, so that pages can draw them. */
function configFacts(config: EdgeConfig, vision: Vision): Parameters<Evidence['configure']>[0] {
  const digest = (value: unknown): string =>
    createHash('sha256')
      .update(jcs(JSON.parse(JSON.stringify(value, integers)) as Json))
      .digest('hex')
  return {
    policySha256: null,
    models: { ...vision.digests },
    camerasSha256: digest(config.cameras),
    calibrationSha256: digest(config.cameras.map(({ id, ground_plane }) => ({ id, ground_plane }))),
    cameras: config.cameras.map(({ id, place, zones }) => ({
      camera: id,
      place: place?.name ?? config.site.name,
      latDeg: place?.lat_deg ?? null,
      lonDeg: place?.lon_deg ?? null,
      zones: zones.map(({ id: zone, kind, polygon }) => ({ zone, kind, polygon })),
    })),
  }
}

/** Canonical JSON of signed things holds no fractions; what is only digested may carry them as text. */
function integers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? String(value) : value
}

/** Version of this program, from the package it belongs to. */
function appVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  return '0.0.0'
}
