import t from 'tap'
import { SyntheticScene, type Patch } from '../synthetic.js'
import type { LayerOutput } from './layer.js'
import { StaticLayer } from './layer.js'
import { ScratchPool } from './scratch.js'

const [widthPx, heightPx] = [320, 180]
const pool = new ScratchPool()
const seed = 20_260_302
t.comment(`seed ${seed}`)
t.setTimeout(600_000)

const stall: Patch = { left: 140, top: 80, width: 36, height: 30, contrast: 70, seed: 5 }
const leastPx = 40

interface Run {
  readonly layer: StaticLayer
  readonly outputs: LayerOutput[]
}

interface RunOptions {
  readonly frames: number
  readonly dtMs?: number
  readonly staticMs?: number
  readonly scene?: SyntheticScene
  readonly patches?: (atMs: number) => readonly Patch[]
  readonly gain?: (atMs: number) => number
  readonly shift?: (atMs: number) => readonly [number, number]
  readonly each?: (output: LayerOutput, atMs: number, layer: StaticLayer) => void
}

const street = new SyntheticScene({ widthPx, heightPx, seed })

function run({ frames, dtMs = 1000, staticMs = 8000, scene = street, patches, gain, shift, each }: RunOptions): Run {
  const layer = new StaticLayer(pool.for(widthPx, heightPx), new Uint8Array(widthPx * heightPx))
  const outputs: LayerOutput[] = []
  for (let index = 0; index < frames; index++) {
    const atMs = index * dtMs
    const [dx, dy] = shift?.(atMs) ?? [0, 0]
    const rgb = scene.frame(index, patches?.(atMs), gain?.(atMs), dx, dy)
    const output = layer.step({ rgb, dtMs: index === 0 ? 0 : dtMs, atMs, staticMs, protect: [], damaged: false })
    each?.(output, atMs, layer)
    outputs.push(output)
  }
  return { layer, outputs }
}

const objectsOf = (output: LayerOutput) => output.things.filter((thing) => thing.verdict === 'object')

t.test('invariant 1: noise alone is nothing, also over thousands of steps', (t) => {
  const noisy = new SyntheticScene({ widthPx, heightPx, seed: seed + 1, noise: 6 })
  // the frames repeat; what adds up over 10 000 steps is the state, and that goes on
  const frames = Array.from({ length: 48 }, (_, index) => noisy.frame(index))
  const steps = process.env['KW_SLOW'] === '1' ? 10_000 : 500
  const layer = new StaticLayer(pool.for(widthPx, heightPx), new Uint8Array(widthPx * heightPx))
  let things = 0
  for (let index = 0; index < steps; index++) {
    const rgb = frames[(index * 7) % frames.length] as Uint8Array
    things += layer.step({
      rgb,
      dtMs: index === 0 ? 0 : 1000,
      atMs: index * 1000,
      staticMs: 8000,
      protect: [],
      damaged: false,
    }).things.length
  }
  t.equal(things, 0)
  t.end()
})

t.test('invariant 2: a gain between 0.65 and 1.35 adds nothing', (t) => {
  const wave = (atMs: number) => 1 + 0.35 * Math.sin(atMs / 9_000)
  const { outputs } = run({ frames: 70, gain: wave })
  t.equal(
    outputs.reduce((sum, output) => sum + objectsOf(output).length, 0),
    0,
    'wave',
  )
  const step = run({ frames: 50, gain: (atMs) => (atMs < 20_000 ? 1 : 1.35) })
  t.equal(
    step.outputs.reduce((sum, output) => sum + objectsOf(output).length, 0),
    0,
    'step',
  )
  const both = run({ frames: 45, gain: wave, patches: (atMs) => (atMs >= 20_000 ? [stall] : []) })
  t.equal(objectsOf(both.outputs.at(-1) as LayerOutput).length, 1, 'and takes nothing away')
  t.end()
})

t.test('invariant 3: a moved camera gives the same boxes, moved', (t) => {
  for (const [dx, dy] of [
    [7, -4],
    [-12, 8],
    [20, 0],
  ] as const) {
    const options = { frames: 50, patches: (atMs: number) => (atMs >= 30_000 ? [stall] : []) }
    const plain = objectsOf(run(options).outputs.at(-1) as LayerOutput)
    const moved = objectsOf(
      run({ ...options, shift: (atMs) => (atMs >= 15_000 ? [dx, dy] : [0, 0]) }).outputs.at(-1) as LayerOutput,
    )
    t.equal(plain.length, 1)
    t.equal(moved.length, 1, `one thing after a shift of ${dx}, ${dy}`)
    const [a, b] = [plain[0], moved[0]]
    if (a === undefined || b === undefined) continue
    const off = [
      b.rect.left - dx - a.rect.left,
      b.rect.top - dy - a.rect.top,
      b.rect.right - dx - a.rect.right,
      b.rect.bottom - dy - a.rect.bottom,
    ]
    t.ok(
      off.every((pixels) => Math.abs(pixels) <= 1),
      `edges off by ${off.join(', ')} px`,
    )
  }
  t.end()
})

