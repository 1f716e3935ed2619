import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { join } from 'node:path'
import { once } from 'node:events'
import { promisify } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { probeFfmpeg } from '../../edge/capture/index.js'
import { bothBinaries, cyclicPlace, makeClip, vclHashes } from '../../edge/capture/test-kit.js'
import { authorized, challenge, realm } from './auth.js'
import { startCameraSim } from './index.js'
import { nalType, payloadsOf, prepare, senderReport, splitAnnexB, stamp } from './packetiser.js'
import { parseRequest, parseTransport, RtspReader } from './rtsp-message.js'
import { parseFrameCrc } from './sim-clip.js'

// Goal: the simulated camera speaks RTSP and RTP as the standards say, so that tests against it mean something.
t.setTimeout(240_000)
const run = promisify(execFile)
const dir = t.testdir()
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

t.test('requests and frames are read alike, however the network cuts them; nonsense ends the connection', async (t) => {
  const text = Buffer.concat([
    Buffer.from('OPTIONS rtsp://h/cam1 RTSP/1.0\r\nCSeq: 1\r\nUser-Agent:  x \r\n\r\n'),
    Buffer.from([0x24, 1, 0, 4, 0x0d, 0x0a, 0x24, 0xff]),
    Buffer.from('GET_PARAMETER rtsp://h/cam1 RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nhello'),
    Buffer.from('\r\nTEARDOWN rtsp://h/cam1 RTSP/1.0\r\nCSeq: 3\r\n\r\n'),
  ])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }), (cuts) => {
      const reader = new RtspReader()
      const items = []
      for (let at = 0, i = 0; at < text.length; at += cuts[i % cuts.length] ?? 1, i += 1)
        items.push(...reader.push(text.subarray(at, at + (cuts[i % cuts.length] ?? 1))))
      t.same(
        items.map((item) => (item.kind === 'request' ? item.request.method : item.kind)),
        ['OPTIONS', 'frame', 'GET_PARAMETER', 'TEARDOWN'],
      )
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (chunks) => {
      const reader = new RtspReader()
      const kinds = chunks.flatMap((chunk) => reader.push(Buffer.from(chunk))).map((item) => item.kind)
      return kinds.indexOf('malformed') === -1 || kinds.indexOf('malformed') === kinds.length - 1
    }),
  )
  t.same(new RtspReader().push(Buffer.alloc(20_000, 'a')), [{ kind: 'malformed' }], 'a head without an end')
  t.same(new RtspReader().push(Buffer.from('PLAY x RTSP/1.0\r\nContent-Length: 99999999\r\n\r\n')), [
    { kind: 'malformed' },
  ])
  fc.assert(fc.property(fc.string(), (head) => parseRequest(head) === null || /^[A-Z_]+ \S+ RTSP\/1\.\d/.test(head)))
})

t.test('transports', async (t) => {
  t.same(parseTransport('RTP/AVP/TCP;unicast;interleaved=2-3', 'both'), { kind: 'tcp', rtp: 2, rtcp: 3 })
  t.same(parseTransport('RTP/AVP/UDP;unicast;client_port=5000-5001', 'both'), { kind: 'udp', rtp: 5000, rtcp: 5001 })
  t.equal(parseTransport('RTP/AVP/TCP;interleaved=0-1', 'udp'), null)
  t.same(parseTransport('RTP/AVP;unicast;client_port=7000-7001,RTP/AVP/TCP;interleaved=0-1', 'tcp'), {
    kind: 'tcp',
    rtp: 0,
    rtcp: 1,
  })
  t.equal(parseTransport('RTP/AVP;multicast', 'both'), null)
  fc.assert(fc.property(fc.string(), (header) => (parseTransport(header, 'both')?.rtp ?? 0) <= 65_535))
})

