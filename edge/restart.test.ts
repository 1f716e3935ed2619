// Goal: a restart loses no act that is in the ring and doubles none (DESIGN.md §9.5, "kept state").
// Method: a real clip lies in a real ring as if it had been recorded until just now, part of it before a snapshot, the rest between
// the snapshot and a kill. The camera does not answer any more: whatever the box finds, it finds in the ring. Real vision and evidence.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { CameraId, EpochMs } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { parseTruth } from '../contracts/truth.js'
import { openBox, until, writeBox, type OpenBox } from './box.fixture.js'
import { probeFfmpeg, readSegment, type Segment } from './capture/index.js'
import { movflags } from './capture/watch-args.js'
import { openEvidence } from './evidence/index.js'
import { planReplay } from './ring-replay.js'

t.setTimeout(240_000)
const camera = 'c01' as CameraId
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const clips = fileURLToPath(new URL('../test-videos/', import.meta.url))

t.test('what is watched again after a restart', async (t) => {
  const at = (s: number): EpochMs => (s * 1000) as EpochMs
  const known = { nowMs: at(10_000), recordedUntilMs: at(9_990), committedMs: at(9_950) }
  t.same(planReplay({ ...known, snapshot: { atMs: at(9_900) } }), {
    fromMs: at(9_900.2),
    committedMs: at(9_950),
    thenFresh: false,
  })
  t.equal(planReplay({ ...known, snapshot: null })?.fromMs, at(9_090), 'without a snapshot the last quarter of an hour')
  t.equal(planReplay({ ...known, snapshot: { atMs: at(100) } })?.fromMs, at(9_090), 'never more')
  t.equal(
    planReplay({ ...known, snapshot: 'refused' }),
    null,
    'footage of another configuration is not judged by this one',
  )
  t.equal(planReplay({ ...known, recordedUntilMs: null, snapshot: null }), null)
  t.equal(planReplay({ ...known, committedMs: null, snapshot: null })?.committedMs, 0)
  t.ok(planReplay({ ...known, nowMs: at(20_000), snapshot: { atMs: at(9_900) } })?.thenFresh, 'a long outage')
})

const truth = parseTruth(JSON.parse(await readFile(join(clips, 'spillage-day.truth.json'), 'utf8')), 'spillage-day')
const [event] = truth.events
if (event === undefined) throw new Error('the clip shows an act')

t.test('an act that began before the snapshot and became due after it', async (t) => {
  const dir = t.testdir()
  const ffmpeg = (await probeFfmpeg(null)).path
  const sent = join(dir, 'sent')
  const parts = await split(ffmpeg, join(clips, 'spillage-day.mp4'), sent)
  const cameras = [
    {
      id: camera,
      url: 'rtsp://127.0.0.1:9/gone',
      ground_plane: truth.camera.ground_plane,
      zones: truth.zones,
      rules: truth.rules,
    },
  ]

  // What the same box tells that was not restarted in between.
  const steady = await writeBox(join(dir, 'steady'), cameras)
  await record(sent, steady.config.data, ringOf(parts, steady.config.data))
  const wanted = await using(openBox(steady.config), (box) => told(box, 1))
  t.ok(wanted.confirmed.length > 0, 'the clip holds an act')

  const { config } = await writeBox(join(dir, 'restarted'), cameras)
  const segments = ringOf(parts, config.data)
  const cut = segments.findIndex(({ toMs }) => toMs - (segments[0]?.fromMs ?? 0) > (event.from_s + 4) * 1000)
  const snapshot = join(config.data, 'state', `${camera}.snap`)
  await record(sent, config.data, segments.slice(0, cut))
  t.same((await using(openBox(config), (box) => told(box, 0))).confirmed, [], 'nothing is due yet')
  await copyFile(snapshot, join(dir, 'early.snap'))

  await record(sent, config.data, segments.slice(cut))
  const found = await using(openBox(config), (box) => told(box, wanted.confirmed.length))
  t.equal(found.confirmed.length, wanted.confirmed.length, 'as many acts as without the restart')
  t.ok(
    found.confirmed.every(({ cause }) => cause === 'spillage'),
    'of the cause that the clip shows',
  )
  t.ok(
    found.confirmed.some(({ from }) => Date.parse(from) < (segments[cut]?.fromMs ?? 0)),
    'the time before the snapshot counts',
  )
  t.ok(
    found.confirmed.every(({ confirmed }) => Date.parse(confirmed) <= (segments.at(-1)?.toMs ?? 0)),
    'confirmed on the time of the footage',
  )

  t.same(await using(openBox(config), (box) => told(box, 1)), found, 'nothing is told twice')
  await copyFile(join(dir, 'early.snap'), snapshot)
  t.same(
    await using(openBox(config), (box) => told(box, 1)),
    found,
    'nor from a snapshot that is older than the record',
  )
  await rm(snapshot)
  t.same(await using(openBox(config), (box) => told(box, 1)), found, 'nor without any')

  const late = await writeBox(join(dir, 'late'), cameras)
  const old = ringOf(parts, late.config.data, 20 * 60_000)
  await record(sent, late.config.data, old)
  const foundLate = await using(openBox(late.config), async (box) => {
    const { confirmed } = await told(box, wanted.confirmed.length)
    t.notOk(box.logged.some(({ message }) => message.includes('could not start fresh')))
    return confirmed
  })
  t.equal(
    foundLate.length,
    wanted.confirmed.length,
    'nor is an act lost when the box was off for longer than it remembers',
  )
  t.ok(
    foundLate.every(({ confirmed }) => Date.parse(confirmed) <= (old.at(-1)?.toMs ?? 0)),
    'on the time of that footage',
  )
})

