import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, link, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { lookBackGate, openClip, openRing, probeFfmpeg, type Segment } from './index.js'
import { movflags } from './watch-args.js'
import { indexHoles, makeClip, watchCamera } from './test-kit.js'

// Goal: the disk is bounded, nothing recorded is lost by a crash or a full disk, and a file works as a camera.
t.setTimeout(240_000)
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const dir = t.testdir()
const ffmpeg = await probeFfmpeg(null)
const clip = await makeClip(join(dir, 'clips'), { name: 'a.mp4', seconds: 8, gopS: 1 })
const model = join(dir, 'model.mp4')
execFileSync(ffmpeg.path, [
  '-v',
  'error',
  '-i',
  clip,
  '-t',
  '2',
  '-c',
  'copy',
  '-f',
  'mp4',
  '-movflags',
  movflags.replace('movflags=', ''),
  model,
])
const modelBytes = (await stat(model)).size
const c01 = 'c01' as CameraId

t.test('size, age and free space bound the ring; a pinned file and a held one survive', async (t) => {
  const ringDir = join(dir, 'bounded')
  const clock = new ManualClock()
  let free = 50
  const ring = await openRing(
    { dir: ringDir, ringMb: (modelBytes * 10.5) / 1e6, ringDays: 1, minFreePercent: 10 },
    { clock, log, freePercent: () => Promise.resolve(free) },
  )
  const camera = await ring.enter({ camera: c01, priority: 1, known: [], lastIndex: -1 })
  const add = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const index = camera.nextIndex
      await copyFile(model, join(camera.dir, `${String(index).padStart(9, '0')}.mp4`))
      const fromMs = clock.wallMs()
      clock.advance(2000)
      const closed = await camera.close(index, () => ({
        fromMs,
        toMs: clock.wallMs(),
        fromMediaMs: 0,
        timeUsable: true,
      }))
      t.equal(
        closed?.segment.sha256,
        createHash('sha256')
          .update(await readFile(model))
          .digest('hex'),
      )
      await ring.maintain()
    }
  }
  await add(4)
  await link(join(camera.dir, '000000000.mp4'), join(dir, 'held.mp4'))
  const unpin = camera.pin(camera.cover(clock.wallMs() - 4000, clock.wallMs()))
  await add(16)
  const names = async (): Promise<string[]> => (await readdir(camera.dir)).sort()
  t.equal((await names()).length, 10)
  t.same((await names()).slice(0, 2), ['000000002.mp4', '000000003.mp4'], 'under a running look back')
  t.ok(ring.usage().bytes <= modelBytes * 10.5)
  t.equal((await stat(join(dir, 'held.mp4'))).size, modelBytes, 'a hard link keeps what the ring forgets')
  unpin()
  await add(1)
  t.notOk((await names()).includes('000000002.mp4'))
  clock.advance(2 * 86_400_000)
  await ring.maintain()
  t.same(await names(), [], 'by age')
  await add(3)
  free = 4
  clock.advance(6000)
  await ring.maintain()
  t.ok(ring.mayRecord(c01), 'the only camera goes on at 4 %')
  free = 1
  clock.advance(6000)
  await ring.maintain()
  t.notOk(ring.mayRecord(c01), 'nothing is recorded below an eighth of the wanted space')
  free = 50
  clock.advance(6000)
  await ring.maintain()
  t.ok(ring.mayRecord(c01))
})

t.test('held footage over its budget takes its room from the ring, and gives it back', async (t) => {
  const clock = new ManualClock()
  let allowed = Infinity
  const ring = await openRing(
    { dir: join(dir, 'shrunk'), ringMb: (modelBytes * 90.5) / 1e6, ringDays: 1, minFreePercent: 0 },
    { clock, log, freePercent: () => Promise.resolve(50), bytesMax: () => allowed },
  )
  const camera = await ring.enter({ camera: c01, priority: 1, known: [], lastIndex: -1 })
  const add = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const index = camera.nextIndex
      await link(model, join(camera.dir, `${String(index).padStart(9, '0')}.mp4`))
      const fromMs = clock.wallMs()
      clock.advance(2000)
      await camera.close(index, () => ({ fromMs, toMs: clock.wallMs(), fromMediaMs: 0, timeUsable: true }))
      await ring.maintain()
    }
  }
  await add(80)
  t.equal(ring.usage().segments, 80)
  allowed = modelBytes * 50.5
  await add(1)
  t.equal(ring.usage().segments, 50, 'what evidence publishes is the bound')
  t.equal(camera.cover(0, Infinity).at(-1)?.index, 80, 'the oldest go')
  allowed = 0
  await add(1)
  t.equal(ring.usage().segments, 30, 'the last minute stays, so that an act can still be held')
  allowed = Infinity
  await add(70)
  t.equal(ring.usage().segments, 90, 'the configured size again')
})

