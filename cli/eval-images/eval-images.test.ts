import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { averagePrecision, bootstrapAp, boxIou, isLabelled, judgePicture, summarise, type FoundBox } from './ap.js'
import { parseCoco } from './coco.js'
import { decodePicture, parsePpm } from './picture.js'
import type { Box } from '../../contracts/base/index.js'
import { openObjectModel } from '../../edge/vision/objects/index.js'

const root = fileURLToPath(new URL('../../', import.meta.url))

const labelled = new Set(['person'])
const person = (box: Box, ignore = false): { category: string; box: Box; ignore: boolean } => ({
  category: 'person',
  box,
  ignore,
})
const found = (score: number, box: Box, label = 'person'): FoundBox => ({ label, score, box })

/** Three persons in two pictures; the model finds two, gives one wrong box between them. */
const truth = [[person([0, 0, 10, 20]), person([50, 0, 10, 20])], [person([20, 20, 10, 20])]]
function apOf(boxes: readonly (readonly FoundBox[])[], name = 'person'): number {
  const parts = truth.map((tr, k) => judgePicture({ labelled, truth: tr, found: boxes[k] ?? [] }, name, 0.5))
  return summarise(parts, 0.5).ap50
}
const right = [[found(0.9, [0, 0, 10, 20]), found(0.6, [51, 0, 10, 20])], [found(0.8, [20, 21, 10, 20])]]

t.test('average precision on cases worked by hand', async (t) => {
  t.equal(apOf(right), 1, 'all found, nothing wrong')
  // 0.9 right, 0.7 wrong, 0.6 right, third never found: recall steps 1/3 at precision 1, 2/3 at 2/3 -> 1/3 + 1/3 * 2/3
  const wrong = [[found(0.9, [0, 0, 10, 20]), found(0.7, [80, 80, 10, 20]), found(0.6, [50, 0, 10, 20])], []]
  t.ok(Math.abs(apOf(wrong) - (1 / 3 + 2 / 9)) < 1e-12)
  const good = right.map((list) => [...list])
  good[0]?.push(found(0.95, [90, 90, 5, 5]))
  // the wrong box comes first: precision 1/2, 2/3, 3/4, whose envelope is 3/4 everywhere
  t.ok(Math.abs(apOf(good) - 0.75) < 1e-12, 'a wrong box lowers it')
  const shifted = right.map((list) => list.map((f) => ({ ...f, box: [f.box[0] + 8, f.box[1], 10, 20] as Box })))
  t.equal(apOf(shifted), 0, 'shifted boxes find nothing')
  t.equal(apOf([[], []]), 0)
  t.equal(averagePrecision([{ score: 1, right: true }], 0), 0)
  t.equal(
    averagePrecision(
      [
        { score: 0.5, right: true },
        { score: 0.5, right: false },
      ],
      1,
    ),
    0.5,
  )
  t.equal(
    averagePrecision(
      [
        { score: 0.5, right: false },
        { score: 0.5, right: true },
      ],
      1,
    ),
    0.5,
    'order of equal scores does not matter',
  )
})

t.test('matching', async (t) => {
  const twice = judgePicture(
    { labelled, truth: [person([0, 0, 10, 10])], found: [found(0.9, [0, 0, 10, 10]), found(0.8, [0, 0, 10, 7])] },
    'person',
    0.99,
  )
  t.same(
    twice.verdicts.map((v) => v.right),
    [true, false],
    'one truth box is found once',
  )
  const doubtful = judgePicture(
    { labelled, truth: [person([0, 0, 10, 10], true)], found: [found(0.9, [0, 0, 10, 10])] },
    'person',
    0.5,
  )
  t.same([doubtful.instances, doubtful.verdicts.length], [0, 0], 'an ignored box is neither missed nor false')
  const car = { category: 'vehicle', box: [0, 0, 10, 10] as Box, ignore: false }
  const words = ['car', 'van', 'truck', 'bus', 'vehicle']
  for (const word of words)
    t.equal(
      judgePicture({ labelled, truth: [car], found: [found(0.9, car.box, word)] }, 'vehicle', 0.5).verdicts[0]?.right,
      true,
      word,
    )
  const both = [found(0.9, car.box, 'car'), found(0.8, car.box, 'vehicle')]
  t.equal(
    judgePicture({ labelled, truth: [car], found: both }, 'vehicle', 0.5).verdicts.length,
    1,
    'two words for one thing are one box',
  )
  t.equal(
    judgePicture({ labelled, truth: [car], found: [found(0.9, car.box, 'person')] }, 'vehicle', 0.5).verdicts.length,
    0,
  )
  t.ok(isLabelled(new Set(['car', 'truck', 'bus']), 'vehicle'))
  t.notOk(isLabelled(new Set(['car', 'truck']), 'vehicle'))
  t.ok(Math.abs(boxIou([0, 0, 2, 2], [1, 0, 2, 2]) - 1 / 3) < 1e-12)
})

