import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { CameraId, Log } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import {
  lookBackGate,
  openCamera,
  openRing,
  probeFfmpeg,
  type CameraOptions,
  type CaptureDeps,
  type CaptureLimits,
  type Ffmpeg,
  type Gap,
  type Segment,
  type VideoSource,
  type WatchFrame,
} from './index.js'

/** Tools of this station's tests: small clips, an RTSP server that is not ours, a camera whose output is gathered. */

const run = promisify(execFile)

/** The RTSP server of the conformance tests: GStreamer, no code in common with ours. */
export const gstServerPath = resolve('../shared/tools/rtsp_server.py')

let gstAnswer: Promise<boolean> | null = null
/** False where GStreamer's bindings or the server are missing: those tests are skipped, and say so. */
export function hasGstServer(): Promise<boolean> {
  gstAnswer ??= existsSync(gstServerPath)
    ? run('/usr/bin/python3', ['-c', 'import gi; gi.require_version("GstRtspServer", "1.0")']).then(
        () => true,
        () => false,
      )
    : Promise.resolve(false)
  return gstAnswer
}

/** Both binaries where there are two: the one that would be used, and the package's. */
export async function bothBinaries(): Promise<Ffmpeg[]> {
  const found = await probeFfmpeg(null)
  if (found.origin === 'package') return [found]
  const packaged = resolve('node_modules/@ffmpeg-installer/linux-x64/ffmpeg')
  return existsSync(packaged) ? [found, await probeFfmpeg(packaged)] : [found]
}

export interface ClipRecipe {
  readonly name: string
  readonly seconds: number
  readonly size?: string
  readonly gopS?: number
  readonly codec?: 'h264' | 'h265'
  readonly bFrames?: number
  readonly intraRefresh?: boolean
  readonly pcma?: boolean
}

/** Makes a small moving test picture, 25 fps. */
export async function makeClip(dir: string, recipe: ClipRecipe): Promise<string> {
  await mkdir(dir, { recursive: true })
  const { seconds, size = '160x90', gopS = 1, codec = 'h264', bFrames = 0 } = recipe
  const path = join(dir, recipe.name)
  const gop = Math.round(gopS * 25)
  const video =
    codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-g',
          `${gop}`,
          '-bf',
          `${bFrames}`,
          '-x264-params',
          `scenecut=0:keyint=${gop}:min-keyint=${gop}${recipe.intraRefresh === true ? ':intra-refresh=1' : ''}`,
        ]
      : [
          '-c:v',
          'libx265',
          '-preset',
          'ultrafast',
          '-x265-params',
          `log-level=error:keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=${bFrames}:open-gop=0`,
        ]
  await run((await probeFfmpeg(null)).path, [
    ...['-hide_banner', '-loglevel', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=${seconds}`],
    ...(recipe.pcma === true
      ? ['-f', 'lavfi', '-i', `sine=f=440:d=${seconds}`, '-c:a', 'pcm_alaw', '-ar', '8000']
      : []),
    ...video,
    ...['-pix_fmt', 'yuv420p', '-b:v', '400k', path],
  ])
  return path
}

export interface GstServer {
  readonly urls: readonly string[]
  readonly process: ChildProcess
  close(): void
}

/** Starts the foreign RTSP server on a free port and waits until it is ready. */
export async function startGstServer(args: readonly string[]): Promise<GstServer> {
  const child = spawn('/usr/bin/python3', [gstServerPath, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const urls: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('rtsp://')) urls.push(line.split(' ')[0] ?? '')
    if (line === 'READY')
      return {
        urls,
        process: child,
        close: () => {
          child.kill('SIGCONT')
          child.kill('SIGKILL')
        },
      }
  }
  throw new Error(`rtsp_server.py ${args.join(' ')} did not start`)
}

/** Time-outs short enough for `npm test`. */
export const shortLimits: Partial<CaptureLimits> = {
  spreadMs: 0,
  socketTimeoutMs: 2_000,
  silentMs: 15_000,
  killGraceMs: 1_000,
  analyzeFirstMs: 2_500,
  backOffStepsMs: [200, 500, 1000],
  healthyMs: 10_000,
  noKeyFramesMs: 8_000,
  fullDecodeEveryMs: 1_000,
  tickMs: 100,
}

export interface Watched {
  readonly source: VideoSource
  /** Its folder in the ring. */
  readonly ringDir: string
  readonly frames: WatchFrame[]
  readonly segments: Segment[]
  readonly gaps: Gap[]
  /** Every fault code that was ever shown, in order. */
  readonly faults: string[]
  readonly logged: string[]
  /** Resolves true when the condition holds, false after `seconds`. Looked at whenever something comes. */
  until(condition: () => boolean, seconds?: number): Promise<boolean>
  close(): Promise<void>
}

export interface WatchedOptions {
  readonly url: string
  readonly dir: string
  readonly camera?: string
  readonly password?: string
  readonly transport?: CameraOptions['transport']
  readonly known?: readonly Segment[]
  readonly lastIndex?: number
  readonly limits?: Partial<CaptureLimits>
  readonly takeFrames?: boolean
  readonly deps?: Partial<CaptureDeps>
  readonly watchPx?: readonly [number, number]
}

/** Opens a camera with a ring of its own and gathers all that comes out of it. */
export async function watchCamera(options: WatchedOptions): Promise<Watched> {
  const logged: string[] = []
  const say = (values: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(values)}`)
  }
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const clock = options.deps?.clock ?? systemClock
  const ring =
    options.deps?.ring ??
    (await openRing({ dir: options.dir, ringMb: 200, ringDays: 1, minFreePercent: 0 }, { clock, log }))
  const deps: CaptureDeps = {
    clock,
    ids: systemIds,
    log,
    ffmpeg: await probeFfmpeg(null),
    gate: lookBackGate({ concurrent: 2, queued: 8 }),
    ...options.deps,
    ring,
  }
  const source = openCamera(
    {
      camera: (options.camera ?? 'c01') as CameraId,
      url: options.url,
      password: options.password ?? null,
      transport: options.transport ?? 'tcp',
      watchPx: options.watchPx ?? [160, 90],
      priority: 1,
      known: options.known ?? [],
      lastIndex: options.lastIndex ?? -1,
      limits: { ...shortLimits, ...options.limits },
    },
    deps,
  )
  const watched = { frames: [] as WatchFrame[], segments: [] as Segment[], gaps: [] as Gap[], faults: [] as string[] }
  let changed = (): void => undefined
  const gather = async <Item>(from: AsyncIterable<Item>, into: Item[]): Promise<void> => {
    for await (const item of from) {
      into.push(item)
      changed()
    }
  }
  const gathering = [
    ...(options.takeFrames === false ? [] : [gather(source.keyFrames(), watched.frames)]),
    gather(source.segments(), watched.segments),
    gather(source.gaps(), watched.gaps),
  ]
  const noteFault = (): void => {
    const code = source.health().fault?.code
    if (code !== undefined && watched.faults.at(-1) !== code) watched.faults.push(code)
  }
  const faultTimer = setInterval(noteFault, 50)
  return {
    source,
    ringDir: join(ring.dir, source.camera),
    ...watched,
    logged,
    async until(condition, seconds = 90) {
      const giveUpMonoMs = systemClock.monoMs() + seconds * 1000
      while (systemClock.monoMs() < giveUpMonoMs) {
        noteFault()
        if (condition()) return true
        await new Promise<void>((wake) => {
          changed = wake
          setTimeout(wake, 100)
        })
      }
      return condition()
    },
    async close() {
      clearInterval(faultTimer)
      await source.close()
      await Promise.all(gathering)
    },
  }
}

