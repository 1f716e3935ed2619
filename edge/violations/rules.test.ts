import t from 'tap'
import type { Box, EpochMs, Point } from '../../contracts/base/index.js'
import type { Cause, ZoneKind } from '../../contracts/terms.js'
import { scheduleSchema, zoneSchema } from '../../contracts/zones.js'
import type { Zone } from '../../contracts/zones.js'
import type { ArrivalFacts, BurstFacts } from '../vision/types.js'
import { actor, arrival, at, burst, factsAt, object, plume, startMs, testCamera, thing } from './hand-made.fixture.js'
import type { Scene } from './hand-made.fixture.js'
import { createRules, initialRuleState, judge, mayGoOn, stepRules } from './index.js'
import type { CameraRules, RuleSetup, Suspicion } from './index.js'

const lower: Zone['polygon'] = [[0, 0.3], [1, 0.3], [1, 1], [0, 1]] // prettier-ignore
const shortDwell = {
  vending: { dwell_s: 15 },
  grilling: { dwell_s: 15 },
  spillage: { dwell_s: 10 },
  dust: { dwell_s: 12 },
}

function zone(kind: ZoneKind, id: string = kind.replace('_', '-'), part: Partial<Zone> = {}): Zone {
  return { id, kind, polygon: lower, schedule: null, rules: {}, ...part }
}

function setup(zones: readonly Zone[] = [], part: Partial<RuleSetup> = {}): CameraRules {
  return createRules({
    camera: testCamera,
    tz: 'Asia/Shanghai',
    zones,
    groundPlane: null,
    rules: [shortDwell],
    ...part,
  })
}

/** Plays one frame a second and gives the last suspicion of the cause that was due, else the last one at all. */
function watch(
  rules: CameraRules,
  seconds: number,
  scene: (second: number) => Scene,
  cause: string,
): Suspicion | undefined {
  let state = initialRuleState
  let last: Suspicion | undefined
  for (let second = 0; second <= seconds; second++) {
    const stepped = stepRules(JSON.parse(JSON.stringify(state)) as typeof state, factsAt(second, scene(second)), rules)
    state = stepped.state
    for (const suspicion of stepped.suspicions)
      if (suspicion.cause === cause && (suspicion.due || !last?.due)) last = suspicion
  }
  return last
}

const stallBox: Box = [0.4, 0.55, 0.12, 0.2]
const debrisBox: Box = [0.5, 0.7, 0.03, 0.03]
/** Stands from second 10 on and is reported 5 s later, as the static layer does. */
const standing = (part: Parameters<typeof thing>[2], more: Scene = {}) => (second: number): Scene =>
  ({ ...more, statics: second >= 15 ? [thing(second, 10, part)] : [] }) // prettier-ignore
const emitting = (part: Parameters<typeof plume>[0], more: Scene = {}) => (second: number): Scene =>
  ({ ...more, plumes: second >= 10 ? [plume(part)] : [] }) // prettier-ignore

const attendedStall = { box: stallBox, attendedShare: 0.9 }
const vendorScene = standing(attendedStall, { objects: [object('person', [0.5, 0.5, 0.05, 0.2])] })

