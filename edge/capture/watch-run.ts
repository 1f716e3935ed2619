import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../../contracts/base/index.js'
import { FrameSplitter, LineSplitter, parseOutputLine, parseSegmentLine, type SegmentLine } from './ffmpeg-output.js'
import type { WatchCommand } from './watch-args.js'

/** A picture with what showinfo said about it. */
export interface RawFrame {
  readonly rgb: Uint8Array
  readonly mediaMs: number
  /** The camera's own size, before scaling. */
  readonly pictureWidthPx: number
  readonly pictureHeightPx: number
  readonly damaged: boolean
}

export interface WatchHooks {
  onFrame(frame: RawFrame): void
  onSegment(line: SegmentLine): void
  /** Codec as ffmpeg names it, once a run. */
  onCodec(codec: string): void
  /** More lines than frames or the reverse: the order is lost. */
  onPairingLost(): void
}

export interface RunEnd {
  readonly exitCode: number | null
  readonly signalName: NodeJS.Signals | null
  /** Last lines of standard error that say something, as ffmpeg printed them: scrub before logging. */
  readonly stderrTail: string
}

export interface WatchRun {
  readonly pid: number | undefined
  /** SIGTERM, so that ffmpeg closes its file; SIGKILL after the grace time, because a blocked ffmpeg ignores it (trap 4). */
  stop(): void
  /** The process is gone and all its output has been read. Never rejects. */
  readonly ended: Promise<RunEnd>
}

const tailLinesMax = 30
const pendingMax = 64

/**
 * Starts ffmpeg once and reads its three outputs without ever waiting: a reader that stands still makes it stop recording.
 * The n-th showinfo line belongs to the n-th frame; a decoder error before a line marks that frame as damaged.
 */
export function startWatch(
  path: string,
  { args, stdin }: WatchCommand,
  frameBytes: number,
  hooks: WatchHooks,
  deps: { readonly clock: Clock; readonly killGraceMs: number },
): WatchRun {
  const child = spawn(path, args, { stdio: [stdin === null ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'] })
  const pairer = new Pairer(hooks)
  const tail: string[] = []
  const segments = new LineSplitter((line) => {
    const parsed = parseSegmentLine(line)
    if (parsed !== null) hooks.onSegment(parsed)
  })
  const messages = new LineSplitter((line) => {
    const parsed = parseOutputLine(line)
    if (parsed.kind === 'loss' || parsed.kind === 'damage' || (parsed.kind === 'other' && !line.includes('[info]'))) {
      tail.push(line)
      if (tail.length > tailLinesMax) tail.shift()
    }
    if (parsed.kind === 'stream') hooks.onCodec(parsed.codec)
    else if (parsed.kind === 'picture') pairer.onPicture(parsed)
    else if (parsed.kind === 'time_base') pairer.setTimeBase(parsed.num, parsed.den)
    else if (parsed.kind === 'damage') pairer.onDamage()
  })
  const frames = new FrameSplitter(frameBytes, (rgb) => {
    pairer.onRgb(rgb)
  })
  const [input, stdout, stderr, list] = child.stdio as unknown as [Writable | null, Readable, Readable, Readable] // as `stdio` above asks for
  input?.on('error', () => undefined).end(stdin) // a process that did not start tells it by `error` below
  stdout.on('data', (chunk: Buffer) => {
    frames.push(chunk)
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    messages.push(text)
  })
  list.setEncoding('utf8').on('data', (text: string) => {
    segments.push(text)
  })
  for (const stream of [stdout, stderr, list]) stream.on('error', () => undefined) // the end is told by `close`

  const gone = new AbortController()
  const ended = new Promise<RunEnd>((resolve) => {
    let startFault = ''
    child.once('error', (cause) => {
      startFault = `cannot start ffmpeg: ${cause.message}`
      if (child.pid === undefined) finish()
    })
    child.once('close', () => {
      finish()
    })
    const finish = (): void => {
      gone.abort()
      segments.end()
      messages.end()
      resolve({ exitCode: child.exitCode, signalName: child.signalCode, stderrTail: [...tail, startFault].join('\n') })
    }
  })
  let stopping = false
  return {
    pid: child.pid,
    ended,
    stop(): void {
      if (stopping) return
      stopping = true
      child.kill('SIGTERM')
      deps.clock.sleep(deps.killGraceMs, gone.signal).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      )
    },
  }
}

/** Brings frames and lines together; also used by look backs. */
export class Pairer {
  readonly #pictures: Omit<RawFrame, 'rgb'>[] = []
  readonly #rgbs: Uint8Array[] = []
  readonly #hooks: Pick<WatchHooks, 'onFrame' | 'onPairingLost'>
  #msPerTick = 1 / 90
  #damaged = false
  #lastMs = 0
  constructor(hooks: Pick<WatchHooks, 'onFrame' | 'onPairingLost'>) {
    this.#hooks = hooks
  }
  setTimeBase(num: number, den: number): void {
    this.#msPerTick = (1000 * num) / den
  }
  onDamage(): void {
    this.#damaged = true
  }
  onPicture(line: { readonly pts: number | null; readonly widthPx: number; readonly heightPx: number }): void {
    const mediaMs = line.pts === null ? this.#lastMs : line.pts * this.#msPerTick
    this.#pictures.push({
      mediaMs,
      pictureWidthPx: line.widthPx,
      pictureHeightPx: line.heightPx,
      damaged: this.#damaged || line.pts === null,
    })
    this.#lastMs = mediaMs
    this.#damaged = false
    this.#join()
  }
  onRgb(rgb: Uint8Array): void {
    this.#rgbs.push(rgb)
    this.#join()
  }
  #join(): void {
    if (this.#pictures.length > pendingMax || this.#rgbs.length > pendingMax) {
      this.#hooks.onPairingLost()
      this.#rgbs.length = 0
      this.#pictures.length = 0
    }
    for (;;) {
      const rgb = this.#rgbs[0]
      const picture = this.#pictures[0]
      if (rgb === undefined || picture === undefined) return
      this.#rgbs.shift()
      this.#pictures.shift()
      this.#hooks.onFrame({ rgb, ...picture })
    }
  }
}
