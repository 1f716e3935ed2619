import t from 'tap'
import { exampleCase } from '../process/example-case.fixture.js'
import { scenarios } from '../process/scenarios.fixture.js'
import type { TransitionId } from '../process/index.js'
import { newestRun, replay } from './index.js'
import { Walk, type Extra, type Set } from './walk.fixture.js'

/** What a scenario needs beside the lawful values: which step, what with it. */
const special: Readonly<
  Record<string, { readonly derived?: Set; readonly at?: Partial<Record<TransitionId, Extra>> }>
> = {
  B2b: { at: { t10: { mayMake: ['D11'] }, t38: { by: ['officer_a'] } } },
  B4: {
    derived: { 'hearing.right': true },
    at: {
      hr3: { by: ['system'] },
      py2: { derived: { 'payment.owed': 0 } },
      t42: { by: ['finance'], derived: { 'payment.paid': 20_000 } },
    },
  },
  B9: { derived: { 'hearing.right': true, 'collective.required': true } },
  B12: { at: { py2: { derived: { 'payment.owed': 0 } } } },
  B13: { at: { py2: { derived: { 'payment.owed': 0 } }, py8: { derived: { 'payment.paid': 20_000 } } } },
  B10: { at: { sv5: { by: ['officer_a'] } } },
  B34: { at: { sv4: { by: ['officer_a'] } } },
  device: { at: { dv5: { by: ['technician'] } } },
  B17: { derived: { 'evidence.clock_ok': false } },
  B25: { at: { t17: { set: { 'decision.fine': 10_000 } }, py2: { derived: { 'payment.owed': 0 } } } },
  B26: { at: { t38: { by: ['officer_a'] }, t36: { set: {} } } },
  B28: { derived: { 'hearing.right': true }, at: { hr3: { by: ['party'] } } },
  'court change': { at: { py2: { derived: { 'payment.owed': 0 } }, py8: { derived: { 'payment.paid': 20_000 } } } },
  B35: { at: { py8: { derived: { 'payment.paid': 10_000 } } } },
}

function walkTo(walk: Walk, steps: readonly TransitionId[], id: string): void {
  Object.assign(walk.derived, special[id]?.derived)
  for (const step of steps) walk.go(step, special[id]?.at?.[step] ?? {})
}

t.test('each road of DOMAIN.md §5.6 can be walked, and its log gives the same file again', async (t) => {
  for (const { id, steps } of scenarios) {
    const walk = new Walk()
    try {
      if (id === 'B10' || id === 'B34') walkTo(walk, ['t1', 't2', 't5', 't9', 't11'], '')
      walkTo(walk, steps, id)
    } catch (error) {
      t.fail(`${id}: ${(error as Error).message} after ${walk.log.map(({ did }) => did).join(' ')}`)
      continue
    }
    const last = walk.process.transitions.find((one) => one.id === steps.at(-1))
    t.equal(last && newestRun(walk.view, last.machine)?.state, last?.to, `${id} ends in ${last?.to}`)
    t.same(replay(JSON.parse(JSON.stringify(walk.log)) as typeof walk.log), walk.view, `${id}: replayed`)
  }
})

t.test('the example case: consent withdrawn before arrival, two statements, a lowered amount', async (t) => {
  const walk = new Walk()
  for (const step of exampleCase) {
    if ('timerOver' in step) {
      walk.end(step.timerOver)
      continue
    }
    const isDerived = (name: string): boolean => walk.process.inputs.find((one) => one.id === name)?.kind !== 'fact'
    const part = (derived: boolean): Set =>
      Object.fromEntries(Object.entries(step.set).filter(([name]) => isDerived(name) === derived))
    Object.assign(walk.derived, part(true))
    const request = walk.request(step.do, { by: step.by, ...(step.doc === undefined ? {} : { doc: step.doc }) })
    const outcome = walk.attempt({ ...request, set: part(false), derived: walk.derived })
    if (outcome.ok) continue
    t.fail(`${step.do}: ${outcome.refusals.map(({ says }) => says.en).join('; ')}`)
    return
  }
  t.equal(newestRun(walk.view, 'case')?.state, 'C22', 'archived')
  t.equal(newestRun(walk.view, 'payment')?.state, 'PY5', 'paid')
  t.same(
    walk.view.runs.filter(({ doc }) => doc === 'D17').map(({ state }) => state),
    ['SV5'],
    'the notice was served by post after the consent was withdrawn',
  )
})