t.test('vending: what is due and what the look back says', async (t) => {
  const table: { name: string; zones?: Zone[]; scene: (second: number) => Scene; due: boolean; answer?: ArrivalFacts; verdict?: string; reason?: string }[] = [
    { name: 'an attended stall brought by a tricycle', scene: vendorScene, due: true, answer: arrival({ actors: [actor('tricycle')] }), verdict: 'confirmed', reason: 'arrival_with_tricycle' },
    { name: 'a stall that the network names in three looks', scene: vendorScene, due: true, answer: arrival({ arrivedMs: null, looks: [1, 2, 3].map((n) => ({ atMs: at(n * 10), scores: { vendor_stall: 0.8 } })) }), verdict: 'confirmed', reason: 'stall_seen' },
    { name: 'goods on the ground that somebody minds', scene: standing({ box: stallBox, attendedShare: 0.4, classScores: { goods: 0.7 } }), due: true },
    { name: 'a stall that was there before the box, seen by the network alone', scene: () => ({ objects: [object('vendor_stall', stallBox), object('person', [0.53, 0.55, 0.05, 0.2])] }), due: true },
    { name: 'a stall without anybody and no static', scene: () => ({ objects: [object('vendor_stall', stallBox)] }), due: false },
    { name: 'no carrier: nothing is confirmed', scene: vendorScene, due: true, answer: arrival(), verdict: 'undecided', reason: 'no_carrier_seen' },
    { name: 'a van that stood before the place brought it', scene: vendorScene, due: true, answer: arrival({ actors: [actor('vehicle', { hid: 0.5 })] }), verdict: 'confirmed', reason: 'arrival_with_van' },
    { name: 'a van that drove by did not', scene: vendorScene, due: true, answer: arrival({ actors: [actor('vehicle', { hid: 0.2 })] }), verdict: 'undecided', reason: 'no_carrier_seen' },
    { name: 'a carrier long before the arrival', scene: vendorScene, due: true, answer: arrival({ actors: [actor('person', { gapMs: 9000 })] }), verdict: 'undecided' },
    { name: 'somebody who was there already', scene: vendorScene, due: true, answer: arrival({ actors: [actor('person', { entered: false })] }), verdict: 'undecided' },
    { name: 'no footage', scene: vendorScene, due: true, verdict: 'undecided', reason: 'no_footage' },
    { name: 'a parked van that people stand by', scene: standing({ ...attendedStall, classScores: { vehicle: 0.8 } }), due: false },
    { name: 'a parked van found out by the look back', scene: vendorScene, due: true, answer: arrival({ actors: [actor('vehicle', { box: stallBox })] }), verdict: 'refuted', reason: 'parked_vehicle' },
    { name: 'a vehicle in most looks', scene: vendorScene, due: true, answer: arrival({ looks: [1, 2, 3].map((n) => ({ atMs: at(n), scores: { vehicle: 0.7 } })) }), verdict: 'refuted', reason: 'parked_vehicle' },
    { name: 'waiting people', scene: standing(attendedStall, { objects: [object('person', [0.4, 0.55, 0.07, 0.2]), object('person', [0.46, 0.55, 0.06, 0.2])] }), due: false },
    { name: 'somebody who came and stands there', scene: vendorScene, due: true, answer: arrival({ actors: [actor('person', { box: stallBox })] }), verdict: 'refuted', reason: 'waiting_person' },
    { name: 'a bin that nobody minds', scene: standing({ box: stallBox }), due: false },
    { name: 'a parked delivery tricycle', scene: standing({ box: stallBox, classScores: { tricycle: 0.9 } }), due: false },
    { name: 'a thing in a busy place: no lift over its base', scene: standing({ ...attendedStall, attendedBaseRatio: 0.85 }), due: false },
    { name: 'a small thing', scene: standing({ box: [0.4, 0.6, 0.02, 0.02], attendedShare: 0.9 }), due: false },
    { name: 'a lamp post: too narrow', scene: standing({ box: [0.4, 0.4, 0.01, 0.5], attendedShare: 0.9 }), due: false },
    { name: 'by metres: 2 m2 is a stall', scene: standing({ ...attendedStall, areaM2: 2 }), due: true },
    { name: 'by metres: 30 m2 is none', scene: standing({ ...attendedStall, areaM2: 30 }), due: false },
    { name: 'outside the zone', zones: [zone('no_vending', 'z1', { polygon: [[0.8, 0.5], [1, 0.5], [1, 1]] })], scene: vendorScene, due: false },
    { name: 'only other zones are drawn', zones: [zone('no_grilling')], scene: vendorScene, due: false },
    { name: 'an ignore zone hides it', zones: [zone('no_vending'), zone('ignore')], scene: vendorScene, due: false },
    { name: 'inside its permitted place', zones: [zone('no_vending'), zone('permitted_stall', 'p', { polygon: [[0.35, 0.5], [0.55, 0.5], [0.55, 0.8], [0.35, 0.8]] })], scene: vendorScene, due: false },
    { name: 'permitted place that covers less than half', zones: [zone('no_vending'), zone('permitted_stall', 'p', { polygon: [[0.47, 0.5], [0.55, 0.5], [0.55, 0.8], [0.47, 0.8]] })], scene: vendorScene, due: true },
    { name: 'permitted place outside its hours', zones: [zone('no_vending'), zone('permitted_stall', 'p', { schedule: scheduleSchema.parse({ hours: ['17:00-02:00'] }) })], scene: vendorScene, due: true },
    { name: 'permitted place in its hours', zones: [zone('no_vending'), zone('permitted_stall', 'p', { schedule: scheduleSchema.parse({ days: ['mon'], hours: ['09:00-11:00'] }) })], scene: vendorScene, due: false },
    { name: 'the forbidding zone is not in force', zones: [zone('no_vending', 'z', { schedule: scheduleSchema.parse({ days: ['sun'] }) })], scene: vendorScene, due: false },
    { name: 'an unnamed thing in a drawn lane', zones: [zone('no_vending'), zone('carriageway')], scene: vendorScene, due: false },
    { name: 'goods in a drawn lane', zones: [zone('no_vending'), zone('carriageway')], scene: standing({ ...attendedStall, classScores: { goods: 0.5 } }), due: true },
    { name: 'the camera was turned: zones are suspended', scene: (second) => ({ ...vendorScene(second), moved: true }), due: false },
    { name: 'covered camera', scene: (second) => ({ ...vendorScene(second), unseen: true }), due: false },
  ] // prettier-ignore
  for (const { name, zones, scene, due, answer, verdict, reason } of table) {
    const rules = setup(zones)
    const suspicion = watch(rules, 40, scene, 'vending')
    t.equal(suspicion?.due ?? false, due, name)
    if (suspicion === undefined || verdict === undefined) continue
    const finding = judge(suspicion, answer ? [answer] : [], rules)
    t.equal(finding.verdict, verdict, name)
    if (reason) t.ok(finding.reasons.includes(reason), `${name}: ${finding.reasons.join()}`)
  }
})

