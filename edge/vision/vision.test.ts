import t from 'tap'
import type { Box, CameraId, EpochMs, Log } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import { AttendanceLog, inRing } from './attendance.js'
import { CameraVision } from './camera-vision.js'
import { FrameFeed } from './frame-feed.js'
import type { Vision } from './index.js'
import { openVision, openVisionInline } from './index.js'
import type { CameraSetup } from './setup.js'
import { IntervalMeter, staticMsFor } from './setup.js'
import { ScratchPool } from './static/scratch.js'
import { SyntheticScene, type Patch } from './synthetic.js'
import { startTracker, stepTracker } from './tracker.js'
import type { ArrivalFacts, Detection, Facts, ObjectDetector } from './types.js'

t.setTimeout(600_000)
const [widthPx, heightPx] = [320, 180]
const seed = 4711
t.comment(`seed ${seed}`)
const street = new SyntheticScene({ widthPx, heightPx, seed })
const stall: Patch = { left: 140, top: 80, width: 36, height: 30, contrast: 70, seed: 5 }
const stallBox: Box = [140 / 320, 80 / 180, 36 / 320, 30 / 180]
const startMs = Date.UTC(2026, 2, 2, 2)
const camera = 'test' as CameraId
const setup: CameraSetup = { camera, widthPx, heightPx, dwellMs: { vending: 16_000 }, calibration: null, ignore: [] }
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const noModels = { modelsDir: '.', models: { objects: null, plume: null } }

function frameAt(index: number, patches: readonly Patch[] = [], stepMs = 1000, off = { x: 0, y: 0 }): WatchFrame {
  return street.watchFrame(index, startMs + index * stepMs, street.frame(index, patches, 1, off.x, off.y))
}

const arrival = (index: number) => frameAt(index, index >= 12 ? [stall] : [])

async function feed(
  vision: Vision,
  from: number,
  to: number,
  make: (index: number) => WatchFrame = arrival,
): Promise<(Facts | null)[]> {
  const facts: (Facts | null)[] = []
  for (let index = from; index < to; index++) facts.push(await vision.watch(make(index), []))
  return facts
}

t.test('a thing that comes and stays is a static, in a worker thread as on the own thread', async (t) => {
  const threaded = await openVision({ ...noModels, workers: 1, log: silent })
  t.teardown(() => threaded.close())
  const inline = await openVisionInline(noModels)
  for (const vision of [threaded, inline]) await vision.configure(camera, setup)
  const [a, b] = await Promise.all([feed(threaded, 0, 26), feed(inline, 0, 26)])
  t.same(a, b)
  const last = a.at(-1)
  t.equal(last?.statics.length, 1)
  t.equal(last?.dtMs, 1000)
  const one = last?.statics[0]
  t.ok(one !== undefined && Math.abs(one.sinceMs - startMs - 12_000) <= 1000)
  t.ok(one !== undefined && Math.abs(one.seenMs - 13_000) <= 1500, `seen ${one?.seenMs} ms`)
  t.ok(one?.provisional, 'the background is younger than a minute')
})

t.test('a kept state goes on as if nothing had happened; a foreign or damaged one is refused', async (t) => {
  const one = await openVisionInline(noModels)
  await one.configure(camera, setup)
  await feed(one, 0, 18)
  const bytes = await one.snapshot(camera)
  t.comment(`${bytes.length} bytes`)
  const two = await openVisionInline(noModels)
  await two.configure(camera, setup)
  t.ok(await two.restore(camera, bytes))
  t.same(await feed(two, 18, 26), await feed(one, 18, 26))
  await two.configure(camera, { ...setup, dwellMs: { vending: 20_000 } })
  t.notOk(await two.restore(camera, bytes), 'another configuration')
  await two.configure(camera, setup)
  for (let cut = 0; cut < 40; cut++) {
    const damaged = bytes.slice(0, cut % 2 === 0 ? Math.floor((bytes.length * cut) / 40) : bytes.length)
    if (cut % 2 === 1)
      damaged[Math.floor((bytes.length * cut) / 41)] =
        ((damaged[Math.floor((bytes.length * cut) / 41)] ?? 0) + 97) & 255
    t.notOk(await two.restore(camera, damaged), `damaged ${cut}`)
  }
  t.same(
    (await feed(two, 0, 3)).map((facts) => facts?.statics.length),
    [0, 0, 0],
    'and starts fresh',
  )
})

