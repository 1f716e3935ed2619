import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { decodeFrames, type DecodedFrame } from './decode.js'
import { probeFfmpeg } from './index.js'
import { makeClip } from './test-kit.js'

// Goal: whoever reads pictures learns of every fault: of the decoder, of the feed, of himself.
t.setTimeout(60_000)
const ffmpeg = await probeFfmpeg(null)
const dir = t.testdir()
// a stream of fragments, as the ring holds it: an ordinary MP4 has its index at the end
const whole = await makeClip(join(dir, 'clips'), { name: 'a.mp4', seconds: 4, gopS: 1 })
const fragmented = join(dir, 'fragmented.mp4')
execFileSync(ffmpeg.path, [
  '-v',
  'error',
  '-i',
  whole,
  '-c',
  'copy',
  '-movflags',
  'frag_keyframe+empty_moov',
  fragmented,
])
const clip = await readFile(fragmented)
const [widthPx, heightPx] = [160, 90]
const args = ['-threads', '1', '-f', 'mp4', '-i', 'pipe:0', '-vf', `showinfo=checksum=0,scale=${widthPx}:${heightPx}`]

async function* fedWith(bytes: Buffer, fault: Error | null): AsyncGenerator<Buffer, void, void> {
  yield bytes
  if (fault !== null) throw fault
}

function decode(feed: AsyncIterable<Buffer>): AsyncGenerator<DecodedFrame, void, void> {
  return decodeFrames(ffmpeg, args, widthPx * heightPx * 3, feed, new AbortController().signal)
}

t.test('a feed that fails half-way: the pictures of what came, then its own fault', async (t) => {
  let pictures = 0
  const run = async (): Promise<void> => {
    for await (const _ of decode(fedWith(clip, new Error('the disk is gone')))) pictures += 1
  }
  await t.rejects(run(), { message: 'the disk is gone' })
  t.ok(pictures > 50, `${pictures} pictures`)
})

t.test('who has seen enough leaves, and nothing is left behind', async (t) => {
  for await (const { rgb } of decode(fedWith(clip, null))) {
    t.equal(rgb.length, widthPx * heightPx * 3)
    break
  }
})

t.test('what is no video is told by the decoder', async (t) => {
  const run = async (): Promise<void> => {
    for await (const _ of decode(fedWith(Buffer.alloc(4096, 7), null))) t.fail('no picture')
  }
  await t.rejects(run(), { code: 'FFMPEG_FAILED' })
})