t.test('vending measures by the names of the record, in whole numbers', async (t) => {
  const rules = setup()
  const suspicion = watch(
    rules,
    40,
    standing({ ...attendedStall, areaM2: 1.5, attendedBaseRatio: 0.1, classScores: { goods: 0.31 } }),
    'vending',
  )
  t.ok(suspicion)
  if (!suspicion) return
  const finding = judge(suspicion, [arrival({ actors: [actor('vehicle')] })], rules)
  t.match(
    { ...suspicion.measurements, ...finding.measurements },
    { dwell_s: 30, seen_s: 30, unseen_s: 0, area_cm2: 15_000, class_milli: { goods: 310 }, attended_milli: 900, lift_milli: 800, stall_seen: false, arrived_at: '2026-03-02T02:00:10.000Z', carrier: 'van' },
  ) // prettier-ignore
  t.ok(finding.confidence > 0.5 && finding.confidence < 1)
})

t.test('the arrival is wished once, and only when all of it lies in the past', async (t) => {
  const rules = setup([], { rules: [] })
  let state = initialRuleState
  const wishedAt: number[] = []
  for (let second = 0; second < 200; second++) {
    const stepped = stepRules(
      state,
      factsAt(second, { statics: second >= 40 ? [thing(second, 10, attendedStall)] : [] }),
      rules,
    )
    state = stepped.state
    const [suspicion] = stepped.suspicions
    if (suspicion) {
      t.ok(suspicion.lookBack.length <= 1)
      const [wish] = suspicion.lookBack
      if (wish && wishedAt.length === 0) {
        wishedAt.push(second)
        t.match(wish, { kind: 'arrival', fromMs: at(-10), toMs: at(20), fps: 5 })
      }
    }
  }
  t.same(wishedAt, [58], '40 % of 120 s after the thing arrived')
})

/** One window after the other, ten seconds apart. */
const apart = (bursts: readonly BurstFacts[]): BurstFacts[] =>
  bursts.map((one, index) => ({ ...one, fromMs: at(10 + 10 * index), toMs: at(14 + 10 * index) }))

