import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { EpochMs } from '../../contracts/base/index.js'
import { joinSegments, type WatchFrame } from './index.js'
import {
  bothBinaries,
  cyclicPlace,
  hasGstServer,
  indexHoles,
  makeClip,
  startGstServer,
  vclHashes,
  watchCamera,
} from './test-kit.js'

// Goal: what lies in the ring is what the camera sent, bit for bit, with exact times, for every stream a camera may send.
// Method: real ffmpeg (both binaries) against a server that is not ours; NAL units compared as in VIDEO.md §4.
t.setTimeout(300_000)
t.jobs = 7

const skip = (await hasGstServer()) ? false : 'no GStreamer RTSP server here'
const dir = t.testdir()
const clips = join(dir, 'clips')
const seconds = 6
const recipes = [
  { name: 'h264-gop05.mp4', seconds, gopS: 0.5 },
  { name: 'h264-gop2.mp4', seconds, gopS: 2 },
  { name: 'h265-gop2.mp4', seconds, gopS: 2, codec: 'h265' },
  { name: 'bframes.mp4', seconds, gopS: 1, bFrames: 2 },
  { name: 'odd.mp4', seconds, gopS: 1, size: '1366x768' },
  { name: 'pcma.mkv', seconds, gopS: 1, pcma: true },
] as const
const files: string[] = []
if (skip === false) for (const recipe of recipes) files.push(await makeClip(clips, recipe))
// With a password, so that the system binary reads its input from a script and the package binary from its arguments.
const password = "it's/secret"
const server =
  skip === false ? await startGstServer(['--auth', 'digest', '--user', 'kw', '--password', password, ...files]) : null
t.teardown(() => {
  server?.close()
})
const urlOf = (mount: number): string => (server?.urls[mount] ?? '').replace(/\/\/.*@/, '//kw@')

for (const ffmpeg of await bothBinaries())
  for (const [i, recipe] of recipes.entries()) {
    const title = `${recipe.name} with ${ffmpeg.origin === 'system' ? 'the system binary' : 'the package binary'}`
    t.test(`ring and join are bit-exact: ${title}`, { buffered: true, skip }, async (t) => {
      const codec = 'codec' in recipe ? recipe.codec : 'h264'
      const camera = await watchCamera({
        url: urlOf(i),
        password,
        dir: join(dir, `ring-${ffmpeg.origin}-${i}`),
        deps: { ffmpeg },
      })
      t.teardown(() => camera.close())
      t.ok(
        await camera.until(() => camera.segments.length >= 4 && camera.frames.length >= 3),
        'pictures and segments come',
      )
      const health = camera.source.health()
      await camera.close()
      t.equal(health.codec, codec)
      t.equal(camera.source.health().state, 'stopped')
      t.same(indexHoles(camera.segments), [])
      t.equal(camera.segments[0]?.index, 0)
      const times = camera.segments.map((segment) => [segment.fromMs, segment.toMs])
      t.same(
        times.slice(1).map(([from]) => from),
        times.slice(0, -1).map(([, to]) => to),
        'segments touch',
      )
      t.ok(camera.segments.every((segment) => segment.timeUsable && segment.codec === codec))
      t.same(camera.gaps, [])
      // Who joins in mid-GOP hears the decoder complain of what refers to pictures before it: the first picture may be marked for that.
      t.ok(camera.frames.slice(1).every((frame) => !frame.damaged))

      const source = await vclHashes(ffmpeg, files[i] ?? '', codec)
      const ring: string[] = []
      for (const segment of camera.segments) ring.push(...(await vclHashes(ffmpeg, segment.file, codec)))
      t.ok(ring.length >= 25 * 4, `${ring.length} coded pictures in the ring`)
      t.ok(cyclicPlace(source, ring) >= 0, 'a contiguous part of what the camera sent')
      const parts = await Promise.all(camera.segments.map((segment) => readFile(segment.file)))
      const joined = join(dir, `joined-${ffmpeg.origin}-${i}.mp4`)
      await writeFile(joined, joinSegments(parts))
      t.same(await vclHashes(ffmpeg, joined, codec), ring, 'the joined clip holds the same pictures')
    })
  }

t.test('a look back gives exact times, crop and rate, over segment borders', { buffered: true, skip }, async (t) => {
  const camera = await watchCamera({ url: urlOf(3), password, dir: join(dir, 'ring-look') })
  t.teardown(() => camera.close())
  t.ok(await camera.until(() => camera.segments.length >= 3))
  const [first, , third] = camera.segments
  const fromMs = ((first?.fromMs ?? 0) + 500) as EpochMs
  const toMs = ((third?.toMs ?? 0) - 500) as EpochMs
  const take = async (fps: number): Promise<WatchFrame[]> => {
    const frames: WatchFrame[] = []
    const request = { fromMs, toMs, fps, crop: [0.5, 0, 0.5, 0.5], widthPx: 64, heightPx: 36 } as const
    for await (const frame of camera.source.lookBack(request, new AbortController().signal)) frames.push(frame)
    return frames
  }
  const all = await take(Infinity)
  const steps = new Set(all.slice(1).map((frame, i) => Math.round(frame.mediaMs - (all[i]?.mediaMs ?? 0))))
  t.same([...steps], [40], 'every picture, 40 ms apart, B-frames and borders included')
  const onWall = all.slice(1).map((frame, i) => frame.wallMs - (all[i]?.wallMs ?? 0))
  t.ok(
    onWall.every((step) => Math.abs(step - 40) <= 2),
    'on the wall clock too, within its slew of 500 ppm a segment',
  )
  t.ok(Math.abs(all.length - (toMs - fromMs) / 40) <= 1)
  t.ok(all.every((frame) => frame.rgb.length === 64 * 36 * 3 && frame.pictureWidthPx === 160))
  const five = await take(5)
  t.ok(five.slice(1).every((frame, i) => Math.abs(frame.wallMs - (five[i]?.wallMs ?? 0) - 200) <= 1))
  await t.rejects(
    async () => {
      const gone = {
        fromMs: (fromMs - 9e6) as EpochMs,
        toMs: (fromMs - 8e6) as EpochMs,
        fps: 1,
        crop: null,
        widthPx: 64,
        heightPx: 36,
      }
      for await (const frame of camera.source.lookBack(gone, new AbortController().signal)) t.fail(String(frame.index))
    },
    { code: 'WINDOW_GONE' },
  )
})
