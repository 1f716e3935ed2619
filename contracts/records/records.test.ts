// Goal: the words on the wire do not change unnoticed. Each kind has a golden payload; what our functions make of the same
// facts must be these bytes, and the schemas must read them back. `KW_GOLDEN=write` writes them anew (say why in the commit).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import type { EpochMs } from '../base/index.js'
import { integersOnly, jcs, type Json } from '../evidence/index.js'
import { commandPayload, readCommand } from '../commands/index.js'
import {
  bodyKey,
  readContent,
  recordFrame,
  recordKinds,
  recordSchema,
  toBootBody,
  toBoxE4,
  toClockBody,
  toClockState,
  toCommandResultBody,
  toConfigBody,
  toEventBody,
  toGapBody,
  toHeartbeatBody,
  toIntegers,
  toKeyRotateBody,
  toSealBody,
  toSealLeaf,
  type RecordKind,
} from './index.js'

const at = (seconds: number): EpochMs => Date.UTC(2026, 10, 22, 4, 0, seconds) as EpochMs
const digest = (letter: string): string => letter.repeat(64)
const boot = '01a20169-1a78-7e3d-bf28-452afb50edbe'
const chain = '01a20169-1a78-794e-8a41-f805a202307e'
const incident = '01a20169-3000-7001-8000-000000000001'
const clock = toClockState({
  boot,
  monoUs: 25_000_000.4,
  sync: 'synced',
  source: 'sntp:time.example',
  offsetUs: -1_200.4,
  errorUs: 8_499.2,
  steps: 0,
})
const segment = { camera: 'c01', index: 101, fromMs: at(20), toMs: at(22), bytes: 1_000_000, sha256: digest('a') }

const bodies: Record<RecordKind, object> = {
  boot: toBootBody({
    reason: 'restart',
    lastChain: { chain, seq: 6, h: digest('b') },
    app: '0.1.0',
    signingKeySpki: 'MFkwEw==',
    headChecked: true,
  }),
  config: toConfigBody({
    version: 3,
    release: '0.1.0',
    policySha256: null,
    modelSha256: digest('c'),
    models: { objects: digest('d') },
    camerasSha256: digest('e'),
    calibrationSha256: digest('f'),
    cameras: [
      {
        camera: 'c01',
        place: '人民路12号',
        latDeg: 31.23,
        lonDeg: 121.47,
        zones: [
          {
            zone: 'z1',
            kind: 'no_vending',
            polygon: [
              [0.1, 0.5],
              [0.9, 0.5],
              [0.9, 1],
            ],
          },
        ],
      },
    ],
  }),
  seal: toSealBody({ fromMs: at(0), toMs: at(60), leaves: [toSealLeaf(segment)], root: digest('9') }),
  event: toEventBody({
    incident,
    phase: 'confirmed',
    reopened: false,
    camera: 'c01',
    zone: 'z1',
    cause: 'vending',
    firstMs: at(0),
    confirmedMs: at(30),
    lastMs: at(31),
    box: [0.4, 0.5, 0.2, 0.3],
    confidence: 0.912,
    grade: 3,
    rule: 'vending@1.0.0',
    thresholds: { dwell_s: 120, lift: 0.25, speed: 0.0001234 },
    configSeq: 1,
    models: { objects: digest('d') },
    measurements: {
      dwell_s: 121.6,
      seen_s: 118,
      unseen_s: 0,
      class_milli: { vendor_stall: 812.4 },
      attended_milli: 930,
      arrived_at: '2026-11-22T04:00:01.000Z',
      carrier: 'tricycle',
      stall_seen: true,
    },
    reasons: ['arrival_with_tricycle'],
    actor: { kind: 'tricycle', atMs: at(1), box: [0.1, 0.2, 0.3, 0.4], score: 0.81, margin: 0.3, plate: null },
    stills: [
      {
        kind: 'arrival',
        atMs: at(21),
        sha256: digest('1'),
        bytes: 98_211,
        widthPx: 1_280,
        heightPx: 720,
        index: 101,
        ptsMs: 1_200,
      },
    ],
    windows: [{ kind: 'arrival', fromMs: at(-29), toMs: at(16) }],
    segments: [segment],
    view: { moved: false, dark: false, blurred: false, covered: false },
    damagedFrames: 0,
    cameraOffsetMs: null,
    cameraClock: 'none',
  }),
  gap: toGapBody({ camera: 'c02', fromMs: at(60), toMs: at(63), reason: 'rtsp_timeout' }),
  heartbeat: toHeartbeatBody({
    diskFreeMb: 120_034.7,
    outbox: 0,
    ringOldestMs: at(0),
    temperatureC: 51.2,
    heldMb: 12.1,
    heldFull: false,
    cameras: [{ camera: 'c01', state: 'running', fault: null, framesDropped: 0, restarts: 1 }],
  }),
  clock: toClockBody({ oldErrorUs: 8_500, stepUs: -1_500_000.3, cause: 'step' }),
  'command.result': toCommandResultBody({
    cseq: 7,
    name: 'clip.upload',
    payloadSha256: digest('2'),
    status: 'ok',
    result: { n: 1, objects: [digest('a')] },
  }),
  'key.rotate': toKeyRotateBody(digest('3'), 'MFkwEw=='),
}

