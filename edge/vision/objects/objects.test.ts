import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import t, { type Test } from 'tap'
import type { Box } from '../../../contracts/base/index.js'
import type { Picture } from '../types.js'
import { Candidates, suppress } from './candidates.js'
import { planDecoder, type OutputShape } from './decode.js'
import { openObjectDetector, openObjectModel } from './detector.js'
import { cutToPicture, fitRegion, toInput, toPicture } from './fit.js'
import { fileSha256, parseObjectManifest, type ObjectManifest } from './manifest.js'
import { Resizer } from './resize.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const ownFolder = join(root, 'models', 'objects-v1')

function noise(widthPx: number, heightPx: number, seed = 1): Picture {
  let x = seed
  const rgb = new Uint8Array(widthPx * heightPx * 3)
  for (let k = 0; k < rgb.length; k += 1) {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    rgb[k] = (x >>> 16) & 255
  }
  return { rgb, widthPx, heightPx }
}

function manifest(change: object = {}): ObjectManifest {
  return parseObjectManifest(
    {
      name: 'test-model',
      version: '1',
      role: 'objects',
      file: 'model.onnx',
      sha256: '0'.repeat(64),
      classes: ['person', 'car'],
      input: { widthPx: 64, heightPx: 64, layout: 'nhwc-uint8', fit: 'letterbox', order: 'rgb' },
      decoding: 'boxes-scores',
      class_map: { person: 'person', car: 'vehicle' },
      thresholds: { default: 0.3 },
      licence: 'Apache-2.0',
      ...change,
    },
    'model.json',
  )
}

t.test('fitting and its inverse', async (t) => {
  const side = fc.integer({ min: 2, max: 4000 })
  const unit = fc.double({ min: 0, max: 1, noNaN: true })
  const input = fc.record({
    widthPx: fc.constantFrom(32, 384, 416, 640),
    heightPx: fc.constantFrom(32, 384, 416),
    fit: fc.constantFrom('letterbox' as const, 'stretch' as const),
    place: fc.constantFrom('top_left' as const, 'centre' as const),
  })
  const region = fc.option(fc.tuple(unit, unit, unit, unit), { nil: null })
  const boxes = fc.tuple(unit, unit, unit, unit)
  fc.assert(
    fc.property(side, side, input, region, boxes, (widthPx, heightPx, input, region, box) => {
      const f = fitRegion({ widthPx, heightPx }, region, input)
      const back = toPicture(f, toInput(f, box))
      const inside =
        f.sourceX >= 0 &&
        f.sourceX + f.sourceWidth <= widthPx &&
        f.sourceY >= 0 &&
        f.sourceY + f.sourceHeight <= heightPx
      const onInput =
        f.targetX >= 0 && f.targetX + f.targetWidth <= input.widthPx && f.targetY + f.targetHeight <= input.heightPx
      return (
        inside &&
        onInput &&
        f.targetWidth >= 1 &&
        f.targetHeight >= 1 &&
        back.every((v, k) => Math.abs(v - (box[k] ?? NaN)) < 1e-9)
      )
    }),
    { numRuns: 500 },
  )
  t.same(cutToPicture([-0.5, 0.5, 1, 1]), [0, 0.5, 0.5, 0.5])
  t.equal(cutToPicture([1.1, 0, 0.5, 0.5]), null)
})

/** The same sampling written plainly, in floating point. */
function plainBilinear(p: Picture, f: ReturnType<typeof fitRegion>, x: number, y: number, c: number): number {
  const at = (v: number, source: number, target: number): number =>
    Math.min(Math.max(((v + 0.5) * source) / target - 0.5, 0), source - 1)
  const sx = at(x, f.sourceWidth, f.targetWidth)
  const sy = at(y, f.sourceHeight, f.targetHeight)
  const px = (ix: number, iy: number): number =>
    p.rgb[
      ((f.sourceY + Math.min(iy, f.sourceHeight - 1)) * p.widthPx + f.sourceX + Math.min(ix, f.sourceWidth - 1)) * 3 + c
    ] ?? NaN
  const [x0, y0] = [Math.floor(sx), Math.floor(sy)]
  const row = (iy: number): number => px(x0, iy) * (1 - (sx - x0)) + px(x0 + 1, iy) * (sx - x0)
  return row(y0) * (1 - (sy - y0)) + row(y0 + 1) * (sy - y0)
}

