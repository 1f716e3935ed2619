import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
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

const root = fileURLToPath(new URL('..', import.meta.url))

/** The product's own programs: built when there is a build, so that no compiler sits in the measured processes. */
function kerbwatch(args: readonly string[]): ChildProcess {
  const built = join(root, 'dist/kerbwatch.js')
  const entry = existsSync(built) ? [built] : ['--import', 'tsx', join(root, 'kerbwatch.ts')]
  return spawn(process.execPath, [...entry, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Watch mode of N cameras against the usual NVR way (every frame decoded at 5 fps), one after the other in one run. */
export async function benchDensity(options: DensityOptions): Promise<DensityReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-density-'))
  const children: ChildProcess[] = []
  try {
    const { probeFfmpeg } = await import('../edge/capture/index.js')
    const ffmpeg = await probeFfmpeg(options.ffmpeg)
    const clip = await streetClip(ffmpeg.path, folder)
    const rtspPort = 18_554
    const simulator = kerbwatch([
      'camera-sim',
      '--clip',
      ...Array.from({ length: options.cameras }, () => clip),
      '--port',
      String(rtspPort),
    ])
    children.push(simulator)
    await untilLine(simulator, /READY/)
    const urls = Array.from({ length: options.cameras }, (_, index) => `rtsp://127.0.0.1:${rtspPort}/cam${index + 1}`)

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
  const panelPort = 18_081
  const data = join(setup.folder, 'edge')
  await mkdir(data, { recursive: true })
  await writeFile(join(setup.folder, 'panel'), 'bench-panel-password\n', { mode: 0o600 })
  await writeFile(join(setup.folder, 'mqtt'), 'bench-mqtt-password\n', { mode: 0o600 })
  await writeFile(join(setup.folder, 'cloud-keys.json'), JSON.stringify(await benchCloudKeys()), { mode: 0o600 })
  const config = {
    device: 'kwdev-bench',
    site: { name: 'bench', tz: 'Asia/Shanghai' },
    data: './edge',
    storage: { ring_mb: 4000, ring_days: 1, held_mb: 500, held_days: 1, min_free_percent: 1, reserve_mb: 16 },
    cloud: {
      mqtt: 'mqtt://127.0.0.1:18899',
      http: 'http://127.0.0.1:18898',
      password_file: './mqtt',
      keys_file: './cloud-keys.json',
    },
    panel: { listen: `127.0.0.1:${panelPort}`, password_file: './panel' },
    ffmpeg: setup.ffmpegPath,
    cameras: setup.urls.map((url, index) => ({
      id: `c${String(index + 1).padStart(2, '0')}`,
      url,
      transport: 'tcp',
      zones: [],
    })),
  }
  const file = join(setup.folder, 'edge.yaml')
  await writeFile(file, JSON.stringify(config)) // JSON is YAML
  const edge = kerbwatch(['edge', '--config', file])
  setup.children.push(edge)
  let said = ''
  for (const stream of [edge.stderr, edge.stdout])
    stream?.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-4_000)
    })
  const password = 'bench-panel-password'
  await Promise.race([untilFrames(panelPort, password, setup.urls.length), once(edge, 'exit')])
  if (edge.exitCode !== null) throw new Error(`the box ended (status ${edge.exitCode}); it said last:\n${said}`)
  await delay(setup.warmUpS * 1000)

  const before = processTree(edge.pid ?? 0)
  const healthBefore = await cameraHealth(panelPort, password)
  const workerBefore = workerCpuS(edge.pid ?? 0)
  const startedMs = performance.now()
  await delay(setup.seconds * 1000)
  const after = processTree(edge.pid ?? 0)
  const healthAfter = await cameraHealth(panelPort, password)
  const elapsedS = (performance.now() - startedMs) / 1000
  const cameras = setup.urls.length
  const spent = (pick: (cost: ProcessCost) => boolean): number =>
    after
      .filter(pick)
      .reduce((sum, cost) => sum + cost.cpuS - (before.find(({ pid }) => pid === cost.pid)?.cpuS ?? 0), 0) /
    elapsedS /
    cameras
  const memory = (pick: (cost: ProcessCost) => boolean): number =>
    after.filter(pick).reduce((sum, { pssMb }) => sum + pssMb, 0) / cameras
  const isFfmpeg = ({ name }: ProcessCost): boolean => name.startsWith('ffmpeg')
  const vision = (workerCpuS(edge.pid ?? 0) - workerBefore) / elapsedS / cameras
  const node = spent((cost) => !isFfmpeg(cost))
  await end(edge)

  const sum = (all: CameraCounters[], pick: (one: CameraCounters) => number): number =>
    all.reduce((total, one) => total + pick(one), 0)
  const rings = await Promise.all(config.cameras.map(({ id }) => ringIndexes(join(data, 'ring', id))))
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

interface CameraCounters {
  readonly frames_dropped: number
  readonly frames_seen: number
  readonly gaps: number
}

async function cameraHealth(port: number, password: string): Promise<CameraCounters[]> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/cameras`, {
    headers: { authorization: `Basic ${Buffer.from(`panel:${password}`).toString('base64')}` },
  })
  if (!response.ok) throw new Error(`panel answered ${response.status}`)
  return ((await response.json()) as { items: CameraCounters[] }).items
}

async function untilFrames(port: number, password: string, cameras: number): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt += 1) {
    const health = await cameraHealth(port, password).catch(() => [])
    if (health.length === cameras && health.every((one) => one.frames_seen > 0)) return
    await delay(1000)
  }
  throw new Error('not every camera gave a picture within two minutes')
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

/** Keys of a cloud that is not there: the box keeps its records meanwhile. */
async function benchCloudKeys(): Promise<{ receipt: string; command: string }> {
  const { makeKeyPem, signerOfPem } = await import('../contracts/evidence/key-pem.js')
  const spki = (): string => signerOfPem(makeKeyPem()).spki.toString('base64')
  return { receipt: spki(), command: spki() }
}

async function untilLine(child: ChildProcess, pattern: RegExp): Promise<void> {
  let seen = ''
  for await (const text of child.stdout ?? []) {
    seen += String(text)
    if (pattern.test(seen)) break
  }
  if (!pattern.test(seen)) throw new Error(`the child ended before it was ready: ${seen.slice(-400)}`)
  child.stdout?.resume()
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(force)
}
