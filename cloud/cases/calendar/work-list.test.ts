import { readFileSync } from 'node:fs'
import t from 'tap'
import type { EpochMs } from '../../../contracts/base/index.js'
import { proposeTimerEnd, newestRun } from '../engine/index.js'
import { Walk } from '../engine/walk.fixture.js'
import { joinLayers, parseLayer } from '../pack/index.js'
import { dayText, openTimers, overdue, parseYearTable, toRemind, workCalendar, type OpenTimer } from './index.js'

const text = (path: string): string => readFileSync(new URL(`../../../policy/${path}`, import.meta.url), 'utf8')
const layer = (name: string): NonNullable<ReturnType<typeof parseLayer>['layer']> => {
  const { layer: found } = parseLayer(text(`${name}/pack.yaml`), name)
  if (found === null) throw new Error(name)
  return found
}
// Every practice value counts as acknowledged here: the test is about clocks.
const pack = { ...joinLayers(layer('base'), layer('shanghai')), demo: true }
const calendar = workCalendar(
  [2025, 2026].flatMap((year) => parseYearTable(text(`calendar/${year}.yaml`), '').table ?? []),
)
const list = (walk: Walk): OpenTimer[] => openTimers(walk.view, pack, calendar, { cause: 'vending' })
const lastDays = (walk: Walk): Record<string, string> =>
  Object.fromEntries(
    list(walk).map(({ key, due, why }) => [key, due === null ? (why ?? 'no end') : dayText(due.lastDay)]),
  )

/** Enters every end that has come, as the scheduler of the cloud will. */
function tick(walk: Walk, nowMs: EpochMs): string[] {
  const ended: string[] = []
  for (const { key, due } of overdue(list(walk), nowMs)) {
    const outcome = proposeTimerEnd(walk.process, walk.view, {
      key,
      dueMs: due?.endMs ?? nowMs,
      version: walk.view.version,
    })
    if (!outcome.ok) continue
    ended.push(key)
    walk.enter(outcome.entry)
  }
  return ended
}

const toDecision = ['t1', 't2', 't5', 't9', 't11', 't16', 't18', 't19', 't20', 't22', 't25', 't26'] as const

t.test('the clocks of a case: when each ends, what their ends allow, and nothing twice', async (t) => {
  const walk = new Walk() // begins on Monday 2 March 2026, 10:00 in Shanghai
  for (const step of toDecision) walk.go(step)
  t.match(lastDays(walk), { T07: '2026-05-31', T10: '2026-03-09', T06: '2026-03-09' })
  const eve = Date.parse('2026-03-09T15:59:59.999Z') as EpochMs
  t.notOk(tick(walk, eve).includes('T10'), 'the window is open to its last instant')
  t.match(
    toRemind(list(walk), eve).map(({ key }) => key),
    ['T06', 'T10'],
  )
  const after = (eve + 1) as EpochMs
  t.same(
    tick(walk, after).filter((key) => key === 'T10'),
    ['T10'],
  )
  t.same(tick(walk, after), [], 'a second look, or a second process, finds nothing to end')
  t.equal(walk.view.timers['T10']?.phase, 'over')
  walk.atMs = after
  for (const step of ['t29', 't33', 't35', 't37'] as const) walk.take(...serving(walk, step))
  t.match(lastDays(walk), { 'T15@payment/1': '2026-03-25', T19: '2026-05-09', T20: '2026-09-10' })
  t.equal(
    list(walk).find(({ key }) => key === 'T16'),
    undefined,
  )
  const late = Date.parse('2026-03-25T16:00:00Z') as EpochMs
  t.ok(tick(walk, late).includes('T15@payment/1'))
  walk.atMs = late
  walk.take('py5')
  t.equal(newestRun(walk.view, 'payment')?.state, 'PY2')
  t.same(list(walk).find(({ timer }) => timer === 'T16')?.due, null, 'the surcharge counts days and has no end')
})

function serving(walk: Walk, step: 't29' | 't33' | 't35' | 't37'): ['t29' | 't33' | 't35' | 't37'] {
  if (step === 't37') walk.serve('D26')
  return [step]
}

t.test('the period for the court starts when the last period of the party ended, and only then', async (t) => {
  const walk = new Walk()
  for (const step of [...toDecision, 't29', 't33', 't35', 't37', 'py5'] as const) walk.go(step)
  const at = (name: string): OpenTimer | undefined => list(walk).find(({ timer }) => timer === name)
  const endOf = (name: string): EpochMs => at(name)?.due?.endMs ?? (0 as EpochMs)
  tick(walk, endOf('T19'))
  t.equal(at('T18'), undefined, 'the six months for a suit still run')
  const t20 = endOf('T20')
  tick(walk, t20)
  t.equal(at('T18')?.fromMs, t20)
})

t.test('a pause of the decision period, an extension, and a year without table', async (t) => {
  const walk = new Walk()
  for (const step of toDecision.slice(0, 7)) walk.go(step)
  walk.take('t46', { derived: { 'decision.pauses_on_suspension': true } })
  t.equal(list(walk).find(({ timer }) => timer === 'T07')?.due, null, 'stands still')
  walk.atMs = (walk.atMs + 10 * 86_400_000) as EpochMs
  walk.take('t47')
  t.equal(lastDays(walk)['T07'], '2026-06-10')
  walk.take('EV06', { set: { 'extension.until': '2026-07-10' } })
  t.equal(lastDays(walk)['T07'], '2026-07-10')
  const end = new Walk()
  end.atMs = Date.parse('2026-12-30T02:00:00Z') as EpochMs
  for (const step of toDecision) end.go(step)
  t.match(lastDays(end)['T10'], /no table of working days for 2027/)
  t.same(
    overdue(list(end), Date.parse('2030-01-01T00:00:00Z') as EpochMs).filter(({ timer }) => timer === 'T10'),
    [],
    'what is unknown never fires',
  )
})