t.test('resizing', async (t) => {
  const input = { widthPx: 64, heightPx: 64, fit: 'stretch' as const, place: 'top_left' as const }
  t.test('enlarging is bilinear, at any alignment and up to the last byte', async (t) => {
    for (const [w, h] of [
      [41, 23],
      [40, 24],
      [2, 2],
      [63, 64],
    ] as const) {
      const whole = noise(w, h)
      const p = { ...whole, rgb: new Uint8Array([7, ...whole.rgb]).subarray(1) }
      const f = fitRegion(p, null, input)
      const out = new Uint8Array(64 * 64 * 3 + 2).fill(77)
      new Resizer().run(p, f, out, 0, 64 * 3)
      let worst = 0
      for (let k = 0; k < 64 * 64 * 3; k += 1) {
        const pixel = Math.floor(k / 3)
        const wanted = plainBilinear(p, f, pixel % 64, Math.floor(pixel / 64), k % 3)
        worst = Math.max(worst, Math.abs((out[k] ?? NaN) - wanted))
      }
      t.ok(worst <= 3, `${w}x${h}: at most 3 grey levels from the plain formula: ${worst}`)
      t.same([...out.subarray(64 * 64 * 3)], [77, 77], 'nothing behind the last pixel is touched')
    }
  })
  t.test('shrinking keeps flat colours, places and means', async (t) => {
    for (const [w, h] of [
      [90, 70],
      [128, 128],
      [640, 360],
      [301, 211],
    ] as const) {
      const p = { widthPx: w, heightPx: h, rgb: new Uint8Array(w * h * 3) }
      // a slope: red grows to the right, green downwards, blue is flat
      for (let y = 0; y < h; y += 1)
        for (let x = 0; x < w; x += 1) p.rgb.set([(x * 255) / (w - 1), (y * 255) / (h - 1), 50], (y * w + x) * 3)
      const f = fitRegion(p, null, input)
      const out = new Uint8Array(64 * 64 * 3)
      new Resizer().run(p, f, out, 0, 64 * 3)
      let worst = 0
      for (let y = 0; y < 64; y += 1)
        for (let x = 0; x < 64; x += 1) {
          const k = (y * 64 + x) * 3
          const off = [
            plainBilinear(p, f, x, y, 0) - (out[k] ?? NaN),
            plainBilinear(p, f, x, y, 1) - (out[k + 1] ?? NaN),
            50 - (out[k + 2] ?? NaN),
          ]
          worst = Math.max(worst, ...off.map(Math.abs))
        }
      // a quarter of a source pixel on this slope, and rounding; one pixel where whole pixels are averaged
      t.ok(worst <= 255 / (w < 130 ? w : 64) + 3, `${w}x${h}: ${worst}`)
    }
  })
  t.test('random regions of random pictures stay inside their buffers', async (t) => {
    const resizer = new Resizer()
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: 2, max: 90 }),
        fc.integer({ min: 0, max: 88 }),
        fc.integer({ min: 0, max: 88 }),
        (w, h, x, y) => {
          const p = noise(w, h)
          const f = fitRegion(p, [Math.min(x, w - 2) / w, Math.min(y, h - 2) / h, 0.5, 0.5], {
            ...input,
            fit: 'letterbox',
          })
          const out = new Uint8Array(64 * 64 * 3).fill(3)
          resizer.run(p, f, out, (f.targetY * 64 + f.targetX) * 3, 64 * 3)
          for (let row = 0; row < 64; row += 1)
            for (let k = (row < f.targetHeight ? f.targetWidth : 0) * 3; k < 64 * 3; k += 1)
              if (out[row * 192 + k] !== 3) return false
          return true
        },
      ),
      { numRuns: 200 },
    )
    t.pass()
  })
})

