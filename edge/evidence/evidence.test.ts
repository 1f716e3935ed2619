// Goal: what the box says happened can be proved later, whatever happens to the box. Real SQLite, real files, real ffmpeg;
// time is moved by hand.
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { CameraId, EpochMs, IncidentId } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import {
  decodeEnvelope,
  leafHash,
  merkleRoot,
  parseCanonical,
  publicKeyOf,
  sha256,
  verifySignature,
} from '../../contracts/evidence/index.js'
import {
  readContent,
  recordFrame,
  zeroDigest,
  type RecordContent,
  type RecordFrame,
} from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'
import type { Incident, IncidentChange } from '../incidents/types.js'
import { openChain } from './chain.js'
import { readClock, startClock, stepClock } from './clock-state.js'
import { decodeFrame } from './derivatives.js'
import { openEvidence, type Evidence, type RecordExtra } from './index.js'
import { parseSntp, querySntp } from './sntp.js'
import { findBrokenLink } from './start.js'
import { storageState } from './storage.js'

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const camera = 'c01' as CameraId
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 10_000; tries += 1) {
    if (condition()) return
    await turn()
  }
  throw new Error(`not in time: ${what}`)
}

interface Box {
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

async function open(dataDir: string, clock: ManualClock, options: BoxOptions = {}): Promise<Box> {
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

function segmentOf(dataDir: string, clock: ManualClock, index: number, bytes = randomBytes(2_000)): Segment {
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

const extra = (index: number, clock: ManualClock): RecordExtra => ({
  mark: { index, mediaMs: index, wallMs: clock.wallMs() },
  damagedFrames: 0,
  plate: null,
  cameraOffsetMs: null,
  cameraClock: 'none',
})

function change(
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
const newId = (clock: ManualClock): string => systemIds.uuidv7(clock.wallMs())
const eventsOf = (box: Box) => box.records().flatMap(({ content }) => (content.kind === 'event' ? [content.body] : []))

t.test('a chain: boot first, linked, signed by a key file of mode 0600, sealed each minute', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  const { evidence } = box
  await evidence.configure({
    policySha256: null,
    models: { objects: 'a'.repeat(64) },
    camerasSha256: 'b'.repeat(64),
    calibrationSha256: 'c'.repeat(64),
  })
  await until('first seal', () => box.records().some(({ content }) => content.kind === 'heartbeat'))
  const segments = [segmentOf(dataDir, clock, 0), segmentOf(dataDir, clock, 1)]
  for (const one of segments) await evidence.addSegment(one)
  await evidence.addSegment(segments[0] ?? segmentOf(dataDir, clock, 0))
  await evidence.addGap({
    camera,
    fromMs: clock.wallMs(),
    toMs: (clock.wallMs() + 3_000) as EpochMs,
    reason: 'rtsp_timeout',
  })
  clock.advance(63_000)
  await until('a seal with both', () =>
    box.records().some(({ content }) => content.kind === 'seal' && content.body.n === 2),
  )
  const records = box.records()
  t.equal(records[0]?.frame.kwprev, zeroDigest)
  t.equal(records[0]?.content.kind, 'boot')
  for (const [index, { frame }] of records.entries()) {
    t.equal(frame.kwseq, index)
    if (index > 0) t.equal(frame.kwprev, records[index - 1]?.h)
  }
  const key = publicKeyOf(evidence.outbox.signer.spki)
  for (const { env } of evidence.outbox.pending(0, 100)) t.ok(verifySignature(decodeEnvelope(Buffer.from(env)), 0, key))
  t.equal(statSync(join(dataDir, 'secret', 'record.key')).mode & 0o777, 0o600)
  const seal = records.find(({ content }) => content.kind === 'seal' && content.body.n === 2)
  if (seal?.content.kind !== 'seal') throw new Error('seal expected')
  const leafFile = join(dataDir, 'seals', seal.frame.kwchain, `${String(seal.frame.kwseq).padStart(9, '0')}.jsonl`)
  const leaves = readFileSync(leafFile, 'utf8').trimEnd().split('\n')
  t.equal(
    merkleRoot(leaves.map((leaf) => leafHash(Buffer.from(leaf)))).toString('hex'),
    seal.content.body.root,
    'leaf list leads to the sealed root',
  )
  t.same(seal.content.body.cams, [{ cam: camera, first: 0, last: 1, n: 2 }])
  t.equal(seal.content.body.to, new Date(Math.floor(clock.wallMs() / 60_000) * 60_000).toISOString())
  t.equal(evidence.known(camera).length, 2)
  rmSync(segments[0]?.file ?? '')
  t.equal(evidence.known(camera).length, 1, 'a file that is gone is not known')
  await evidence.close()
})

t.test(
  'a restart goes on with the chain; a restored backup, a lost key or a lost disk begins a new one and says so',
  async (t) => {
    const clock = new ManualClock()
    const dataDir = join(t.testdir(), 'data')
    let box = await open(dataDir, clock)
    await box.evidence.close()
    const backup = join(t.testdirName, 'backup.db')
    copyFileSync(join(dataDir, 'chain.db'), backup)
    box = await open(dataDir, clock)
    await box.evidence.addGap({ camera, fromMs: clock.wallMs(), toMs: clock.wallMs(), reason: 'closed' })
    const boots = (): (string | undefined)[] =>
      box.records().flatMap(({ content }) => (content.kind === 'boot' ? [content.body.reason] : []))
    t.same(boots(), ['first_start', 'restart'])
    const all = box.records()
    const head = all.at(-1)
    const first = all[0]?.frame.kwchain ?? ''
    await box.evidence.close()

    const atHead: ReceiptPayload = {
      at: '2026-03-02T02:00:00.000Z',
      chain: first,
      device: 'kwdev-0001',
      h: head?.h ?? '',
      seq: head?.frame.kwseq ?? 0,
      v: 1,
    }
    box = await open(dataDir, clock, { receipt: atHead })
    t.same(boots(), ['restart'], 'the receipt frees what it covers')
    t.ok(box.records().every(({ frame }) => frame.kwchain === first))
    await box.evidence.close()

    for (const name of readdirSync(dataDir)) if (name.startsWith('chain.db')) rmSync(join(dataDir, name))
    copyFileSync(backup, join(dataDir, 'chain.db'))
    box = await open(dataDir, clock, { receipt: atHead })
    const boot = box.records()[0]
    if (boot?.content.kind !== 'boot') throw new Error('boot expected')
    t.equal(boot.content.body.reason, 'rollback_detected')
    t.same(boot.content.body.last_chain, { chain: first, seq: atHead.seq, h: atHead.h })
    t.not(boot.frame.kwchain, first)
    t.equal(boot.frame.kwseq, 0)
    await box.evidence.close()

    rmSync(join(dataDir, 'secret', 'record.key'))
    box = await open(dataDir, clock)
    t.same(boots(), ['key_lost'])
    await box.evidence.close()

    for (const name of readdirSync(dataDir)) if (name.startsWith('chain.db')) rmSync(join(dataDir, name))
    box = await open(dataDir, clock)
    t.same(boots(), ['disk_lost'])
    await box.evidence.close()

    // The cloud's receipt alone, without head.json, tells too.
    rmSync(join(dataDir, '..', 'head.json'))
    box = await open(dataDir, clock, { receipt: { ...atHead, chain: systemIds.uuidv7(clock.wallMs()) } })
    t.same(boots(), ['rollback_detected'])
    t.equal(
      await box.evidence.outbox.acknowledge({
        ...atHead,
        chain: box.records()[0]?.frame.kwchain ?? '',
        seq: 0,
        h: 'f'.repeat(64),
      }),
      'fork',
      'another record at our place',
    )
    t.equal(box.records()[0]?.frame.kwseq, 0)
    t.same(boots(), ['rollback_detected'])
    await box.evidence.close()
  },
)

t.test('a changed row in the database is found at start', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  await box.evidence.close()
  const chain = openChain(join(dataDir, 'chain.db'))
  const rows = chain.lastRows(10)
  t.equal(findBrokenLink(rows), null)
  const [first, second] = rows
  if (first === undefined || second === undefined) throw new Error('two rows expected')
  t.equal(findBrokenLink([first, { ...second, prev: 'f'.repeat(64) }]), second.ord)
  t.equal(findBrokenLink([{ ...first, h: second.h }, second]), first.ord)
  t.equal(findBrokenLink([{ ...first, env: first.env.replace('"payload":"e', '"payload":"f') }, second]), first.ord)
  chain.close()
})

t.test('key rotation: two signatures, then only the new key, also after a restart', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  let box = await open(dataDir, clock)
  const old = box.evidence.outbox.signer.keyId
  const next = await box.evidence.orders.rotateKey(5)
  t.not(next, old)
  t.equal(await box.evidence.orders.rotateKey(5), next, 'the same command again rotates nothing')
  t.equal(box.records().find(({ content }) => content.kind === 'key.rotate')?.signers, 2)
  await box.evidence.close()
  box = await open(dataDir, clock)
  t.equal(box.evidence.outbox.signer.keyId, next)
  t.notOk(box.records().some(({ content }) => content.kind === 'boot' && content.body.reason === 'key_lost'))
  await box.evidence.close()
})

t.test('an incident: held from suspicion on, one record a change, released when refuted', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  const { evidence } = box
  for (let index = 0; index < 5; index += 1) {
    clock.advance(2_000)
    await evidence.addSegment(segmentOf(dataDir, clock, index))
  }
  const [id, other] = [newId(clock), newId(clock)]
  await evidence.record(change('suspected', id, clock), extra(1, clock))
  await evidence.record(change('suspected', other, clock), extra(2, clock))
  const held = (name: string): number =>
    existsSync(join(dataDir, 'held', name)) ? readdirSync(join(dataDir, 'held', name)).length : 0
  t.equal(held(id), 5)
  t.equal(held(other), 5)
  await evidence.record(change('refuted', other, clock), extra(3, clock))
  t.equal(held(other), 0, 'a refuted one holds nothing')
  t.equal(eventsOf(box).length, 0, 'no record before it is confirmed')
  const confirmed = change('confirmed', id, clock)
  const writing = evidence.record(confirmed, extra(4, clock))
  await writing
  await evidence.record(confirmed, extra(4, clock))
  t.same(
    eventsOf(box).map(({ phase }) => phase),
    ['confirmed'],
    'the same change twice is one record',
  )
  t.equal(evidence.mark(camera)?.index, 4)
  t.equal(eventsOf(box)[0]?.segments.length, 5)
  clock.advance(2_000)
  await evidence.addSegment(segmentOf(dataDir, clock, 5))
  t.equal(held(id), 6, 'what comes later is held as it closes')
  for (const name of readdirSync(join(dataDir, 'ring', camera))) rmSync(join(dataDir, 'ring', camera, name))
  t.equal(held(id), 6, 'and outlives the ring')
  await evidence.record(change('over', id, clock, { confirmedMs: confirmed.atMs }), extra(5, clock))
  const [, over] = eventsOf(box)
  t.equal(over?.phase, 'over')
  t.same(
    over?.segments.map(({ idx }) => idx),
    [5],
    'only what was not named before',
  )
  t.ok(over?.windows.some(({ kind }) => kind === 'departure'))
  t.same(evidence.incidents(), [])
  const clip = await evidence.orders.clip({ incident: id })
  t.equal(clip.result['n'], 6)
  await evidence.outbox.answer(
    { cseq: 1, name: 'clip.upload', payloadSha256: 'a'.repeat(64), status: 'ok', result: clip.result },
    clip.effects,
  )
  t.equal(evidence.outbox.uploads(100).length, 7, 'six segments and their list')
  t.notOk(evidence.outbox.isNewCommand(1))
  for (const upload of evidence.outbox.uploads(100)) {
    const file = evidence.outbox.fileOf(upload)
    t.equal(file === null ? null : sha256(readFileSync(file)), upload.sha256)
  }
  await evidence.close()
})

