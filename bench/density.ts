import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { end, startBox, startCameras, type CameraCounters } from './box.js'
import { processTree, workerCpuS, type ProcessCost } from './process-cost.js'
import { streetClip } from './street-clip.js'

export interface DensityOptions {
  readonly cameras: number
  /** Measured after `warmUpS`. */
  readonly seconds: number
  readonly warmUpS: number
  /** Absolute path; null takes what the edge takes. */
  readonly ffmpeg: string | null
  readonly say: (line: string) => void
}

export interface DensityReport {
  readonly cameras: number
  readonly seconds: number
  /** CPU seconds per camera-second, all processes of the box. */
  readonly cpu_per_camera: number
  readonly cpu_split: { readonly ffmpeg: number; readonly vision: number; readonly rest: number }
  /** PSS. */
  readonly rss_mb_per_camera: number
  readonly memory_split: { readonly ffmpeg: number; readonly node: number }
  readonly frames_dropped: number
  readonly frames_seen: number
  readonly frames_expected: number
  readonly segments: number
  readonly segments_missing: number
  readonly gaps: number
  readonly decode_all_per_camera: number
  readonly ratio_to_decode_all: number
  readonly ffmpeg: string
  readonly node: string
}

/** Watch mode of N cameras against the usual NVR way (every frame decoded at 5 fps), one after the other in one run. */
export async function benchDensity(options: DensityOptions): Promise<DensityReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-density-'))
  const children: ChildProcess[] = []
  try {
    const { probeFfmpeg } = await import('../edge/capture/index.js')
    const ffmpeg = await probeFfmpeg(options.ffmpeg)
    const clip = await streetClip(ffmpeg.path, folder)
    const simulator = await startCameras(Array.from({ length: options.cameras }, () => clip))
    children.push(simulator.process)
    const { urls } = simulator

    options.say(`watch mode, ${options.cameras} cameras, ${ffmpeg.version} (${ffmpeg.path})`)
    const watch = await measureEdge({ ...options, folder, urls, ffmpegPath: ffmpeg.path, children })
    options.say('the usual NVR way: every frame decoded, 5 fps at 1280x720')
    const usual = await measureDecodeAll(ffmpeg.path, urls, folder, Math.min(options.seconds, 30))
    return {
      ...watch,
      cameras: options.cameras,
      seconds: options.seconds,
      decode_all_per_camera: usual,
      ratio_to_decode_all: watch.cpu_per_camera / usual,
      ffmpeg: `${ffmpeg.version} ${ffmpeg.path}`,
      node: process.version,
    }
  } finally {
    for (const child of children) await end(child)
    await rm(folder, { recursive: true, force: true })
  }
}

type Watched = Omit<
  DensityReport,
  'cameras' | 'seconds' | 'decode_all_per_camera' | 'ratio_to_decode_all' | 'ffmpeg' | 'node'
>

async function measureEdge(
  setup: DensityOptions & { folder: string; urls: string[]; ffmpegPath: string; children: ChildProcess[] },
): Promise<Watched> {
  const cameras = setup.urls.length
  const box = await startBox({ ...setup, ringMb: 4_000, ffmpeg: setup.ffmpegPath })
  setup.children.push(box.process)
  const edgePid = box.process.pid ?? 0
  await delay(setup.warmUpS * 1000)

  const before = processTree(edgePid)
  const healthBefore = await box.cameras()
  const workerBefore = workerCpuS(edgePid)
  const startedMs = performance.now()
  await delay(setup.seconds * 1000)
  const after = processTree(edgePid)
  const healthAfter = await box.cameras()
  const elapsedS = (performance.now() - startedMs) / 1000
  const spent = (pick: (cost: ProcessCost) => boolean): number =>
    after
      .filter(pick)
      .reduce((sum, cost) => sum + cost.cpuS - (before.find(({ pid }) => pid === cost.pid)?.cpuS ?? 0), 0) /
    elapsedS /
    cameras
  const memory = (pick: (cost: ProcessCost) => boolean): number =>
    after.filter(pick).reduce((sum, { pssMb }) => sum + pssMb, 0) / cameras
  const isFfmpeg = ({ name }: ProcessCost): boolean => name.startsWith('ffmpeg')
  const vision = (workerCpuS(edgePid) - workerBefore) / elapsedS / cameras
  const node = spent((cost) => !isFfmpeg(cost))
  await end(box.process)

  const sum = (all: CameraCounters[], pick: (one: CameraCounters) => number): number =>
    all.reduce((total, one) => total + pick(one), 0)
  const rings = await Promise.all((await readdir(box.ring)).map((camera) => ringIndexes(join(box.ring, camera))))
  return {
    cpu_per_camera: spent(() => true),
    cpu_split: { ffmpeg: spent(isFfmpeg), vision, rest: node - vision },
    rss_mb_per_camera: memory(() => true),
    memory_split: { ffmpeg: memory(isFfmpeg), node: memory((cost) => !isFfmpeg(cost)) },
    frames_dropped: sum(healthAfter, (one) => one.frames_dropped) - sum(healthBefore, (one) => one.frames_dropped),
    frames_seen: sum(healthAfter, (one) => one.frames_seen) - sum(healthBefore, (one) => one.frames_seen),
    frames_expected: Math.round((elapsedS / 2) * cameras),
    segments: rings.reduce((total, indexes) => total + indexes.length, 0),
    segments_missing: rings.reduce((total, indexes) => total + missing(indexes), 0),
    gaps: sum(healthAfter, (one) => one.gaps),
  }
}

async function measureDecodeAll(
  ffmpeg: string,
  urls: readonly string[],
  folder: string,
  seconds: number,
): Promise<number> {
  const some = urls.slice(0, Math.min(urls.length, 4))
  const children = some.map((url, index) =>
    spawn(
      ffmpeg,
      [
        '-v',
        'quiet',
        '-nostdin',
        '-y',
        '-rtsp_transport',
        'tcp',
        '-allowed_media_types',
        'video',
        '-threads',
        '2',
        '-i',
        url,
      ]
        .concat([
          '-map',
          '0:v:0',
          '-an',
          '-c:v',
          'copy',
          '-f',
          'segment',
          '-segment_format',
          'mp4',
          '-segment_time',
          '10',
          join(folder, `nvr${index}-%03d.mp4`),
        ])
        .concat([
          '-map',
          '0:v:0',
          '-an',
          '-r',
          '5',
          '-vf',
          'fps=5,scale=1280:720',
          '-threads',
          '2',
          '-pix_fmt',
          'yuv420p',
          '-f',
          'rawvideo',
          'pipe:1',
        ]),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    ),
  )
  try {
    for (const child of children) {
      await once(child.stdout, 'data')
      child.stdout.resume()
    }
    await delay(4000)
    const cpu = (): number =>
      children.reduce(
        (sum, child) => sum + processTree(child.pid ?? 0).reduce((total, cost) => total + cost.cpuS, 0),
        0,
      )
    const before = cpu()
    const startedMs = performance.now()
    await delay(seconds * 1000)
    return (cpu() - before) / ((performance.now() - startedMs) / 1000) / some.length
  } finally {
    for (const child of children) await end(child)
  }
}

async function ringIndexes(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .map((name) => Number(/^(\d{9})\.mp4$/.exec(name)?.[1] ?? NaN))
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
}

const missing = (indexes: readonly number[]): number =>
  indexes.length === 0 ? 0 : (indexes.at(-1) ?? 0) - (indexes[0] ?? 0) + 1 - indexes.length