t.test('the clock is set back: a window means the newer footage of that time', async (t) => {
  const clock = new ManualClock()
  const ring = await openRing(
    { dir: join(dir, 'set-back'), ringMb: 100, ringDays: 1, minFreePercent: 0 },
    { clock, log, freePercent: () => Promise.resolve(50) },
  )
  const camera = await ring.enter({ camera: c01, priority: 1, known: [], lastIndex: -1 })
  const add = async (fromS: number, toS: number): Promise<void> => {
    const index = camera.nextIndex
    await link(model, join(camera.dir, `${String(index).padStart(9, '0')}.mp4`))
    const [fromMs, toMs] = [(fromS * 1000) as EpochMs, (toS * 1000) as EpochMs]
    await camera.close(index, () => ({ fromMs, toMs, fromMediaMs: 0, timeUsable: true }))
  }
  for (let s = 100; s < 140; s += 2) await add(s, s + 2) // 0..19
  for (let s = 120; s < 130; s += 2) await add(s, s + 2) // 20..24
  t.same(
    camera.cover(124_000, 128_000).map(({ index }) => index),
    [22, 23],
  )
  t.same(
    camera.cover(116_500, 121_000).map(({ index }) => index),
    [8, 9, 10, 20],
    'what is older than the place where the clock went on stays what it was; guessed times may overlap by 5 s',
  )
  t.same(
    camera.cover(132_000, 134_000).map(({ index }) => index),
    [],
    'a time that has not come yet',
  )
})

t.test('files that a crash left: closed as they are, torn ones too, empty ones used again', async (t) => {
  const ringDir = join(dir, 'crashed')
  const folder = join(ringDir, 'c01')
  await mkdir(folder, { recursive: true })
  for (const index of [4, 5, 6, 7]) await copyFile(model, join(folder, `00000000${index}.mp4`))
  await truncate(join(folder, '000000006.mp4'), Math.round(modelBytes * 0.7))
  await writeFile(join(folder, '000000007.mp4'), '')
  const clock = new ManualClock()
  const known = {
    camera: c01,
    index: 4,
    file: join(folder, '000000004.mp4'),
    fromMs: 1 as EpochMs,
    toMs: 2001 as EpochMs,
    fromMediaMs: 0,
    bytes: modelBytes,
    sha256: '',
    codec: 'h264',
    timeUsable: true,
  } satisfies Segment
  const ring = await openRing({ dir: ringDir, ringMb: 100, ringDays: 30, minFreePercent: 0 }, { clock, log })
  const camera = await ring.enter({ camera: c01, priority: 1, known: [known], lastIndex: 4 })
  const found = await camera.recover()
  t.same(
    found.map((segment) => segment.index),
    [5, 6],
  )
  t.equal(found[1]?.bytes, Math.round(modelBytes * 0.7), 'as it lies on disk')
  t.ok((found[1]?.toMs ?? 0) - (found[1]?.fromMs ?? 0) >= 960, 'the whole fragments of a torn file count')
  t.equal(camera.nextIndex, 7)
  t.notOk(found[0]?.timeUsable, 'far from the segment before: its time is only that of the file')
})

const mountPoint = join(dir, 'small-disk')
await mkdir(mountPoint)
const mountSmall = (): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mountPoint]).status === 0
const canMount = mountSmall() && spawnSync('umount', ['-l', mountPoint]).status === 0

t.test(
  'row 24: the disk is full: told, others of the box go on, recording comes back when there is room',
  { skip: canMount ? false : 'a small file system cannot be mounted here' },
  async (t) => {
    t.ok(mountSmall())
    t.teardown(() => spawnSync('umount', ['-l', mountPoint]))
    const filler = join(mountPoint, 'filler')
    await writeFile(filler, Buffer.alloc(1_950_000))
    const camera = await watchCamera({ url: `file:${clip}`, dir: join(mountPoint, 'ring') })
    const other = await watchCamera({ url: `file:${clip}`, dir: join(dir, 'other'), camera: 'c02' })
    t.teardown(() => Promise.all([camera.close(), other.close()]))
    t.ok(await camera.until(() => camera.faults.includes('DISK_FULL')), 'told')
    const before = camera.segments.length
    await truncate(filler, 0)
    t.ok(await camera.until(() => camera.segments.length >= before + 2), 'recording again')
    t.same(indexHoles(camera.segments), [])
    t.ok(await other.until(() => other.segments.length >= 2))
    t.notOk(other.faults.includes('DISK_FULL'))
    await Promise.all([camera.close(), other.close()])
  },
)