t.test(
  'the budget of held footage: what is over and in the cloud goes first, open acts never; the ring shrinks instead',
  async (t) => {
    const clock = new ManualClock()
    const dataDir = join(t.testdir(), 'data')
    const box = await open(dataDir, clock, { heldMb: 0.01 })
    const { evidence } = box
    const big = (index: number): Segment => segmentOf(dataDir, clock, index, randomBytes(8_000))
    const [done, going] = [newId(clock), newId(clock)]
    await evidence.addSegment(big(0))
    await evidence.record(change('suspected', done, clock), extra(1, clock))
    await evidence.record(change('confirmed', done, clock), extra(2, clock))
    await evidence.record(change('over', done, clock), extra(3, clock))
    clock.advance(200_000)
    await evidence.addSegment(big(1))
    await evidence.record(change('suspected', going, clock), extra(4, clock))
    clock.advance(10_000)
    await until('the older act to be let go', () => !existsSync(join(dataDir, 'held', done)))
    t.ok(existsSync(join(dataDir, 'held', going)))
    t.equal(evidence.storage().heldFull, false)
    for (let index = 2; index < 4; index += 1) {
      clock.advance(2_000)
      await evidence.addSegment(big(index))
    }
    clock.advance(10_000)
    await until('full', () => evidence.storage().heldFull)
    t.ok(existsSync(join(dataDir, 'held', going)), 'an open act is never let go')
    t.equal(
      evidence.storage().ringBytesMax + evidence.storage().heldBytes,
      100e6 + 0.01e6,
      'ring and held together keep their bound',
    )
    await evidence.close()
    t.equal(
      storageState({ freePercent: 7, minFreePercent: 10, ringBytesMax: 1, heldBytesMax: 1, heldBytes: 0 }).level,
      'low',
    )
    t.equal(
      storageState({ freePercent: 4, minFreePercent: 10, ringBytesMax: 1, heldBytesMax: 1, heldBytes: 0 }).level,
      'critical',
    )
  },
)

