import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import type { Box, CameraId, EpochMs, IncidentId } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { parseTruth } from '../../contracts/truth.js'
import type { Truth, TruthEvent } from '../../contracts/truth.js'
import type { Incident } from '../../edge/incidents/index.js'
import type { Facts } from '../../edge/vision/types.js'
import { compareReports, readReport } from './compare.js'
import { clopperPearson, poissonRate } from './interval.js'
import { matchClip } from './match.js'
import type { Told } from './match.js'
import { readSet, truthFromSeen } from './read-set.js'
import { makeReport, tableOf } from './report.js'
import { watchSet } from './watch-set.js'
import type { WatchClip } from './watch-set.js'

const seed = Number(process.env['KW_SEED'] ?? 20261122)
const box: Box = [0.4, 0.4, 0.2, 0.2]

function event(part: Partial<TruthEvent> = {}): TruthEvent {
  return { cause: ['vending'], from_s: 10, to_s: 50, box, optional: false, ...part }
}
function told(part: Partial<Told> = {}): Told {
  return { cause: 'vending', confirmedS: 30, firstS: 12, lastS: 50, box, reasons: [], confidence: 0.7, ...part }
}

t.test('what counts as found', async (t) => {
  const far: Box = [0, 0, 0.1, 0.1]
  const table: { name: string; events: TruthEvent[]; tolds: Told[]; want: [found: number, missed: number, falseAlarms: number, splits: number, optional: number] }[] = [
    { name: 'the same act', events: [event()], tolds: [told()], want: [1, 0, 0, 0, 0] },
    { name: 'nothing told', events: [event()], tolds: [], want: [0, 1, 0, 0, 0] },
    { name: 'another cause', events: [event()], tolds: [told({ cause: 'dust' })], want: [0, 1, 1, 0, 0] },
    { name: 'a list of causes', events: [event({ cause: ['grilling', 'dust'] })], tolds: [told({ cause: 'dust' })], want: [1, 0, 0, 0, 0] },
    { name: 'another place', events: [event()], tolds: [told({ box: far })], want: [0, 1, 1, 0, 0] },
    { name: 'a small box in a large one', events: [event({ box: [0, 0, 1, 1] })], tolds: [told({ box: far })], want: [1, 0, 0, 0, 0] },
    { name: 'before it began', events: [event()], tolds: [told({ confirmedS: 9 })], want: [0, 1, 1, 0, 0] },
    { name: '30 s after its end', events: [event()], tolds: [told({ confirmedS: 80 })], want: [1, 0, 0, 0, 0] },
    { name: '31 s after its end', events: [event()], tolds: [told({ confirmedS: 81 })], want: [0, 1, 1, 0, 0] },
    { name: 'told twice', events: [event()], tolds: [told(), told({ confirmedS: 40 })], want: [1, 0, 0, 1, 0] },
    { name: 'two acts, two incidents', events: [event(), event({ box: [0.45, 0.4, 0.2, 0.2] })], tolds: [told(), told({ confirmedS: 40 })], want: [2, 0, 0, 0, 0] },
    { name: 'an optional act told', events: [event({ optional: true })], tolds: [told()], want: [0, 0, 0, 0, 1] },
    { name: 'an optional act not told', events: [event({ optional: true })], tolds: [], want: [0, 0, 0, 0, 0] },
    { name: 'the first incident gives way to the second', events: [event({ box: [0, 0, 1, 1] }), event()], tolds: [told(), told({ box: far })], want: [2, 0, 0, 0, 0] },
    { name: 'a negative clip', events: [], tolds: [told(), told()], want: [0, 0, 2, 0, 0] },
  ] // prettier-ignore
  for (const { name, events, tolds, want } of table) {
    const { found, missed, falseAlarms, splits, optional } = matchClip(events, tolds)
    t.same([found.length, missed.length, falseAlarms.length, splits.length, optional.length], want, name)
  }
  const [one] = matchClip([event()], [told()]).found
  t.match(one, { delayS: 20, boxIou: 1 })
  t.equal(one?.temporalIou, 38 / 40)
})