function payloadOf(kind: RecordKind): Json {
  const data = kind === 'clock' ? { clock: { ...clock, ...bodies.clock } } : { clock, [bodyKey(kind)]: bodies[kind] }
  return {
    data: data as Json,
    datacontenttype: 'application/json',
    id: boot,
    kwchain: chain,
    kwprev: digest('0'),
    kwseq: 7,
    source: 'urn:kerbwatch:edge:kwdev-0001',
    specversion: '1.0',
    time: '2026-11-22T04:01:02.000Z',
    type: `kerbwatch.${kind}.v1`,
  }
}

const goldenFolder = new URL('./golden/', import.meta.url)
const goldenFile = (kind: RecordKind): URL => new URL(`${kind}.v1.json`, goldenFolder)

t.test('golden payload of every kind', async (t) => {
  if (process.env['KW_GOLDEN'] === 'write')
    for (const kind of recordKinds)
      writeFileSync(goldenFile(kind), `${JSON.stringify(JSON.parse(jcs(payloadOf(kind))), null, 2)}\n`)
  t.same(readdirSync(fileURLToPath(goldenFolder)).sort(), recordKinds.map((kind) => `${kind}.v1.json`).sort())
  for (const kind of recordKinds) {
    const golden = JSON.parse(readFileSync(goldenFile(kind), 'utf8')) as Json
    t.equal(jcs(payloadOf(kind)), jcs(golden), `${kind}: made bytes are the golden ones`)
    t.ok(integersOnly(golden), `${kind}: integers only`)
    t.same(recordSchema(kind).parse(golden), golden, `${kind}: schema reads it`)
    t.same(readContent(recordFrame.parse(golden)).kind, kind)
  }
})

t.test('a record that we cannot read is content, not an error', async (t) => {
  const frame = recordFrame.parse(payloadOf('gap'))
  t.equal(readContent({ ...frame, type: 'kerbwatch.dream.v1' }).kind, 'unreadable')
  t.equal(readContent({ ...frame, data: { clock } }).kind, 'unreadable')
  t.throws(() => recordFrame.parse({ ...frame, extra: 1 }), 'unknown attribute of the frame')
  t.throws(() => recordFrame.parse({ ...frame, source: 'urn:kerbwatch:edge:A' }))
})

t.test('fractions leave as integers with their unit in the name', async (t) => {
  t.same(toIntegers({ dwell_s: 120, lift: 0.25, tiny: 0.00012, bad: NaN }), {
    dwell_s: 120,
    lift_milli: 250,
    tiny_e7: 1_200,
  })
  t.same(toBoxE4([-0.1, 0.5, 0.2, 1.3]), [0, 5_000, 2_000, 10_000])
})

t.test('property: any number becomes integers only, and a box stays in the picture', async (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 8 }), fc.double({ min: -1e6, max: 1e6 })), (values) => {
      if (!integersOnly(toIntegers(values))) throw new Error('fraction')
    }),
  )
  t.pass()
})

t.test('commands: unknown names and wrong arguments are told apart from good ones', async (t) => {
  const data = (name: string, args: object) => ({
    args: { ...args },
    cseq: 1,
    expires: '2026-11-22T04:06:06.000Z',
    name,
    target: 'kwdev-0001',
  })
  t.equal(readCommand(data('clip.upload', { incident })).name, 'clip.upload')
  t.equal(readCommand(data('clip.upload', { incident, more: 1 })).name, null)
  t.equal(readCommand(data('record.delete', {})).name, null)
  t.equal(readCommand(data('constructor', {})).name, null)
  t.equal(commandPayload.safeParse({}).success, false)
})
