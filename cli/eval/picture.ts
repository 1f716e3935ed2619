import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const jpegBytesMax = 4 << 20

/** One picture of a clip as JPEG, 480 px wide; null when the clip has none at that second (the report says so). */
export async function jpegAt(ffmpegPath: string, file: string, second: number): Promise<Uint8Array | null> {
  const args = [
    '-v',
    'error',
    '-ss',
    Math.max(0, second).toFixed(3),
    '-i',
    file,
    '-frames:v',
    '1',
    '-vf',
    'scale=480:-2',
  ]
  const output = ['-q:v', '5', '-f', 'image2pipe', '-c:v', 'mjpeg', '-']
  try {
    const options = { encoding: 'buffer', timeout: 30_000, maxBuffer: jpegBytesMax } as const
    const { stdout } = await promisify(execFile)(ffmpegPath, [...args, ...output], options)
    return stdout.length > 0 ? stdout : null
  } catch {
    return null // a truth that reaches past the end of the clip, or a damaged clip: the page shows "no picture"
  }
}
