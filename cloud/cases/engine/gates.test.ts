import t from 'tap'
import type { Expr, Gate, InputId, Process, TransitionId, Value } from '../process/index.js'
import { process as law } from '../process/index.js'
import { scenarios } from '../process/scenarios.fixture.js'
import { inputsOf, newestRun, propose } from './index.js'
import { gateExpr } from './sight.js'
import { Walk, type Extra, type Set } from './walk.fixture.js'

/** Other values than the lawful one that an input may take. */
function otherValues(id: InputId, now: Value): Value[] {
  const type = law.inputs.find((one) => one.id === id)?.type ?? 'bool'
  if (type === 'bool') return [now !== true]
  if (type === 'int') return [3]
  if (type.startsWith('list')) return [['NP1'], []]
  return type.split('|').filter((one) => one !== now)
}

/** What a road needs beside the lawful values. */
const extras: Partial<Record<TransitionId, Extra>> = {
  t10: { mayMake: ['D11'] },
  t38: { by: ['officer_a'] },
  py2: { derived: { 'payment.owed': 0 } },
  py8: { derived: { 'payment.paid': 20_000 } },
  rc1: {},
}
const toNotice = ['t1', 't2', 't5', 't9', 't11', 't16', 't18', 't19', 't20', 't22', 't25'] as const
/** Doors that the scenarios leave out. */
const moreRoads = [
  { id: 'no review', steps: [...toNotice, 't26', 't30'] },
  { id: 'by post and mail', steps: ['t1', 't2', 't5', 't9', 't11', 'sv1', 'sv4', 't16', 't18', 'rc1'] },
] as const

/**
 * Goal: no step can be taken past one of its gates. Method: walk a lawful road to the step; for each gate try every single input
 * it reads with another value; wherever the gate's own expression then fails, the step must be refused and name the gate; with the
 * gate taken out of the process the same request passes, so it is this gate that holds the door.
 */
t.test('every gate holds at every step that asks it', async (t) => {
  const tried = new Map<string, boolean>()
  for (const { id, steps } of [...scenarios, ...moreRoads]) {
    if (['B10', 'B34', 'B17'].includes(id)) continue
    const walk = new Walk()
    if (['B9', 'B4', 'B28'].includes(id)) walk.derived['hearing.right'] = true
    if (id === 'B9') walk.derived['collective.required'] = true
    if (id === 'no review') walk.derived['review.required'] = false
    for (const step of steps) {
      const gates = law.transitions.find((one) => one.id === step)?.gates ?? []
      if (walk.done(step)) continue
      try {
        walk.prepare(step)
        for (const gate of gates) tryGate(walk, step, gate, tried)
        walk.take(step, extras[step] ?? {})
      } catch {
        break // this road needs more than the lawful values; scenarios.test.ts walks it
      }
    }
  }
  const never = law.transitions.flatMap((step) =>
    (step.gates ?? []).map((gate) => `${step.id} ${gate}`).filter((pair) => tried.get(pair) !== true),
  )
  t.comment(`${tried.size} pairs of step and gate tried; ${[...tried.values()].filter(Boolean).length} shown to hold`)
  t.same(
    [...tried].filter(([, held]) => !held).map(([pair]) => pair),
    [],
    'a gate that cannot be made to fail holds nothing',
  )
  t.same(never, ['hr1 G19'], 'hr1 runs inside t26, which asks for the service of D18 itself')
})

function tryGate(walk: Walk, step: TransitionId, gate: Gate['id'], tried: Map<string, boolean>): void {
  const pair = `${step} ${gate}`
  if (tried.get(pair) === true) return
  const lawful = walk.request(step)
  const expr = gateExpr(law, gate, step)
  const gateOf = (id: string): Expr => gateExpr(law, id, step)
  for (const input of inputsOf(expr, gateOf)) {
    const now = { ...walk.view.inputs, ...lawful.derived, ...lawful.set }[input] ?? true
    for (const value of otherValues(input, now)) {
      const row = law.inputs.find((one) => one.id === input)
      const service = newestRun(walk.view, 'service')
      const part: Set = { [input]: value }
      const view = {
        ...walk.view,
        inputs: row?.kind === 'fact' ? { ...walk.view.inputs, ...part } : walk.view.inputs,
        runs: walk.view.runs.map((run) =>
          row?.scope === 'service' && run.machine === 'service' && service !== null
            ? { ...run, inputs: { ...run.inputs, ...part } }
            : run,
        ),
      }
      const set = { ...lawful.set }
      if (input in set) Object.assign(set, part)
      const request = {
        ...lawful,
        set,
        derived: row?.kind === 'fact' ? (lawful.derived ?? {}) : { ...lawful.derived, ...part },
      }
      const outcome = propose(law, view, request)
      if (outcome.ok || !outcome.refusals.some((one) => one.gate === gate)) continue
      const open = propose(without(law, gate, step), view, request)
      const others = open.ok ? [] : open.refusals
      if (others.some((one) => one.gate === gate)) throw new Error(`${pair} is refused by a gate that is not there`)
      tried.set(pair, true)
      return
    }
  }
  tried.set(pair, tried.get(pair) ?? stateOnly(expr))
}

/** A gate that asks only machines and clocks is tried by the scenarios that come too early (G13, G18). */
function stateOnly(expr: Expr): boolean {
  return inputsOf(expr, () => ['and']).length === 0
}

function without(process: Process, gate: Gate['id'], step: TransitionId): Process {
  return {
    ...process,
    transitions: process.transitions.map((one) =>
      one.id === step ? { ...one, gates: (one.gates ?? []).filter((id) => id !== gate) } : one,
    ),
  }
}

t.test('a decision before the window is over is refused by G13, in words, with article and next step', async (t) => {
  const walk = new Walk()
  for (const step of ['t1', 't2', 't5', 't9', 't11', 't16', 't18', 't19', 't20', 't22', 't25', 't26'] as const)
    walk.go(step)
  const early = propose(law, walk.view, walk.request('t29'))
  t.match(early, {
    ok: false,
    refusals: [
      {
        code: 'GATE_G13',
        status: 422,
        says: { zh: /陈述申辩期未满/, en: /has not been heard/ },
        article: { zh: /四十四/, en: /44/ },
        next: { zh: /送达/, en: /Serve/ },
      },
    ],
  })
  walk.end('T10')
  t.match(propose(law, walk.view, walk.request('t29')), { ok: true })
})

t.test('a notice that was recalled or replaced counts for nothing: a new one must be made and served', async (t) => {
  const walk = new Walk()
  for (const step of [
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
    't21',
    't19',
    't20',
    't22',
  ] as const)
    walk.go(step)
  walk.prepare('t25')
  const old = propose(law, walk.view, { ...walk.request('t25'), documents: [] })
  t.match(old, { ok: false, refusals: [{ code: 'DOCUMENT_MISSING', details: { document: 'D17' } }] })
  walk.take('t25')
  t.match(
    propose(law, walk.view, walk.request('t26')),
    { ok: false, refusals: [{ gate: 'G19' }] },
    'the old service does not serve the new notice',
  )
})