t.test('a gap brings no evidence, and neither does time running backwards', async (t) => {
  const vision = await openVisionInline(noModels)
  await vision.configure(camera, setup)
  await feed(vision, 0, 5)
  vision.gap(camera)
  t.equal((await vision.watch(frameAt(300), []))?.dtMs, 0)
  t.equal((await vision.watch(frameAt(200), []))?.dtMs, 0)
  t.equal((await vision.watch(frameAt(201), []))?.dtMs, 1000)
  t.equal((await vision.watch(frameAt(241), []))?.dtMs, 4000, 'a long pause counts as the cap')
})

t.test('overload: one slot per camera, the newest wins; other cameras are served', async (t) => {
  const vision = await openVision({ ...noModels, workers: 1, log: silent })
  t.teardown(() => vision.close())
  const other = 'other' as CameraId
  await vision.configure(camera, setup)
  await vision.configure(other, { ...setup, camera: other })
  const burst = Array.from({ length: 6 }, (_, index) => vision.watch(frameAt(index), []))
  const beside = vision.watch({ ...frameAt(0), camera: other }, [])
  const facts = await Promise.all(burst)
  t.same(
    facts.map((one) => one !== null),
    [true, false, false, false, false, true],
  )
  t.ok((await beside) !== null)
})

t.test('faults have a code', async (t) => {
  const vision = await openVision({ ...noModels, workers: 1, log: silent })
  t.teardown(() => vision.close())
  await t.rejects(vision.watch(frameAt(0), []), { code: 'CAMERA_UNKNOWN' })
  await t.rejects(vision.configure(camera, { ...setup, calibration: { points: [] } }), { code: 'CALIBRATION_REFUSED' })
  await vision.configure(camera, { ...setup, widthPx: 640 })
  await t.rejects(vision.watch(frameAt(0), []), { code: 'FRAME_SIZE' })
  await t.rejects(openVision({ ...noModels, models: { objects: 'nowhere', plume: null }, workers: 1, log: silent }), {
    name: 'KerbError',
  })
})

/** Cart that comes from the left, leaves the stall and goes on to the right; 5 pictures a second. */
async function* cartLeavesStall(
  from: number,
  to: number,
  offAt: (index: number) => { readonly x: number; readonly y: number } = () => ({ x: 0, y: 0 }),
): AsyncGenerator<WatchFrame> {
  for (let index = from; index < to; index++) {
    const s = index / 5
    const left = Math.round(-60 + (s - 6) * 60)
    const cart: Patch = { left, top: 70, width: 60, height: 44, contrast: -70, seed: 9 }
    const patches = [...(s >= 9.5 ? [stall] : []), ...(left > -60 && left < 320 ? [cart] : [])]
    await Promise.resolve()
    yield frameAt(index, patches, 200, offAt(index))
  }
}

const howItCame = {
  kind: 'arrival',
  camera,
  box: stallBox,
  region: null,
  sinceMs: (startMs + 10_000) as EpochMs,
  dueMs: (startMs + 10_000) as EpochMs,
} as const

t.test('looking back: when it came, how long it took, and who passed', async (t) => {
  for (const open of [() => openVisionInline(noModels), () => openVision({ ...noModels, workers: 1, log: silent })]) {
    const vision = await open()
    t.teardown(() => vision.close())
    await vision.configure(camera, setup)
    await feed(vision, 0, 26, (index) => frameAt(index, index >= 10 ? [stall] : []))
    const facts = (await vision.lookBack(
      howItCame,
      cartLeavesStall(0, 100),
      AbortSignal.timeout(300_000),
    )) as ArrivalFacts
    t.equal(facts.kind, 'arrival')
    t.equal(facts.frames, 100)
    const arrivedS = ((facts.arrivedMs ?? 0) - startMs) / 1000
    // the cart hides the place from about 9 s to 10.5 s
    t.ok(arrivedS >= 9.4 && arrivedS <= 11.2, `arrived at ${arrivedS} s`)
    t.ok((facts.stepMs ?? 99_999) <= 1500, `step ${facts.stepMs} ms`)
    const best = facts.actors[0]
    t.match(best, { class: 'vehicle', entered: true })
    t.ok(best !== undefined && best.rank >= 0.6, `rank ${best?.rank}`)
    t.ok(best !== undefined && best.hid >= 0.4, `the cart hid the place in ${best?.hid} of its pictures`)
    t.equal(facts.vehiclesConsidered, 1)
  }
})

