import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CaptureError } from './errors.js'
import type { Ffmpeg } from './ffmpeg.js'
import { FrameSplitter, LineSplitter, parseOutputLine } from './ffmpeg-output.js'
import type { RawFrame } from './watch-run.js'

export type DecodedFrame = RawFrame

/**
 * Runs a short-lived decoder and hands out its pictures one by one, as fast as they are taken: while the taker works, ffmpeg waits.
 * `args` name input and filter (with `showinfo`); `feed` goes to its standard input. Leaving the loop or aborting ends the process.
 * @throws CaptureError `FFMPEG_FAILED` when it ends with an error before the first picture; the signal's reason when aborted; whatever
 *   the feed throws, after the pictures of what it gave.
 */
export async function* decodeFrames(
  ffmpeg: Pick<Ffmpeg, 'path' | 'passthrough'>,
  args: readonly string[],
  frameBytes: number,
  feed: AsyncIterable<Buffer> | null,
  signal: AbortSignal,
): AsyncGenerator<DecodedFrame, void, void> {
  signal.throwIfAborted()
  const all = [
    ...['-hide_banner', ...(feed === null ? ['-nostdin'] : []), '-nostats', '-loglevel', 'level+info'],
    ...args,
    ...[
      '-an',
      '-pix_fmt',
      'rgb24',
      '-c:v',
      'rawvideo',
      '-threads',
      '1',
      ...ffmpeg.passthrough,
      '-f',
      'rawvideo',
      'pipe:1',
    ],
  ]
  const child = spawn(ffmpeg.path, all, { stdio: ['pipe', 'pipe', 'pipe'] })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  signal.addEventListener('abort', kill, { once: true })
  const closed = once(child, 'close').catch((cause: unknown) => {
    throw new CaptureError('FFMPEG_FAILED', `ffmpeg could not be started: ${String(cause)}`, { path: ffmpeg.path })
  })
  closed.catch(() => undefined) // looked at below
  const notes = new DecodeNotes()
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes.push(text)
  })
  child.stderr.on('close', () => {
    notes.end()
  })
  const feeding = feed === null ? (child.stdin.end(), Promise.resolve()) : pump(feed, child.stdin)
  feeding.catch(() => undefined) // looked at below
  let count = 0
  try {
    const ready: Uint8Array[] = []
    const splitter = new FrameSplitter(frameBytes, (rgb) => ready.push(rgb))
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      splitter.push(chunk)
      for (let rgb = ready.shift(); rgb !== undefined; rgb = ready.shift()) {
        const picture = await notes.next()
        if (picture === null) break
        count += 1
        yield { rgb, ...picture }
      }
    }
    await closed
    signal.throwIfAborted()
    await feeding
    if (count === 0 && child.exitCode !== 0)
      throw new CaptureError('FFMPEG_FAILED', `the decoder ended with an error: ${notes.tail()}`, {
        exitCode: child.exitCode,
      })
  } finally {
    signal.removeEventListener('abort', kill)
    kill()
    child.stdin.destroy()
    await Promise.allSettled([closed, feeding])
  }
}

/** Until the feed ends. That the decoder has what it wanted, or ended, is no fault of the feed: its output tells. */
async function pump(feed: AsyncIterable<Buffer>, stdin: Writable): Promise<void> {
  try {
    await pipeline(feed, stdin)
  } catch (error) {
    if (!closedPipe.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
const closedPipe: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
])

type Note = Omit<RawFrame, 'rgb'>

/** showinfo lines in order; a damaged picture damages all until the next key frame. */
class DecodeNotes {
  readonly #notes: Note[] = []
  readonly #tail: string[] = []
  readonly #lines: LineSplitter
  #wake: (() => void) | undefined
  #msPerTick = 1 / 90
  #damage = false
  #damaged = false
  #ended = false
  constructor() {
    this.#lines = new LineSplitter((line) => {
      this.#onLine(line)
    })
  }
  push(text: string): void {
    this.#lines.push(text)
    this.#wake?.()
  }
  end(): void {
    this.#lines.end()
    this.#ended = true
    this.#wake?.()
  }
  tail(): string {
    return this.#tail.join(' | ')
  }
  async next(): Promise<Note | null> {
    for (;;) {
      const note = this.#notes.shift()
      if (note !== undefined) return note
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
  #onLine(line: string): void {
    const parsed = parseOutputLine(line)
    if (parsed.kind === 'time_base') this.#msPerTick = (1000 * parsed.num) / parsed.den
    else if (parsed.kind === 'damage') this.#damage = true
    else if (parsed.kind === 'picture') {
      this.#damaged = this.#damage || (this.#damaged && !parsed.key)
      this.#damage = false
      this.#notes.push({
        mediaMs: (parsed.pts ?? 0) * this.#msPerTick,
        pictureWidthPx: parsed.widthPx,
        pictureHeightPx: parsed.heightPx,
        damaged: this.#damaged || parsed.pts === null,
      })
    } else if (parsed.kind === 'other' && !line.includes('[info]')) {
      this.#tail.push(line)
      if (this.#tail.length > 8) this.#tail.shift()
    }
  }
}
