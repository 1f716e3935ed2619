import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { claimMs, runClocks, type Law } from '../delivery/index.js'
import { openCloud, silentLog, type TestCloud } from './cloud.fixture.js'
import { FileWalk, papers, stateOf, testLaw, toNotice, type Move } from './files.fixture.js'

const minuteMs = 60_000
const dayMs = 86_400_000

/** Two servers on one database with one clock, as two replicas have it. */
async function replicas(
  t: Test,
): Promise<{ a: TestCloud; b: TestCloud; walk: FileWalk; reopen: (law?: Law) => Promise<TestCloud> }> {
  const databaseFile = join(t.testdir(), 'kerbwatch.db')
  const clock = new ManualClock(Date.UTC(2026, 2, 2, 6, 30))
  const open = (seed: string, law = testLaw()): Promise<TestCloud> => openCloud({ law, databaseFile, clock, seed })
  const a = await open('a')
  const b = await open('b')
  t.teardown(() => b.close())
  const id = a.addLead({ phase: 'over' })
  await tick(a, 'a')
  return { a, b, walk: new FileWalk(a, id), reopen: (law) => open('c', law) }
}
const tick = (cloud: TestCloud, holder: string): Promise<number> =>
  cloud.files?.clock.tick(holder) ?? Promise.reject(new Error('no files'))

const dissuasion: readonly Move[] = [
  { as: 'operator1', do: 't5', documents: papers('D03') },
  { as: 'operator1', do: 't6', documents: papers('D04') },
]

t.test('two replicas on one database: a period ends once, and its step is taken once', async (t) => {
  const { a, b, walk } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(dissuasion)
  a.clock.advance(15 * minuteMs - 1)
  await tick(a, 'a')
  t.equal(stateOf(await walk.read(), 'lead'), 'L4', 'the last millisecond still counts')
  a.clock.advance(1)
  const written = await Promise.all([tick(b, 'b'), tick(a, 'a'), tick(b, 'b'), tick(a, 'a')])
  t.same(written, [0, 2, 0, 0], 'only the holder of the claim enters ends')
  const now = await walk.read()
  t.equal(stateOf(now, 'lead'), 'L5')
  t.same(
    now.log.slice(-2).map(({ did, by, at }) => [did, by[0]?.person, at]),
    [
      ['T03', 'system', '2026-03-02T06:45:00.000Z'],
      ['t7', 'system', '2026-03-02T06:45:00.000Z'],
    ],
  )
})

t.test('even without a claim two processes cannot enter one end twice', async (t) => {
  const { a, b, walk } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(dissuasion)
  a.clock.advance(15 * minuteMs)
  const other = new FileWalk(b, walk.id)
  // Steps enter what is over by themselves, whoever holds the clocks.
  const late: Move = { as: 'operator1', do: 't8' }
  other.version = walk.version
  t.same(
    (await Promise.all([walk.attempt(late), other.attempt(late)])).map(({ status }) => status),
    [409, 409],
  )
  const { log } = await walk.read()
  t.same(
    log.filter(({ did }) => did === 'T03' || did === 't7').map(({ did }) => did),
    ['T03', 't7'],
  )
})

t.test(
  'a process that dies leaves its work: another one takes over, and a restart finds what ended meanwhile',
  async (t) => {
    const { a, b, walk, reopen } = await replicas(t)
    await walk.go(dissuasion)
    await tick(a, 'a')
    await a.close()
    b.clock.advance(15 * minuteMs)
    const own = new FileWalk(b, walk.id)
    t.equal(await tick(b, 'b'), 2, 'the claim of the dead one has lapsed')
    t.equal(stateOf(await own.read(), 'lead'), 'L5')
    t.ok(claimMs < 15 * minuteMs)
    await b.files?.clock.tick('b')
    b.clock.advance(dayMs)
    const c = await reopen()
    t.teardown(() => c.close())
    c.clock.advance(claimMs)
    await tick(c, 'c')
    const after = new FileWalk(c, walk.id)
    const { log } = await after.read()
    t.equal(log.filter(({ did }) => did === 'T03').length, 1, 'the past is not entered again')
  },
)

t.test('a claim that nobody uses goes back to the queue', async (t) => {
  const { a, walk } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(dissuasion.slice(0, 1))
  a.clock.advance(10 * minuteMs)
  await tick(a, 'a')
  const back = await walk.read()
  t.equal(stateOf(back, 'lead'), 'L2')
  t.match(back.log.at(-1), { did: 't53', by: [{ person: 'system' }] })
  t.equal(await tick(a, 'a'), 0)
})

t.test('public notice: after the period of the pack the document counts as served', async (t) => {
  const { a, walk } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(toNotice.slice(0, -2))
  const receipt = { doc: 'D17', documents: papers('D30') }
  await walk.go([
    { as: 'officer_a', do: 'sv3', ...receipt, set: { 'service.way': 'post' } },
    { as: 'officer_a', do: 'sv5', ...receipt, reason: '退回：查无此人' },
    {
      as: 'officer_a',
      do: 'sv6',
      ...receipt,
      reason: '下落不明',
      set: { 'service.way': 'notice', 'service.grounds_for_notice': true },
    },
  ])
  a.clock.advance(59 * dayMs)
  await tick(a, 'a')
  t.equal(stateOf(await walk.read(), 'case'), 'C6')
  a.clock.advance(9 * dayMs) // 60 days end in the holidays of May, so on the first working day after them
  await tick(a, 'a')
  const served = await walk.read()
  t.equal(stateOf(served, 'case'), 'C7', 'sv7 and the note of service followed the end')
  t.ok(served.log.some(({ did }) => did === 'sv7'))
  t.equal(served.timers.find(({ key }) => key === 'T10')?.phase, 'running')
})

t.test('another pack: the ends are computed again at the start', async (t) => {
  const { a, walk, reopen } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(dissuasion)
  t.equal(a.files?.clock.refresh(), 0, 'nothing is stale')
  const law = testLaw()
  const grace = {
    value: { vending: 20, grilling: 20, spillage: null, dust: 20 },
    mark: 'P',
    source: 'test',
    verified: false,
  }
  const c = await reopen({
    ...law,
    pack: { ...law.pack, version: 'next', figures: { ...law.pack.figures, 'dissuasion.grace_min': grace as never } },
  })
  t.teardown(() => c.close())
  t.equal(c.files?.clock.refresh(), 1)
  c.clock.advance(20 * minuteMs - 1)
  t.equal(await tick(c, 'c'), 0)
  c.clock.advance(1)
  t.equal(await tick(c, 'c'), 2)
})

t.test('the loop of the clocks looks again by itself, and ends with its signal', async (t) => {
  const { a, walk } = await replicas(t)
  t.teardown(() => a.close())
  await walk.go(dissuasion)
  const stop = new AbortController()
  const changed = new Promise<void>((resolve) => {
    a.changes.subscribe(({ kind }) => {
      if (kind === 'file') resolve()
    })
  })
  const { files } = a
  if (files === null) throw new Error('no files')
  const loop = runClocks(files.clock, { clock: a.clock, log: silentLog, holder: 'a', signal: stop.signal })
  await new Promise(setImmediate)
  a.clock.advance(15 * minuteMs)
  await changed
  t.equal(stateOf(await walk.read(), 'lead'), 'L5')
  stop.abort()
  await loop
})
