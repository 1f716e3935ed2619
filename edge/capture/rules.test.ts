import fc from 'fast-check'
import t from 'tap'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import { boundOf, planDeletion, planRelief, recordingFloor, type RingShare } from './deletion-plan.js'
import { GapLog } from './gap-log.js'
import { GopMeter } from './gop.js'
import { LatestFrame, lookBackGate, type Segment } from './index.js'
import { MediaClock } from './media-clock.js'
import { backOffMs, judgeEnd } from './verdict.js'
import { analyzeMsFor, scrub, urlWithPassword, watchArgs, type WatchPlan } from './watch-args.js'

// The decisions of this station, as tables: no process, no clock.

const plan: WatchPlan = {
  input: 'rtsp://10.0.0.9/s1',
  secret: false,
  kind: 'rtsp',
  loop: false,
  transport: 'tcp',
  socketTimeoutMs: 5000,
  analyzeMs: 12_000,
  codec: 'h265',
  fullDecodeEveryMs: null,
  firstIndex: 7,
  ringDir: '/r/c01',
  watchPx: [640, 360],
}

t.test('the command line is the proven one, for both binaries', async (t) => {
  const old = { socketTimeoutFlag: '-stimeout', passthrough: ['-vsync', '0'], takesScript: false } as const
  const recent = {
    socketTimeoutFlag: '-timeout',
    passthrough: ['-fps_mode', 'passthrough'],
    takesScript: true,
  } as const
  const text =
    '-hide_banner -nostdin -nostats -loglevel level+info -y -fflags +discardcorrupt -user_agent kerbwatch/1 -rtsp_transport tcp -allowed_media_types video ' +
    '-stimeout 5000000 -buffer_size 4194304 -analyzeduration 12000000 -probesize 20000000 -threads 1 -skip_frame nokey -copyts -i rtsp://10.0.0.9/s1 ' +
    '-map 0:v:0 -an -c:v copy -avoid_negative_ts disabled -tag:v hvc1 -f segment -segment_format mp4 -segment_time 2 -segment_time_delta 0.05 ' +
    '-segment_format_options movflags=+frag_keyframe+empty_moov+default_base_moof -segment_list pipe:3 -segment_list_type csv -segment_list_size 1 ' +
    '-flush_packets 1 -segment_start_number 7 /r/c01/%09d.mp4 -map 0:v:0 -an -vf showinfo=checksum=0,scale=640:360:flags=area -pix_fmt rgb24 ' +
    '-c:v rawvideo -threads 1 -vsync 0 -flush_packets 1 -f rawvideo pipe:1'
  t.same(watchArgs(plan, old), { args: text.split(' '), stdin: null })
  const now = watchArgs({ ...plan, codec: 'h264', transport: 'udp' }, recent).args.join(' ')
  t.ok(now.includes('-timeout 5000000') && now.includes('-fps_mode passthrough') && now.includes('-rtsp_transport udp'))
  t.notOk(now.includes('hvc1'))
  const full = watchArgs({ ...plan, fullDecodeEveryMs: 2000 }, old).args
  t.notOk(full.includes('-skip_frame'))
  t.ok(full.some((part) => part.startsWith("select='isnan(prev_selected_t)+gte(t-prev_selected_t,1.999)',showinfo")))
  const secret = { ...plan, input: "rtsp://kw:it's@10.0.0.9/s1", secret: true }
  t.ok(watchArgs(secret, old).args.includes(secret.input), 'the binary of 2018 takes it as an argument only')
  const hidden = watchArgs(secret, recent)
  t.notOk(hidden.args.join(' ').includes('@'), 'nothing of the address is an argument')
  t.same(hidden.stdin?.split('\n').slice(0, 4), [
    'ffconcat version 1.0',
    "file 'rtsp://kw:it'\\''s@10.0.0.9/s1'",
    'option user_agent kerbwatch/1',
    'option rtsp_transport tcp',
  ])
  t.ok(hidden.stdin?.includes('\noption timeout 5000000\n'))
  t.equal(analyzeMsFor(null, 12_000), 12_000)
  t.equal(analyzeMsFor(2000, 12_000), 3000)
})

