import fc from 'fast-check'
import t from 'tap'
import {
  process as law,
  processRoles,
  type Expr,
  type InputId,
  type TransitionId,
  type Value,
} from '../process/index.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import { lawfulRequest } from '../model/lawful.js'
import { scenarios } from '../process/scenarios.fixture.js'
import {
  evaluate,
  newestRun,
  propose,
  proposeTimerEnd,
  replay,
  type FileEntry,
  type FileView,
  type Person,
  type StepRequest,
} from './index.js'
import { logBreaches } from './log-invariants.js'
import { gateExpr, sightOf } from './sight.js'
import { valueFits } from './values.js'
import { lawfulValue, Walk } from './walk.fixture.js'

const seed = Number(process.env['KW_SEED'] ?? 20260302)
t.comment(`seed ${seed}`)
const stepIds = law.transitions.map(({ id }) => id)
const factIds = law.facts.map(({ id }) => id)

/** One wild act: any step or fact, by anybody, mostly with lawful values and sometimes with others. */
const wild = fc.record({
  pick: fc.nat(),
  timer: fc.boolean(),
  person: fc.integer({ min: 0, max: 9 }),
  odd: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }),
  without: fc.boolean(),
})
type Wild = typeof wild extends fc.Arbitrary<infer T> ? T : never

function oddValue(id: InputId, n: number): Value {
  const type = law.inputs.find((one) => one.id === id)?.type ?? 'bool'
  if (type === 'bool') return n % 2 === 0
  if (type === 'int' || type === 'decimal') return n % 4
  if (type.startsWith('list')) return n % 2 === 0 ? [] : ['NP4']
  if (type === 'time' || type === 'date') return '2026-03-05T00:00:00Z'
  const values = type.split('|')
  return values[n % values.length] ?? ''
}

function act(walk: Walk, { pick, timer, person, odd, without }: Wild): void {
  if (timer) {
    const running = Object.keys(walk.view.timers).filter((key) => walk.view.timers[key]?.phase === 'running')
    if (running.length > 0) walk.end((running[pick % running.length] ?? '').split('@')[0] ?? '')
    return
  }
  // Steps that begin where some run stands are drawn more often, so that walks get anywhere.
  const near = law.transitions.filter(({ from, machine }) => {
    const state = newestRun(walk.view, machine)?.state
    return state === undefined ? from.length === 0 : from.includes(state)
  })
  const pool = [
    ...near.map(({ id }) => id),
    ...near.map(({ id }) => id),
    ...factIds,
    stepIds[pick % stepIds.length] ?? 't1',
  ]
  const id = pool[pick % pool.length] ?? 't1'
  if (person > 2 && id.startsWith('t')) {
    try {
      walk.prepare(id as TransitionId)
    } catch {
      // what belongs before it is not possible here
    }
  }
  const lawful = walk.request(id)
  const set = { ...lawful.set }
  const derived = { ...lawful.derived }
  for (const [which, n] of odd) {
    const row = law.inputs[which % law.inputs.length]
    if (row === undefined) continue
    if (row.kind === 'fact' && row.id in set) set[row.id] = oddValue(row.id, n)
    if (row.kind !== 'fact') derived[row.id] = oddValue(row.id, n)
  }
  // Person 0 holds every role there is, person 1 is a machine: both must be stopped by the rules, not by luck.
  const by = lawful.by.map((one): Person => {
    if (person === 0) return { ...one, person: 'one-for-all' }
    return person === 1 ? { role: 'system', person: 'system' } : one
  })
  walk.atMs = (walk.atMs + 60_000) as typeof walk.atMs
  walk.attempt({
    ...lawful,
    set,
    derived,
    by,
    documents: without ? (lawful.documents ?? []).slice(1) : (lawful.documents ?? []),
  })
}

/** Walks part of a lawful road, then anything. */
function wildWalk(road: number, cut: number, acts: readonly Wild[]): Walk {
  const walk = new Walk()
  const { steps } = scenarios[road % scenarios.length] ?? { steps: [] }
  try {
    for (const step of steps.slice(0, cut % (steps.length + 1)))
      walk.go(step, step === 'py2' ? { derived: { 'payment.owed': 0 } } : {})
  } catch {
    // roads that need more than lawful values end early; the wild part begins there
  }
  for (const one of acts) act(walk, one)
  // Then somebody in a hurry tries to get to a decision with nothing done that belongs before it.
  for (const id of ['t25', 't26', 't29', 't33', 't35', 't37'] as const) walk.attempt(walk.request(id))
  return walk
}

const walks = fc.tuple(fc.nat(), fc.nat(), fc.array(wild, { maxLength: 40, size: 'max' }))

t.test(
  'whatever is tried: no breach of the invariants that a log shows, and the gate report alone proves each gate',
  async (t) => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(walks, ([road, cut, acts]) => {
        const walk = wildWalk(road, cut, acts)
        for (const { did } of walk.log) seen.set(did, (seen.get(did) ?? 0) + 1)
        const breaches = [...logBreaches(law, walk.log), ...gateBreaches(walk.log)]
        if (breaches.length > 0) throw new Error(`${breaches.join('; ')}\n${walk.log.map(({ did }) => did).join(' ')}`)
      }),
      { seed, numRuns: 300 },
    )
    t.ok((seen.get('t35') ?? 0) > 20, `walks reached ${seen.get('t35') ?? 0} penalty decisions`)
    t.ok((seen.get('s1') ?? 0) > 0, 'and revocations')
    t.comment(
      `${seen.size} kinds of entries; never taken: ${[...stepIds, ...factIds].filter((id) => !seen.has(id)).join(' ')}`,
    )
  },
)

