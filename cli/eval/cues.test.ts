import assert from 'node:assert/strict'
import t from 'tap'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import type { ArrivalFacts, BurstFacts, Facts } from '../../edge/vision/types.js'
import type { Vision } from '../../edge/vision/index.js'
import { answerWithout, cues, factsWithout, findCues, visionWithout } from './cues.js'
import { makeReport } from './report.js'
import { worthOf, worthTable } from './worth.js'

const box = [0.4, 0.4, 0.2, 0.2] as const
const at = 1000 as EpochMs
const facts: Facts = {
  camera: 'c' as CameraId, wallMs: at, dtMs: 1000, unseen: false,
  objects: [{ box, class: 'person', score: 0.9, track: 'p' }, { box, class: 'vehicle', score: 0.8, track: 'v' }, { box, class: 'vendor_stall', score: 0.7, track: 's' }, { box, class: 'umbrella', score: 0.6, track: 'u' }, { box, class: 'grill', score: 0.5, track: 'g' }],
  objectsAtMs: at,
  statics: [{ id: 'x', box, areaM2: 2, areaRatio: 0.04, sinceMs: at, seenMs: 9000, attendedMs: 8000, attendedBaseRatio: 0.2, classScores: { vendor_stall: 0.7, vehicle: 0.3, person: 0.1, umbrella: 0.4, grill: 0.2 }, provisional: false, texture: 6, chroma: 20, luminanceRatio: 0.5 }],
  removed: [],
  plumes: [{ box, areaM2: 3, areaRatio: 0.04, kind: 'flame', strength: 0.9, opacity: { percent: 30, lowPercent: 20, highPercent: 40 }, growth: 0.1, driftX: 0.1, driftY: -0.1, colour: 'warm' }],
  view: { moved: false, dark: false, blurred: false, covered: false }, lighting: 'day',
} // prettier-ignore
const arrival: ArrivalFacts = { kind: 'arrival', fromMs: at, toMs: at, frames: 9, arrivedMs: at, stepMs: 400, actors: [{ class: 'vehicle', score: 0.8, track: 'v', atMs: at, box, gapMs: 100, overlap: 0.6, hid: 1, entered: true, travel: 3, sinceMs: at, rank: 0.8 }], vehiclesConsidered: 1, looks: [{ atMs: at, scores: { vendor_stall: 0.8, vehicle: 0.1, person: 0.1, umbrella: 0.2, grill: 0.1 } }], texture: 7 } // prettier-ignore
const burst: BurstFacts = { kind: 'burst', fromMs: at, toMs: at, frames: 50, box, scores: { none: 0.1, smoke: 0.4, dust: 0.1, flame: 0.3, steam: 0.1 }, anchored: false, flickerHz: 4, flameCells: 12, opacity: { percent: 30, lowPercent: 20, highPercent: 40 }, growth: 0.1, driftX: 0.1, driftY: 0.1, colour: 'warm', globalRatio: 0.3, objects: [{ box, class: 'grill', score: 0.6 }] } // prettier-ignore

t.test(
  'every cue takes something away, touches nothing else twice, and leaves the facts it was given alone',
  async (t) => {
    const given = JSON.stringify([facts, arrival, burst])
    for (const [name, cue] of Object.entries(cues)) {
      const without = [factsWithout(facts, [cue]), answerWithout(arrival, [cue]), answerWithout(burst, [cue])]
      t.not(JSON.stringify(without), given, `${name} changes something`)
      t.ok(cue.what.length > 5, `${name} says what it is`)
      const again = [factsWithout(without[0] as Facts, [cue]), answerWithout(without[1] as ArrivalFacts, [cue]), answerWithout(without[2] as BurstFacts, [cue])] // prettier-ignore
      t.same(again, without, `${name} twice is ${name} once`)
    }
    t.equal(JSON.stringify([facts, arrival, burst]), given)
    t.same(factsWithout(facts, []), facts)
  },
)