t.test('a read-only ring folder is one clear message', async (t) => {
  const target = join(dir, 'not-a-folder')
  await writeFile(target, 'x')
  await t.rejects(
    openRing(
      { dir: join(target, 'ring'), ringMb: 1, ringDays: 1, minFreePercent: 0 },
      { clock: new ManualClock(), log },
    ),
  )
  await t.rejects(probeFfmpeg(join(dir, 'no-ffmpeg')), { code: 'FFMPEG_MISSING', message: /no-ffmpeg/ })
})

t.test('a file as a camera: paced, looped, on the clock of the start; a folder plays its files in turn', async (t) => {
  const folder = join(dir, 'folder')
  await makeClip(folder, { name: '1.mp4', seconds: 2, size: '128x72' })
  await makeClip(folder, { name: '2.mp4', seconds: 2, size: '160x90' })
  const one = await watchCamera({
    url: `file:${await makeClip(join(dir, 'clips'), { name: 'short.mp4', seconds: 3 })}`,
    dir: join(dir, 'one'),
  })
  const many = await watchCamera({ url: `file:${folder}`, dir: join(dir, 'many') })
  t.teardown(() => Promise.all([one.close(), many.close()]))
  t.ok(await one.until(() => one.frames.length >= 5), 'goes on after its end')
  t.same(one.source.health().restarts, 0)
  t.ok(await many.until(() => new Set(many.frames.map((frame) => frame.pictureWidthPx)).size === 2))
  t.equal(many.source.health().fault, null)
  t.same(indexHoles(many.segments), [])
  const missing = await watchCamera({ url: 'file:/nowhere/x.mp4', dir: join(dir, 'missing') })
  t.ok(await missing.until(() => missing.source.health().fault !== null))
  t.match(missing.source.health().fault?.message, /c01: .*nowhere/)
  await missing.close()
})

t.test('a clip for evaluation: the same pictures at any load, exact times, look back from the file', async (t) => {
  const startsAtMs = Date.UTC(2026, 2, 2, 2) as EpochMs
  const gate = lookBackGate({ concurrent: 1, queued: 2 })
  const folder = join(dir, 'eval')
  await makeClip(folder, { name: 'a.mp4', seconds: 4, gopS: 4, bFrames: 2 })
  await makeClip(folder, { name: 'b.mp4', seconds: 3, gopS: 3 })
  const take = async (slow: boolean): Promise<string[]> => {
    const source = openClip(folder, { camera: c01, startsAtMs, watchPx: [64, 36] }, { ffmpeg, gate, log })
    const seen: string[] = []
    for await (const frame of source.keyFrames()) {
      if (slow) for (let i = 0; i < 5; i += 1) await new Promise((next) => setImmediate(next))
      seen.push(`${frame.index} ${frame.wallMs - startsAtMs} ${createHash('md5').update(frame.rgb).digest('hex')}`)
    }
    for await (const segment of source.segments()) t.fail(String(segment.index))
    return seen
  }
  const [quick, slow] = [await take(false), await take(true)]
  t.same(quick, slow)
  t.same(
    quick.map((line) => Number(line.split(' ')[1])),
    [0, 1000, 2000, 3000, 4000, 5000, 6000],
  )
  const source = openClip(folder, { camera: c01, startsAtMs, watchPx: [64, 36] }, { ffmpeg, gate, log })
  const times: number[] = []
  const request = {
    fromMs: (startsAtMs + 3800) as EpochMs,
    toMs: (startsAtMs + 4200) as EpochMs,
    fps: Infinity,
    crop: null,
    widthPx: 64,
    heightPx: 36,
  }
  for await (const frame of source.lookBack(request, new AbortController().signal))
    times.push(frame.wallMs - startsAtMs)
  t.same(times, [3800, 3840, 3880, 3920, 3960, 4000, 4040, 4080, 4120, 4160, 4200])
  await source.close()
  const bad = openClip(join(dir, 'none.mp4'), { camera: c01, startsAtMs, watchPx: [64, 36] }, { ffmpeg, gate, log })
  await t.rejects(
    async () => {
      for await (const frame of bad.keyFrames()) t.fail(String(frame.index))
    },
    { code: 'SOURCE_INVALID' },
  )
})