t.test('every incident and every event is counted once, whatever they are', async (t) => {
  const someBox = fc.constantFrom<Box>([0, 0, 0.3, 0.3], [0.1, 0.1, 0.3, 0.3], [0.6, 0.6, 0.3, 0.3], [0, 0, 1, 1])
  const cause = fc.constantFrom('vending' as const, 'dust' as const)
  const events = fc.array(fc.record({ cause: fc.array(cause, { minLength: 1, maxLength: 2 }), from_s: fc.nat(30), to_s: fc.integer({ min: 30, max: 60 }), box: someBox, optional: fc.boolean() }), { maxLength: 5 }) // prettier-ignore
  const tolds = fc.array(fc.record({ cause, confirmedS: fc.nat(100), box: someBox }).map((part) => told(part)), { maxLength: 6 }) // prettier-ignore
  let found = 0
  fc.assert(
    fc.property(events, tolds, (truths, incidents) => {
      const matched = matchClip(truths, incidents)
      found += matched.found.length
      assert.equal(matched.found.length + matched.missed.length, truths.filter(({ optional }) => !optional).length)
      assert.equal(matched.found.length + matched.falseAlarms.length + matched.splits.length + matched.optional.length, incidents.length) // prettier-ignore
      // No smaller pairing was taken than any greedy order would give.
      const greedy = new Set<TruthEvent>()
      for (const incident of incidents) {
        const free = truths.find(
          (each) => !each.optional && !greedy.has(each) && matchClip([each], [incident]).found.length === 1,
        )
        if (free) greedy.add(free)
      }
      assert.ok(matched.found.length >= greedy.size)
    }),
    { seed, numRuns: 300 },
  )
  t.ok(found > 100, `seed ${seed}: ${found} found`)
})

t.test('intervals agree with published tables', async (t) => {
  const near = (actual: readonly number[] | null, wanted: readonly number[], digits: number): void => {
    t.same(
      actual?.map((value) => Number(value.toFixed(digits))),
      wanted,
    )
  }
  near(clopperPearson(28, 28), [0.877, 1], 3) // 0.025^(1/28)
  near(clopperPearson(0, 10), [0, 0.308], 3)
  near(clopperPearson(4, 9), [0.137, 0.788], 3) // DETECTION.md §5.3 says 14-79 %
  near(clopperPearson(57, 60), [0.861, 0.99], 3)
  t.same(clopperPearson(0, 0), [0, 1])
  near(poissonRate(0, 1), [0, 3.689], 3)
  near(poissonRate(4, 1), [1.09, 10.242], 3)
  near(poissonRate(9, 2), [4.115 / 2, 17.085 / 2].map((value) => Number(value.toFixed(2))), 2) // prettier-ignore
  t.equal(poissonRate(1, 0), null)
})

const truthBase = {
  clip: 'a.mp4',
  origin: 'rendered',
  licence: 'Apache-2.0',
  conditions: ['day'],
  camera: { tz: 'Asia/Shanghai', starts_at: '2026-03-02T10:00:00+08:00', ground_plane: null },
  zones: [],
  rules: { vending: { dwell_s: 15 } },
  events: [{ cause: 'vending', from_s: 8, to_s: 55, box: [0.4, 0.5, 0.2, 0.3] }],
}