t.test('what a cue takes and what it leaves', async (t) => {
  const of = (...names: string[]): Facts => factsWithout(facts, findCues(names))
  t.match(of('network'), { objects: [], objectsAtMs: null, statics: [{ classScores: {}, attendedMs: 8000 }] })
  t.same(of('class-stall').objects.map((object) => object.class), ['person', 'vehicle', 'umbrella', 'grill']) // prettier-ignore
  t.notOk('vendor_stall' in (of('class-stall').statics[0]?.classScores ?? assert.fail()))
  t.equal(of('class-stall').objectsAtMs, at, 'the network has looked all the same')
  t.match(of('attendance'), { statics: [{ attendedMs: 0, attendedBaseRatio: 0, seenMs: 9000 }] })
  t.notOk('areaM2' in (of('area-m2').statics[0] ?? assert.fail()))
  t.match(of('flame-colour', 'plume-colour'), { plumes: [{ kind: 'plume', colour: 'grey', strength: 0.9 }] })
  t.match(answerWithout(arrival, findCues(['class-vehicle'])), { actors: [], arrivedMs: at })
  t.match(answerWithout(arrival, findCues(['arrival'])), { actors: [], arrivedMs: null, stepMs: null })
  t.match(answerWithout(burst, findCues(['flicker', 'anchor', 'class-grill'])), { flickerHz: 0, flameCells: 0, anchored: true, objects: [], scores: { flame: 0.3 } }) // prettier-ignore
  for (const name of ['toString', 'smell', '']) t.throws(() => findCues([name]), { code: 'CUE_UNKNOWN', message: /--without list/ }) // prettier-ignore
})

t.test('the eyes with a switch before them', async (t) => {
  const asked: string[] = []
  // Only what a switch touches: whatever else it called would throw.
  const vision = {
    digests: { objects: 'abc' },
    configure: async () => void asked.push('configure'),
    watch: async (_frame: unknown, protect: readonly unknown[]) => (protect.length > 0 ? null : facts),
    lookBack: async () => burst,
    gap: () => void asked.push('gap'),
    close: async () => void asked.push('close'),
  } as unknown as Vision
  t.equal(visionWithout(vision, []), vision)
  const eyes = visionWithout(vision, findCues(['network', 'opacity']))
  type Frame = Parameters<Vision['watch']>[0]
  t.match(await eyes.watch({} as Frame, []), { objects: [] })
  t.equal(await eyes.watch({} as Frame, [box]), null, 'a shed frame stays shed')
  const answer = await eyes.lookBack({} as Parameters<Vision['lookBack']>[0], (async function* () {})(), new AbortController().signal) // prettier-ignore
  t.notOk('opacity' in answer)
  await eyes.configure('c' as CameraId, {} as Parameters<Vision['configure']>[1])
  eyes.gap('c' as CameraId)
  await eyes.close()
  t.same(asked, ['configure', 'gap', 'close'])
})

t.test('the worth of a cue is what is lost without it, the costliest first', async (t) => {
  const event = { cause: ['vending' as const], from_s: 10, to_s: 50, box, optional: false }
  const told = { cause: 'vending' as const, confirmedS: 25, firstS: 10, lastS: 50, box, reasons: [], confidence: 0.7 }
  const run = (found: boolean, without: readonly string[]) =>
    makeReport([{ clip: 'a', conditions: [], events: [event], matched: { found: found ? [{ event, told, delayS: 15, temporalIou: 1, boxIou: 1, splits: 0 }] : [], missed: found ? [] : [event], falseAlarms: [], splits: [], optional: [] }, unconfirmed: [], watchPx: [640, 360], watchedS: 60, frames: 60, elapsedMs: 60, error: null }], { models: {}, interval_s: 1, shift_s: 0, without }) // prettier-ignore
  const complete = run(true, [])
  const rows = [worthOf('global', 'g', complete, run(true, ['global'])), worthOf('attendance', 'a', complete, run(false, ['attendance']))] // prettier-ignore
  t.match(rows[1], { recall: 0, comparison: { events: { lost: 1, won: 0 } } })
  const lines = worthTable(complete, rows).split('\n')
  t.match(lines[1], /^nothing +1/)
  t.match(lines[2], /^attendance +0 +1 +0/)
  t.match(lines[3], /^global +1 +0 +0/)
})
