import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Box } from '../../contracts/base/index.js'
import { comparisonPage, comparisonText } from './compare-page.js'
import { compareReports } from './compare.js'
import type { EventRow, ReadReport, ToldRow } from './compare.js'
import { binomialTest } from './interval.js'

const seed = Number(process.env['KW_SEED'] ?? 20261122)
const box: Box = [0.4, 0.5, 0.2, 0.3]
const event: EventRow = { cause: 'vending', from_s: 10, to_s: 50, box }
const alarm: ToldRow = { cause: 'dust', confirmed_s: 20, first_s: 10, last_s: 30, box }

interface Clip {
  readonly truth?: EventRow[]
  readonly missed?: EventRow[]
  readonly alarms?: ToldRow[]
}
function report(clips: Readonly<Record<string, Clip>>): ReadReport {
  const rows = Object.entries(clips).map(([clip, { truth = [], missed = [], alarms = [] }]) => ({ clip, truth, missed, found: [], false_alarms: alarms, watched_s: 60, error: null })) // prettier-ignore
  return { clips: rows, events: 1, found: 1, false_alarms: 0, recall: 1, precision: 1, ms_per_watch_frame: 9 }
}

t.test('exact binomial test against published values', async (t) => {
  const near = (actual: number, wanted: number, why: string): void => {
    t.equal(Number(actual.toFixed(4)), Number(wanted.toFixed(4)), why)
  }
  near(binomialTest(0, 0, 0.5), 1, 'nothing differs')
  near(binomialTest(0, 5, 0.5), 2 / 32, 'both tails')
  near(binomialTest(9, 10, 0.5), 22 / 1024, 'both tails, from the upper one')
  near(binomialTest(5, 10, 0.5), 1, 'the middle')
  near(binomialTest(51, 235, 1 / 6), 0.0437, 'the textbook die: 51 sixes in 235 throws')
})

t.test('events are won and lost by their truth, alarms by cause, place and time', async (t) => {
  const later = { ...event, from_s: 60, to_s: 90 }
  const elsewhere: ToldRow = { ...alarm, box: [0, 0, 0.1, 0.1] }
  const a = report({ x: { truth: [event, later, event], missed: [later, event], alarms: [alarm] }, y: {}, z: {} })
  const b = report({ x: { truth: [later, event, event], missed: [event, event], alarms: [elsewhere, { ...alarm, confirmed_s: 25, last_s: 60 }] }, z: { truth: [event] }, w: {} }) // prettier-ignore
  const comparison = compareReports(a, b)
  t.match(comparison.clips[0], { won: [later], lost: [event], gone: [], new: [elsewhere] })
  t.match(comparison, { clips_compared: 1, only_in_a: ['y'], only_in_b: ['w'], truth_differs: ['z'] })
  t.match(comparison.events, { paired: 3, both_found: 0, both_missed: 1, won: 1, lost: 1, p: 1, difference: 0, says: false }) // prettier-ignore
  t.match(comparison.false_alarms, { a: 1, b: 2, gone: 0, new: 1, kept: 1, clips_with_more: 1, p: 1 })
  const text = comparisonText(a, b, comparison)
  for (const line of [/x: won vending 60-90 s/, /x: LOST vending 10-50 s/, /x: NEW false alarm, dust at 20 s/, /w: only in B/, /z: the truth differs/, /events: won 1, lost 1 \/ 3.*says nothing/]) t.match(text, line) // prettier-ignore
})

t.test('five of five won says nothing yet, six of six does; without a change the bound stays', async (t) => {
  const of = (count: number, missed: boolean): ReadReport =>
    report(Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, { truth: [event], missed: missed ? [event] : [] }]))) // prettier-ignore
  t.match(compareReports(of(5, true), of(5, false)).events, { won: 5, p: 0.0625, says: false })
  t.match(compareReports(of(6, true), of(6, false)).events, { won: 6, p: 0.0313, says: true, difference: 1 })
  const same = compareReports(of(10, false), of(10, false)).events
  t.match(same, { won: 0, lost: 0, p: 1, difference: 0, difference_interval: [-0.3085, 0.3085], says: false })
})

t.test('comparing backwards gives the mirror, whatever was found', async (t) => {
  const clip = fc.record({ before: fc.boolean(), after: fc.boolean(), alarmsBefore: fc.nat(2), alarmsAfter: fc.nat(2) })
  let changed = 0
  fc.assert(
    fc.property(fc.array(clip, { maxLength: 12 }), (clips) => {
      const of = (when: 'before' | 'after', count: 'alarmsBefore' | 'alarmsAfter'): ReadReport =>
        report(Object.fromEntries(clips.map((each, index) => [`c${index}`, { truth: [event], missed: each[when] ? [] : [event], alarms: Array.from({ length: each[count] }, () => alarm) }]))) // prettier-ignore
      const [a, b] = [of('before', 'alarmsBefore'), of('after', 'alarmsAfter')]
      const [there, back] = [compareReports(a, b), compareReports(b, a)]
      changed += there.events.won
      assert.deepEqual([there.events.won, there.events.lost, there.events.p], [back.events.lost, back.events.won, back.events.p]) // prettier-ignore
      assert.deepEqual([there.false_alarms.gone, there.false_alarms.new, there.false_alarms.kept], [back.false_alarms.new, back.false_alarms.gone, back.false_alarms.kept]) // prettier-ignore
      assert.equal(there.events.won + there.events.lost + there.events.both_found + there.events.both_missed, clips.length) // prettier-ignore
    }),
    { seed, numRuns: 200 },
  )
  t.ok(changed > 50, `seed ${seed}: ${changed} won`)
})

t.test('the page shows what changed, bad news first, and says what was left out', async (t) => {
  const a = report({ x: { truth: [event], alarms: [alarm] }, '<y>': {} })
  const b = report({ x: { truth: [event], missed: [event] } })
  const asked: string[] = []
  const html = await comparisonPage(a, b, compareReports(a, b), async (clip, second) => {
    asked.push(`${clip}@${second}`)
    return new Uint8Array([255, 216])
  })
  t.same(asked, ['x@30', 'x@20'])
  t.match(html, /&#60;y&#62;/)
  t.notMatch(html, /<script|https?:/)
  t.notMatch(await comparisonPage(a, b, compareReports(a, b), null), /<figure>/)
})