t.test('basic and digest', async (t) => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  const digest = { kind: 'digest', user: 'kw', password: 's:e"c' } as const
  const response = md5(`${md5(`kw:${realm}:s:e"c`)}:n1:${md5('PLAY:rtsp://h/cam1')}`)
  const header = `Digest username="kw", realm="${realm}", nonce="n1", uri="rtsp://h/cam1", response="${response}"`
  t.ok(authorized(digest, 'n1', 'PLAY', header))
  t.notOk(authorized(digest, 'n2', 'PLAY', header), 'another nonce')
  t.notOk(authorized(digest, 'n1', 'SETUP', header), 'another method')
  t.notOk(authorized(digest, 'n1', 'PLAY', undefined))
  t.match(challenge(digest, 'n1'), /^Digest .*nonce="n1"/)
  const basic = { kind: 'basic', user: 'kw', password: 'p' } as const
  t.ok(authorized(basic, '', 'PLAY', `Basic ${Buffer.from('kw:p').toString('base64')}`))
  t.notOk(authorized(basic, '', 'PLAY', `Basic ${Buffer.from('kw:q').toString('base64')}`))
  fc.assert(
    fc.property(fc.string(), (text) => !authorized(digest, 'n1', 'PLAY', text) && !authorized(basic, '', 'PLAY', text)),
  )
})

t.test('units survive being cut into packets and put together again', async (t) => {
  const codec = fc.constantFrom<'h264' | 'h265'>('h264', 'h265')
  fc.assert(
    fc.property(
      codec,
      fc.uint8Array({ minLength: 3, maxLength: 5000 }),
      fc.integer({ min: 20, max: 1500 }),
      (codec, bytes, bytesMax) => {
        const unit = Buffer.from(bytes)
        unit[0] = codec === 'h264' ? 0x65 : 19 << 1
        const payloads = payloadsOf(unit, codec, bytesMax)
        t.ok(payloads.every((payload) => payload.length <= bytesMax))
        const head = codec === 'h264' ? 1 : 2
        const [first] = payloads
        if (first === undefined || payloads.length === 1) return payloads[0]?.equals(unit) === true
        t.equal(nalType(first, codec), codec === 'h264' ? 28 : 49)
        const starts = payloads.map((payload) => (payload[head] ?? 0) >> 6)
        t.same([starts[0], starts.at(-1)], [2, 1], 'start and end are marked')
        return Buffer.concat(payloads.map((payload) => payload.subarray(head + 1))).equals(unit.subarray(head))
      },
    ),
  )
  const units = [Buffer.from([0x67, 1, 2]), Buffer.from([0x65, 9, 9, 9, 0, 0, 3, 1])]
  const stream = Buffer.concat(units.flatMap((unit) => [Buffer.from([0, 0, 0, 1]), unit]))
  t.same(splitAnnexB(stream), units)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) =>
      splitAnnexB(Buffer.from(bytes)).every((unit) => unit.length > 0),
    ),
  )
  const template = prepare(units, 'h264', 1400, false)
  const sent = stamp(template, { channel: 4, seq: 65_535, timestamp: 90_000, ssrc: 7 })
  t.same([sent[1], sent.readUInt16BE(6), sent.readUInt32BE(8), sent.readUInt32BE(12)], [4, 65_535, 90_000, 7])
  const second = template.offsets[1] ?? 0
  t.equal(sent.readUInt16BE(second + 6), 0, 'sequence numbers go round')
  t.same([(sent[5] ?? 0) & 0x80, (sent[second + 5] ?? 0) & 0x80], [0, 0x80], 'the marker ends the picture')
  t.equal(senderReport(7, 0, 1, 2, 3).readUInt32BE(8), 2_208_988_800, 'NTP counts from 1900')
  t.same(parseFrameCrc('#tb 0: 1/12800\n0,          0,        512,      512,     1234, 0xabc\n'), [
    { ticks: 3600, bytes: 1234 },
  ])
})

const clips = await Promise.all([
  makeClip(join(dir, 'clips'), { name: 'h264.mp4', seconds: 4, gopS: 2 }),
  makeClip(join(dir, 'clips'), { name: 'h265.mp4', seconds: 4, gopS: 2, codec: 'h265' }),
])

