import t from 'tap'
import { process as law } from '../process/index.js'
import { explore, withoutGate } from './index.js'

const statesMax = process.env['KW_SLOW'] === undefined ? 3_000 : 60_000

t.test('no gate can be passed by, no invariant broken, in every state that was looked at', async (t) => {
  const { states, steps, asked, complete, lost, breaches } = explore(law, law, statesMax, false)
  t.comment(`${states} states, ${steps} steps accepted, ${asked} requests, ${complete ? 'all' : 'not all'} states`)
  t.same(breaches, [])
  t.same(lost, [], 'the roads of the check can be taken')
  t.ok(states >= statesMax)
})

t.test('with any one gate taken out the check fails, and the trace says how', async (t) => {
  for (const { id } of law.gates) {
    const [breach] = explore(withoutGate(law, id), law, 1_500, true).breaches
    t.match(breach?.what, new RegExp(`although ${id} does not hold`), `${id}: ${breach?.trace.join(' > ') ?? ''}`)
    t.equal(breach?.trace[0], 't1 by edge_box', `${id}: the trace begins with the lead`)
  }
})

t.test('a wrong row is found by the invariants, which do not read it', async (t) => {
  const early = {
    ...law,
    transitions: law.transitions.map((one) => (one.id === 't25' ? { ...one, starts: ['T10' as const] } : one)),
  }
  t.match(explore(early, law, 1_500, true).breaches, [{ what: /I5: T10 starts before D17 is served/ }])
  const machine = {
    ...law,
    transitions: law.transitions.map((one) => (one.id === 't16' ? { ...one, by: ['system' as const] } : one)),
  }
  t.match(explore(machine, law, 1_500, true).breaches, [{ what: /I1: a machine alone leads into L9/ }])
})