const hasFfmpeg = ((): boolean => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

t.test(
  'stills: from a whole segment, named by the record that is signed after them, private zones hidden',
  { skip: hasFfmpeg ? false : 'no ffmpeg' },
  async (t) => {
    const clock = new ManualClock()
    const dataDir = join(t.testdir(), 'data')
    const box = await open(dataDir, clock, {
      ffmpeg: 'ffmpeg',
      zones: [
        [
          [0, 0],
          [0.5, 0],
          [0.5, 1],
          [0, 1],
        ],
      ],
    })
    const source = join(t.testdirName, 'source.mp4')
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=1920x1080:r=10:d=2',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '20',
      '-movflags',
      '+frag_keyframe+empty_moov+default_base_moof',
      source,
    ])
    clock.advance(10_000)
    await box.evidence.addSegment(segmentOf(dataDir, clock, 0, readFileSync(source)))
    const id = newId(clock)
    const at = { arrivedMs: (clock.wallMs() - 1_500) as EpochMs, firstMs: (clock.wallMs() - 1_500) as EpochMs }
    await box.evidence.record(change('suspected', id, clock, at), extra(1, clock))
    await box.evidence.record(change('confirmed', id, clock, at), extra(2, clock))
    for (let tries = 0; tries < 400 && eventsOf(box).flatMap(({ stills }) => stills).length < 2; tries += 1) {
      clock.advance(50)
      await turn()
    }
    const stills = eventsOf(box).flatMap((event) => event.stills)
    t.same(
      stills.map(({ kind }) => kind).sort(),
      ['act', 'arrival'],
      'both pictures come, with the record or right after it',
    )
    const arrival = stills.find(({ kind }) => kind === 'arrival')
    t.ok(Math.abs(Date.parse(arrival?.at ?? '') - at.arrivedMs) <= 100, 'of that moment')
    for (const still of stills) {
      const jpeg = readFileSync(join(dataDir, 'stills', `${still.sha256}.jpg`))
      t.equal(sha256(jpeg), still.sha256)
      t.ok(jpeg.length <= 150_000 && jpeg.length === still.bytes)
      t.equal(still.w_px, 1_280)
      t.notOk(jpeg.includes('Exif'), 'no EXIF')
      t.notOk(jpeg.includes('Lavc'), 'no comment')
    }
    const jpegFile = join(dataDir, 'stills', `${stills[0]?.sha256 ?? ''}.jpg`)
    const shown = await decodeFrame({ ffmpeg: 'ffmpeg', file: jpegFile, offsetMs: 0, sidePx: 1_280 })
    /** Mean difference of neighbours in one row. */
    const roughness = (fromX: number, toX: number): number => {
      let sum = 0
      for (let x = fromX; x < toX; x += 1)
        sum += Math.abs(
          (shown.rgb[(100 * shown.widthPx + x) * 3] ?? 0) - (shown.rgb[(100 * shown.widthPx + x + 1) * 3] ?? 0),
        )
      return sum / (toX - fromX)
    }
    t.ok(roughness(66, 94) < 2, 'inside the zone a cell is one colour')
    t.equal(box.evidence.outbox.uploads(10).length, 0, 'stills wait for the receipt of their record')
    const last = box.records().at(-1)
    await box.evidence.outbox.acknowledge({
      at: '2026-03-02T02:00:00.000Z',
      chain: last?.frame.kwchain ?? '',
      device: 'kwdev-0001',
      h: last?.h ?? '',
      seq: last?.frame.kwseq ?? 0,
      v: 1,
    })
    t.equal(box.evidence.outbox.uploads(10).length, 2)
    await box.evidence.close()
  },
)