t.test('a password goes into the URL encoded, and out of every log line', async (t) => {
  t.equal(urlWithPassword('rtsp://user@10.0.0.9/s1', 'a/b@c:d'), 'rtsp://user:a%2Fb%40c%3Ad@10.0.0.9/s1')
  t.equal(urlWithPassword('rtsp://10.0.0.9/s1', null), 'rtsp://10.0.0.9/s1')
  fc.assert(
    fc.property(
      fc.string({ minLength: 3, maxLength: 30 }).filter((secret) => !'rtsp://user:***@h/x failed'.includes(secret)),
      (secret) => {
        const line = `[error] ${urlWithPassword('rtsp://user@h/x', secret)} failed, ${secret} ${encodeURIComponent(secret)}`
        const clean = scrub(line, secret)
        return !clean.includes(`:${encodeURIComponent(secret)}@`) && !clean.split('failed')[1]?.includes(secret)
      },
    ),
  )
  t.equal(scrub("Input #0 from 'rtsp://u:p4ss@h/x'", null), "Input #0 from 'rtsp://u:***@h/x'")
})

t.test('why a run ended', async (t) => {
  const table = [
    ['[rtsp @ 0x1] [error] method DESCRIBE failed: 401 Unauthorized', 'CAMERA_AUTH', 'auth', 'slow'],
    ['rtsp://h/x: Server returned 404 Not Found', 'STREAM_NOT_FOUND', 'refused', 'slow'],
    ['[rtsp @ 0x1] [error] method SETUP failed: 461 Unsupported transport', 'TRANSPORT_REFUSED', 'refused', 'now'],
    ['[segment @ 0x1] [error] dimensions not set', 'NO_KEY_FRAME_YET', 'rtsp_timeout', 'now'],
    ['[rtsp @ 0x1] [error] method SETUP failed: 453 Not Enough Bandwidth', 'CAMERA_BUSY', 'refused', 'back_off'],
    ['[rtsp @ 0x1] [error] method DESCRIBE failed: 503 Service Unavailable', 'CAMERA_BUSY', 'refused', 'back_off'],
    ['[tcp @ 0x1] [error] Connection to tcp://h:1 failed: Connection refused', 'CAMERA_REFUSED', 'refused', 'back_off'],
    ['rtsp://h: No route to host', 'CAMERA_UNREACHABLE', 'refused', 'back_off'],
    ['rtsp://h: Connection timed out', 'CAMERA_TIMEOUT', 'rtsp_timeout', 'back_off'],
    ['av_interleaved_write_frame(): No space left on device', 'DISK_FULL', 'disk_full', 'back_off'],
    ['/r/c01/000000001.mp4: Read-only file system', 'RING_UNWRITABLE', 'disk_full', 'back_off'],
    ['', 'CAMERA_CLOSED', 'closed', 'back_off'],
  ] as const
  for (const [tail, code, reason, retry] of table) {
    const verdict = judgeEnd(null, tail, false)
    t.same([verdict.code, verdict.reason, verdict.retry], [code, reason, retry], tail)
    t.ok(verdict.message.length > 20)
  }
  t.equal(judgeEnd(null, 'dimensions not set', true).code, 'CAMERA_CLOSED', 'words of the start do not explain the end')
  t.equal(judgeEnd('watchdog', 'Connection refused', true).code, 'CAMERA_SILENT')
  t.same(
    [0, 1, 2, 3, 4, 5, 9].map((failures) => backOffMs(failures, 0.5)),
    [1000, 2000, 5000, 10_000, 20_000, 30_000, 30_000],
  )
  t.same([backOffMs(0, 0), backOffMs(0, 1)], [800, 1200])
})

t.test('time of a picture', async (t) => {
  const clock = new MediaClock()
  for (const [media, mono] of [
    [0, 4500],
    [2000, 4510],
    [4000, 4520],
  ] as const)
    clock.observe(media, mono)
  t.notOk(clock.settled, 'a burst says nothing yet')
  clock.observe(6000, 6100)
  t.ok(clock.settled)
  t.equal(clock.monoOf(0), 100, 'the least delayed picture rules')
  clock.observe(8000, 8300)
  t.equal(clock.monoOf(8000), 8100, 'a delayed picture does not move it')
  clock.observe(10_000, 10_000)
  t.equal(clock.monoOf(10_000), 10_099, 'an earlier one moves it by 500 ppm of 2 s')
  t.ok(clock.observe(50_000, 12_000).jumped, 'a picture from the future')

  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 40, maxLength: 60 }), (jitter) => {
      const jittery = new MediaClock()
      let before = -Infinity
      jitter.forEach((delay, i) => {
        const { jumped } = jittery.observe(i * 2000, i * 2000 + delay)
        if (jumped || (jittery.settled && i > 2 && jittery.monoOf(i * 2000) - before < 1990))
          throw new Error('jitter shows')
        before = jittery.monoOf(i * 2000)
      })
      return jittery.usable
    }),
    { seed: 11 },
  )
  for (const [rate, usable] of [
    [0.85, false],
    [0.97, false],
    [0.995, true],
    [1, true],
    [1.1, false],
  ] as const) {
    const wrong = new MediaClock()
    let jumped = false
    for (let i = 0; i < 60; i += 1) jumped = wrong.observe(i * 1000 * rate, i * 1000).jumped || jumped
    t.equal(wrong.usable, usable, `rate ${rate}`)
    t.notOk(jumped, 'a wrong rate is no jump')
    if (!usable) t.equal(wrong.monoOf(59_000 * rate), 59_000, 'times of arrival')
  }
})