t.test('suppression works within a class only', async (t) => {
  const c = new Candidates(8)
  c.push(0, 0.9, 0, 0, 10, 10)
  c.push(0, 0.8, 1, 0, 11, 10)
  c.push(1, 0.7, 1, 0, 11, 10)
  c.push(0, 0.6, 30, 0, 40, 10)
  c.push(0, 0.95, 5, 5, 5, 9)
  c.push(0, 0.95, NaN, 0, 5, 9)
  t.equal(c.count, 4, 'empty and broken boxes are not taken')
  t.same(
    suppress(c, 0.5, (label) => label),
    [0, 2, 3],
  )
  t.same(
    suppress(c, 0.5, () => 0),
    [0, 3],
    'joined labels suppress each other',
  )
  t.same(
    suppress(c, 0.5, (label) => (label === 0 ? null : label)),
    [2],
  )
  for (let k = 0; k < 9; k += 1) c.push(0, 0.1, 0, 0, 1, 1)
  t.same([c.count, c.dropped], [8, 5], 'the buffer is bounded and says so')
})

/** Reads one output set through a decoder: [label, score, corners]. */
function read(m: ObjectManifest, shapes: OutputShape[], data: Float32Array[], scoreMin = 0.25): unknown[] {
  const decoder = planDecoder(m, shapes, 'model.onnx')
  const c = new Candidates(decoder.capacity)
  decoder.read(data, scoreMin, c)
  return Array.from({ length: c.count }, (_, k) => [
    c.labels[k],
    +(c.scores[k] ?? 0).toFixed(4),
    [...c.corners.subarray(k * 4, k * 4 + 4)].map((v) => +v.toFixed(3)),
  ])
}

t.test('decoders read outputs made by hand', async (t) => {
  const own = manifest()
  const scores = new Float32Array(5 * 2)
  const best = new Float32Array([0, 0, 0.9, 0, 0])
  scores.set([0.9, 0.5], 4)
  const boxes = new Float32Array(5 * 4)
  boxes.set([1, 2, 30, 40], 8)
  const shapes = [
    { name: 'boxes', shape: [1, 5, 4] },
    { name: 'scores', shape: [1, 5, 2] },
    { name: 'best', shape: [1, 5] },
  ]
  t.same(read(own, shapes, [boxes, scores, best]), [
    [0, 0.9, [1, 2, 30, 40]],
    [1, 0.5, [1, 2, 30, 40]],
  ])

  // 64 px: 8x8, 4x4, 2x2 cells; cell 64 + 5 is column 1, row 1 of stride 16
  const cells = 64 + 16 + 4
  const raw = new Float32Array(cells * 7)
  raw.set([0.5, 0.25, Math.log(2), Math.log(1), 0.8, 0.1, 0.5], (64 + 5) * 7)
  t.same(read(manifest({ decoding: 'yolox' }), [{ name: 'output', shape: [1, cells, 7] }], [raw]), [
    [1, 0.4, [8, 12, 40, 28]],
  ])

  const v8 = new Float32Array(6 * cells)
  ;[20, 30, 8, 10, 0.1, 0.7].forEach((v, row) => (v8[row * cells + 17] = v))
  t.same(read(manifest({ decoding: 'yolov8' }), [{ name: 'output0', shape: [1, 6, cells] }], [v8]), [
    [1, 0.7, [16, 25, 24, 35]],
  ])

  const counts = [64, 16, 4, 1]
  const pico = [...counts.map((n) => new Float32Array(n * 2)), ...counts.map((n) => new Float32Array(n * 32).fill(-50))]
  pico[1]?.set([0.6, 0.1], 6 * 2)
  // sides of 1, 0, 2 and 1 bins: one bin stands out on each side
  ;[1, 0, 2, 1].forEach((bin, side) => ((pico[5] ?? raw)[6 * 32 + side * 8 + bin] = 50))
  const picoShapes = [
    ...counts.map((n, k) => ({ name: `c${k}`, shape: [1, n, 2] })),
    ...counts.map((n, k) => ({ name: `r${k}`, shape: [1, n, 32] })),
  ]
  t.same(read(manifest({ decoding: 'picodet' }), picoShapes, pico), [[0, 0.6, [24, 24, 72, 40]]])

  for (const decoding of ['boxes-scores', 'yolox', 'yolov8', 'picodet'] as const)
    t.throws(() => planDecoder(manifest({ decoding }), [{ name: 'x', shape: [1, 3, 9] }], 'm.onnx'), {
      code: 'MODEL_SHAPE',
      message: /m\.onnx.*expected.*\[1, 3, 9\]/,
    })
})