/** What a box has told, once the ring has been watched again and at least so many acts are confirmed. */
async function told(box: OpenBox, confirmedMin: number) {
  const events = (phase: string) =>
    box
      .records()
      .flatMap((content) => (content.kind === 'event' && content.body.phase === phase ? [content.body] : []))
      .map(({ incident, cause, from, confirmed }) => ({ incident, cause, from, confirmed }))
  await until('the ring', () => box.logged.some(({ message }) => message === 'the ring was watched again'))
  await until('the records', () => events('confirmed').length >= confirmedMin)
  return { confirmed: events('confirmed'), over: events('over') }
}

async function using<T>(opening: Promise<OpenBox>, work: (box: OpenBox) => Promise<T>): Promise<T> {
  await using box = await opening
  return await work(box)
}

interface Part {
  readonly name: string
  readonly data: Buffer
  readonly durationMs: number
}

/** The clip in files as capture writes them. */
async function split(ffmpeg: string, clip: string, folder: string): Promise<Part[]> {
  await mkdir(folder, { recursive: true })
  const cut = ['-c', 'copy', '-an', '-f', 'segment', '-segment_format', 'mp4', '-segment_time', '2']
  execFileSync(ffmpeg, [
    ...['-v', 'error', '-i', clip],
    ...cut,
    ...['-segment_format_options', movflags, join(folder, '%09d.mp4')],
  ])
  const parts: Part[] = []
  for (const name of (await readdir(folder)).sort()) {
    const data = await readFile(join(folder, name))
    parts.push({ name, data, durationMs: readSegment(data)?.durationMs ?? 0 })
  }
  return parts
}

/** Those files as segments of a ring, recorded until `agoMs` ago. */
function ringOf(parts: readonly Part[], dataDir: string, agoMs = 10_000): Segment[] {
  const lengthMs = parts.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const startMs = systemClock.wallMs() - agoMs - lengthMs
  let atMs = 0
  return parts.map(({ name, data, durationMs }, index) => {
    const fromMediaMs = atMs
    atMs += durationMs
    return {
      camera,
      index,
      file: join(dataDir, 'ring', camera, name),
      fromMs: Math.round(startMs + fromMediaMs) as EpochMs,
      toMs: Math.round(startMs + atMs) as EpochMs,
      fromMediaMs,
      bytes: data.length,
      sha256: createHash('sha256').update(data).digest('hex'),
      codec: 'h264',
      timeUsable: true,
    }
  })
}

/** What capture and evidence leave of footage: files in the ring, rows in the database. */
async function record(sent: string, dataDir: string, segments: readonly Segment[]): Promise<void> {
  for (const { file } of segments) {
    await mkdir(dirname(file), { recursive: true })
    await copyFile(join(sent, basename(file)), file)
  }
  const evidence = openEvidence({
    device: 'kwdev-0001',
    app: 'test',
    dataDir,
    keyFile: join(dataDir, 'secret', 'record-key.pem'),
    cameras: [{ id: camera, privateZones: [] }],
    storage: { ringMb: 200, ringDays: 1, heldMb: 200, heldDays: 1, minFreePercent: 1, reserveMb: 0 },
    ntp: [],
    ffmpeg: null,
    clock: systemClock,
    ids: systemIds,
    log: quiet,
    receipt: () => Promise.resolve(null),
    health: () => ({ cameras: [], temperatureC: null }),
  })
  await evidence.ready
  for (const segment of segments) await evidence.addSegment(segment)
  await evidence.close()
}