t.test('after close() nothing writes any more: no reserve in the making, no still that was late', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const ffmpeg = join(t.testdirName, 'slow-ffmpeg')
  const started = join(t.testdirName, 'started')
  writeFileSync(
    ffmpeg,
    `#!/bin/sh\ncase "$*" in *.mp4*) echo $$ > ${started}; exec sleep 8;; *) exec ffmpeg "$@";; esac\n`,
    { mode: 0o755 },
  )
  const box = await open(dataDir, clock, { ffmpeg, reserveMb: 64 })
  clock.advance(10_000)
  await box.evidence.addSegment(segmentOf(dataDir, clock, 0))
  const id = newId(clock)
  await box.evidence.record(change('suspected', id, clock), extra(1, clock))
  const recorded = box.evidence.record(change('confirmed', id, clock), extra(2, clock))
  await until('a still is being made', () => existsSync(started) && readFileSync(started, 'utf8').endsWith('\n'))
  const decoder = Number(readFileSync(started, 'utf8'))
  clock.advance(2_000)
  await recorded
  const closingMono = systemClock.monoMs()
  await box.evidence.close()
  t.ok(systemClock.monoMs() - closingMono < 4_000, 'and does not wait for a slow decoder')
  t.throws(() => process.kill(decoder, 0), { code: 'ESRCH' }, 'the decoder is gone')
  const listing = (): string[] => readdirSync(dataDir, { recursive: true }).map(String).sort()
  const atClose = listing()
  t.notOk(
    atClose.some((name) => name.includes('.partial')),
    atClose.join(' '),
  )
  rmSync(dataDir, { recursive: true })
  for (let turns = 0; turns < 100; turns += 1) await turn()
  t.notOk(existsSync(dataDir), 'the folder can be removed')
})