t.test('truth files: the design’s example, and what is refused', async (t) => {
  t.match(parseTruth(truthBase, 'a.truth.json'), { events: [{ cause: ['vending'], optional: false }] })
  const events = truthBase.events
  for (const [bad, message] of [
    [{ ...truthBase, events: [{ ...events[0], cause: 'parking' }] }, /cause/],
    [{ ...truthBase, events: [{ ...events[0], to_s: 1 }] }, /to_s/],
    [{ ...truthBase, events: [{ ...events[0], box: [0, 0, 2, 1] }] }, /box/],
    [{ ...truthBase, events: [{ ...events[0], optionl: true }] }, /optionl/],
    [{ ...truthBase, camera: { ...truthBase.camera, starts_at: 'today' } }, /starts_at/],
    [{ ...truthBase, rules: { vending: { dwel_s: 1 } } }, /rules/],
    [{ ...truthBase, clip: '../x.mp4' }, /clip/],
    [null, /file/],
  ] as const)
    t.throws(() => parseTruth(bad, 'x.truth.json'), { code: 'TRUTH_MALFORMED', message })
})

t.test('lists of seen things become acts', async (t) => {
  const of = (events: object[]): Truth => truthFromSeen({ file: 'x.mp4', events }, 'x.json')
  const flame = { cls: 'flame', start_s: 0, end_s: 16, box: [0.2, 0.6, 1, 0.8] }
  const smoke = { cls: 'smoke', start_s: 0, end_s: 16, box: [0.4, 0.05, 1, 0.7] }
  t.match(
    of([flame, smoke]).events,
    [{ cause: ['grilling', 'dust'], box: [0.2, 0.05, 0.8, 0.75], optional: false }],
    'one fire is one act',
  )
  t.equal(of([flame, smoke]).events.length, 1)
  t.equal(of([flame, { ...smoke, start_s: 30, end_s: 40 }]).events.length, 2)
  t.match(of([{ ...flame, note: 'hardly visible' }]).events, [{ optional: true }])
  t.match(of([{ cls: 'debris', start_s: 0.4, end_s: 1.6, box: [0.5, 0.7, 0.7, 0.8] }]).events, [{ cause: ['spillage', 'vending'], optional: true }], 'shorter than any dwell') // prettier-ignore
  t.same(of([{ cls: 'cat', start_s: 0, end_s: 9, box: [0, 0, 1, 1] }]).events, [])
  t.throws(() => truthFromSeen({ events: 3 }, 'x.json'), { code: 'TRUTH_MALFORMED' })
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    try {
      truthFromSeen(value, 'x.json')
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'TRUTH_MALFORMED')
    }
  }), { seed, numRuns: 300 }) // prettier-ignore
})

t.test('a folder as a set', async (t) => {
  const dir = t.testdir({
    'a.mp4': '', 'a.truth.json': JSON.stringify(truthBase), 'a.json': '{"file":"a.mp4","events":[]}',
    'b.mp4': '', 'b.json': '{"file":"b.mp4","events":[]}',
    'c.mp4': '', 'notes.json': '{}',
  }) // prettier-ignore
  t.same((await readSet(dir, [])).map(({ name, truth }) => [name, truth.events.length]), [['a', 1], ['b', 0]]) // prettier-ignore
  t.same(
    (await readSet(dir, ['b.mp4'])).map(({ name }) => name),
    ['b'],
  )
  await t.rejects(readSet(dir, ['z']), { code: 'SET_EMPTY', message: /z/ })
  await t.rejects(readSet(`${dir}/none`, []), { code: 'SET_EMPTY' })
  await writeFile(`${dir}/d.truth.json`, '{')
  await t.rejects(readSet(dir, []), { code: 'TRUTH_MALFORMED' })
  await writeFile(`${dir}/d.truth.json`, JSON.stringify({ ...truthBase, clip: 'd.mp4' }))
  await t.rejects(readSet(dir, []), { code: 'CLIP_MISSING' })
  const real = new URL('../../../shared/data/clips/', import.meta.url)
  if (!existsSync(real)) {
    t.comment('the shared clips are not here')
    return
  }
  t.equal((await readSet(real.pathname, [])).length, 23)
})

