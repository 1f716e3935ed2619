import fc from 'fast-check'
import t from 'tap'
import { FrameSplitter, LineSplitter, parseOutputLine, parseSegmentLine } from './ffmpeg-output.js'
import { parseVersion } from './ffmpeg.js'
import { findBox, readSegment, walkBoxes, wholeFragments } from './mp4.js'
import { parseClipFacts } from './probe-clip.js'
import { indexOf } from './ring-files.js'

// Goal: whatever ffmpeg prints or a torn file holds, the parsers answer with a value or with null, never with an exception or nonsense.

t.test('a segment line', async (t) => {
  t.same(parseSegmentLine('000000007.mp4,0.000000,3.240000'), { index: 7, fromMediaMs: 0, toMediaMs: 3240 })
  t.same(parseSegmentLine('/data/ring/c01/000000123.mp4,-1.5,2'), { index: 123, fromMediaMs: -1500, toMediaMs: 2000 })
  for (const line of [
    '',
    '7.mp4,0,1',
    '000000007.mp4,0',
    '000000007.mp4,a,b',
    '000000007.mp4,1,2,3',
    'x000000007.mp4,0,1',
  ])
    t.equal(parseSegmentLine(line), null, line)
  fc.assert(
    fc.property(
      fc.nat(999_999_999),
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 0, max: 1e9 }),
      (index, from, to) => {
        const parsed = parseSegmentLine(
          `${String(index).padStart(9, '0')}.mp4,${(from / 1000).toFixed(6)},${(to / 1000).toFixed(6)}\n`,
        )
        return (
          parsed?.index === index &&
          Math.abs(parsed.fromMediaMs - from) < 0.01 &&
          Math.abs(parsed.toMediaMs - to) < 0.01
        )
      },
    ),
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const parsed = parseSegmentLine(text)
      return (
        parsed === null ||
        (Number.isSafeInteger(parsed.index) && Number.isFinite(parsed.fromMediaMs + parsed.toMediaMs))
      )
    }),
  )
})

t.test('a line of standard error, of both binaries', async (t) => {
  const tail =
    'fmt:yuv420p sar:1/1 s:1918x1078 i:P iskey:1 type:I checksum:54A84081 plane_checksum:[7E70ACBB] mean:[125 127 126 ]'
  const picture = { kind: 'picture', pts: 111600, widthPx: 1918, heightPx: 1078, key: true }
  t.same(
    parseOutputLine(`[Parsed_showinfo_0 @ 0x5611] [info] n:   0 pts: 111600 pts_time:1.24    pos:       -1 ${tail}`),
    picture,
  )
  t.same(
    parseOutputLine(`[Parsed_showinfo_1 @ 0x42a790c0] [info] n: 5 pts:1015200 pts_time:11.28   pos:       -1 ${tail}`),
    { ...picture, pts: 1015200 },
  )
  t.same(parseOutputLine(`[Parsed_showinfo_0 @ 0x1] [info] n:   3 pts:  NOPTS pts_time:NOPTS   pos: -1 ${tail}`), {
    ...picture,
    pts: null,
  })
  t.same(parseOutputLine('[Parsed_showinfo_0 @ 0x1] [info] config in time_base: 1/90000, frame_rate: 25/1'), {
    kind: 'time_base',
    num: 1,
    den: 90000,
  })
  t.same(parseOutputLine('[Parsed_showinfo_0 @ 0x1] [info] config out time_base: 0/0, frame_rate: 0/0').kind, 'noise')
  t.same(parseOutputLine('[info]   Stream #0:0: Video: hevc (Main), yuv420p(tv), 640x360, 25 fps'), {
    kind: 'stream',
    codec: 'hevc',
  })
  t.same(parseOutputLine('[info]     Stream #0:0(und): Video: h264 (High), yuv420p').kind, 'stream')
  t.same(parseOutputLine('[info]   Stream #1:0: Video: rawvideo (RGB[24] / 0x18424752), rgb24').kind, 'other')
  t.same(parseOutputLine('[h264 @ 0x1] [error] error while decoding MB 4 10, bytestream -7').kind, 'damage')
  t.same(parseOutputLine('[h264 @ 0x1] [info] concealing 1200 DC, 1200 AC, 1200 MV errors in I frame').kind, 'damage')
  t.same(parseOutputLine('[hevc @ 0x1] [error] CABAC_MAX_BIN : 7').kind, 'damage')
  t.same(parseOutputLine('[rtsp @ 0x1] [warning] RTP: missed 12 packets').kind, 'loss')
  t.same(
    parseOutputLine('[segment @ 0x1] [warning] Invalid DTS: 16384 PTS: 15872 in output stream 0:0, replacing by guess')
      .kind,
    'noise',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `[Parsed_showinfo_0 @ 0x1] [info] n: 0 pts: ${text}`),
      ),
      (line) => {
        const parsed = parseOutputLine(line)
        return (
          parsed.kind !== 'picture' ||
          (parsed.widthPx >= 0 && parsed.heightPx >= 0 && (parsed.pts === null || Number.isFinite(parsed.pts)))
        )
      },
    ),
  )
})

