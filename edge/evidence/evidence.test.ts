// Goal: of what is suspected nothing is lost, of what is refuted nothing is kept, whatever the disk does.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { EpochMs } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { sha256 } from '../../contracts/evidence/index.js'
import type { Segment } from '../capture/types.js'
import { decodeFrame } from './derivatives.js'
import { storageState } from './storage.js'
import { camera, turn, until, open, segmentOf, extra, change, newId, eventsOf } from './evidence.fixture.js'

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