t.test('grilling: what is due and what its bursts say', async (t) => {
  const fire = burst({ likely: { smoke: 0.3, flame: 0.6 } })
  const smokeAndFlicker = burst({ likely: { smoke: 0.8 }, flickerHz: 3.5, flameCells: 12 })
  const table: { name: string; zones?: Zone[]; scene: (second: number) => Scene; due: boolean; bursts?: BurstFacts[]; verdict?: string; reason?: string }[] = [
    { name: 'smoke with flame', scene: emitting({}), due: true, bursts: [fire, fire], verdict: 'confirmed', reason: 'flame_seen' },
    { name: 'smoke with flicker of enough cells', scene: emitting({}), due: true, bursts: [smokeAndFlicker, smokeAndFlicker], verdict: 'confirmed', reason: 'flicker' },
    { name: 'smoke over a grill', scene: emitting({}), due: true, bursts: [fire, burst({ likely: { smoke: 0.7 }, objects: [{ class: 'grill', box: [0.5, 0.5, 0.1, 0.1], score: 0.7 }] })].map((each) => ({ ...each, scores: { ...each.scores, flame: 0.2 } })), verdict: 'confirmed', reason: 'grill_seen' },
    { name: 'a flame alone', scene: emitting({ kind: 'flame', colour: 'warm' }), due: true },
    { name: 'one burst is not enough', scene: emitting({}), due: true, bursts: [fire], verdict: 'undecided', reason: 'needs_more_bursts' },
    { name: 'smoke without heat', scene: emitting({}), due: true, bursts: [burst({ likely: { smoke: 0.9 } }), burst({ likely: { smoke: 0.9 } })], verdict: 'undecided', reason: 'no_heat_seen' },
    { name: 'flicker of few cells is no heat', scene: emitting({}), due: true, bursts: [1, 2].map(() => burst({ likely: { smoke: 0.9 }, flickerHz: 6, flameCells: 2 })), verdict: 'undecided' },
    { name: 'steam', scene: emitting({ colour: 'white' }), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { steam: 0.7, smoke: 0.25 } })), verdict: 'refuted', reason: 'steam' },
    { name: 'fog', scene: emitting({}), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { smoke: 0.8 }, globalRatio: 0.6 })), verdict: 'refuted', reason: 'global_change' },
    { name: 'a moving headlight', scene: emitting({}), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { smoke: 0.8 }, anchored: false })), verdict: 'refuted', reason: 'not_anchored' },
    { name: 'nothing to see', scene: emitting({}), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { none: 0.9 } })), verdict: 'refuted', reason: 'no_emission' },
    { name: 'nothing to see in two: charcoal begins slowly', scene: emitting({}), due: true, bursts: [1, 2].map(() => burst({ likely: { none: 0.9 } })), verdict: 'undecided', reason: 'needs_more_bursts' },
    { name: 'smoke and a flame\'s colour in the watch', scene: (second) => emitting({ kind: second % 2 === 0 ? 'flame' : 'plume' })(second), due: true, bursts: [1, 2].map(() => burst({ likely: { smoke: 0.8, steam: 0.1 } })), verdict: 'confirmed', reason: 'flame_and_smoke' },
    { name: 'glints of passing cars', scene: (second) => second % 9 < 4 ? emitting({})(second) : {}, due: false, bursts: [fire, fire], verdict: 'undecided', reason: 'comes_and_goes' },
    { name: 'smoke that goes on, without a flame', scene: emitting({}), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { smoke: 0.8, steam: 0.1 } })), verdict: 'confirmed', reason: 'smoke_goes_on' },
    { name: 'smoke that goes on, and may be steam', scene: emitting({}), due: true, bursts: [1, 2, 3].map(() => burst({ likely: { smoke: 0.65, steam: 0.3 } })), verdict: 'undecided', reason: 'no_heat_seen' },
    { name: 'exhaust of a vehicle', scene: emitting({}, { objects: [object('vehicle', [0.4, 0.3, 0.3, 0.35])] }), due: false },
    { name: 'a wandering plume', scene: (second) => ({ plumes: [plume({ box: [(second * 0.07) % 0.9, 0.3, 0.1, 0.3] })] }), due: false },
    { name: 'a passing puff', scene: (second) => ({ plumes: second > 10 && second < 14 ? [plume()] : [] }), due: false },
    { name: 'weak plume', scene: emitting({ strength: 0.3 }), due: false },
    { name: 'fog over the whole picture', scene: emitting({ box: [0, 0, 1, 1] }), due: false },
    { name: 'outside the zone', zones: [zone('no_grilling', 'g', { polygon: [[0, 0.5], [0.3, 0.5], [0.3, 1]] })], scene: emitting({}), due: false },
    { name: 'smoke above a zone whose foot is inside', zones: [zone('no_grilling', 'g', { polygon: [[0.4, 0.5], [0.7, 0.5], [0.7, 1], [0.4, 1]] })], scene: emitting({}), due: true },
  ] // prettier-ignore
  for (const { name, zones, scene, due, bursts, verdict, reason } of table) {
    const rules = setup(zones)
    const suspicion = watch(rules, 40, scene, 'grilling')
    t.equal(suspicion?.due ?? false, due, name)
    if (suspicion === undefined || verdict === undefined) continue
    const finding = judge(suspicion, apart(bursts ?? []), rules)
    t.equal(finding.verdict, verdict, `${name}: ${finding.reasons.join()}`)
    if (reason) t.ok(finding.reasons.includes(reason), `${name}: ${finding.reasons.join()}`)
  }
})

