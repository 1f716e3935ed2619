import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { CameraId, Clock, Ids, Log } from '../../contracts/base/index.js'
import { lookBackGate, openCamera, openRing, type Ffmpeg, type VideoSource } from '../../edge/capture/index.js'
import { readSecret, type CameraConfig, type EdgeConfig } from '../../edge/config/index.js'
import { cameraAdvice } from '../../edge/health/index.js'
import { attempt, check, plain, type Check } from './check.js'

const limitMs = 15_000
const atOnce = 4

export interface CameraCheckDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ffmpeg: Ffmpeg
  /** `edge.yaml` as it was named. */
  readonly file: string
}

/** Connects to every camera as the box would, four at a time, into a ring that is thrown away. */
export async function checkCameras(config: EdgeConfig, deps: CameraCheckDeps): Promise<Check[]> {
  const dir = await mkdtemp(join(tmpdir(), 'kw-doctor-'))
  try {
    const ring = await openRing({ dir: join(dir, 'ring'), ringMb: 500, ringDays: 1, minFreePercent: 0 }, deps)
    const gate = lookBackGate({ concurrent: 1, queued: 1 })
    const results: Check[] = []
    for (let from = 0; from < config.cameras.length; from += atOnce) {
      const some = config.cameras.slice(from, from + atOnce).map((camera, offset) =>
        attempt(`camera ${camera.id}`, async () => {
          const password = camera.password_file === null ? null : await readSecret(camera.password_file)
          const options = {
            camera: camera.id as CameraId,
            url: camera.url,
            password,
            transport: camera.transport,
            watchPx: config.vision.watch_px,
            priority: 1,
            known: [],
            lastIndex: -1,
            limits: { spreadMs: 0 },
          }
          const source = openCamera(options, { ...deps, ring, gate })
          try {
            return await firstAnswer(source, camera, from + offset, config.site.tz, deps)
          } finally {
            await source.close()
          }
        }),
      )
      results.push(...(await Promise.all(some)).flat())
    }
    return results
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The first picture, the first fault that will not mend itself, or the end of the time. */
async function firstAnswer(
  source: VideoSource,
  camera: CameraConfig,
  index: number,
  tz: string,
  { clock, file }: CameraCheckDeps,
): Promise<Check> {
  const ended = new AbortController()
  const pictures = source.keyFrames()[Symbol.asyncIterator]()
  const first = pictures.next().then(({ done }) => (done === true ? null : 'picture'))
  const name = `camera ${camera.id}`
  const fault = watchFault(source, clock, ended.signal)
  const late = clock.sleep(limitMs, ended.signal).then(
    () => 'late',
    () => null,
  )
  const outcome = await Promise.race([first.catch(() => null), fault, late])
  ended.abort(new Error('answered'))
  const health = source.health()
  if (outcome === 'picture') {
    const { pictureWidthPx, pictureHeightPx, codec, transport } = health
    return check(name, 'ok', plain(`${pictureWidthPx ?? '?'}×${pictureHeightPx ?? '?'} ${codec ?? ''} ${transport}`))
  }
  if (health.fault === null)
    return check(
      name,
      'bad',
      { zh: `${limitMs / 1_000} 秒没有画面`, en: `no picture within ${limitMs / 1_000} s` },
      {
        zh: `请查供电、网线和地址（${basename(file)}：cameras[${index}].url）。`,
        en: `Check power, cable and address (${basename(file)}: cameras[${index}].url).`,
      },
    )
  const { level, says, todo } = cameraAdvice({
    id: camera.id,
    index,
    file: basename(file),
    passwordFile: camera.password_file,
    health,
    view: null,
    keptSinceMs: null,
    nowMs: clock.wallMs(),
    tz,
  })
  return check(name, level, says, todo)
}

/** Faults of the way there (password, path, refused) are final; others may mend themselves within the time. */
const final = new Set([
  'CAMERA_AUTH',
  'STREAM_NOT_FOUND',
  'CAMERA_REFUSED',
  'CAMERA_UNREACHABLE',
  'STREAM_GARBAGE',
  'SOURCE_MISSING',
  'CAMERA_BUSY',
  'RING_UNWRITABLE',
])

async function watchFault(source: VideoSource, clock: Clock, signal: AbortSignal): Promise<string | null> {
  while (!signal.aborted) {
    const { fault } = source.health()
    if (fault !== null && final.has(fault.code)) return fault.code
    await clock.sleep(200, signal).catch(() => undefined) // aborted: the loop ends
  }
  return null
}
