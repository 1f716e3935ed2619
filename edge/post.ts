import { join } from 'node:path'
import type { CameraId, Clock, Ids, Log } from '../contracts/base/index.js'
import { CameraWatch } from './camera-watch.js'
import { openCamera, type CameraHealth, type Ffmpeg, type LookBackGate, type Ring } from './capture/index.js'
import { readSecret, type CameraConfig, type EdgeConfig } from './config/index.js'
import type { Evidence } from './evidence/index.js'
import { restoreIncidents, type Incident } from './incidents/index.js'
import { CameraLine } from './line.js'
import { planReplay } from './ring-replay.js'
import { readSnapshot } from './snapshot-file.js'
import { createRules } from './violations/index.js'
import type { Vision } from './vision/index.js'
import { visionSetup } from './watch-clip.js'

/** One camera with everything that belongs to it. */
export interface Post {
  readonly config: CameraConfig
  readonly watch: CameraWatch
  health(): CameraHealth
}

/** What all cameras of a box share. */
export interface PostDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ffmpeg: Ffmpeg
  readonly ring: Ring
  readonly gate: LookBackGate
  readonly replayGate: LookBackGate
  readonly vision: Vision
  readonly evidence: Evidence
}

/** One camera: source, memory from before the restart, line. */
export async function openPost(config: CameraConfig, edge: EdgeConfig, deps: PostDeps) {
  const { clock, ids, log, ffmpeg, ring, gate, replayGate, vision, evidence } = deps
  const camera = config.id as CameraId
  const known = evidence.known(camera)
  const watchPx = edge.vision.watch_px
  const source = openCamera(
    {
      camera,
      url: config.url,
      password: config.password_file === null ? null : await readSecret(config.password_file),
      transport: config.transport,
      watchPx,
      priority: config.priority,
      known,
      lastIndex: evidence.lastIndex(camera),
    },
    { clock, ids, log, ffmpeg, ring, gate, replayGate },
  )
  const rules = [edge.rules, config.rules]
  const place = { camera, watchPx, tz: edge.site.tz, zones: config.zones, groundPlane: config.ground_plane, rules }
  await vision.configure(camera, visionSetup(place))
  const nowMs = clock.wallMs()
  const recordedUntilMs = known.at(-1)?.toMs ?? null
  const snapshotFile = join(edge.data, 'state', `${config.id}.snap`)
  const snapshot = readSnapshot(snapshotFile, nowMs, recordedUntilMs)
  const sees = snapshot !== null && (await vision.restore(camera, snapshot.vision))
  const openIncidents = (): Incident[] => evidence.incidents().filter((incident) => incident.camera === camera)
  const committed = openIncidents()
  const state =
    snapshot && sees ? { ...snapshot.line, incidents: restoreIncidents(snapshot.line.incidents, committed) } : null
  log.info({ camera, resumed: state !== null, openIncidents: committed.length }, 'a camera begins')
  const line = new CameraLine({ camera, source, vision, rules: createRules(place), ids, log, watchPx, state })
  if (state === null && committed.length > 0) line.adopt(committed)
  const replay = planReplay({
    nowMs,
    recordedUntilMs,
    snapshot: snapshot !== null && !sees ? 'refused' : snapshot,
    committedMs: evidence.mark(camera)?.wallMs ?? null,
  })
  const startFresh = async (): Promise<void> => {
    await vision.configure(camera, visionSetup(place))
    line.startFresh(openIncidents())
  }
  const watch = new CameraWatch({
    ...{ camera, source, line, vision, evidence, clock, log, snapshotFile },
    ...{ replay, startFresh },
  })
  return { source, post: { config, watch, health: () => source.health() } }
}
