import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { z } from 'zod'
import type { BurstFacts, Detection, ObjectDetector, PlumeClassifier } from '../types.js'
import { burstLookBack } from './burst.js'
import { openPlumeClassifier } from './classifier.js'
import { sampleOf, sampleShape } from './features.js'
import type { Act, Scene } from './fixture.js'
import { burstOf, question, scene } from './fixture.js'
import { fires, placesIn, windowsOf } from './places.js'
import { planesOfRgb } from './planes.js'
import type { BurstFrame, BurstInput } from './types.js'

const modelDir = fileURLToPath(new URL('../../../models/plume-v1', import.meta.url))
// Two shared cores may be busy with others.
t.setTimeout(180_000)
const signal = new AbortController().signal

function inputOf(place: Scene, fromS: number, change: Partial<BurstInput> = {}): BurstInput {
  return {
    question: question(place.box),
    frames: listed(burstOf(place, fromS, 5, 8)),
    background: place.background,
    ageOk: null,
    ignore: null,
    objects: [],
    detector: null,
    classifier: null,
    geometry: null,
    signal,
    ...change,
  }
}

const rendered = new Map<string, BurstFrame[]>()

/** The burst of one act; its pictures are drawn once for all tests. */
async function burst(act: Act, seed: number, classifier: PlumeClassifier | null): Promise<BurstFacts> {
  const place = scene(act, seed)
  const key = `${act} ${seed}`
  const frames = rendered.get(key) ?? []
  if (frames.length === 0) for (const frame of burstOf(place, 2, 5, 8)) frames.push(frame)
  rendered.set(key, frames)
  return burstLookBack(inputOf(place, 2, { classifier, frames: listed(frames) }))
}

async function* listed(frames: Iterable<BurstFrame>): AsyncGenerator<BurstFrame> {
  yield* frames
}

t.test('without a classifier the hand-written decision tells plumes from disturbances', async (t) => {
  for (const act of ['quiet', 'gain', 'shadow', 'fog', 'vehicle', 'lamp'] as const)
    t.equal(fires((await burst(act, 1, null)).scores), 0, act)
  for (const [act, kind] of [
    ['smoke', 'smoke'],
    ['dark_smoke', 'smoke'],
    ['dust', 'dust'],
    ['flame', 'flame'],
  ] as const)
    t.equal((await burst(act, 1, null)).scores[kind], 1, act)
})

t.test('measures of a burst', async (t) => {
  const smoke = await burst('smoke', 1, null)
  const place = scene('smoke', 1)
  t.equal(smoke.frames, 40)
  t.equal(smoke.toMs - smoke.fromMs, 4875)
  t.ok(smoke.anchored)
  t.ok(
    smoke.box[0] < place.box[0] + place.box[2] && smoke.box[0] + smoke.box[2] > place.box[0],
    'the box lies on the plume',
  )
  t.ok(
    smoke.opacity !== undefined && smoke.opacity.percent > 10 && smoke.opacity.percent < 55,
    `opacity ${smoke.opacity?.percent ?? -1}`,
  )
  t.equal(smoke.colour, 'grey')
  t.ok(smoke.globalRatio < 0.2)
  const fog = await burst('fog', 1, null)
  t.ok(fog.globalRatio > 0.8, 'fog is everywhere')
  const flame = await burst('flame', 1, null)
  t.ok(flame.flickerHz > 1.5 && flame.flameCells >= 2, `flicker ${flame.flickerHz} in ${flame.flameCells} cells`)
  const quiet = await burst('quiet', 1, null)
  t.same([quiet.flameCells, quiet.anchored, quiet.opacity], [0, false, undefined])
  const dust = await burst('dust', 1, null)
  t.equal(dust.colour, 'warm')
  t.ok(dust.driftX > 0.01, 'dust blows to the right')
})

t.test('a region of the picture gives the same answer in coordinates of the whole', async (t) => {
  const place = scene('smoke', 1)
  const region = [0.1, 0.1, 0.8, 0.8] as const
  async function* cut(): AsyncGenerator<{ wallMs: number; widthPx: number; heightPx: number; rgb: Uint8Array }> {
    for (const frame of burstOf(place, 2, 5, 8)) {
      const [w, h] = [256, 144]
      const rgb = new Uint8Array(w * h * 3)
      for (let y = 0; y < h; y += 1)
        rgb.set(frame.rgb.subarray(((y + 18) * 320 + 32) * 3, ((y + 18) * 320 + 32 + w) * 3), y * w * 3)
      yield { wallMs: frame.wallMs, widthPx: w, heightPx: h, rgb }
    }
  }
  const whole = await burstLookBack(inputOf(place, 2))
  const part = await burstLookBack(inputOf(place, 2, { question: { ...question(place.box), region }, frames: cut() }))
  t.equal(part.scores.smoke, whole.scores.smoke)
  const centre = (b: BurstFacts): readonly number[] => [b.box[0] + b.box[2] / 2, b.box[1] + b.box[3] / 2]
  for (const axis of [0, 1])
    t.ok(Math.abs((centre(part)[axis] ?? 0) - (centre(whole)[axis] ?? 0)) < 0.12, `axis ${axis}`)
})