t.test('outputs of any bytes never throw and stay within bounds', async (t) => {
  const m = manifest({ decoding: 'yolox' })
  fc.assert(
    fc.property(fc.array(fc.float(), { minLength: 84, maxLength: 84 }), (values) => {
      const raw = Float32Array.from({ length: 84 * 7 }, (_, k) => values[(k * 31) % 84] ?? 0)
      const found = read(m, [{ name: 'o', shape: [1, 84, 7] }], [raw], 0.01)
      return found.length <= 84
    }),
    { numRuns: 100 },
  )
  t.pass()
})

t.test('manifests: each fault names the file and the key', async (t) => {
  const faults: readonly [object, string, RegExp][] = [
    [{ sha256: 'abc' }, 'MODEL_MALFORMED', /model\.json.*sha256/],
    [{ thresholds: {} }, 'MODEL_MALFORMED', /default/],
    [{ file: '../x.onnx' }, 'MODEL_MALFORMED', /file/],
    [{ surprise: 1 }, 'MODEL_MALFORMED', /surprise/],
    [{ class_map: { car: 'spaceship' } }, 'MODEL_CLASS', /class_map\.car/],
    [{ class_map: { lorry: 'vehicle' } }, 'MODEL_CLASS', /lorry/],
    [{ thresholds: { default: 0.3, lorry: 0.2 } }, 'MODEL_CLASS', /lorry/],
  ]
  for (const [change, code, message] of faults) t.throws(() => manifest(change), { code, message }, code)
  fc.assert(
    fc.property(fc.anything(), (value) => {
      try {
        parseObjectManifest(value, 'model.json')
        return false
      } catch (fault) {
        return fault instanceof Error && fault.name === 'KerbError'
      }
    }),
    { numRuns: 200 },
  )
})

/** A copy of the shipped model whose manifest may be changed. */
async function copyOfOwn(t: Test, change: object): Promise<string> {
  const folder = t.testdir({})
  await copyFile(join(ownFolder, 'model.onnx'), join(folder, 'model.onnx'))
  const original = JSON.parse(await readFile(join(ownFolder, 'model.json'), 'utf8')) as object
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...original, ...change }))
  return folder
}

t.test('the shipped model', async (t) => {
  const model = await openObjectModel(ownFolder)
  t.teardown(() => model.close())
  t.equal(model.sha256, await fileSha256(join(ownFolder, 'model.onnx')))
  const picture = noise(640, 360)
  const [first, second] = await Promise.all([
    model.look(picture, null, 0.03),
    model.look(noise(640, 360, 9), null, 0.03),
  ])
  const again = await model.look(picture, null, 0.03)
  t.ok(first.length > 0, 'noise gives some weak boxes to compare')
  t.equal(JSON.stringify(first), JSON.stringify(again), 'looks asked at once do not mix, and a look is repeatable')
  t.not(JSON.stringify(first), JSON.stringify(second))
  for (const { box, score } of first)
    if (
      box[0] < 0 ||
      box[1] < 0 ||
      box[0] + box[2] > 1 + 1e-9 ||
      box[1] + box[3] > 1 + 1e-9 ||
      score < 0.03 ||
      score > 1
    )
      t.fail(`box outside the picture: ${JSON.stringify(box)} ${score}`)
  const region: Box = [0.5, 0.5, 0.25, 0.25]
  for (const { box } of await model.look(picture, region, 0.03))
    if (box[0] < 0.3 || box[1] < 0.3) t.fail(`a look at a region answers about it: ${JSON.stringify(box)}`)
  for (const d of await model.detect(picture, null)) t.ok(model.classes.includes(d.class))
  await t.rejects(model.detect({ ...picture, heightPx: 361 }, null), { code: 'MODEL_SHAPE' })
  await t.resolves(model.detect(picture, null), 'a refused picture does not stop the next one')
})