t.test('two bursts that share no picture, the second before it is due', async (t) => {
  for (const dwellS of [3, 15, 60]) {
    const rules = setup([], { rules: [{ grilling: { dwell_s: dwellS } }] })
    const suspicion = watch(rules, 3 * dwellS + 20, emitting({}), 'grilling')
    const [first, second] = suspicion?.lookBack ?? []
    t.ok(first && second, `dwell ${dwellS}`)
    if (!first || !second) continue
    t.ok(second.fromMs >= first.toMs)
    t.ok(second.toMs - first.toMs >= Math.max(2000, (dwellS * 1000) / 3))
    t.ok(second.toMs - second.fromMs >= 2000 && first.toMs - first.fromMs <= 5000)
    t.equal(suspicion?.lookBack.length, 2)
  }
})

t.test('spillage: what is due and what the look back says', async (t) => {
  const truck = actor('vehicle', { box: [0.2, 0.5, 0.3, 0.3] })
  const blob = standing({ box: debrisBox })
  const table: { name: string; scene: (second: number) => Scene; due: boolean; answer?: ArrivalFacts; verdict?: string; reason?: string; kind?: string | null }[] = [
    { name: 'a vehicle left it', scene: blob, due: true, answer: arrival({ actors: [truck], vehiclesConsidered: 1 }), verdict: 'confirmed', reason: 'vehicle_left_it', kind: 'vehicle' },
    { name: 'two vehicles side by side: nobody is named', scene: blob, due: true, answer: arrival({ actors: [truck, { ...truck, track: 't2', rank: 0.7 }], vehiclesConsidered: 2 }), verdict: 'confirmed', reason: 'vehicle_passed', kind: null },
    { name: 'a poor rank names nobody', scene: blob, due: true, answer: arrival({ actors: [{ ...truck, rank: 0.4 }] }), verdict: 'confirmed', kind: null },
    { name: 'a change of light with a car in it: nothing hid the place', scene: blob, due: true, answer: arrival({ actors: [{ ...truck, hid: 0 }] }), verdict: 'undecided', reason: 'no_vehicle_seen' },
    { name: 'a vehicle long before', scene: blob, due: true, answer: arrival({ actors: [{ ...truck, gapMs: 8000 }] }), verdict: 'undecided', reason: 'no_vehicle_seen' },
    { name: 'no arrival', scene: blob, due: true, answer: arrival({ arrivedMs: null }), verdict: 'undecided', reason: 'arrival_not_seen' },
    { name: 'a shadow', scene: standing({ box: debrisBox, texture: 1, luminanceRatio: 0.5 }), due: true, answer: arrival({ texture: 1, actors: [{ ...truck, rank: 0.5 }] }), verdict: 'undecided', reason: 'may_be_shadow' },
    { name: 'a puddle', scene: standing({ box: debrisBox, texture: 1.5, luminanceRatio: 1.3 }), due: true, answer: arrival({ texture: 1.5, actors: [{ ...truck, rank: 0.5 }] }), verdict: 'undecided', reason: 'no_texture' },
    { name: 'water that runs out on a busy road: textured, yet dark and without colour', scene: standing({ box: debrisBox, texture: 9, chroma: 1, luminanceRatio: 0.7 }), due: true, answer: arrival({ texture: 9, actors: [truck, { ...truck, track: 't2', rank: 0.7 }] }), verdict: 'undecided', reason: 'may_be_water' },
    { name: 'the same with one vehicle that it must be from', scene: standing({ box: debrisBox, texture: 9, chroma: 1, luminanceRatio: 0.7 }), due: true, answer: arrival({ texture: 9, actors: [truck] }), verdict: 'confirmed', reason: 'vehicle_left_it' },
    { name: 'a part that juts out of a larger thing that came with it', scene: (second) => ({ statics: [thing(second, 5, { box: debrisBox }), thing(second, 6, { id: 's2', box: [debrisBox[0] - 0.02, debrisBox[1] + debrisBox[3], 0.25, 0.35] })] }), due: false },
    { name: 'a stopped truck far away', scene: standing({ box: debrisBox, classScores: { vehicle: 0.8 } }), due: false },
    { name: 'a stopped truck found out by the look back', scene: blob, due: true, answer: arrival({ actors: [{ ...truck, box: debrisBox }] }), verdict: 'refuted', reason: 'stopped_vehicle_or_person' },
    { name: 'what fell from the load came there, too, and is no stopped truck', scene: blob, due: true, answer: arrival({ arrivedMs: at(10), actors: [truck, actor('two_wheeler', { box: debrisBox, sinceMs: at(9.2) })] }), verdict: 'confirmed' },
    { name: 'a stall-size thing', scene: standing({ box: [0.3, 0.4, 0.3, 0.3] }), due: false },
    { name: 'somebody who waits', scene: standing({ box: debrisBox }, { objects: [object('person', debrisBox)] }), due: false },
    { name: 'a thing that somebody minds belongs to vending', scene: standing({ box: [0.5, 0.6, 0.1, 0.15], attendedShare: 1 }), due: false },
  ] // prettier-ignore
  for (const { name, scene, due, answer, verdict, reason, kind } of table) {
    const rules = setup([zone('carriageway')])
    const suspicion = watch(rules, 40, scene, 'spillage')
    t.equal(suspicion?.due ?? false, due, name)
    if (suspicion === undefined || verdict === undefined) continue
    const finding = judge(suspicion, answer ? [answer] : [], rules)
    t.equal(finding.verdict, verdict, `${name}: ${finding.reasons.join()}`)
    if (reason) t.ok(finding.reasons.includes(reason), `${name}: ${finding.reasons.join()}`)
    if (kind !== undefined) t.equal(finding.actor?.kind ?? null, kind, name)
  }
})

