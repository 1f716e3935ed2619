import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { probeFfmpeg } from '../../../edge/capture/index.js'
import { readSet } from '../read-set.js'
import { bounced } from './background.js'
import { ellipse, fill } from './canvas.js'
import type { Picture } from './canvas.js'
import { diceOf } from './dice.js'
import { disturbanceNames, disturbanceOf } from './disturb.js'
import { restoreNearer } from './foreground.js'
import { scaleOfMast, scaleOfPlane, spotAt } from './ground.js'
import { composeSet } from './index.js'
import type { ComposeOptions } from './index.js'
import { placeFor } from './place.js'
import { planSet, stories } from './plan.js'
import { drawPlume, smoke } from './plume.js'
import { viewOf } from './view.js'

const grey = (widthPx: number, heightPx: number, level: (x: number, y: number) => number): Picture => {
  const rgb = new Uint8Array(widthPx * heightPx * 3)
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) rgb.fill(level(x, y), (y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3)
  return { rgb, widthPx, heightPx }
}
const levelAt = ({ rgb, widthPx }: Picture, x: number, y: number): number => rgb[(y * widthPx + x) * 3 + 1] ?? -1

t.test('the same dice fall the same way, and other names other ways', async (t) => {
  const throws = (seed: string): number[] => Array.from({ length: 5 }, (() => { const dice = diceOf(seed); return () => dice.next() })()) // prettier-ignore
  t.same(throws('a'), throws('a'))
  t.notSame(throws('a'), throws('b'))
  const [early, late] = [diceOf('a'), diceOf('a')]
  late.next()
  t.equal(early.named('x').next(), late.named('x').next(), 'named dice do not depend on what was thrown before')
  const many = Array.from({ length: 4000 }, (() => { const dice = diceOf('mean'); return () => dice.next() })()) // prettier-ignore
  t.ok(Math.abs(many.reduce((a, b) => a + b, 0) / many.length - 0.5) < 0.02)
})

t.test('polygons cover their own area, with smooth edges, and are cut at the border', async (t) => {
  const picture = grey(40, 40, () => 0)
  fill(picture, [[10.25, 10.5], [20.25, 10.5], [20.25, 20.5], [10.25, 20.5]], { colour: [200, 200, 200] }) // prettier-ignore
  let sum = 0
  for (let i = 1; i < picture.rgb.length; i += 3) sum += (picture.rgb[i] ?? 0) / 200
  t.ok(Math.abs(sum - 100) < 1, `area 100, got ${sum}`)
  t.equal(levelAt(picture, 10, 15), 150, 'three quarters of a pixel')
  fill(picture, ellipse([0, 0], 100, 100), { colour: [0, 0, 0], shade: 0.5 })
  t.equal(levelAt(picture, 15, 15), 100, 'a shade keeps what is below')
  fill(picture, [[-50, -50], [-20, -50], [-20, -20]], { colour: [9, 9, 9] }) // prettier-ignore
  t.equal(levelAt(picture, 0, 0), 0, 'outside')
})

t.test('a plume veils the pattern below it and comes from its source', async (t) => {
  const stripes = (): Picture => grey(160, 120, (x) => (x % 8 < 4 ? 40 : 160))
  const spot = { xPx: 80, yPx: 110, pxPerM: 24 }
  const drawn = stripes()
  drawPlume(drawn, spot, 0.5, smoke, 8, 60, [1, 1, 1], 7)
  const contrast = (picture: Picture, x: number, y: number): number =>
    Math.abs(levelAt(picture, x, y) - levelAt(picture, x + 4, y))
  const columns = [72, 74, 80, 82]
  const mean = (y: number): number => columns.reduce((all, x) => all + contrast(drawn, x, y), 0) / columns.length
  t.ok(mean(88) < 100, `contrast above the source falls from 120 to ${mean(88)}`)
  t.equal(contrast(drawn, 4, 115), contrast(stripes(), 4, 115), 'far below nothing changes')
  const again = stripes()
  drawPlume(again, spot, 0.5, smoke, 8, 60, [1, 1, 1], 7)
  t.same(drawn.rgb, again.rgb)
  const before = stripes()
  drawPlume(before, spot, 0.5, smoke, 70, 60, [1, 1, 1], 7)
  t.same(before.rgb, stripes().rgb, 'when the source has stopped the air clears')
})