t.test('the key-frame interval is learnt, a stall is not', async (t) => {
  const meter = new GopMeter()
  t.equal(meter.gopMs, null)
  for (const media of [0, 2000, 4000, 6000, 8000, 10_000, 17_000, 19_000, 21_000, 23_000, 25_000, 27_000])
    meter.observe(media)
  t.equal(meter.gopMs, 2000)
  meter.reset()
  meter.observe(900_000)
  t.equal(meter.gopMs, 2000, 'a new connection is no distance')
})

function share(
  camera: string,
  priority: number,
  bitsPerSecond: number,
  spans: readonly [bytes: number, toMs: number][],
  pinned: readonly number[] = [],
): RingShare {
  const entries = spans.map(([bytes, toMs], index) => ({ index, bytes, toMs: toMs as EpochMs }))
  return { camera: camera as CameraId, priority, bitsPerSecond, entries, pinned: (index) => pinned.includes(index) }
}

t.test('what leaves the ring', async (t) => {
  const even = Array.from({ length: 10 }, (_, i): [number, number] => [100, (i + 1) * 2000])
  const big = Array.from({ length: 10 }, (_, i): [number, number] => [300, (i + 1) * 2000])
  const gone = planDeletion([share('c01', 1, 400, even), share('c02', 1, 1200, big)], 2000, -Infinity)
  t.ok(
    Math.abs(gone.filter((one) => one.camera === 'c01').length - gone.filter((one) => one.camera === 'c02').length) <=
      1,
    'in proportion to the bit rate',
  )
  t.same(
    gone.filter((one) => one.camera === 'c01').map((one) => one.index),
    [0, 1, 2, 3, 4].slice(0, gone.filter((one) => one.camera === 'c01').length),
    'oldest first',
  )
  t.same(
    planDeletion([share('c01', 1, 400, even, [0, 1])], 900, -Infinity),
    [{ camera: 'c01', index: 2 }],
    'never under a look back',
  )
  t.same(
    planDeletion([share('old', -Infinity, 0, even.slice(0, 1)), share('c01', 1, 400, even)], 1000, -Infinity),
    [{ camera: 'old', index: 0 }],
    'cameras that are gone go first',
  )
  t.equal(planDeletion([share('c01', 1, 400, even)], Infinity, 5000).length, 2, 'by age')
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 12 }), { maxLength: 5 }),
      fc.nat(5000),
      (sizes, bytesMax) => {
        const cameras = sizes.map((bytes, c) =>
          share(
            `c${c}`,
            c,
            100 * (c + 1),
            bytes.map((size, i) => [size, i]),
          ),
        )
        const plan = planDeletion(cameras, bytesMax, -Infinity)
        const total = sizes.flat().reduce((sum, size) => sum + size, 0)
        const left = total - plan.reduce((sum, one) => sum + (sizes[Number(one.camera.slice(1))]?.[one.index] ?? 0), 0)
        return left <= bytesMax && new Set(plan.map((one) => `${one.camera}/${one.index}`)).size === plan.length
      },
    ),
  )
  const long = Array.from({ length: 100 }, (_, i): [number, number] => [100, i * 2000])
  t.same(
    planRelief([share('c01', 2, 400, long), share('c02', 1, 400, long)], 3).map((one) => one.camera),
    ['c02', 'c02', 'c02'],
    'the lowest priority first',
  )
  t.equal(planRelief([share('c01', 1, 400, long)], 1000).length, 69, 'the last minute stays')
  const two = [share('c01', 1, 8000, long), share('c02', 1, 16_000, long)]
  t.same(
    [Infinity, 500_000, 200_000, 0].map((allowed) => boundOf(two, 1_000_000, allowed)),
    [1_000_000, 500_000, 200_000, 180_000],
    'held footage takes room from the ring, never the last minute of every camera',
  )
  t.equal(boundOf(two, 100_000, 0), 100_000, 'nor does a small ring grow by it')
  t.same(
    [20, 4, 2, 0.5].map((free) => recordingFloor([1, 2, 3, 3], free, 10)),
    [-Infinity, 3, 3, Infinity],
  )
  t.equal(recordingFloor([1, 1], 4, 10), 1, 'cameras alike go on until nearly nothing is left')
})

