// Goal: the box knows how far its clock can be trusted, and says so.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { type RecordContent } from '../../contracts/records/index.js'
import { readClock, startClock, stepClock } from './clock-state.js'
import { parseSntp, querySntp } from './sntp.js'
import { until, open, segmentOf } from './evidence.fixture.js'

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
