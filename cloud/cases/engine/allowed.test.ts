import t from 'tap'
import { process as law, processRoles, type InputId, type RoleKey, type Value } from '../process/index.js'
import { scenarios } from '../process/scenarios.fixture.js'
import { offersFor, propose } from './index.js'
import { Walk } from './walk.fixture.js'

/** Goal: a button is there exactly when the step would be taken, and a grey one says why. */
t.test('what is offered to somebody can be taken, and what cannot says why', async (t) => {
  let open = 0
  let shut = 0
  for (const { steps } of scenarios.filter(({ id }) => ['B1', 'B4', 'B9', 'B12', 'B25', 'B30'].includes(id))) {
    const walk = new Walk()
    for (const step of steps) {
      try {
        walk.go(step)
      } catch {
        break
      }
      for (const { key } of processRoles) {
        const by = [{ role: key, person: `p-${key}` }]
        const { derived } = walk.request('t2')
        const base = { by, atMs: walk.atMs, derived: { ...derived, ...walk.derived } }
        for (const offer of offersFor(law, walk.view, base)) {
          const row = [...law.transitions, ...law.facts].find(({ id }) => id === offer.do)
          t.equal(row?.command, offer.command)
          if (offer.refusals.length > 0) {
            shut++
            const words = offer.refusals.every(
              ({ says, next }) => says.zh !== '' && says.en !== '' && next !== undefined,
            )
            if (!words) t.fail(`${offer.do} for ${key} is refused without words`)
            continue
          }
          open++
          const lawful = walk.request(offer.do, { by: [key] })
          const outcome = propose(law, walk.view, {
            ...lawful,
            by,
            derived: base.derived,
            ...(offer.run === null ? {} : { run: offer.run }),
          })
          if (!outcome.ok && outcome.refusals.some(({ code }) => code.startsWith('GATE') || code.startsWith('ROLE')))
            t.fail(`${offer.do} is offered to ${key} and refused: ${outcome.refusals.map(({ code }) => code).join()}`)
        }
      }
    }
  }
  t.ok(open > 500 && shut > 100, `${open} open offers, ${shut} shut ones`)
})

t.test('separation: past acts, the same step, and accounts of administrators', async (t) => {
  const walk = new Walk()
  for (const step of ['t1', 't2', 't5', 't8'] as const) walk.go(step)
  walk.prepare('t10')
  const lawful = walk.request('t10')
  const as = (role: RoleKey, person: string, holds?: readonly RoleKey[]): (typeof lawful.by)[number] => ({
    role,
    person,
    ...(holds === undefined ? {} : { holds }),
  })
  const codes = (by: typeof lawful.by): string => {
    const outcome = propose(law, walk.view, { ...lawful, by })
    return outcome.ok ? 'taken' : outcome.refusals.map(({ gate, code }) => gate ?? code).join()
  }
  t.equal(codes([as('officer_a', 'li'), as('officer_b', 'wang')]), 'taken')
  t.match(codes([as('officer_a', 'li'), as('officer_b', 'li')]), /SD1/)
  t.match(
    codes([as('officer_a', 'p-operator'), as('officer_b', 'wang')]),
    /SD9/,
    'who triaged the lead does not investigate it',
  )
  t.match(codes([as('officer_a', 'li', ['officer_a', 'sysadmin']), as('officer_b', 'wang')]), /SD8/)
  const one = propose(law, walk.view, { ...lawful, by: [as('officer_a', 'li')] })
  t.match(one, { ok: true, entry: { effects: [{ kind: 'sign' }] } }, 'the first signature waits for the second')
  if (one.ok) {
    t.equal(one.entry.effects.length, 1)
    walk.attempt({ ...lawful, by: [as('officer_a', 'li')] })
    const second = walk.attempt({ ...walk.request('t10'), by: [as('officer_b', 'wang')] })
    t.equal(second.ok, true, 'the last signature fires')
    t.ok(walk.view.runs.some(({ state }) => state === 'L7'))
  }
})

t.test('nobody records what is another person’s to say', async (t) => {
  const walk = new Walk()
  for (const step of ['t1', 't2', 't5', 't9', 't11', 't16', 't18', 't19', 't20'] as const) walk.go(step)
  const give = (role: RoleKey, set: Partial<Record<InputId, Value>>): string => {
    const outcome = propose(law, walk.view, { ...walk.request('EV16', { by: [role] }), set })
    return outcome.ok ? 'taken' : outcome.refusals.map(({ code }) => code).join()
  }
  t.equal(give('officer_b', { 'finding.b': 'proved' }), 'taken')
  t.equal(give('officer_b', { 'finding.a': 'proved', 'finding.b': 'proved' }), 'INPUT_NOT_YOURS')
  t.equal(give('officer_a', { 'finding.a': 'maybe' }), 'INPUT_VALUE')
  t.equal(give('officer_a', { 'audit.legal': 'pass' }), 'INPUT_NOT_HERE')
  t.equal(give('head', { 'finding.a': 'proved' }), 'INPUT_NOT_YOURS,ROLE_WRONG')
})

t.test('the payment period counts from the day of service, not from the click', async (t) => {
  const walk = new Walk()
  const steps = [
    't1',
    't2',
    't5',
    't9',
    't11',
    't16',
    't18',
    't19',
    't20',
    't22',
    't25',
    't26',
    't29',
    't33',
    't35',
  ] as const
  for (const step of steps) walk.go(step)
  walk.take('sv3', { doc: 'D26', by: ['officer_a'] })
  const receivedMs = (walk.atMs - 3 * 86_400_000) as typeof walk.atMs
  t.equal(walk.attempt({ ...walk.request('sv4', { doc: 'D26', by: ['officer_a'] }), effectiveMs: receivedMs }).ok, true)
  walk.take('t37')
  t.equal(walk.view.timers['T15@payment/1']?.fromMs, receivedMs)
  t.equal(walk.view.timers['T19']?.fromMs, receivedMs)
  t.equal(walk.view.timers['T25@publicity/1']?.fromMs, walk.view.entered['C13'], 'publicity counts from the decision')
})