t.test('dust: what is due and what two bursts say', async (t) => {
  const veil = { box: [0.4, 0.5, 0.2, 0.3] as Box, colour: 'warm' as const }
  const cloud = burst({ likely: { dust: 0.8 }, colour: 'warm' })
  const site = [zone('work_site')]
  const opaque = (percent: number) => ({ percent, lowPercent: percent - 5, highPercent: percent + 5 })
  const table: { name: string; zones?: Zone[]; scene: (second: number) => Scene; due: boolean; bursts?: BurstFacts[]; verdict?: string; reason?: string }[] = [
    { name: 'a warm veil that drifts', zones: site, scene: emitting(veil), due: true, bursts: [cloud, cloud], verdict: 'confirmed' },
    { name: 'opacity measured', zones: site, scene: emitting(veil), due: true, bursts: [cloud, { ...cloud, opacity: opaque(35) }], verdict: 'confirmed', reason: 'opacity_measured' },
    { name: 'too thin', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => ({ ...cloud, opacity: opaque(12) })), verdict: 'undecided', reason: 'too_thin' },
    { name: 'a sandy wall in low sun', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => ({ ...cloud, growth: 0, driftX: 0, driftY: 0 })), verdict: 'undecided', reason: 'neither_grows_nor_drifts' },
    { name: 'fog', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => ({ ...cloud, globalRatio: 0.7 })), verdict: 'refuted', reason: 'global_change' },
    { name: 'mist of a cannon', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => burst({ likely: { steam: 0.8, dust: 0.1 } })), verdict: 'refuted', reason: 'steam' },
    { name: 'fire', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => burst({ likely: { smoke: 0.5, flame: 0.6 } })), verdict: 'refuted', reason: 'fire' },
    { name: 'nothing to see', zones: site, scene: emitting(veil), due: true, bursts: [1, 2].map(() => burst({ likely: { none: 0.9 } })), verdict: 'refuted', reason: 'no_emission' },
    { name: 'dark smoke', zones: site, scene: emitting({ ...veil, colour: 'dark' }), due: false },
    { name: 'with flame', zones: site, scene: (second) => ({ plumes: second >= 10 ? [plume(veil), plume({ ...veil, kind: 'flame', box: [0.45, 0.6, 0.05, 0.1] })] : [] }), due: false },
    { name: 'a small puff', zones: site, scene: emitting({ box: [0.5, 0.5, 0.03, 0.05], colour: 'warm' }), due: false },
    { name: 'by metres too small', zones: site, scene: emitting({ ...veil, areaM2: 1 }), due: false },
    { name: 'behind a vehicle on the carriageway', zones: [zone('carriageway')], scene: emitting(veil, { objects: [object('vehicle', [0.6, 0.6, 0.1, 0.1])] }), due: true },
    { name: 'on the carriageway without any vehicle', zones: [zone('carriageway')], scene: emitting(veil), due: false },
    { name: 'a small grey plume with somebody at its foot, where both are possible', scene: emitting({ colour: 'grey', box: [0.5, 0.5, 0.1, 0.2] }, { objects: [object('person', [0.5, 0.6, 0.05, 0.12])] }), due: false },
    { name: 'the same in warm colour', scene: emitting({ colour: 'warm', box: [0.5, 0.5, 0.1, 0.2] }), due: true },
  ] // prettier-ignore
  for (const { name, zones, scene, due, bursts, verdict, reason } of table) {
    const rules = setup(zones ?? [])
    const suspicion = watch(rules, 40, scene, 'dust')
    t.equal(suspicion?.due ?? false, due, name)
    if (suspicion === undefined || verdict === undefined) continue
    const finding = judge(suspicion, apart(bursts ?? []), rules)
    t.equal(finding.verdict, verdict, `${name}: ${finding.reasons.join()}`)
    if (reason) t.ok(finding.reasons.includes(reason), `${name}: ${finding.reasons.join()}`)
  }
})