t.test('replaying a log from empty gives the same file, byte for byte', async () => {
  fc.assert(
    fc.property(walks, ([road, cut, acts]) => {
      const walk = wildWalk(road, cut, acts)
      const again = replay(JSON.parse(JSON.stringify(walk.log)) as FileEntry[])
      return JSON.stringify(again) === JSON.stringify(walk.view)
    }),
    { seed, numRuns: 100 },
  )
})

t.test('an old version is refused, and the end of a timer cannot be entered twice', async (t) => {
  const walk = new Walk()
  walk.go('t1')
  walk.go('t2')
  const late = { ...walk.request('t5'), version: walk.view.version - 1 }
  t.match(propose(law, walk.view, late), { ok: false, refusals: [{ code: 'FILE_CHANGED', status: 409 }] })
  const end = { key: 'T01', dueMs: walk.atMs, version: walk.view.version }
  t.match(proposeTimerEnd(law, walk.view, end), { ok: true })
  walk.end('T01')
  t.match(proposeTimerEnd(law, walk.view, { ...end, version: walk.view.version }), {
    ok: false,
    refusals: [{ code: 'TIMER_NOT_RUNNING' }],
  })
})

/** Every gate of every accepted step, asked again of the file before it and of what its report says was read. */
function gateBreaches(log: readonly FileEntry[]): string[] {
  return log.flatMap((entry, index) => {
    const before = replay(log.slice(0, index))
    const step = law.transitions.find(({ id }) => id === entry.did)
    if (step === undefined || entry.effects.every(({ kind }) => kind === 'sign')) return []
    const own = entry.gates.slice(0, step.gates?.length ?? 0)
    const lacking = (step.gates ?? [])
      .filter((id) => !own.some((one) => one.id === id))
      .map((id) => `${entry.did} without ${id}`)
    return [...lacking, ...own.filter((one) => !proven(before, entry, one)).map(({ id }) => `${entry.did} past ${id}`)]
  })
}

function proven(before: FileView, entry: FileEntry, { id, read }: FileEntry['gates'][number]): boolean {
  const step = law.transitions.find((one) => one.id === entry.did)
  const move = entry.effects.find((one) => one.kind === 'move')
  const run = before.runs.find((one) => one.id === move?.run) ?? null
  const doc = step?.gateDoc?.[id as `G${number}`] ?? run?.doc ?? null
  const { sight } = sightOf(law, before, { id: entry.did, run, doc }, { set: {}, derived: {}, documents: [] })
  const gate: Expr = gateExpr(law, id, entry.did)
  return evaluate(gate, { ...sight, input: (input) => read[input] }).holds
}

t.test('any request gets an answer: the entry or reasons with a next step, never an exception', async (t) => {
  const roads = scenarios.map((_, index) => wildWalk(index, 99, []).view)
  const anything = fc.oneof(fc.boolean(), fc.integer(), fc.string(), fc.constant(null), fc.array(fc.string()))
  const names = fc.oneof(fc.constantFrom(...law.inputs.map(({ id }) => id)), fc.string())
  const papers = fc.oneof(fc.constantFrom(...law.documents.map(({ id }) => id)), fc.string())
  const request = fc.record(
    {
      do: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...stepIds, ...factIds) },
        { weight: 1, arbitrary: fc.string() },
      ),
      by: fc.array(
        fc.record({
          role: fc.oneof(fc.constantFrom(...processRoles.map(({ key }) => key)), fc.string()),
          person: fc.string(),
        }),
        { maxLength: 3 },
      ),
      atMs: fc.integer(),
      set: fc.dictionary(names, anything, { maxKeys: 4 }),
      derived: fc.dictionary(names, anything, { maxKeys: 30 }),
      documents: fc.array(fc.record({ id: papers, filled: fc.array(fc.string(), { maxLength: 3 }) }), { maxLength: 3 }),
      run: fc.oneof(fc.constantFrom('case/1', 'service/1', 'payment/1'), fc.string()),
      doc: papers,
      reason: fc.string(),
    },
    { requiredKeys: ['do', 'by', 'atMs'] },
  )
  let taken = 0
  fc.assert(
    fc.property(request, fc.nat(), fc.boolean(), (made, which, right) => {
      const view = roads[which % roads.length] ?? roads[0]
      if (view === undefined) return false
      // What the border lets through has these types; the values are anything.
      const lawful = right ? lawfulRequest(law, view, made.do as TransitionId, 0 as EpochMs) : null
      const asked = { ...made, ...(lawful === null ? {} : { by: lawful.by, documents: lawful.documents }) }
      // On purpose wider than the type: the engine has to answer any request.
      const outcome = propose(law, view, { ...asked, version: view.version } as unknown as StepRequest)
      if (outcome.ok) taken++
      return (
        outcome.ok || outcome.refusals.every(({ says, next }) => says.zh !== '' && says.en !== '' && next !== undefined)
      )
    }),
    { seed, numRuns: 3_000 },
  )
  t.ok(taken > 0, `${taken} of them were taken`)
})

t.test('lawful values fit their types', async (t) => {
  for (const { id, type } of law.inputs) t.ok(valueFits(type, lawfulValue(id, '')), `${id} ${type}`)
})