/** A line that tells one stall, confirmed at second 25, and ends with an error where asked. */
function line(fails: boolean): WatchClip {
  return async function* ({ clip, startsAtMs }) {
    const view = { moved: false, dark: false, blurred: false, covered: false }
    const at = (second: number): EpochMs => (startsAtMs + second * 1000) as EpochMs
    for (let second = 0; second < 60; second++) {
      yield { kind: 'facts', facts: { wallMs: at(second) } as Facts }
      if (fails && second === 20) throw new Error('the decoder gave up')
      if (second !== 25 || clip.endsWith('b.mp4')) continue
      const incident: Incident = { id: 'i1' as IncidentId, cause: 'vending', camera: 'c' as CameraId, zone: 'all', state: 'confirmed', firstMs: at(10), confirmedMs: at(25), lastMs: at(25), box: [0.4, 0.5, 0.2, 0.3], confidence: 0.7, grade: 3, measurements: {}, reasons: ['stall_seen'], actor: null, arrivedMs: at(10), reopened: false, rule: 'vending@1.0.0', thresholds: {}, view } // prettier-ignore
      yield { kind: 'change', change: { kind: 'confirmed', incident, atMs: at(25) } }
      yield {
        kind: 'change',
        change: { kind: 'updated', incident: { ...incident, box: [0, 0, 0.1, 0.1], lastMs: at(50) }, atMs: at(50) },
      }
    }
  }
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

t.test('a set is watched, counted and told; shifted truth fails it', async (t) => {
  const dir = t.testdir({ 'a.mp4': '', 'a.truth.json': JSON.stringify(truthBase), 'b.mp4': '', 'b.truth.json': JSON.stringify({ ...truthBase, clip: 'b.mp4', events: [] }) }) // prettier-ignore
  const clips = await readSet(dir, [])
  const about = { models: { objects: 'abc' }, interval_s: 1, shift_s: 0, without: [] }
  const run = async (fails: boolean, shiftS: number) =>
    makeReport(await watchSet(clips, { watch: line(fails), watchPxOf: async () => [640, 360], clock: new ManualClock(), log: silent, intervalS: 1, shiftS, onClip: () => undefined }), { ...about, shift_s: shiftS }) // prettier-ignore
  const good = await run(false, 0)
  t.match(good, { events: 1, found: 1, false_alarms: 0, recall: 1, precision: 1, watched_s: 120, errors: 0, per_cause: { vending: { events: 1, found: 1 }, dust: { events: 0 } }, models: { objects: 'abc' }, ms_per_watch_frame: 0 }) // prettier-ignore
  for (const key of ['clips', 'events', 'found', 'false_alarms', 'recall', 'precision', 'per_cause', 'watched_s', 'ms_per_watch_frame', 'models']) t.ok(key in good, `the report has ${key}`) // prettier-ignore
  t.match(good.clips[0], { clip: 'a', truth: [{ cause: 'vending' }], found: [{ confirmed_s: 25, delay_s: 17 }], missed: [], false_alarms: [] }) // prettier-ignore
  t.match(
    await run(false, 60),
    { events: 1, found: 0, false_alarms: 1, recall: 0, precision: 0 },
    'the measure can fail',
  )
  const broken = await run(true, 0)
  t.match(broken, { errors: 2, found: 0 })
  t.match(broken.clips[0]?.error, /gave up/)
  t.match(tableOf(good), /recall 100\.0 %/)
  t.match(tableOf(broken), /NOT WATCHED/)

  const failing = await run(false, 60)
  t.match(failing.clips[0]?.missed, [{ suspected: [] }], 'what was confirmed elsewhere in time is no suspicion of it')
  await writeFile(`${dir}/A.json`, JSON.stringify(good))
  await writeFile(`${dir}/B.json`, JSON.stringify(failing))
  const comparison = compareReports(await readReport(`${dir}/A.json`), await readReport(`${dir}/B.json`))
  t.match(comparison, { truth_differs: ['a'], clips_compared: 1, events: { paired: 0, difference: null } })
  await t.rejects(readReport(`${dir}/a.truth.json`), { code: 'REPORT_MALFORMED' })
})