t.test('recall, precision and interval', async (t) => {
  const parts = truth.map((tr, k) => judgePicture({ labelled, truth: tr, found: right[k] ?? [] }, 'person', 0.5))
  const result = summarise(parts, 0.7)
  t.same([result.recall, result.precision, result.instances], [2 / 3, 1, 3])
  t.equal(summarise([], 0.5).precision, null)
  const many = Array.from({ length: 40 }, (_, k) => ({
    instances: 1,
    verdicts: [{ score: 0.5 + k / 100, right: k % 2 === 0 }],
    truths: [],
  }))
  const [low, high] = bootstrapAp(many, 200, 3)
  const middle = averagePrecision(
    many.flatMap((p) => p.verdicts),
    40,
  )
  t.ok(low < middle && middle < high && low > 0, `${low} < ${middle} < ${high}`)
})

t.test('COCO files: whose list of labelled classes counts, and what is refused', async (t) => {
  const base = {
    categories: [
      { id: 1, name: 'person' },
      { id: 2, name: 'car' },
    ],
    images: [
      { id: 7, file_name: 'a.jpg', width: 10, height: 10 },
      { id: 8, file_name: 'b.jpg', labelled: ['car'] },
    ],
    annotations: [{ image_id: 7, category_id: 1, bbox: [1, 2, 3, 4], iscrowd: 1 }],
  }
  const [a, b] = parseCoco({ ...base, info: { exhaustively_labelled: ['person', 'car'] } }, 'x')
  t.same([[...(a?.labelled ?? [])], [...(b?.labelled ?? [])]], [['person', 'car'], ['car']])
  t.same(a?.truth, [{ category: 'person', box: [1, 2, 3, 4], ignore: true }])
  t.same([...(parseCoco(base, 'x')[0]?.labelled ?? [])], ['person'], 'without any list: what occurs')
  t.throws(() => parseCoco({ ...base, images: 3 }, 'x.json'), { code: 'COCO_MALFORMED', message: /x\.json.*images/ })
  const stray = [{ image_id: 7, category_id: 9, bbox: [1, 2, 3, 4] }]
  t.throws(() => parseCoco({ ...base, annotations: stray }, 'x'), { code: 'COCO_MALFORMED' })
})

t.test('pictures', async (t) => {
  const bytes = new Uint8Array([...new TextEncoder().encode('P6\n2 1\n255\n'), 1, 2, 3, 250, 251, 252])
  t.same([...parsePpm(bytes).rgb], [1, 2, 3, 250, 251, 252])
  t.throws(() => parsePpm(bytes.subarray(0, 14)), { code: 'PICTURE_UNREADABLE' })
  t.throws(() => parsePpm(new TextEncoder().encode('P5\n2 1\n255\n')), { code: 'PICTURE_UNREADABLE' })
  const folder = t.testdir({ 'bad.jpg': 'no picture' })
  await writeFile(join(folder, 'good.ppm'), bytes)
  t.same(await decodePicture(join(folder, 'good.ppm')), {
    rgb: new Uint8Array([1, 2, 3, 250, 251, 252]),
    widthPx: 2,
    heightPx: 1,
  })
  await t.rejects(decodePicture(join(folder, 'bad.jpg')), { code: 'PICTURE_UNREADABLE', message: /bad\.jpg/ })
})

const shared = join(root, '..', 'shared', 'data')
const weights = join(shared, 'teachers', 'yolox_nano_416.onnx')
const absent = existsSync(weights) ? false : 'the upstream weights are not on this machine'

t.test('an upstream YOLOX drops in by its manifest alone', { skip: absent }, async (t) => {
  const catalogue = JSON.parse(await readFile(join(root, 'models', 'catalogue.json'), 'utf8')) as {
    models: { manifest: { file: string } }[]
  }
  const yolox = catalogue.models[0]?.manifest
  const folder = t.testdir({})
  await mkdir(join(folder, 'pulled'))
  await copyFile(weights, join(folder, 'pulled', yolox?.file ?? ''))
  await writeFile(join(folder, 'pulled', 'model.json'), JSON.stringify(yolox))
  const model = await openObjectModel(folder)
  t.teardown(() => model.close())
  const picture = await decodePicture(join(shared, 'images', 'street_kitti', 'street_kitti_0003.jpg'))
  const found = await model.detect(picture, null)
  t.ok(
    found.some((d) => d.class === 'vehicle' && d.score > 0.4),
    JSON.stringify(found),
  )
})