t.test('looking back from a mast that shakes tells the same', async (t) => {
  const vision = await openVisionInline(noModels)
  await vision.configure(camera, setup)
  await feed(vision, 0, 26, (index) => frameAt(index, index >= 10 ? [stall] : []))
  const gusts = (index: number) => ({ x: Math.round(11 * Math.sin(index)), y: Math.round(8 * Math.cos(1.7 * index)) })
  const shaken = cartLeavesStall(0, 100, gusts)
  const facts = (await vision.lookBack(howItCame, shaken, AbortSignal.timeout(300_000))) as ArrivalFacts
  const arrivedS = ((facts.arrivedMs ?? 0) - startMs) / 1000
  t.ok(arrivedS >= 9.4 && arrivedS <= 11.2, `arrived at ${arrivedS} s`)
  t.match(facts.actors[0], { class: 'vehicle', entered: true })
})

t.test('looking back at a place that always looked so tells no arrival', async (t) => {
  const vision = await openVisionInline(noModels)
  await vision.configure(camera, setup)
  await feed(vision, 0, 26, (index) => frameAt(index, index >= 10 ? [stall] : []))
  async function* still(): AsyncGenerator<WatchFrame> {
    for (let index = 0; index < 30; index++) {
      await Promise.resolve()
      yield frameAt(index, [stall], 200)
    }
  }
  const question = {
    kind: 'arrival',
    camera,
    box: stallBox,
    region: null,
    sinceMs: startMs as EpochMs,
    dueMs: startMs as EpochMs,
  } as const
  const facts = (await vision.lookBack(question, still(), AbortSignal.timeout(300_000))) as ArrivalFacts
  t.match(facts, { arrivedMs: null, stepMs: null, actors: [] })
})

t.test('a look back can be broken off', async (t) => {
  const vision = await openVision({ ...noModels, workers: 1, log: silent })
  t.teardown(() => vision.close())
  await vision.configure(camera, setup)
  const stop = new AbortController()
  async function* endless(): AsyncGenerator<WatchFrame> {
    for (let index = 0; ; index++) {
      if (index === 3) stop.abort(new Error('enough'))
      await Promise.resolve()
      yield frameAt(index)
    }
  }
  const question = {
    kind: 'arrival',
    camera,
    box: stallBox,
    region: null,
    sinceMs: startMs as EpochMs,
    dueMs: startMs as EpochMs,
  } as const
  await t.rejects(vision.lookBack(question, endless(), stop.signal), { message: 'enough' })
  t.ok((await vision.watch(frameAt(0), [])) !== null, 'and watching goes on')
})

t.test(
  'attendance: a person beside the thing counts, one across the street does not, and the hour before is the base',
  async (t) => {
    const detector: ObjectDetector = {
      name: 'scripted',
      sha256: '00',
      classes: ['person', 'vendor_stall'],
      detect: () => {
        const index = step
        const found: Detection[] = [{ box: [0.85, 0.1, 0.04, 0.2], class: 'person', score: 0.9 }]
        if (index < 6 && index % 2 === 0) found.push({ box: [0.5, 0.4, 0.06, 0.25], class: 'person', score: 0.9 })
        if (index >= 12)
          found.push(
            { box: [0.56, 0.4, 0.06, 0.25], class: 'person', score: 0.9 },
            { box: stallBox, class: 'vendor_stall', score: 0.8 },
          )
        return Promise.resolve(found)
      },
    }
    let step = 0
    const vision = new CameraVision(setup, { objects: detector, plume: null }, new ScratchPool())
    let last: Facts | null = null
    for (; step < 32; step++) last = await vision.watch(arrival(step), [], { busy: false })
    const one = last?.statics[0]
    t.ok(one !== undefined)
    t.ok((one?.classScores.vendor_stall ?? 0) > 0.7)
    t.ok((one?.attendedMs ?? 0) > 0.5 * (one?.seenMs ?? 0), `attended ${one?.attendedMs} of ${one?.seenMs}`)
    t.ok((one?.attendedBaseRatio ?? 1) < 0.6, `base ${one?.attendedBaseRatio}`)
    t.ok(last?.objects.every((object) => object.track !== null))
    t.ok(inRing([0.6, 0.65], stallBox, null))
    t.notOk(inRing([0.87, 0.3], stallBox, null))
  },
)