t.test('invariant 4: reported when it has stood for staticMs, whatever the interval', (t) => {
  for (const dtMs of [1000, 2000, 4000])
    for (const contrast of [-45, 70]) {
      const arrivesMs = 30_500
      const staticMs = Math.max(8000, 6 * dtMs)
      const reports: { readonly atMs: number; readonly sinceMs: number }[] = []
      run({
        frames: Math.ceil((arrivesMs + staticMs) / dtMs) + 6,
        dtMs,
        staticMs,
        patches: (atMs) => (atMs >= arrivesMs ? [{ ...stall, contrast }] : []),
        each: (output, atMs) => {
          for (const thing of objectsOf(output)) reports.push({ atMs, sinceMs: thing.sinceMs })
        },
      })
      const { atMs, sinceMs } = reports[0] ?? { atMs: -1, sinceMs: -1 }
      const name = `interval ${dtMs} ms, contrast ${contrast}`
      t.ok(atMs >= arrivesMs + staticMs && atMs <= arrivesMs + staticMs + 2 * dtMs, `${name}: reported at ${atMs}`)
      t.ok(Math.abs(sinceMs - arrivesMs) <= dtMs, `${name}: since ${sinceMs}`)
    }
  t.end()
})

t.test('invariant 5: hiding it for less than half of its evidence does not change sinceMs', (t) => {
  for (const dtMs of [1000, 2000, 4000]) {
    const staticMs = Math.max(8000, 6 * dtMs)
    const arrivesMs = 10 * dtMs
    const hiddenFromMs = arrivesMs + staticMs + 4 * dtMs
    const hiddenToMs = hiddenFromMs + 4 * dtMs
    const passer = (atMs: number): Patch => ({ left: 130, top: 60, width: 60, height: 70, contrast: -60, seed: atMs })
    const { outputs } = run({
      frames: 40,
      dtMs,
      staticMs,
      patches: (atMs) =>
        atMs < arrivesMs ? [] : atMs >= hiddenFromMs && atMs < hiddenToMs ? [stall, passer(atMs)] : [stall],
    })
    const before = objectsOf(outputs[Math.floor(hiddenFromMs / dtMs) - 1] as LayerOutput)[0]
    const after = objectsOf(outputs.at(-1) as LayerOutput)[0]
    t.ok(before !== undefined && after !== undefined, `interval ${dtMs}: there before and after`)
    t.equal(after?.id, before?.id)
    t.equal(after?.sinceMs, before?.sinceMs)
  }
  t.end()
})

t.test('invariant 6: what leaves the background is `removed`, never an object', (t) => {
  for (const dtMs of [1000, 2000, 4000]) {
    const { outputs } = run({
      frames: 45,
      dtMs,
      staticMs: Math.max(8000, 6 * dtMs),
      patches: (atMs) => (atMs < 20 * dtMs ? [stall] : []),
    })
    t.equal(
      outputs.reduce((sum, output) => sum + objectsOf(output).length, 0),
      0,
      `interval ${dtMs}: no object`,
    )
    t.ok(
      outputs.some((output) => output.removed.length > 0),
      `interval ${dtMs}: removed`,
    )
    t.equal(outputs.at(-1)?.things.length, 0, 'and then it is forgotten')
  }
  t.end()
})

t.test('invariant 7: dt = 0 changes no byte', (t) => {
  const { layer } = run({ frames: 30, patches: (atMs) => (atMs >= 15_000 ? [stall] : []) })
  const before = bytesOf(layer)
  layer.step({ rgb: street.frame(99), dtMs: 0, atMs: 99_000, staticMs: 8000, protect: [], damaged: false })
  t.ok(before.equals(bytesOf(layer)))
  t.end()
})

t.test('invariant 8: the same frames give the same bytes', (t) => {
  const options = {
    frames: 35,
    patches: (atMs: number) => (atMs >= 15_000 ? [stall] : []),
    gain: (atMs: number) => 1 + atMs / 200_000,
  }
  t.ok(bytesOf(run(options).layer).equals(bytesOf(run(options).layer)))
  t.end()
})