t.test('sizes come from the calibration', async (t) => {
  // A camera 6 m up, tilted by 20 degrees, 60 degrees wide, at 640x360: DETECTION.md §2.
  const scale = scaleOfPlane({ height_m: 6, tilt_deg: 20, hfov_deg: 60 }, 640, 360)
  assert.ok(scale)
  const spot = spotAt(scale, [0.5, 0.5], 640, 360)
  const slantM = 6 / Math.sin((20 * Math.PI) / 180)
  t.ok(Math.abs(spot.pxPerM / (554.3 / slantM) - 1) < 0.1, `${spot.pxPerM} px a metre in the middle`)
  t.equal(scaleOfPlane(null, 640, 360), null)
  t.ok(spotAt(scaleOfMast(0.2, 5), [0.5, 0.9], 640, 360).pxPerM > spotAt(scaleOfMast(0.2, 5), [0.5, 0.6], 640, 360).pxPerM) // prettier-ignore
})

t.test('what is nearer comes back in front, what is behind does not', async (t) => {
  const empty = grey(96, 64, () => 100)
  const source = grey(96, 64, (x, y) => ((x >= 8 && x < 32 && y >= 8 && y < 60) || (x >= 56 && x < 80 && y >= 8 && y < 30) ? 200 : 100)) // prettier-ignore
  const drawn = grey(96, 64, () => 20)
  restoreNearer(drawn, source.rgb, empty.rgb, 40)
  t.equal(levelAt(drawn, 20, 20), 200, 'it reaches below the foot')
  t.equal(levelAt(drawn, 68, 20), 20, 'it stays above the foot')
  t.equal(levelAt(drawn, 45, 20), 20, 'empty ground')
})

t.test('a view: its empty picture, where things move, whether it stands still', async (t) => {
  const pattern = (x: number, y: number): number => 90 + 60 * Math.sin(x * 0.7) * Math.cos(y * 0.5)
  const still = await viewOf(20, async (i) => grey(128, 96, (x, y) => (x > 90 && Math.abs(y - i * 4) < 6 ? 250 : pattern(x, y)))) // prettier-ignore
  t.ok(
    Math.abs((still.empty[(40 * 128 + 100) * 3] ?? 0) - Math.trunc(pattern(100, 40))) < 2,
    'what passes is not there',
  )
  t.equal(still.driftPx, 0)
  const drifting = await viewOf(20, async (i) => grey(128, 96, (x, y) => pattern(x - i * 0.45, y)))
  t.ok(drifting.driftPx > 2, `drift ${drifting.driftPx}`)
  const scale = scaleOfMast(0.1, 4)
  const meanX = (wanted: 'calm' | 'busy'): number => Array.from({ length: 20 }, (_, i) => placeFor(wanted, still, scale, diceOf(`p${i}`))[0]).reduce((a, b) => a + b, 0) / 20 // prettier-ignore
  t.ok(meanX('busy') > meanX('calm') + 0.08, `${meanX('busy')} and ${meanX('calm')}`)
})

t.test('the plan is fair and repeats itself', async (t) => {
  const plan = planSet(42, 5, 3, [])
  t.same(plan, planSet(42, 5, 3, []))
  t.notSame(plan, planSet(42, 5, 4, []))
  t.equal(new Set(plan.map(({ name }) => name)).size, 42)
  for (const story of Object.keys(stories)) t.equal(new Set(plan.filter((each) => each.story === story).map(({ background }) => background)).size, 3, `${story} on three backgrounds`) // prettier-ignore
  t.same(new Set(Object.values(stories).map(({ act }) => act)), new Set(['vending', 'grilling', 'spillage', 'dust', null])) // prettier-ignore
  t.same([0, 1, 2, 3, 4, 5, 6].map((index) => bounced(index, 4)), [0, 1, 2, 3, 2, 1, 0]) // prettier-ignore
  t.equal(bounced(9, 1), 0)
})

t.test('every disturbance changes a picture, the same way each time', async (t) => {
  for (const name of disturbanceNames) {
    const of = (): Picture[] =>
      [3, 8, 13, 31, 64, 90].map((atS) => {
        const picture = grey(64, 48, (x, y) => (x * 7 + y * 5) % 200)
        disturbanceOf(name, diceOf('d'))(picture, atS)
        return picture
      })
    t.same(of(), of(), `${name} repeats itself`)
    const plain = grey(64, 48, (x, y) => (x * 7 + y * 5) % 200)
    t.ok(of().some(({ rgb }) => Buffer.compare(rgb, plain.rgb) !== 0), `${name} does something`) // prettier-ignore
  }
})

