import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { KerbError } from '../../contracts/base/index.js'
import type { Picture } from '../../edge/vision/types.js'

const run = promisify(execFile)
/** 8192 x 8192 RGB with its header. */
const pictureBytesMax = 8192 * 8192 * 3 + 64

/** Decodes a still picture as it lies in the file (no turning by EXIF: boxes are in pixels of the file). @throws KerbError `PICTURE_UNREADABLE` */
export async function decodePicture(file: string, ffmpegPath = 'ffmpeg'): Promise<Picture> {
  const args = ['-v', 'error', '-noautorotate', '-threads', '1', '-i', file]
  const sink = ['-frames:v', '1', '-pix_fmt', 'rgb24', '-c:v', 'ppm', '-f', 'image2pipe', '-']
  try {
    const { stdout } = await run(ffmpegPath, [...args, ...sink], { encoding: 'buffer', maxBuffer: pictureBytesMax })
    return parsePpm(stdout)
  } catch (cause) {
    throw new KerbError('PICTURE_UNREADABLE', `${file} cannot be read as a picture`, { file }, { cause })
  }
}

/** Binary PPM: `P6`, width, height, 255, then RGB. @throws KerbError `PICTURE_UNREADABLE` */
export function parsePpm(bytes: Uint8Array): Picture {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64))
  const match = /^P6\s+(\d{1,5})\s+(\d{1,5})\s+255\s/.exec(head)
  const widthPx = Number(match?.[1] ?? 0)
  const heightPx = Number(match?.[2] ?? 0)
  const from = match?.[0].length ?? 0
  const size = widthPx * heightPx * 3
  if (size === 0 || bytes.length < from + size)
    throw new KerbError('PICTURE_UNREADABLE', 'not a whole binary PPM picture', { bytes: bytes.length })
  return { rgb: bytes.slice(from, from + size), widthPx, heightPx }
}
