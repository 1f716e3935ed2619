import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The product's own programs: built when there is a build, so that no compiler sits in the measured processes. */
function kerbwatch(args: readonly string[]): ChildProcess {
  const built = ['dist/kerbwatch.js', 'kerbwatch.js'].map((file) => join(root, file)).find((file) => existsSync(file))
  const entry = built === undefined ? ['--import', 'tsx', join(root, 'kerbwatch.ts')] : [built]
  return spawn(process.execPath, [...entry, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Simulated cameras, one for each clip, played again and again. */
export async function startCameras(clips: readonly string[]): Promise<{ process: ChildProcess; urls: string[] }> {
  const port = 18_554
  const simulator = kerbwatch(['camera-sim', '--clip', ...clips, '--port', String(port)])
  await untilLine(simulator, /READY/)
  return { process: simulator, urls: clips.map((_, index) => `rtsp://127.0.0.1:${port}/cam${index + 1}`) }
}

export interface BoxSetup {
  readonly folder: string
  readonly urls: readonly string[]
  readonly ringMb: number
  /** Null takes what the box takes. */
  readonly ffmpeg: string | null
}

/** A box whose cloud is not there, once every camera has given a picture. */
export async function startBox(setup: BoxSetup): Promise<{
  readonly process: ChildProcess
  readonly data: string
  readonly ring: string
  readonly cameras: () => Promise<CameraCounters[]>
}> {
  const panelPort = 18_081
  const password = 'bench-panel-password'
  const data = join(setup.folder, 'edge')
  await mkdir(data, { recursive: true })
  await writeFile(join(setup.folder, 'panel'), `${password}\n`, { mode: 0o600 })
  await writeFile(join(setup.folder, 'mqtt'), 'bench-mqtt-password\n', { mode: 0o600 })
  await writeFile(join(setup.folder, 'cloud-keys.json'), JSON.stringify(await benchCloudKeys()), { mode: 0o600 })
  const config = {
    device: 'kwdev-bench',
    site: { name: 'bench', tz: 'Asia/Shanghai' },
    data: './edge',
    storage: { ring_mb: setup.ringMb, ring_days: 1, held_mb: 500, held_days: 1, min_free_percent: 1, reserve_mb: 16 },
    cloud: {
      mqtt: 'mqtt://127.0.0.1:18899',
      http: 'http://127.0.0.1:18898',
      password_file: './mqtt',
      keys_file: './cloud-keys.json',
    },
    panel: { listen: `127.0.0.1:${panelPort}`, password_file: './panel' },
    ...(setup.ffmpeg === null ? {} : { ffmpeg: setup.ffmpeg }),
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
  let said = ''
  for (const stream of [edge.stderr, edge.stdout])
    stream?.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-4_000)
    })
  await Promise.race([untilFrames(panelPort, password, setup.urls.length), once(edge, 'exit')])
  if (edge.exitCode !== null) throw new Error(`the box ended (status ${edge.exitCode}); it said last:\n${said}`)
  return { process: edge, data, ring: join(data, 'ring'), cameras: () => cameraHealth(panelPort, password) }
}

/** Keys of a cloud that is not there: the box keeps its records meanwhile. */
async function benchCloudKeys(): Promise<{ receipt: string; command: string }> {
  const { makeKeyPem, signerOfPem } = await import('../contracts/evidence/key-pem.js')
  const spki = (): string => signerOfPem(makeKeyPem()).spki.toString('base64')
  return { receipt: spki(), command: spki() }
}

export interface CameraCounters {
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

async function untilLine(child: ChildProcess, pattern: RegExp): Promise<void> {
  let seen = ''
  for await (const text of child.stdout ?? []) {
    seen += String(text)
    if (pattern.test(seen)) break
  }
  if (!pattern.test(seen)) throw new Error(`the child ended before it was ready: ${seen.slice(-400)}`)
  child.stdout?.resume()
}

/** Ends a child, by force after five seconds. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), 5000)
  await exited
  clearTimeout(force)
}