t.test('no burst answers make both grilling and dust of one plume', async (t) => {
  const rules = setup()
  const looks: BurstFacts[] = []
  for (const smoke of [0, 0.5, 1]) for (const dustScore of [0, 0.5, 1]) for (const flame of [0, 0.35, 0.6])
    for (const colour of ['warm', 'grey', 'dark', 'white'] as const) for (const flickerHz of [1, 4])
      looks.push(burst({ likely: { smoke, dust: dustScore, flame }, colour, flickerHz, flameCells: 10 })) // prettier-ignore
  const grey = watch(rules, 60, emitting({ box: [0.3, 0.3, 0.3, 0.5] }), 'grilling')
  const same = watch(rules, 60, emitting({ box: [0.3, 0.3, 0.3, 0.5] }), 'dust')
  t.ok(grey?.due && same?.due, 'a large grey plume in the whole picture is suspected of both')
  if (!grey || !same) return
  let confirmed = 0
  for (const look of looks) {
    const twice = apart([look, look])
    const verdicts = [judge(grey, twice, rules), judge(same, twice, rules)].filter(
      ({ verdict }) => verdict === 'confirmed',
    )
    confirmed += verdicts.length
    t.ok(verdicts.length <= 1)
  }
  t.ok(confirmed > 20, `${confirmed} of ${looks.length} were confirmed as one of them`)
})

t.test('the score: presence adds, absence takes half, unseen time does nothing', async (t) => {
  const rules = setup([], { rules: [{ grilling: { dwell_s: 20 }, dust: { dwell_s: 1000 } }] })
  // One character is one second: + a plume, - none, . unseen, ! camera turned.
  const scoreAfter = (timeline: string): number => {
    let state = initialRuleState
    for (const [second, mark] of Array.from(timeline).entries())
      state = stepRules(state, factsAt(second, { plumes: mark === '-' ? [] : [plume({ box: [0.5, 0.4, 0.05, 0.1] })], unseen: mark === '.', moved: mark === '!' }), rules).state
    return (state.claims.find(({ cause }) => cause === 'grilling')?.scoreMs ?? 0) / 1000
  } // prettier-ignore
  t.equal(scoreAfter('++++'), 4)
  t.equal(scoreAfter('++++--'), 3)
  t.equal(scoreAfter('++++......'), 4)
  t.equal(scoreAfter('++++!!!!!!'), 4)
  t.equal(scoreAfter('++......++'), 4)
  t.equal(scoreAfter('++----'), 0)
  t.equal(scoreAfter('+'.repeat(100)), 40, 'capped at two dwells')
})

t.test('what holds stays at 0.6 of the threshold, and a long absence ends it', async (t) => {
  const rules = setup([], { rules: [{ grilling: { dwell_s: 100 } }] })
  let state = initialRuleState
  const step = (second: number, scene: Scene) => {
    const stepped = stepRules(state, factsAt(second, scene), rules)
    state = stepped.state
    return stepped.suspicions.find(({ cause }) => cause === 'grilling')
  }
  for (let second = 0; second < 50; second++) step(second, { plumes: [plume()] })
  t.equal(step(50, { plumes: [plume({ strength: 0.35 })] })?.present, true, '0.35 holds what 0.5 began')
  t.equal(step(51, { plumes: [plume({ strength: 0.25 })] })?.present, false)
  for (let second = 52; second < 300; second++) step(second, { plumes: [plume()] })
  let ended = 0
  for (let second = 300; second < 500 && ended === 0; second++) if (!step(second, {})) ended = second
  t.equal(ended, 300 + 89, 'after 90 s of seen absence, long before the score of 200 s is used up')
})