t.test('clock: steps are recorded, drift is not a step, bounds hold what was measured', async (t) => {
  const clock = new ManualClock()
  const dataDir = join(t.testdir(), 'data')
  const box = await open(dataDir, clock)
  clock.advance(1_000)
  clock.stepWall(-5_000)
  clock.advance(1_000)
  const step = (): RecordContent | undefined =>
    box
      .records()
      .map(({ content }) => content)
      .find(({ kind }) => kind === 'clock')
  await until('clock record', () => step() !== undefined)
  const body = step()
  t.equal(body?.kind === 'clock' ? body.body.step_us : 0, -5_000_000)
  t.equal(box.evidence.clock().steps, 1)
  t.equal(box.evidence.clock().sync, 'unsynced')
  await box.evidence.close()

  const sample = { server: 'a', offsetMs: 12, delayMs: 10, rootDelayMs: 4, rootDispersionMs: 1, atMonoMs: 0 }
  let known = startClock('b', 1_000, 0)
  known = stepClock(known, { wallMs: 1_000, monoMs: 0, sample }).next
  t.equal(known.sync, 'synced')
  t.equal(readClock(known, 0).errorUs, 20_000, 'delay/2 + root delay/2 + dispersion + the offset itself')
  t.equal(stepClock(known, { wallMs: 3 * 3_600_000 + 1_000, monoMs: 3 * 3_600_000 }).next.sync, 'holdover')
  t.equal(
    stepClock(known, { wallMs: 1_000, monoMs: 0, sample: { ...sample, server: 'b', offsetMs: 900 } }).next.sync,
    'unsynced',
    'two servers disagree',
  )
  t.equal(stepClock(known, { wallMs: 61_030, monoMs: 60_000 }).news, null, '30 ms is slew')
  t.equal(stepClock(known, { wallMs: 61_080, monoMs: 60_000 }).news?.cause, 'step')
})

