import t from 'tap'
import { openFile, papers } from './files.fixture.js'

/** Goal: a first offence ends without penalty through the public API alone, each step by its own person, and its log is the file. */
t.test('the first-offence exemption, from the lead of a box to the archive', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const first = await walk.read('operator1')
  t.match(
    first.log.map(({ did, by }) => [did, by[0]?.person]),
    [
      ['t1', 'edge:kwdev-0001'],
      ['t2', 'system'],
    ],
  )
  await walk.toInvestigation()
  await walk.take('officer_a', 'EV18', {
    set: { 'screen.complete': true, 'screen.ground': ['NP4'] },
    documents: papers('D16'),
  })
  const conclude = { reason: '初次违法，危害轻微，当场改正', documents: papers('D14') }
  await walk.take('officer_a', 't55', conclude)
  await walk.take('officer_b', 't55', conclude)
  const decided = await walk.take('head', 't36', { reason: 'NP4', documents: papers('D25', 'D28') })
  t.ok(decided.runs.some(({ state }) => state === 'C18'))
  t.equal(decided.timers.find(({ key }) => key === 'T07')?.phase, 'off')
  t.equal(decided.timers.find(({ key }) => key === 'T14')?.due_at, '2026-03-11T16:00:00.000Z', 'seven working days')
  await walk.serve('D28')
  await walk.take('officer_a', 't38', { set: { 'education.recorded': true }, documents: papers('D04') })
  await walk.take('officer_a', 't48', { set: { 'retention.class_set': true }, documents: papers('D36') })
  await walk.take('head', 't49')
  const last = await walk.take('archivist', 't50')
  t.ok(
    last.runs.some(({ state }) => state === 'C22'),
    'archived',
  )
  t.equal(last.inputs['case.outcome'], 'no_penalty')
  t.same(walk.cloud.errors, [])
})