t.test('invariant 9: suppressing a candidate changes no byte of the background', (t) => {
  const wire: Patch = { left: 100, top: 60, width: 80, height: 50, contrast: -70, seed: 2, line: true }
  let suppressed = 0
  let before: Int16Array | null = null
  run({
    frames: 60,
    patches: (atMs) => (atMs >= 20_000 ? [wire] : []),
    each: ({ things }, _atMs, layer) => {
      const thing = things.find((one) => ['flat', 'thin', 'weak'].includes(one.verdict))
      const { kinds } = layer.planes
      if (thing !== undefined && before !== null) {
        suppressed++
        // pixels inside the outline that show the background go on learning it; the others must be left alone
        for (const i of thing.pixels)
          if (kinds[i] !== 0 && layer.arrays.by[i] !== before[i]) t.fail(`the background at ${i} changed`)
      }
      before = layer.arrays.by.slice()
    },
  })
  t.ok(suppressed >= 20, `${suppressed} frames with a suppressed thing`)
  t.end()
})

t.test('a running incident is never absorbed or swapped', (t) => {
  const layer = new StaticLayer(pool.for(widthPx, heightPx), new Uint8Array(widthPx * heightPx))
  const protect = [
    { left: stall.left, top: stall.top, right: stall.left + stall.width, bottom: stall.top + stall.height },
  ]
  let removed = 0
  for (let index = 0; index < 50; index++) {
    const rgb = street.frame(index, index < 20 ? [stall] : [])
    removed += layer.step({
      rgb,
      dtMs: index === 0 ? 0 : 1000,
      atMs: index * 1000,
      staticMs: 8000,
      protect,
      damaged: false,
    }).removed.length
  }
  t.equal(removed, 0)
  t.equal(layer.things.length, 1, 'the ghost is kept until the incident is over')
  t.end()
})

t.test('"belongs here" makes it background at once', (t) => {
  const { layer } = run({ frames: 40, patches: (atMs) => (atMs >= 15_000 ? [stall] : []) })
  t.equal(layer.things.length, 1)
  layer.absorb({ left: 150, top: 90, right: 160, bottom: 100 })
  for (let index = 40; index < 60; index++)
    layer.step({
      rgb: street.frame(index, [stall]),
      dtMs: 1000,
      atMs: index * 1000,
      staticMs: 8000,
      protect: [],
      damaged: false,
    })
  t.equal(layer.things.length, 0)
  t.end()
})

t.test('another scene is learnt anew, and said to be unseen meanwhile', (t) => {
  const bright: Patch = { left: 0, top: 0, width: 160, height: 180, contrast: 80, seed: 4 }
  const dark: Patch = { ...bright, left: 160, contrast: -60, seed: 6 }
  const layer = new StaticLayer(pool.for(widthPx, heightPx), new Uint8Array(widthPx * heightPx))
  let unseen = 0
  let last: LayerOutput | null = null
  for (let index = 0; index < 80; index++) {
    const rgb = street.frame(index, index < 25 ? [] : [bright, dark])
    last = layer.step({
      rgb,
      dtMs: index === 0 ? 0 : 1000,
      atMs: index * 1000,
      staticMs: 8000,
      protect: [],
      damaged: false,
    })
    if (last.unseen) unseen++
  }
  t.ok(unseen >= 4, `${unseen} frames unseen`)
  t.ok((last?.foregroundRatio ?? 1) < 0.05, 'the new scene is background')
  t.equal(objectsOf(last as LayerOutput).length, 0)
  t.end()
})

t.test('a dark, covered or blurred view is unseen and updates nothing', (t) => {
  const { layer } = run({ frames: 20 })
  const before = bytesOf(layer)
  const step = (rgb: Uint8Array, atMs: number) =>
    layer.step({ rgb, dtMs: 1000, atMs, staticMs: 8000, protect: [], damaged: false })
  const dark = step(new Uint8Array(widthPx * heightPx * 3).fill(6), 20_000)
  t.match(dark, { unseen: true, view: { dark: true } })
  const covered = step(new Uint8Array(widthPx * heightPx * 3).fill(120), 21_000)
  t.match(covered, { unseen: true, view: { covered: true } })
  t.ok(before.equals(bytesOf(layer)))
  t.end()
})

t.test('evidence keeps to the smallest area', (t) => {
  const speck: Patch = { ...stall, width: 3, height: 3 }
  const { outputs } = run({ frames: 40, patches: (atMs) => (atMs >= 15_000 ? [speck] : []) })
  t.equal(outputs.at(-1)?.things.filter((thing) => thing.pixels.length >= leastPx).length, 0)
  t.end()
})

function bytesOf(layer: StaticLayer): Buffer {
  return Buffer.concat(layer.state.map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength)))
}