t.test(
  'objects near the place are told in coordinates of the whole picture, and cells under vehicles are left out',
  async (t) => {
    const place = scene('smoke', 1)
    const seen: Detection[] = [
      { box: [0.4, 0.6, 0.1, 0.15], class: 'grill', score: 0.7 },
      { box: [0.9, 0, 0.05, 0.05], class: 'person', score: 0.9 },
    ]
    const detector: ObjectDetector = {
      name: 'fixed',
      sha256: '',
      classes: ['grill', 'person'],
      detect: async () => seen,
    }
    const near = await burstLookBack(inputOf(place, 2, { detector }))
    t.same(
      near.objects.map((o) => o.class),
      ['grill'],
      'what is far away is not part of the answer',
    )
    const hidden = await burstLookBack(
      inputOf(place, 2, { objects: [{ box: [0, 0, 1, 1], class: 'vehicle', score: 0.9 }] }),
    )
    t.equal(hidden.scores.smoke, 0)
  },
)

t.test('no frames, no background, abort', async (t) => {
  const place = scene('smoke', 1)
  const none = await burstLookBack(
    inputOf(place, 2, {
      frames: (async function* () {
        /* nothing recorded */
      })(),
    }),
  )
  t.same([none.frames, none.scores.none, none.anchored], [0, 1, false])
  const own = await burstLookBack(inputOf(place, 2, { background: null }))
  t.equal(own.frames, 40)
  const stopped = AbortSignal.abort(new Error('stop'))
  await t.rejects(burstLookBack(inputOf(place, 2, { signal: stopped })), /stop/)
})

t.test('places lie inside the picture and on the suspicion; windows are spread', async (t) => {
  for (const box of [
    [0, 0, 1, 1],
    [0.9, 0.9, 0.05, 0.05],
    [0.2, 0.5, 0.4, 0.1],
  ] as const) {
    const places = placesIn(box, 320, 180)
    t.ok(places.length >= 1 && places.length <= 20)
    t.ok(places.every((p) => p.x >= 0 && p.y >= 0 && p.x + p.w <= 320 && p.y + p.h <= 180))
  }
  const planes = scene('quiet', 1).background
  const windows = windowsOf(Array.from({ length: 40 }, (_, i) => ({ ms: i * 125, planes })))
  t.equal(windows.length, 3)
  t.ok(windows.every((w) => w.length === 8 && w.every((v, i) => i === 0 || v > (w[i - 1] ?? 0))))
  t.same(windowsOf([{ ms: 0, planes }]), [])
})

// The input is a formula, so that Python and TypeScript need no common picture; see `golden` in models/train/plume/train.py.
const goldenForm = z.object({
  step: z.number(),
  values: z.array(z.number()),
  sum: z.number(),
  probabilities: z.array(z.number()),
})

t.test('features and probabilities equal those of the training', async (t) => {
  const golden = goldenForm.parse(JSON.parse(await readFile(join(modelDir, 'golden.json'), 'utf8')))
  const picture = (
    value: (x: number, y: number, c: number) => number,
  ): { y: Float32Array; u: Float32Array; v: Float32Array } => {
    const out = { y: new Float32Array(4096), u: new Float32Array(4096), v: new Float32Array(4096) }
    for (let i = 0; i < 4096; i += 1) {
      const [r, g, b] = [0, 1, 2].map((c) => value(i % 64, i >> 6, c) % 256)
      const luminance = 0.299 * (r ?? 0) + 0.587 * (g ?? 0) + 0.114 * (b ?? 0)
      out.y[i] = luminance
      out.u[i] = 128 + 0.564 * ((b ?? 0) - luminance)
      out.v[i] = 128 + 0.713 * ((r ?? 0) - luminance)
    }
    return out
  }
  const still = (x: number, y: number, c: number): number => x * 3 + y * 2 + c * 40 + (Math.floor((x * y) / 16) % 37)
  const film = Array.from({ length: 8 }, (_, k) =>
    picture((x, y, c) => still(x, y, c) + k * 9 + ((x * (k + 3)) % 11) * 4),
  )
  const cells = sampleOf(film, picture(still))
  golden.values.forEach((value, i) => {
    const ours = cells[i * golden.step] ?? Number.NaN
    if (!(Math.abs(ours - value) < 2e-4)) t.fail(`cell value ${i * golden.step} is ${ours}, trained with ${value}`)
  })
  t.ok(Math.abs(cells.reduce((a, b) => a + b, 0) - golden.sum) < 1)
  const [scores] = await (await openPlumeClassifier(modelDir)).classify([cells])
  t.ok(scores)
  Object.values(scores ?? {}).forEach((score, i) =>
    t.ok(Math.abs(score - (golden.probabilities[i] ?? -1)) < 2e-3, `class ${i}`),
  )
})