t.test('lines and frames are cut alike, however the pipe cuts them', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z ]{1,20}$/), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
      (lines, cuts) => {
        const text = lines.map((line) => `${line}\n`).join('')
        const got: string[] = []
        const splitter = new LineSplitter((line) => got.push(line))
        for (let at = 0, i = 0; at < text.length; at += cuts[i % cuts.length] ?? 1, i += 1)
          splitter.push(text.slice(at, at + (cuts[i % cuts.length] ?? 1)))
        splitter.end()
        t.same(got, lines)
      },
    ),
  )
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 17 }),
      fc.integer({ min: 1, max: 50 }),
      (bytes, frameBytes, cut) => {
        const frames: Uint8Array[] = []
        const splitter = new FrameSplitter(frameBytes, (frame) => frames.push(frame))
        for (let at = 0; at < bytes.length; at += cut) splitter.push(bytes.subarray(at, at + cut))
        t.equal(frames.length, Math.floor(bytes.length / frameBytes))
        t.same(Buffer.concat(frames), Buffer.from(bytes.subarray(0, frames.length * frameBytes)))
      },
    ),
  )
  const long: string[] = []
  const splitter = new LineSplitter((line) => long.push(line), 100)
  for (let i = 0; i < 1000; i += 1) splitter.push('x'.repeat(1000))
  splitter.push('\nnext\n')
  t.equal(long[0]?.length, 100, 'a line without an end does not fill the memory')
  t.equal(long[1], 'next')
})

t.test('boxes of a file that may be torn or nonsense', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const data = Buffer.from(bytes)
      const boxes = walkBoxes(data)
      boxes.forEach((box, i) => {
        t.ok(
          box.start >= (boxes[i - 1]?.end ?? 0) &&
            box.body >= box.start + 8 &&
            box.end >= box.body &&
            box.end <= data.length,
        )
      })
      wholeFragments(data)
      findBox(data, 'moov/trak/mdia')
      return readSegment(data) === null
    }),
  )
  const names = [
    'moov',
    'trak',
    'mdia',
    'mdhd',
    'minf',
    'stbl',
    'stsd',
    'avc1',
    'moof',
    'traf',
    'tfhd',
    'tfdt',
    'trun',
    'mdat',
  ]
  const tree: fc.Arbitrary<Buffer> = fc.letrec<{ box: Buffer; body: Buffer }>((tie) => ({
    body: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      fc.array(tie('box'), { maxLength: 4 }).map((boxes) => Buffer.concat(boxes)),
    ),
    box: fc.tuple(fc.constantFrom(...names), tie('body')).map(([name, body]) => {
      const head = Buffer.alloc(8)
      head.writeUInt32BE(8 + body.length)
      head.write(name, 4, 'latin1')
      return Buffer.concat([head, body])
    }),
  })).body
  fc.assert(
    fc.property(tree, (data) => {
      const facts = readSegment(data)
      return facts === null || facts.samples.length > 0
    }),
  )
})

t.test('texts that ffmpeg prints about itself and about files', async (t) => {
  const old =
    'ffmpeg version N-47683-g0e8eb07980-static https://x/  Copyright (c) 2000-2018 the FFmpeg developers\nlibavformat    58. 24.100 / 58. 24.100\n'
  t.same(parseVersion(old), { version: 'N-47683-g0e8eb07980-static', releasedYear: 2018, libavformat: 58.024 })
  t.equal(parseVersion('bash: no'), null)
  const about =
    '  Duration: 00:01:24.04, start: 0.000000, bitrate: 1\n  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 1920x1080 [SAR 1:1], 25 fps\n'
  t.same(parseClipFacts(about), { durationMs: 84_040, codec: 'h264', widthPx: 1920, heightPx: 1080 })
  fc.assert(fc.property(fc.string(), (text) => parseClipFacts(text) === null && parseVersion(text) === null))
  t.equal(indexOf('000000012.mp4'), 12)
  for (const name of ['12.mp4', 'ffmpeg.pid', '000000012.mp4.tmp', '../000000012.mp4']) t.equal(indexOf(name), null)
})
