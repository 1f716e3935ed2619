// A box for crash tests: evidence and uplink, fed with synthetic segments and incidents. Step k of its script is step k
// whatever happened before; after a restart it goes on behind its mark, as the real stations do.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CameraId, EpochMs, IncidentId } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import type { Segment } from '../capture/types.js'
import { openEvidence } from '../evidence/index.js'
import type { Incident, IncidentChange } from '../incidents/types.js'
import { openLink, openUplink, readCloudKeys } from './index.js'

interface Config {
  readonly dataDir: string
  readonly device: string
  readonly password: string
  readonly mqttPort: number
  readonly httpPort: number
  readonly keysFile: string
  /** When this file is there: finish what was begun, wait until everything is in the cloud, end. */
  readonly stopFile: string
}
const config = JSON.parse(process.argv[2] ?? '{}') as Config
const say =
  (level: string) =>
  (values: object, message: string): void => {
    process.stderr.write(`edge ${level} ${message} ${JSON.stringify(values)}\n`)
  }
const log = { debug: () => undefined, info: () => undefined, warn: say('warn'), error: say('error') }
const clock = systemClock
const camera = 'c01' as CameraId
const never = new AbortController().signal
const keys = readCloudKeys(config.keysFile)
const link = openLink({
  device: config.device,
  url: `mqtt://127.0.0.1:${config.mqttPort}`,
  password: () => config.password,
  receiptKey: keys.receipt,
  allowPlain: false,
  clock,
  log,
})
const evidence = openEvidence({
  device: config.device,
  app: 'test',
  dataDir: config.dataDir,
  keyFile: join(config.dataDir, 'record.key'),
  cameras: [{ id: camera, privateZones: [] }],
  storage: { ringMb: 100, ringDays: 7, heldMb: 100, heldDays: 30, minFreePercent: 1, reserveMb: 0 },
  ntp: [],
  ffmpeg: 'false',
  clock,
  ids: systemIds,
  log,
  receipt: link.firstReceipt,
  receiptWaitMs: 3_000,
  health: () => ({ cameras: [], temperatureC: null }),
})
const uplink = openUplink({
  device: config.device,
  httpUrl: `http://127.0.0.1:${config.httpPort}`,
  allowPlain: false,
  commandKey: keys.command,
  link,
  evidence,
  restart: () => process.exit(75),
  clock,
  log,
})

const ring = join(config.dataDir, 'ring', camera)
mkdirSync(ring, { recursive: true })
const fileOf = (index: number): string => join(ring, `${String(index).padStart(9, '0')}.mp4`)
function closed(index: number): Segment {
  const bytes = readFileSync(fileOf(index))
  const toMs = clock.wallMs()
  return {
    camera,
    index,
    file: fileOf(index),
    fromMs: (toMs - 100) as EpochMs,
    toMs,
    fromMediaMs: index * 100,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    codec: 'h264',
    timeUsable: true,
  }
}

/** UUIDv7 that depends on the number alone. */
function incidentId(n: number): IncidentId {
  const hex = createHash('sha256').update(`incident ${n}`).digest('hex')
  return `01a20169-${n.toString(16).padStart(4, '0')}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6, 18)}` as IncidentId
}
const kinds = ['suspected', 'confirmed', 'over'] as const
function changeOf(step: number): IncidentChange {
  const kind = kinds[step % 3] ?? 'over'
  const atMs = clock.wallMs()
  const incident: Incident = {
    id: incidentId(Math.floor(step / 3)),
    cause: 'vending',
    camera,
    zone: 'z1',
    state: kind === 'over' ? 'over' : kind,
    firstMs: (atMs - 300) as EpochMs,
    confirmedMs: kind === 'suspected' ? null : atMs,
    lastMs: atMs,
    box: [0.4, 0.5, 0.2, 0.3],
    confidence: 0.9,
    grade: 3,
    measurements: { dwell_s: 120, class_milli: { vendor_stall: 812 } },
    reasons: ['test'],
    actor: null,
    arrivedMs: (atMs - 200) as EpochMs,
    reopened: false,
    rule: 'vending@1.0.0',
    thresholds: { dwell_s: 120, lift: 0.25 },
    view: { moved: false, dark: false, blurred: false, covered: false },
  }
  return { kind, incident, atMs }
}

await evidence.ready
await evidence.configure({
  policySha256: null,
  models: {},
  camerasSha256: '0'.repeat(64),
  calibrationSha256: '0'.repeat(64),
})
const known = new Set(evidence.known(camera).map(({ index }) => index))
const onDisk = readdirSync(ring).map((name) => Number(name.slice(0, 9)))
for (const index of onDisk.sort((a, b) => a - b)) if (!known.has(index)) await evidence.addSegment(closed(index)) // closed as it is
if (onDisk.length > 0)
  await evidence.addGap({
    camera,
    fromMs: (clock.wallMs() - 3_000) as EpochMs,
    toMs: clock.wallMs(),
    reason: 'restart',
  })
let index = Math.max(-1, ...onDisk) + 1
let step = (evidence.mark(camera)?.index ?? -1) + 1
const [stepMs, overMs] = [15, 0]
for (;;) {
  if (existsSync(config.stopFile) && step % 3 === overMs) break
  writeFileSync(fileOf(index), randomBytes(3_000), { flush: true })
  crashPoint('E0')
  await evidence.addSegment(closed(index))
  index += 1
  await evidence.record(changeOf(step), {
    mark: { index: step, mediaMs: step * 100, wallMs: clock.wallMs() },
    damagedFrames: 0,
    plate: null,
    cameraOffsetMs: null,
    cameraClock: 'none',
  })
  process.stdout.write(`step ${step}\n`)
  step += 1
  await clock.sleep(stepMs, never)
}
while (evidence.outbox.pendingCount() > 0 || evidence.outbox.uploads(1).length > 0) await clock.sleep(50, never)
process.stdout.write(`done ${step}\n`)
// The cloud's commands for the last incidents may still be on their way: the test ends this process when it has seen them.
await new Promise<void>((resolve) => process.once('SIGTERM', resolve))
await uplink.close()
await evidence.close()
await link.close()
process.exit(0)