t.test("the classifier: seeded composites of every class, none of them made by the training's machines", async (t) => {
  const classifier = await openPlumeClassifier(modelDir)
  t.match(classifier.name, /^plume@/)
  t.equal(classifier.sha256.length, 64)
  const scoreOf = async (act: Act): Promise<number> => fires((await burst(act, 1, classifier)).scores)
  for (const act of ['quiet', 'gain', 'shadow', 'vehicle'] as const) {
    const score = await scoreOf(act)
    t.ok(score < 0.7, `${act} ${score.toFixed(2)}`)
  }
  for (const act of ['smoke', 'dark_smoke', 'dust', 'flame'] as const) {
    const score = await scoreOf(act)
    t.ok(score > 0.7, `${act} ${score.toFixed(2)}`)
  }
})

t.test('many samples in one call, and a sample of the wrong length', async (t) => {
  const classifier = await openPlumeClassifier(modelDir)
  const length = sampleShape.reduce((a, b) => a * b, 1)
  const all = await classifier.classify(Array.from({ length: 37 }, (_, i) => new Float32Array(length).fill(i / 40)))
  t.equal(all.length, 37)
  t.ok(all.every((s) => Math.abs(s.none + s.smoke + s.dust + s.flame + s.steam - 1) < 1e-4))
  t.same(await classifier.classify([]), [])
  await t.rejects(classifier.classify([new Float32Array(5)]), { code: 'MODEL_SHAPE' })
})

t.test('a bad model folder gives one clear error', async (t) => {
  const text = await readFile(join(modelDir, 'model.json'), 'utf8')
  const folder = async (manifest: string, model?: Uint8Array): Promise<string> => {
    const dir = t.testdir({})
    await writeFile(join(dir, 'model.json'), manifest)
    if (model === undefined) await copyFile(join(modelDir, 'model.onnx'), join(dir, 'model.onnx'))
    else await writeFile(join(dir, 'model.onnx'), model)
    return dir
  }
  const changed = (change: (m: Record<string, unknown>) => void): string => {
    const m = JSON.parse(text) as Record<string, unknown>
    change(m)
    return JSON.stringify(m)
  }
  await t.rejects(openPlumeClassifier(join(t.testdir({}), 'absent')), { code: 'MODEL_MISSING', message: /model\.json/ })
  await t.rejects(openPlumeClassifier(await folder('{')), { code: 'MODEL_MANIFEST', message: /not JSON/ })
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['classes'] = ['smoke']
        }),
      ),
    ),
    { code: 'MODEL_MANIFEST', message: /classes/ },
  )
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['input'] = { name: 'cells', shape: [1, 2, 3], layout: 'frames, channels, rows, columns' }
        }),
      ),
    ),
    { code: 'MODEL_MANIFEST', message: /shape/ },
  )
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['sha256'] = '0'.repeat(64)
        }),
      ),
    ),
    { code: 'MODEL_HASH', message: /model\.onnx/ },
  )
  const junk = Buffer.from('not a network')
  const digest = createHash('sha256').update(junk).digest('hex')
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['sha256'] = digest
        }),
        junk,
      ),
    ),
    { code: 'MODEL_SHAPE' },
  )
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['input'] = { name: 'pixels', shape: [...sampleShape], layout: 'frames, channels, rows, columns' }
        }),
      ),
    ),
    { code: 'MODEL_SHAPE', message: /pixels/ },
  )
  await t.rejects(
    openPlumeClassifier(
      await folder(
        changed((m) => {
          m['file'] = '../model.onnx'
        }),
      ),
    ),
    { code: 'MODEL_MANIFEST' },
  )
  t.ok(existsSync(modelDir))
})

t.test('planes of RGB: grey stays neutral, area is averaged', async (t) => {
  const rgb = new Uint8Array(8 * 4 * 3).fill(100)
  const planes = planesOfRgb(rgb, 8, 4, 4, 2)
  t.ok(planes.y.every((v) => Math.abs(v - 100) < 1e-3) && planes.u.every((v) => Math.abs(v - 128) < 1e-3))
  t.same([planes.chromaWidthPx, planes.chromaHeightPx], [2, 1])
})