t.test(
  'the clock is set back: what was closed before is sealed in the next minute, not when its time comes again',
  async (t) => {
    const clock = new ManualClock()
    const dataDir = join(t.testdir(), 'data')
    const box = await open(dataDir, clock)
    await until('first seal', () => box.records().some(({ content }) => content.kind === 'heartbeat'))
    clock.advance(30_000)
    await box.evidence.addSegment(segmentOf(dataDir, clock, 0))
    clock.stepWall(-3_600_000)
    clock.advance(2_000)
    await box.evidence.addSegment(segmentOf(dataDir, clock, 1))
    const sealed = (): number[] =>
      box.records().flatMap(({ content }) => (content.kind === 'seal' && content.body.n > 0 ? [content.body.n] : []))
    for (let minute = 0; minute < 3 && sealed().length === 0; minute += 1) {
      clock.advance(63_000)
      await until('a seal', () => box.records().filter(({ content }) => content.kind === 'seal').length > minute + 1)
    }
    t.same(sealed(), [2])
    await box.evidence.close()
  },
)

t.test('SNTP against a server of our own', async (t) => {
  const server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const clock = new ManualClock(Date.UTC(2026, 2, 2))
  const aheadMs = 1_500
  server.on('message', (request, peer) => {
    const answer = Buffer.alloc(48)
    answer[0] = 0x24
    answer[1] = 2
    request.copy(answer, 24, 40, 48)
    const seconds = Math.floor((clock.wallMs() + aheadMs) / 1_000) + 2_208_988_800
    const fraction = Math.floor((((clock.wallMs() + aheadMs) % 1_000) / 1_000) * 2 ** 32)
    for (const at of [32, 40]) {
      answer.writeUInt32BE(seconds, at)
      answer.writeUInt32BE(fraction, at + 4)
    }
    server.send(answer, peer.port, peer.address)
  })
  const sample = await querySntp(`127.0.0.1:${server.address().port}`, clock, 3_000)
  t.ok(Math.abs(sample.offsetMs - aheadMs) < 1)
  const request = Buffer.alloc(48, 1)
  t.throws(() => parseSntp(Buffer.alloc(48), request, 0, 1))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        parseSntp(bytes, request, 0, 1)
      } catch (error) {
        if ((error as Error).name !== 'KerbError') throw error
      }
    }),
  )
})