t.test('gaps', async (t) => {
  const camera = 'c01' as CameraId
  const segment = (fromMs: number, toMs: number): Segment => ({
    camera,
    index: 0,
    file: '',
    fromMs: fromMs as EpochMs,
    toMs: toMs as EpochMs,
    fromMediaMs: 0,
    bytes: 1,
    sha256: '',
    codec: 'h264',
    timeUsable: true,
  })
  const log = new GapLog(camera, 2000, 1000 as EpochMs)
  t.same(log.onSegment(segment(9000, 11_000), null, 2000), [{ camera, fromMs: 1000, toMs: 9000, reason: 'restart' }])
  t.same(log.onSegment(segment(12_500, 14_500), null, 2000), [], 'up to 2 s is no gap')
  log.stopped('auth')
  log.stopped('closed')
  t.equal(log.piece(40_000 as EpochMs, 60_000), null)
  t.same(
    log.piece(80_000 as EpochMs, 60_000),
    { camera, fromMs: 14_500, toMs: 80_000, reason: 'auth' },
    'a long one is told in pieces; its first reason counts',
  )
  t.same(log.onSegment(segment(90_000, 92_000), null, 2000), [{ camera, fromMs: 80_000, toMs: 90_000, reason: 'auth' }])
  t.same(new GapLog(camera, 2000, null).onSegment(segment(1, 2), null, 1), [], 'the first recording of all is no gap')
})

t.test('the newest picture wins, and losses are counted', async (t) => {
  const slot = new LatestFrame<number>()
  const end = new AbortController()
  slot.put(1)
  slot.put(2)
  const taker = slot.take(end.signal)
  t.same(await taker.next(), { value: 2, done: false })
  t.equal(slot.replacedCount, 1)
  end.abort()
  t.same(await taker.next(), { value: undefined, done: true })
})

t.test('the look back whose answer is wanted first goes first', async (t) => {
  const gate = lookBackGate({ concurrent: 1, queued: 4 })
  const { signal } = new AbortController()
  const first = await gate.acquire(signal, 0)
  const served: string[] = []
  const wait = async (name: string, dueMs?: number): Promise<void> => {
    const leave = await gate.acquire(signal, dueMs)
    served.push(name)
    leave()
  }
  const all = [wait('whenever'), wait('late', 9_000), wait('soon', 2_000), wait('as soon', 2_000)]
  first()
  await Promise.all(all)
  t.same(served, ['soon', 'as soon', 'late', 'whenever'])
})

t.test('what is more urgent than all that decode does not wait for them, once', async (t) => {
  const gate = lookBackGate({ concurrent: 2, queued: 4 })
  const { signal } = new AbortController()
  const leave = [await gate.acquire(signal, 20), await gate.acquire(signal, 30)]
  leave.push(await gate.acquire(signal, 10))
  t.equal(gate.running, 3)
  const order: number[] = []
  const later = [25, 5].map((dueMs) => gate.acquire(signal, dueMs).then((done) => (order.push(dueMs), done)))
  t.equal(gate.waiting, 2, 'there is one such turn')
  leave[2]?.()
  leave[2]?.()
  await later[1]
  t.same(order, [5], 'given back twice counts once')
  leave[0]?.()
  t.same([gate.running, gate.waiting], [2, 1], 'the next waits until a turn of the bounds is free')
  leave[1]?.()
  await later[0]
  t.same(order, [5, 25])
})

t.test('look backs take turns', async (t) => {
  const gate = lookBackGate({ concurrent: 1, queued: 1 })
  const never = new AbortController().signal
  const first = await gate.acquire(never)
  const waiting = gate.acquire(never)
  await t.rejects(gate.acquire(never), { code: 'LOOK_BACK_BUSY' })
  first()
  first()
  const second = await waiting
  const leaver = new AbortController()
  const left = gate.acquire(leaver.signal)
  leaver.abort(new Error('left'))
  await t.rejects(left, { message: 'left' })
  second()
  t.same([gate.running, gate.waiting], [0, 0])
})