t.test('the exported network says what PyTorch said', async (t) => {
  const check = JSON.parse(await readFile(join(ownFolder, 'check.json'), 'utf8')) as Readonly<{
    size: number
    boxes_sum: number
    scores_sum: number
    boxes_head: readonly number[]
    scores_head: readonly number[]
  }>
  const session = await InferenceSession.create(join(ownFolder, 'model.onnx'), { intraOpNumThreads: 1 })
  t.teardown(() => session.release())
  const pixels = new Tensor('uint8', noise(check.size, check.size).rgb, [1, check.size, check.size, 3])
  const outputs = await session.run({ pixels })
  for (const [name, sum, head] of [
    ['boxes', check.boxes_sum, check.boxes_head],
    ['scores', check.scores_sum, check.scores_head],
  ] as const) {
    const data = outputs[name]?.data
    if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`)
    const found = data.reduce((a, b) => a + b, 0)
    t.ok(Math.abs(found - sum) <= 1e-4 * Math.abs(sum), `${name}: sum ${found}, PyTorch ${sum}`)
    const worst = Math.max(...head.map((v, k) => Math.abs(v - (data[k] ?? NaN)) / Math.max(1, Math.abs(v))))
    t.ok(worst < 1e-3, `${name}: worst difference of the first cells ${worst}`)
  }
})

t.test('a model that is not right is refused with one clear message', async (t) => {
  const input = (JSON.parse(await readFile(join(ownFolder, 'model.json'), 'utf8')) as { input: object }).input
  await t.rejects(openObjectDetector(t.testdir({})), { code: 'MODEL_MISSING', message: /models pull/ })
  await t.rejects(openObjectDetector(t.testdir({ 'model.json': '{' })), {
    code: 'MODEL_MALFORMED',
    message: /model\.json/,
  })
  await t.rejects(openObjectDetector(await copyOfOwn(t, { file: 'other.onnx' })), {
    code: 'MODEL_MISSING',
    message: /other\.onnx/,
  })
  await t.rejects(openObjectDetector(await copyOfOwn(t, { sha256: 'a'.repeat(64) })), {
    code: 'MODEL_DIGEST',
    message: /model\.onnx.*sha256/,
  })
  const small = { ...input, widthPx: 320, heightPx: 320 }
  await t.rejects(openObjectDetector(await copyOfOwn(t, { input: small })), {
    code: 'MODEL_SHAPE',
    message: /uint8 \[1, 320, 320, 3\]/,
  })
  const two = { classes: ['person', 'car'], class_map: { person: 'person' }, thresholds: { default: 0.3 } }
  await t.rejects(openObjectDetector(await copyOfOwn(t, two)), { code: 'MODEL_SHAPE', message: /2 classes/ })
  const junk = await copyOfOwn(t, {})
  await writeFile(join(junk, 'model.onnx'), 'not a network')
  const sha256 = await fileSha256(join(junk, 'model.onnx'))
  const own = JSON.parse(await readFile(join(ownFolder, 'model.json'), 'utf8')) as object
  await writeFile(join(junk, 'model.json'), JSON.stringify({ ...own, sha256 }))
  await t.rejects(openObjectDetector(junk), { code: 'MODEL_MALFORMED', message: /model\.onnx is not a network/ })
})
