// A box's evidence with real SQLite and real files; time is moved by hand.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CameraId, EpochMs, IncidentId } from '../../contracts/base/index.js'
import type { ManualClock } from '../../contracts/base/manual-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { decodeEnvelope, parseCanonical, sha256 } from '../../contracts/evidence/index.js'
import { readContent, recordFrame, type RecordContent, type RecordFrame } from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'
import type { Incident, IncidentChange } from '../incidents/types.js'
import { openEvidence, type Evidence, type RecordExtra } from './index.js'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
export const camera = 'c01' as CameraId
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

export async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 10_000; tries += 1) {
    if (condition()) return
    await turn()
  }
  throw new Error(`not in time: ${what}`)
}

export interface Box {
  readonly evidence: Evidence
  readonly dataDir: string
  records(): { frame: RecordFrame; content: RecordContent; h: string; signers: number }[]
}

interface BoxOptions {
  receipt?: ReceiptPayload | null
  ffmpeg?: string
  heldMb?: number
  reserveMb?: number
  ntp?: string[]
  zones?: readonly (readonly (readonly [number, number])[])[]
}

export async function open(dataDir: string, clock: ManualClock, options: BoxOptions = {}): Promise<Box> {
  const evidence = openEvidence({
    device: 'kwdev-0001',
    app: 'test',
    dataDir,
    keyFile: join(dataDir, 'secret', 'record.key'),
    headFile: join(dataDir, '..', 'head.json'),
    cameras: [{ id: camera, privateZones: options.zones ?? [] }],
    storage: {
      ringMb: 100,
      ringDays: 7,
      heldMb: options.heldMb ?? 100,
      heldDays: 30,
      minFreePercent: 0.001,
      reserveMb: options.reserveMb ?? 1,
    },
    ntp: options.ntp ?? [],
    ffmpeg: options.ffmpeg ?? 'false',
    clock,
    ids: systemIds,
    log: quiet,
    receipt: () => Promise.resolve(options.receipt ?? null),
    health: () => ({ cameras: [], temperatureC: null }),
  })
  await evidence.ready
  return {
    evidence,
    dataDir,
    records: () =>
      evidence.outbox.pending(0, 10_000).map(({ env }) => {
        const envelope = decodeEnvelope(Buffer.from(env))
        const frame = recordFrame.parse(parseCanonical(envelope.payload))
        return { frame, content: readContent(frame), h: sha256(envelope.payload), signers: envelope.signatures.length }
      }),
  }
}

export function segmentOf(dataDir: string, clock: ManualClock, index: number, bytes = randomBytes(2_000)): Segment {
  const folder = join(dataDir, 'ring', camera)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${String(index).padStart(9, '0')}.mp4`)
  writeFileSync(file, bytes)
  const toMs = clock.wallMs()
  return {
    camera,
    index,
    file,
    fromMs: (toMs - 2_000) as EpochMs,
    toMs,
    fromMediaMs: index * 2_000,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    codec: 'h264',
    timeUsable: true,
  }
}

export const extra = (index: number, clock: ManualClock): RecordExtra => ({
  mark: { index, mediaMs: index, wallMs: clock.wallMs() },
  damagedFrames: 0,
  plate: null,
  cameraOffsetMs: null,
  cameraClock: 'none',
})

export function change(
  kind: IncidentChange['kind'],
  id: string,
  clock: ManualClock,
  more: Partial<Incident> = {},
): IncidentChange {
  const atMs = clock.wallMs()
  const incident: Incident = {
    id: id as IncidentId,
    cause: 'vending',
    camera,
    zone: 'z1',
    state: kind === 'reopened' || kind === 'updated' ? 'continuing' : kind,
    firstMs: (atMs - 4_000) as EpochMs,
    confirmedMs: kind === 'suspected' ? null : atMs,
    lastMs: atMs,
    box: [0.4, 0.5, 0.2, 0.3],
    confidence: 0.9,
    grade: 3,
    measurements: { dwell_s: 120 },
    reasons: [],
    actor: null,
    arrivedMs: (atMs - 3_000) as EpochMs,
    reopened: false,
    rule: 'vending@1.0.0',
    thresholds: { dwell_s: 120 },
    view: { moved: false, dark: false, blurred: false, covered: false },
    ...more,
  }
  return { kind, incident, atMs }
}
export const newId = (clock: ManualClock): string => systemIds.uuidv7(clock.wallMs())
export const eventsOf = (box: Box) =>
  box.records().flatMap(({ content }) => (content.kind === 'event' ? [content.body] : []))
