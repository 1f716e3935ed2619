import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { KerbError } from '../../../contracts/base/index.js'
import { picturesPerS } from './background.js'
import type { Picture } from './canvas.js'

export interface FilmOptions {
  readonly ffmpegPath: string
  readonly file: string
  readonly kbps: number
}

/**
 * Encodes pictures as a street camera does: H.264 without B-frames at a bounded bit rate, a key frame every 2 s. One thread, because
 * x264 with a bounded rate does not repeat itself on two (seen), and no metadata: the same pictures give the same file. @throws KerbError `CLIP_UNWRITABLE`
 */
export async function writeFilm(
  pictures: AsyncIterable<Picture>,
  sizePx: readonly [number, number],
  options: FilmOptions,
): Promise<void> {
  const rate = `${options.kbps}k`
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', sizePx.join('x'), '-r', String(picturesPerS), '-i', 'pipe:0'] // prettier-ignore
  const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-bf', '0', '-g', String(2 * picturesPerS), '-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-pix_fmt', 'yuv420p'] // prettier-ignore
  const plain = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart']
  const child = spawn(options.ffmpegPath, ['-v', 'error', '-y', ...input, ...codec, ...plain, options.file], { stdio: ['pipe', 'ignore', 'pipe'] }) // prettier-ignore
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-800)
  })
  // The encoder may die while it is written to: its own words say more than the broken pipe.
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close') as Promise<[number | null]>
  closed.catch(() => undefined)
  try {
    for await (const { rgb } of pictures) {
      if (child.exitCode !== null || child.stdin.destroyed) break
      if (!child.stdin.write(rgb)) await Promise.race([once(child.stdin, 'drain'), closed])
    }
    child.stdin.end()
    const [code] = await closed
    if (code !== 0) throw new KerbError('CLIP_UNWRITABLE', `${options.file} could not be encoded: ${said.trim() || 'the encoder ended'}`, { code }) // prettier-ignore
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}
