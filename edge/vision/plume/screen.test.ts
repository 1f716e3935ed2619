import t from 'tap'
import type { SeenPlume } from '../types.js'
import type { Act } from './fixture.js'
import { scene, screenInput } from './fixture.js'
import { screenPlumes } from './screen.js'
import type { PlumeInput, PlumeScreenState } from './types.js'

// Two shared cores may be busy with others.
t.setTimeout(180_000)
const seeds = [1, 2]

/** The plumes of each of `looks` key frames, `stepS` apart. */
function watch(
  act: Act,
  seed: number,
  looks: number,
  stepS: number,
  change: (input: PlumeInput) => PlumeInput = (input) => input,
): SeenPlume[][] {
  const place = scene(act, seed)
  let state: PlumeScreenState | null = null
  const out: SeenPlume[][] = []
  for (let i = 0; i < looks; i += 1) {
    const result = screenPlumes(change(screenInput(place, i * stepS, stepS * 1000)), state)
    // The state must survive the way between threads and into a snapshot.
    state = structuredClone(result.state)
    out.push(result.plumes)
  }
  return out
}

for (const act of ['quiet', 'gain', 'shadow', 'fog', 'vehicle'] as const)
  t.test(`stays quiet: ${act}`, async (t) => {
    for (const seed of seeds) t.same(watch(act, seed, 10, 2).flat(), [], `seed ${seed}`)
  })

for (const [act, kind] of [
  ['smoke', 'plume'],
  ['dark_smoke', 'plume'],
  ['dust', 'plume'],
  ['steam', 'plume'],
  ['flame', 'flame'],
] as const)
  t.test(`proposes: ${act}`, async (t) => {
    for (const seed of seeds)
      for (const stepS of [1, 4]) {
        const place = scene(act, seed)
        const looks = watch(act, seed, 6, stepS)
        t.same(looks[0], [], 'one look proves nothing')
        const hits = looks.filter((plumes) => plumes.some((p) => p.kind === kind && touches(p.box, place.box)))
        t.ok(hits.length >= 4, `seed ${seed}, every ${stepS} s: ${hits.length} of 6 looks`)
        t.ok(looks.flat().every((p) => p.strength > 0 && p.strength <= 1 && p.areaRatio > 0 && p.areaRatio < 0.5))
      }
  })

t.test('colour and opacity of a plume', async (t) => {
  const strongest = (act: Act): SeenPlume | undefined => watch(act, 1, 4, 2)[3]?.[0]
  t.equal(strongest('dust')?.colour, 'warm')
  t.equal(strongest('dark_smoke')?.colour, 'dark')
  const { opacity } = strongest('smoke') ?? {}
  t.ok(
    opacity !== undefined && opacity.percent > 10 && opacity.percent < 55 && opacity.lowPercent < opacity.percent,
    `opacity ${opacity?.percent ?? 'absent'} of at most 55`,
  )
})

t.test('nothing is found under a vehicle, or where nothing may be looked at', async (t) => {
  const whole = (input: PlumeInput): PlumeInput => ({
    ...input,
    objects: [{ box: [0, 0, 1, 1], class: 'vehicle', score: 0.9 }],
  })
  t.same(watch('smoke', 1, 5, 2, whole).flat(), [])
  t.same(watch('smoke', 1, 5, 2, (input) => ({ ...input, isUsable: () => false })).flat(), [])
})

t.test('the same at 640x360, where cells are large and every second row is read', async (t) => {
  for (const act of ['quiet', 'smoke'] as const) {
    const place = scene(act, 1, 640, 360)
    let state: PlumeScreenState | null = null
    let found = 0
    for (let i = 0; i < 4; i += 1) {
      const result = screenPlumes(screenInput(place, 2 * i, 2000), state)
      state = result.state
      found += result.plumes.length > 0 ? 1 : 0
    }
    t.equal(found, act === 'smoke' ? 3 : 0, act)
  }
})

t.test('a grill as seen by the network does not hide its own smoke', async (t) => {
  const grill = (input: PlumeInput): PlumeInput => ({
    ...input,
    objects: [{ box: [0, 0, 1, 1], class: 'grill', score: 0.9 }],
  })
  t.ok(watch('smoke', 1, 5, 2, grill).flat().length > 0)
})

function touches(a: readonly number[], b: readonly number[]): boolean {
  const [ax = 0, ay = 0, aw = 0, ah = 0] = a
  const [bx = 0, by = 0, bw = 0, bh = 0] = b
  return ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah
}
