import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { FiledEntry } from '../cases/derived/index.js'
import { applyEntry, emptyFile, replay } from '../cases/engine/index.js'
import { logBreaches } from '../cases/engine/log-invariants.js'
import { process as law } from '../cases/process/index.js'
import { fileStore } from '../store/files.js'
import { openCloud, people } from './cloud.fixture.js'
import { exemption, FileWalk, party, testLaw, toDecision, toNotice, type Move } from './files.fixture.js'

const seed = Number(process.env['KW_SEED'] ?? 20260302)
t.comment(`seed ${seed}`)
const minuteMs = 60_000
const roads = [exemption, [...toNotice, ...toDecision]]
const moves: readonly Move[] = roads.flat()
const names = Object.keys(people).filter((name) => name !== 'wall')

/** One act: mostly the next step of a road, sometimes any step, any person, an old version, or time. */
const act = fc.record({
  kind: fc.constantFrom(...Array<'next'>(12).fill('next'), 'jump', 'stranger', 'stale', 'wait'),
  pick: fc.nat(),
  minutes: fc.integer({ min: 1, max: 20_000 }),
})

/** Each walk has its own party: one act, one case (G2). */
const ofOwnParty = (move: Move, id: string): Move =>
  move.do === 'EV22' ? { ...move, particulars: { parties: [{ ...party, id_number: id }] } } : move

async function wild(
  walk: FileWalk,
  road: readonly Move[],
  acts: readonly (typeof act extends fc.Arbitrary<infer T> ? T : never)[],
) {
  let next = 0
  let taken = 0
  for (const { kind, pick, minutes } of acts) {
    await walk.read()
    const own = road[next] ?? moves[pick % moves.length]
    const any = moves[pick % moves.length]
    if (own === undefined || any === undefined) throw new Error('no moves')
    if (kind === 'wait') {
      await walk.pass(minutes * minuteMs)
      continue
    }
    if (kind === 'stale') walk.version = Math.max(0, walk.version - 1)
    const move =
      kind === 'jump' ? any : kind === 'stranger' ? { ...own, as: names[pick % names.length] ?? 'head' } : own
    const { status } = await walk.attempt(ofOwnParty(move, walk.id))
    if (status >= 500) throw new Error(`${move.do} by ${move.as}: ${status}`)
    if (status === 200) taken++
    if (status === 200 && kind === 'next') next++
  }
  return taken
}

t.test(
  'random steps through the API: the stored log alone gives the file, byte for byte, also to another process',
  { timeout: 200_000 },
  async (t) => {
    const databaseFile = join(t.testdir(), 'kerbwatch.db')
    const cloud = await openCloud({ law: testLaw(), databaseFile })
    const twin = await openCloud({ law: testLaw(), databaseFile, clock: cloud.clock, seed: 'twin' })
    t.teardown(async () => {
      await twin.close()
      await cloud.close()
    })
    const reached = new Set<string>()
    let taken = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(act, { minLength: 20, maxLength: 45, size: 'max' }), async (which, acts) => {
        const id = cloud.addLead({ phase: 'over' })
        await cloud.files?.clock.tick('test')
        const walk = new FileWalk(cloud, id)
        taken += await wild(walk, roads[which] ?? exemption, acts)
        const log = fileStore(cloud.database)
          .log(id)
          .map(({ entry }) => entry as FiledEntry)
        // Step by step as it came about, and at once from what is stored.
        const steps = log.reduce(applyEntry, emptyFile)
        const whole = replay(JSON.parse(JSON.stringify(log)) as FiledEntry[])
        if (JSON.stringify(steps) !== JSON.stringify(whole)) throw new Error('the replay differs')
        const [here, there] = [await walk.read(), await new FileWalk(twin, id).read()]
        if (JSON.stringify(here) !== JSON.stringify(there)) throw new Error('the other process sees another file')
        if (here.version !== whole.version) throw new Error('the view is not the log')
        const breaches = logBreaches(law, log)
        if (breaches.length > 0) throw new Error(breaches.join('; '))
        for (const { did } of log) reached.add(did)
      }),
      { seed, numRuns: 12, endOnFailure: true },
    )
    t.same(cloud.errors, [], 'nothing failed inside')
    t.ok(taken > 120, `${taken} steps were taken`)
    for (const step of ['t16', 't55', 't25']) t.ok(reached.has(step), `walks reached ${step}`)
  },
)