/** Indexes without a hole, each segment beginning where the one before ended unless a gap was told. */
export function indexHoles(segments: readonly Segment[]): number[] {
  return segments.flatMap((segment, i) =>
    i > 0 && segment.index !== (segments[i - 1]?.index ?? 0) + 1 ? [segment.index] : [],
  )
}

/** Coded pictures (VCL NAL units) of a file, each as a hash: what must be the same on disk as it was in the camera. */
export async function vclHashes(ffmpeg: Ffmpeg, path: string, codec: 'h264' | 'h265'): Promise<string[]> {
  const { createHash } = await import('node:crypto')
  const filter = codec === 'h264' ? 'h264_mp4toannexb' : 'hevc_mp4toannexb'
  const { stdout } = await run(
    ffmpeg.path,
    [
      '-hide_banner',
      '-loglevel',
      'error',
      '-i',
      path,
      '-map',
      '0:v:0',
      '-c',
      'copy',
      '-bsf:v',
      filter,
      '-f',
      codec === 'h264' ? 'h264' : 'hevc',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 64 << 20 },
  )
  const hashes: string[] = []
  const marks: number[] = []
  for (let at = stdout.indexOf('\0\0\u0001', 0, 'latin1'); at >= 0; at = stdout.indexOf('\0\0\u0001', at + 3, 'latin1'))
    marks.push(at)
  marks.forEach((mark, i) => {
    let end = marks[i + 1] ?? stdout.length
    while (end > mark + 3 && stdout[end - 1] === 0) end -= 1
    const unit = stdout.subarray(mark + 3, end)
    const type = codec === 'h264' ? (unit[0] ?? 0) & 0x1f : ((unit[0] ?? 0) >> 1) & 0x3f
    if (codec === 'h264' ? type >= 1 && type <= 5 : type < 32) hashes.push(createHash('md5').update(unit).digest('hex'))
  })
  return hashes
}

/** Where `part` lies in an endless repetition of `loop`; -1 when it does not. */
export function cyclicPlace(loop: readonly string[], part: readonly string[]): number {
  return loop.findIndex((_, start) => part.every((hash, i) => hash === loop[(start + i) % loop.length]))
}
