import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CameraId, EpochMs, IncidentId, Log } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { probeFfmpeg, type CameraHealth, type Segment } from '../capture/index.js'
import { parseEdgeConfig } from '../config/index.js'
import type { Incident, IncidentChange } from '../incidents/types.js'
import { createPanel } from './app.js'
import type { PanelPost, PanelState } from './state.js'

/** A box for the panel's tests: a real configuration file and a real closed segment; states as its stations would hand them out. */

export const password = 'ladder-and-phone'
export const yaml = `# 人民路口的盒子
device: kwdev-0001
site: { name: 人民路路口, tz: Asia/Shanghai }
cloud: { mqtt: "mqtt://127.0.0.1:1883", http: "http://127.0.0.1:8080", password_file: ./secret/mqtt, keys_file: ./secret/keys.json }
panel: { listen: "127.0.0.1:0", password_file: ./secret/panel }
storage: { ring_mb: 2000 } # 盘小
cameras:
  - id: c01 # 装在灯杆上
    url: rtsp://user@10.0.0.9/s1
    password_file: ./secret/c01
    place: { name: 人民路12号 }
    zones:
      # 人行道，2026-03 画的
      - { id: z1, kind: no_vending, polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1], [0.1, 1]], schedule: null, rules: { vending: { dwell_s: 90 } } }
      - { id: z2, kind: private, polygon: [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]] } # 窗户
  - id: c02
    url: rtsp://user@10.0.0.10/s1
    password_file: ./secret/c02
    place: { name: 工地大门 }
`

const health: CameraHealth = {
  state: 'running', fault: null, lastFrameMs: null, gopMs: 2_000, pictureWidthPx: 320, pictureHeightPx: 180, codec: 'h264', transport: 'tcp',
  restarts: 1, framesDropped: 2, framesDamaged: 0, bitsPerSecond: 400_000, clockUsable: true,
} // prettier-ignore

/** `withClip` makes a real segment of 2 s; without it the file is only named. */
export async function openBox(dir: string, withClip = false) {
  await mkdir(join(dir, 'secret'), { recursive: true })
  const file = join(dir, 'edge.yaml')
  await writeFile(file, yaml)
  const { config, faults } = parseEdgeConfig(yaml, file)
  if (config === null) throw new Error(JSON.stringify(faults))
  const ffmpeg = withClip ? await probeFfmpeg(null) : { path: 'ffmpeg' }
  const clip = join(dir, '000000007.mp4')
  if (withClip) await promisify(execFile)(ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=10:d=2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', clip]) // prettier-ignore
  const bytes = withClip ? await readFile(clip) : Buffer.alloc(0)
  const clock = new ManualClock(Date.UTC(2026, 2, 2, 2))
  const startMs = clock.wallMs() - 4_000
  const segment: Segment = {
    camera: 'c01' as CameraId, index: 7, file: clip, fromMs: startMs as EpochMs, toMs: (startMs + 2_000) as EpochMs, fromMediaMs: 0,
    bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), codec: 'h264', timeUsable: true,
  } // prettier-ignore
  const changes: IncidentChange[] = []
  const sight = { lastSegment: segment as Segment | null, linkUp: true, restarts: 0 }
  const [first, second] = config.cameras
  if (!first || !second) throw new Error('two cameras')
  const posts: PanelPost[] = [
    { config: first, health: () => health, watch: { counters: () => ({ framesSeen: 100, framesShed: 1, gaps: 0, facts: null, lastSegment: sight.lastSegment, changes: [...changes] }) } },
    {
      config: second,
      health: () => ({ ...health, state: 'waiting', gopMs: null, bitsPerSecond: null, fault: { code: 'CAMERA_AUTH', message: 'c02: refused', sinceMs: clock.wallMs() } }),
      watch: { counters: () => ({ framesSeen: 0, framesShed: 0, gaps: 1, facts: null, lastSegment: null, changes: [] }) },
    },
  ] // prettier-ignore
  const edge: PanelState = {
    config: { ...config, data: join(dir, 'data') },
    ffmpeg: { path: ffmpeg.path, origin: 'package', version: 'N-47683-g0e8eb07980-static', releasedYear: 2018 },
    posts,
    evidence: {
      outbox: { pendingCount: () => 212 },
      clock: () => ({
        boot: '0',
        monoUs: 1,
        sync: 'unsynced',
        source: 'none',
        offsetUs: null,
        errorUs: null,
        steps: 0,
      }),
      storage: () => ({ freePercent: 41, level: 'ok', ringBytesMax: 2e9, heldBytes: 4e6, heldFull: false }),
    },
    ring: { usage: () => ({ bytes: 1.2e9, segments: 600, freePercent: 41, deleted: 0 }) },
    linkUp: () => sight.linkUp,
  }
  const log: Log = { debug() {}, info() {}, warn() {}, error() {} }
  const restart = (): void => {
    sight.restarts += 1
  }
  const app = createPanel(password, { edge, file, clock, log, restart })
  return { app, file, clock, clip, changes, sight, dataDir: edge.config.data }
}

/** One change of one incident of c01. */
export function changeOf(
  kind: IncidentChange['kind'],
  id: string,
  atMs: number,
  reasons: readonly string[],
  cause: Incident['cause'] = 'vending',
): IncidentChange {
  const incident: Incident = {
    id: id as IncidentId, cause, camera: 'c01' as CameraId, zone: 'z1', state: kind === 'refuted' ? 'refuted' : 'suspected', firstMs: (atMs - 60_000) as EpochMs,
    confirmedMs: null, lastMs: atMs as EpochMs, box: [0.4, 0.5, 0.2, 0.3], confidence: 0.8, grade: 2, measurements: {}, reasons, actor: null, arrivedMs: null,
    reopened: false, rule: `${cause}@1.0.0`, thresholds: {}, view: { moved: false, dark: false, blurred: false, covered: false },
  } // prettier-ignore
  return { kind, incident, atMs: atMs as EpochMs }
}