t.test('attendance bridges a person whom the network loses, but not for long', async (t) => {
  const log = new AttendanceLog()
  const at = (index: number, there: boolean) => {
    log.add({ atMs: index * 1000, dtMs: 1000, looked: [[0, 0, 1, 1]], feet: there ? [[0.5, 0.6]] : [] })
  }
  for (let index = 0; index < 40; index++) at(index, index % 8 === 0)
  const box: Box = [0.45, 0.4, 0.1, 0.2]
  t.equal(log.around(box, 0, 10_000, null).attendedMs, 33_000)
  t.equal(log.around(box, 0, 4_000, null).attendedMs, 5_000)
})

t.test('a person who waits is no thing', async (t) => {
  const detector: ObjectDetector = {
    name: 'scripted',
    sha256: '00',
    classes: ['person'],
    detect: () =>
      Promise.resolve([{ box: [0.43, 0.42, 0.13, 0.22], class: 'person', score: 0.8 }] satisfies Detection[]),
  }
  const vision = new CameraVision(setup, { objects: detector, plume: null }, new ScratchPool())
  let last: Facts | null = null
  for (let index = 0; index < 30; index++) last = await vision.watch(arrival(index), [], { busy: false })
  t.equal(last?.statics.length, 0)
})

t.test('tracker: two crossing people keep their names through missed frames and low scores', async (t) => {
  let state = startTracker
  const names = { left: new Set<string>(), right: new Set<string>() }
  for (let index = 0; index < 60; index++) {
    const s = index / 10
    const left: Detection = {
      box: [0.1 + 0.1 * s, 0.5, 0.05, 0.2],
      class: 'person',
      score: index % 7 === 3 ? 0.3 : 0.8,
    }
    const right: Detection = { box: [0.8 - 0.1 * s, 0.56, 0.05, 0.2], class: 'person', score: 0.8 }
    const seen = [...(index % 11 === 5 ? [] : [left]), right]
    const step = stepTracker(state, index * 100, seen, { light: false })
    state = step.state
    seen.forEach((one, at) => {
      const name = step.assigned[at]
      if (typeof name === 'string') names[one === left ? 'left' : 'right'].add(name)
    })
  }
  t.equal(names.left.size, 1)
  t.equal(names.right.size, 1)
  t.not([...names.left][0], [...names.right][0])
})

t.test(
  'a look back that is ended while its taker works gets no further picture, and does not wait for one',
  async (t) => {
    const feed = new FrameFeed()
    const taken: (number | undefined)[] = []
    const taker = (async () => {
      for await (const { index } of feed) {
        taken.push(index)
        feed.end() // as the box does when it stops in the middle of the work
      }
      return 'ended'
    })()
    await feed.push(frameAt(0))
    await feed.push(frameAt(1))
    const hung = new Promise((resolve) => setTimeout(resolve, 5_000, 'waits for ever').unref())
    t.equal(await Promise.race([taker, hung]), 'ended')
    t.same(taken, [0])
  },
)

t.test('the static time follows dwell and key frames', async (t) => {
  t.equal(staticMsFor({ vending: 120_000 }, 1000), 30_000)
  t.equal(staticMsFor({ vending: 120_000, spillage: 20_000 }, 1000), 10_000)
  t.equal(staticMsFor({ vending: 15_000 }, 4000), 24_000)
  t.equal(staticMsFor({ dust: 30_000 }, 1000), 30_000)
  const meter = new IntervalMeter()
  t.equal(meter.capMs, 4000)
  for (let k = 0; k < 9; k++) meter.add(k === 4 ? 60_000 : 4000)
  t.equal(meter.intervalMs, 4000)
  t.equal(meter.capMs, 6000)
})
