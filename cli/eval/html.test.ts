import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import t from 'tap'
import type { Box } from '../../contracts/base/index.js'
import type { TruthEvent } from '../../contracts/truth.js'
import { probeFfmpeg } from '../../edge/capture/index.js'
import { pictureCountMax } from './html-figures.js'
import { htmlOf } from './html.js'
import { matchClip } from './match.js'
import type { Told } from './match.js'
import { jpegAt } from './picture.js'
import { makeReport, tableOf } from './report.js'
import type { ClipResult, EvalReport } from './report.js'
import { sizeBinOf } from './size.js'

const box: Box = [0.4, 0.5, 0.2, 0.3]
const event: TruthEvent = { cause: ['vending'], from_s: 10, to_s: 50, box, optional: false }
const told: Told = { cause: 'vending', confirmedS: 25, firstS: 10, lastS: 50, box, reasons: ['stall_seen'], confidence: 0.7 } // prettier-ignore
const far: Told = { ...told, cause: 'dust', box: [0, 0, 0.03, 0.03], reasons: ['<b>'] }
const fallen = { ...told, state: 'refuted', reasons: ['parked_vehicle'], confirmedS: 20 }

function result(part: { clip?: string; events?: TruthEvent[]; tolds?: Told[]; unconfirmed?: ClipResult['unconfirmed']; watchPx?: ClipResult['watchPx'] } = {}): ClipResult {
  const { clip = 'a', events = [], tolds = [], unconfirmed = [], watchPx = [640, 360] } = part
  return { clip, conditions: ['day'], events, matched: matchClip(events, tolds), unconfirmed, watchPx, watchedS: 60, frames: 60, elapsedMs: 600, error: null }
} // prettier-ignore
const about = { models: { objects: 'abc' }, interval_s: 1, shift_s: 0, without: [] }
const report = (...results: ClipResult[]): EvalReport => makeReport(results, about)
const jpeg = async (): Promise<Uint8Array> => new Uint8Array([255, 216])

t.test('the report counts by cause, condition and size, with delay and splits', async (t) => {
  const made = report(
    result({ events: [event], tolds: [told, { ...told, confirmedS: 40 }] }),
    result({ clip: 'b', events: [{ ...event, box: [0.4, 0.5, 0.02, 0.3] }], tolds: [far] }),
  )
  t.match(made, { events: 2, found: 1, splits: 1, split_rate: { rate: 1 }, delay_s: { mean: 15, median: 15, max: 15 }, mean_delay_s: 15 }) // prettier-ignore
  t.match(made.per_size, { '64-128px': { events: 1, found: 1, false_alarms: 0 }, '<16px': { events: 1, found: 0, false_alarms: 1 } }) // prettier-ignore
  t.same(Object.keys(made.per_size).sort(), ['64-128px', '<16px'], 'empty bins are left out')
  t.match(made.per_cause.vending, { events: 2, found: 1, precision: 1, split_rate: { rate: 1 }, delay_s: { max: 15 } })
  t.match(made.per_cause.dust, { events: 0, false_alarms: 1, precision: 0, split_rate: null, delay_s: null })
  t.match(made.per_condition, { day: { events: 2, watched_s: 120, false_alarms_per_hour: { rate: 30 } } })
  t.equal(sizeBinOf([0, 0, 0.025, 1], [640, 360]), '16-32px', 'a bound belongs to the larger bin')
  t.equal(sizeBinOf([0, 0, 1, 1], [640, 360]), '>=128px')
  t.equal(sizeBinOf(box, null), 'unknown')
})

t.test('a picture of every miss and every false alarm, small things twice', async (t) => {
  const asked: string[] = []
  const made = report(result({ events: [event], tolds: [far], unconfirmed: [fallen, { ...fallen, box: [0, 0, 0.1, 0.1], reasons: ['elsewhere'] }] })) // prettier-ignore
  const html = await htmlOf(made, async (clip, second, part) => {
    asked.push(`${clip}@${second}${part ? ' part' : ''}`)
    return jpeg()
  })
  t.same(asked, ['a@30', 'a@25', 'a@25 part'])
  t.equal(html.split('data:image/jpeg;base64,/9g=').length - 1, 3)
  t.match(html, 'class="box truth" style="left:40.00%;top:50.00%;width:20.00%;height:30.00%"')
  t.match(html, /parked_vehicle/, 'the reason of the suspicion that fell')
  t.notMatch(html, /elsewhere/)
  t.match(await htmlOf(report(result({ events: [event] })), jpeg), /从未产生疑点/)
  t.match(await htmlOf(report(result({ events: [event], tolds: [told] })), jpeg), /没有漏报/)
})

t.test('one file: nothing fetched, nothing executed, both languages, foreign words are no markup', async (t) => {
  const html = await htmlOf(report(result({ clip: '<script>x</script>', tolds: [far] })), jpeg)
  t.notMatch(html, /<script|<link|@import|url\(|https?:/)
  t.match(html, /&#60;script/)
  t.match(html, /&#60;b&#62;/)
  t.match(html, /lang="zh-CN"/)
  const zh = html.split('<span lang="zh-CN">').length
  t.equal(html.split('<span lang="en">').length, zh, 'every text stands there in both languages')
  const shifted = makeReport([{ ...result(), error: 'gave up' }], { ...about, shift_s: 9 })
  t.match(await htmlOf(shifted, jpeg), /gave up/)
  t.match(await htmlOf(shifted, jpeg), /Truth was moved/)
  t.match(tableOf(shifted), /NOT WATCHED/)
})

t.test('a bad run stays a file that opens: pictures are bounded and the rest is counted', async (t) => {
  let pictures = 0
  const many = Array.from({ length: pictureCountMax + 7 }, (_, index) => result({ clip: `c${index}`, events: [event] }))
  const html = await htmlOf(report(...many), async () => {
    pictures += 1
    return jpeg()
  })
  assert.equal(pictures, pictureCountMax)
  t.match(html, /to bound the file: <\/span>7</)
  t.equal(html.split('<figure>').length - 1, pictureCountMax + 7)
})

t.test('pictures of a clip: whole, a part, past its end, and none of what is no clip', async (t) => {
  const { path } = await probeFfmpeg(null)
  const file = `${t.testdir()}/a.mp4`
  execFileSync(path, ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=640x360:rate=5', '-t', '2', file])
  /** Width and height from the JPEG's start of frame. */
  const sizeOf = (jpeg: Uint8Array | null): readonly [number, number] => {
    assert.ok(jpeg)
    const bytes = Buffer.from(jpeg)
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]))
    return [bytes.readUInt16BE(frame + 7), bytes.readUInt16BE(frame + 5)]
  }
  t.same(sizeOf(await jpegAt(path, file, 1, null)), [480, 270])
  t.same(sizeOf(await jpegAt(path, file, 1, [0.5, 0.5, 0.25, 0.5])), [240, 270])
  t.same(sizeOf(await jpegAt(path, file, 2.6, null)), [480, 270], 'the last picture, where truth reaches past the end')
  t.equal(await jpegAt(path, file, 60, null), null)
  t.equal(await jpegAt(path, `${file}.none`, 1, null), null)
})