t.test('a set: truth that eval reads, twins that differ by the act alone, the same bytes again', async (t) => {
  const ffmpeg = await probeFfmpeg(null)
  const dir = t.testdir({ backgrounds: {} })
  const backgrounds = join(dir, 'backgrounds')
  const make = (name: string, ...args: string[]): void => void execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args, join(backgrounds, name)]) // prettier-ignore
  make('still.png', '-f', 'lavfi', '-i', 'mandelbrot=size=240x136', '-frames:v', '1')
  make('clip.mp4', '-f', 'lavfi', '-i', 'mandelbrot=size=240x136:end_scale=0.3:end_pts=1', '-t', '2', '-vf', 'loop=50:1:0')
  const truth = { clip: 'act.mp4', origin: 'x', licence: 'x', camera: { tz: 'Asia/Shanghai', starts_at: '2026-03-02T10:00:00+08:00' }, events: [{ cause: 'dust', from_s: 0, to_s: 1, box: [0, 0, 1, 1] }] } // prettier-ignore
  make('act.mp4', '-f', 'lavfi', '-i', 'mandelbrot=size=240x136', '-t', '1')
  writeFileSync(join(backgrounds, 'act.truth.json'), JSON.stringify(truth))
  const said: string[] = []
  const options: ComposeOptions = { backgrounds, out: join(dir, 'a'), seed: 5, count: 3, only: ['grilling', 'spillage', 'steam'], leadS: 2, actS: 12, widthPxMax: 240, kbps: 600, horizon: 0.05, cameraHeightM: 3, ffmpeg, signal: new AbortController().signal, say: (line) => said.push(line) } // prettier-ignore
  await composeSet(options)
  t.ok(said.some((line) => /act\.mp4 is left out/.test(line)), said.join('\n')) // prettier-ignore
  const set = await readSet(options.out, [])
  t.same(set.map(({ name, truth }) => [name, ...truth.events.flatMap(({ cause }) => cause)]), [['grilling-01', 'grilling'], ['spillage-01', 'spillage'], ['steam-01']]) // prettier-ignore
  t.same(readdirSync(join(options.out, 'twins')).sort(), ['grilling-01.mp4', 'grilling-01.truth.json', 'spillage-01.mp4', 'spillage-01.truth.json']) // prettier-ignore
  t.same((await readSet(join(options.out, 'twins'), [])).flatMap(({ truth }) => truth.events), [])

  const frameOf = (file: string, atS: number): Uint8Array => execFileSync(ffmpeg.path, ['-v', 'error', '-ss', String(atS), '-i', file, '-frames:v', '1', '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-']) // prettier-ignore
  const { truth: grill, file } = set[0] ?? assert.fail()
  const twin = join(options.out, 'twins', 'grilling-01.mp4')
  const changedShare = (atS: number, [x, y, w, h]: readonly number[]): number => {
    const [a, b] = [frameOf(file, atS), frameOf(twin, atS)]
    let [changed, all] = [0, 0]
    for (let row = Math.ceil((y ?? 0) * 136); row < ((y ?? 0) + (h ?? 0)) * 136; row++)
      for (let column = Math.ceil((x ?? 0) * 240); column < ((x ?? 0) + (w ?? 0)) * 240; column++) {
        const index = (Math.min(135, row) * 240 + Math.min(239, column)) * 3 + 1
        changed += Math.abs((a[index] ?? 0) - (b[index] ?? 0)) > 24 ? 1 : 0
        all += 1
      }
    return changed / all
  }
  const [event = assert.fail()] = grill.events
  t.ok(changedShare(1, [0, 0, 1, 1]) < 0.005, 'before the act both are the same')
  t.ok(changedShare(13, event.box) > 0.03, `in the truth box ${changedShare(13, event.box)} of the pixels differ`)

  await composeSet({ ...options, out: join(dir, 'b') })
  await composeSet({ ...options, out: join(dir, 'c'), seed: 6, count: 1 })
  const bytes = (set: string, name: string): Buffer => readFileSync(join(dir, set, name))
  for (const name of ['grilling-01.mp4', 'spillage-01.mp4', 'twins/spillage-01.mp4', 'grilling-01.truth.json', 'compose.json'])
    t.ok(bytes('a', name).equals(bytes('b', name)), `${name} again, byte for byte`)
  t.notOk(bytes('a', 'grilling-01.mp4').equals(bytes('c', 'grilling-01.mp4')), 'another seed, another clip')
  t.notOk(readdirSync(options.out).includes('.work'), 'raw pictures are gone')

  await t.rejects(composeSet(options), { code: 'OUT_NOT_EMPTY' })
  await t.rejects(composeSet({ ...options, only: ['flood'] }), { code: 'STORY_UNKNOWN', message: /vending/ })
  await t.rejects(composeSet({ ...options, backgrounds: join(dir, 'none'), out: join(dir, 'd') }), { code: 'BACKGROUNDS_EMPTY' })
}) // prettier-ignore