t.test('a thing behind a bus is unseen, not gone; a due thing stays whatever it looks like', async (t) => {
  const rules = setup()
  let state = initialRuleState
  const step = (second: number, scene: Scene) => {
    const stepped = stepRules(state, factsAt(second, scene), rules)
    state = stepped.state
    return stepped.suspicions.find(({ cause }) => cause === 'vending')
  }
  for (let second = 0; second < 40; second++) step(second, vendorScene(second))
  const bus = object('vehicle', [0.2, 0.4, 0.6, 0.5])
  let hidden: Suspicion | undefined
  for (let second = 40; second < 200; second++) hidden = step(second, { objects: [bus] })
  t.match(hidden, { present: false, due: true, unseenMs: 160_000 })
  const back = step(200, { statics: [thing(200, 10, { box: stallBox, hiddenS: 160, classScores: { vehicle: 0.9 } })] })
  t.equal(back?.present, true, 'a later class does not end it')
  let ended = 0
  for (let second = 201; second < 400 && ended === 0; second++) if (!step(second, {})) ended = second
  t.ok(ended > 201, 'the background coming back ends it')
})

t.test('thresholds: edge, then camera, then zone', async (t) => {
  const zones = [zone('no_vending', 'z1', { rules: { vending: { dwell_s: 7 } } }), zone('no_grilling', 'z2')]
  const rules = createRules({ camera: testCamera, tz: 'Asia/Shanghai', zones, groundPlane: null, rules: [{ vending: { dwell_s: 50 } }, { grilling: { dwell_s: 33 } }] })
  t.match(rules.zones.map(({ thresholds }) => [thresholds.vending.dwell_s, thresholds.grilling.dwell_s, thresholds.dust.dwell_s]), [[7, 33, 30], [50, 33, 30]])
}) // prettier-ignore

t.test('shifting the time shifts what comes out', async (t) => {
  const rules = setup()
  const byMs = 1234 * 1000
  let plain = initialRuleState
  let shifted = initialRuleState
  for (let second = 0; second < 40; second++) {
    const facts = factsAt(second, vendorScene(second))
    const later = { ...facts, wallMs: (facts.wallMs + byMs) as EpochMs, objectsAtMs: (facts.wallMs + byMs) as EpochMs, statics: facts.statics.map((each) => ({ ...each, sinceMs: (each.sinceMs + byMs) as EpochMs })) } // prettier-ignore
    const a = stepRules(plain, facts, rules)
    const b = stepRules(shifted, later, rules)
    plain = a.state
    shifted = b.state
    t.same(b.suspicions.map((each) => each.sinceMs - byMs), a.suspicions.map((each) => each.sinceMs)) // prettier-ignore
    t.same(b.suspicions.map((each) => each.scoreMs), a.suspicions.map((each) => each.scoreMs)) // prettier-ignore
  }
  t.ok(plain.claims.some(({ due }) => due))
  t.equal(plain.claims[0]?.sinceMs, startMs + 10_000)
})

t.test('a veil of dust goes on over the road; two sites are two parties', async (t) => {
  const square: Point[] = [[0, 0], [0.3, 0], [0.3, 0.3]] // prettier-ignore
  const zone = (id: string, kind: Zone['kind']): Zone => zoneSchema.parse({ id, kind, polygon: square })
  const zones = [zone('a', 'work_site'), zone('b', 'work_site'), zone('r', 'carriageway'), zone('s', 'carriageway')]
  const rules = createRules({ camera: testCamera, tz: 'Asia/Shanghai', zones, groundPlane: null, rules: [] })
  const rows: [Cause, string, string, boolean][] = [
    ['dust', 'a', 'a', true],
    ['dust', 'a', 'r', true],
    ['dust', 'r', 'a', true],
    ['dust', 'a', 'b', false],
    ['dust', 'r', 's', false],
    ['spillage', 'a', 'r', false],
  ]
  for (const [cause, from, into, may] of rows)
    t.equal(mayGoOn(rules, cause, from, into), may, `${cause} ${from} ${into}`)
})
