import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Box } from '../../contracts/base/index.js'

const jpegBytesMax = 4 << 20
/** Where a clip ends before the wished second, its last picture lies at most so far before it. */
const endS = [0, 1, 3]

/** One picture of a clip (or a part of it, 0..1) as a small JPEG; null when the clip has none near that second. */
export async function jpegAt(
  ffmpegPath: string,
  file: string,
  second: number,
  part: Box | null,
): Promise<Uint8Array | null> {
  for (const before of endS) {
    const jpeg = await tryJpeg(ffmpegPath, file, Math.max(0, second - before), part)
    if (jpeg !== null) return jpeg
  }
  return null
}

async function tryJpeg(ffmpegPath: string, file: string, second: number, part: Box | null): Promise<Uint8Array | null> {
  const crop = part && `crop=iw*${part[2].toFixed(4)}:ih*${part[3].toFixed(4)}:iw*${part[0].toFixed(4)}:ih*${part[1].toFixed(4)},` // prettier-ignore
  const input = ['-v', 'error', '-nostdin', '-threads', '1', '-ss', second.toFixed(3), '-i', file, '-frames:v', '1']
  const output = ['-vf', `${crop ?? ''}scale=${part ? 240 : 480}:-2`, '-q:v', '6', '-f', 'image2pipe', '-c:v', 'mjpeg', '-'] // prettier-ignore
  try {
    const options = { encoding: 'buffer', timeout: 30_000, maxBuffer: jpegBytesMax } as const
    const { stdout } = await promisify(execFile)(ffmpegPath, [...input, ...output], options)
    return stdout.length > 0 ? stdout : null
  } catch {
    return null // a truth that reaches past the end of the clip, or a damaged clip: the page shows "no picture"
  }
}