for (const transport of ['tcp', 'udp'] as const)
  t.test(`every coded picture arrives as it is over ${transport.toUpperCase()}, for both binaries`, async (t) => {
    const sim = await startCameraSim(
      { clips, port: 0 },
      { clock: systemClock, ids: systemIds, log: quiet, ffmpeg: await probeFfmpeg(null) },
    )
    t.teardown(() => sim.close())
    const tasks = (await bothBinaries()).flatMap((ffmpeg) =>
      (['h264', 'h265'] as const).map(async (codec, i) => {
        const out = join(dir, `${transport}-${ffmpeg.origin}-${codec}.mp4`)
        const input = ['-rtsp_transport', transport, '-buffer_size', '4194304', '-i', sim.url(i + 1)]
        await run(
          ffmpeg.path,
          ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...input, '-c', 'copy', '-t', '5', out],
          { timeout: 120_000 },
        )
        const got = await vclHashes(ffmpeg, out, codec)
        const sent = await vclHashes(ffmpeg, clips[i] ?? '', codec)
        t.ok(got.length >= 50, `${got.length} pictures`)
        t.ok(cyclicPlace(sent, got) >= 0, `${codec} with the ${ffmpeg.origin} binary: a contiguous part of the loop`)
      }),
    )
    await Promise.all(tasks)
  })

t.test('a file with B-frames is converted once, and that is said; a port that is taken has its name', async (t) => {
  const said: string[] = []
  const log = { ...quiet, warn: (_values: object, message: string) => said.push(message) }
  const clip = await makeClip(join(dir, 'clips'), { name: 'b.mp4', seconds: 2, bFrames: 2 })
  const deps = { clock: systemClock, ids: systemIds, log, ffmpeg: await probeFfmpeg(null) }
  const sim = await startCameraSim({ clips: [clip], port: 0 }, deps)
  t.teardown(() => sim.close())
  t.match(said[0], /B-frames.*converted once/)
  await t.rejects(startCameraSim({ clips: [clip], port: sim.port }, deps), { code: 'SIM_PORT_TAKEN' })
  await t.rejects(startCameraSim({ clips: [join(dir, 'none.mp4')], port: 0 }, deps), { code: 'SOURCE_INVALID' })
})

t.test('a key frame never leaves in one burst over UDP', async (t) => {
  const { createSocket } = await import('node:dgram')
  const clip = await makeClip(join(dir, 'clips'), { name: 'big.mp4', seconds: 2, size: '1280x720', gopS: 1 })
  const sim = await startCameraSim(
    { clips: [clip], port: 0 },
    { clock: systemClock, ids: systemIds, log: quiet, ffmpeg: await probeFfmpeg(null) },
  )
  const receiver = createSocket('udp4').bind(0, '127.0.0.1')
  await once(receiver, 'listening')
  const times: number[] = []
  receiver.on('message', () => times.push(systemClock.monoMs()))
  const client = connect(sim.port, '127.0.0.1')
  const { port } = receiver.address()
  client.write(
    `SETUP ${sim.url(1)}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast;client_port=${port}-${port + 1}\r\n\r\nPLAY ${sim.url(1)} RTSP/1.0\r\nCSeq: 2\r\n\r\n`,
  )
  while (times.length < 40) await once(receiver, 'message')
  // The first picture is a key frame; its packets must be spread over several turns of 2 ms.
  const spreadMs = (times[39] ?? 0) - (times[0] ?? 0)
  t.ok(spreadMs >= 4, `40 packets took ${spreadMs.toFixed(1)} ms`)
  client.destroy()
  receiver.close()
  await sim.close()
})

t.test('the command: URLs and READY, 0 at a signal, 1 for a missing file', async (t) => {
  const script =
    "import { command } from './cli/camera-sim.ts'; await command.parseAsync(process.argv.slice(1), { from: 'user' })"
  const start = (...args: string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, '--', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const good = start('--clip', clips[0], '--port', '0', '--mounts', '2')
  let text = ''
  good.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.includes('READY')) good.kill('SIGTERM')
  })
  t.same((await once(good, 'close'))[0], 0)
  t.match(text, /^rtsp:\/\/127\.0\.0\.1:\d+\/cam1\nrtsp:\/\/127\.0\.0\.1:\d+\/cam2\nREADY\n$/)
  t.same((await once(start('--clip', join(dir, 'none.mp4'), '--port', '0'), 'close'))[0], 1)
})
