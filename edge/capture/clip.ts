import type { CameraId, EpochMs, Log } from '../../contracts/base/index.js'
import { decodeFrames } from './decode.js'
import { CaptureError } from './errors.js'
import type { Ffmpeg } from './ffmpeg.js'
import { lookBackFilter } from './look-back.js'
import { pictureOf, scaleFilter } from './scaling.js'
import type { LookBackGate } from './look-back-gate.js'
import { probeClip } from './probe-clip.js'
import { Queue } from './queue.js'
import { listClips } from './source-url.js'
import type { CameraHealth, Gap, LookBackRequest, ReplayedFrame, Segment, VideoSource, WatchFrame } from './types.js'

export interface ClipOptions {
  readonly camera: CameraId
  /** Distance of the pictures handed out; default 1 s. */
  readonly intervalS?: number
  /** Wall time of the first picture. */
  readonly startsAtMs: EpochMs
  readonly watchPx: readonly [width: number, height: number]
}

export interface ClipDeps {
  readonly ffmpeg: Ffmpeg
  readonly gate: LookBackGate
  readonly log: Log
}

/**
 * A file, or the files of a folder one after the other, as a source on its own clock: `wallMs` = `startsAtMs` + time in the file.
 * Read as fast as the taker wants and never dropped: the same pictures at any load. `keyFrames()` gives one picture every
 * `intervalS` (key frames of foreign clips lie 0.7–8 s apart); `segments()` and `gaps()` end at once.
 */
export function openClip(path: string, options: ClipOptions, deps: ClipDeps): VideoSource {
  return new ClipSource(path, options, deps)
}

interface ClipFile {
  readonly path: string
  readonly startMs: number
}

class ClipSource implements VideoSource {
  readonly camera: CameraId
  readonly #options: ClipOptions
  readonly #deps: ClipDeps
  readonly #closing = new AbortController()
  readonly #files: Promise<readonly ClipFile[]>
  #taken = false
  #state: CameraHealth['state'] = 'starting'
  #fault: CameraHealth['fault'] = null
  #last: WatchFrame | null = null
  #damaged = 0

  constructor(path: string, options: ClipOptions, deps: ClipDeps) {
    this.camera = options.camera
    this.#options = options
    this.#deps = deps
    this.#files = layOut(path, deps.ffmpeg, this.#closing.signal)
    this.#files.catch(() => undefined) // told to whoever takes the pictures
  }

  segments(): AsyncIterable<Segment> {
    return empty<Segment>()
  }
  gaps(): AsyncIterable<Gap> {
    return empty<Gap>()
  }
  replay(): AsyncIterable<ReplayedFrame> {
    return empty<ReplayedFrame>()
  }

  keyFrames(): AsyncIterable<WatchFrame> {
    if (this.#taken) throw new CaptureError('ITERATOR_TAKEN', 'this iterator has a taker already')
    this.#taken = true
    return this.#sample()
  }

  async *#sample(): AsyncGenerator<WatchFrame, void, void> {
    const [widthPx, heightPx] = this.#options.watchPx
    const intervalS = this.#options.intervalS ?? 1
    let index = 0
    this.#state = 'running'
    try {
      for (const file of await this.#files) {
        // The first picture at or after each multiple of the interval; a tenth of a millisecond forgives rounding of the time base.
        const slot = (time: string): string => `floor((${time}+0.0001)/${intervalS})`
        const filter = `select=isnan(prev_selected_t)+gt(${slot('t')}\\,${slot('prev_selected_t')}),showinfo=checksum=0,${scaleFilter(widthPx, heightPx)}`
        const args = ['-threads', '1', '-i', file.path, '-map', '0:v:0', '-vf', filter]
        for await (const frame of decodeFrames(
          this.#deps.ffmpeg,
          args,
          widthPx * heightPx * 3,
          null,
          this.#closing.signal,
        )) {
          const mediaMs = file.startMs + frame.mediaMs
          const wallMs = Math.round(this.#options.startsAtMs + mediaMs) as EpochMs
          const watch = { camera: this.camera, index, widthPx, heightPx, ...frame, mediaMs, wallMs }
          if (frame.damaged) this.#damaged += 1
          this.#last = { ...watch, rgb: new Uint8Array(0) }
          index += 1
          yield watch
        }
      }
    } catch (cause) {
      if (this.#closing.signal.aborted) return
      this.#fault = {
        code: 'SOURCE_INVALID',
        message: cause instanceof Error ? cause.message : String(cause),
        sinceMs: this.#options.startsAtMs,
      }
      throw cause
    } finally {
      this.#state = 'stopped'
    }
  }

  async *lookBack(request: LookBackRequest, signal: AbortSignal): AsyncGenerator<WatchFrame, void, void> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    const release = await this.#deps.gate.acquire(both, request.dueMs)
    try {
      let index = 0
      for await (const frame of this.#decodeWindow(request, both)) {
        yield { ...frame, index }
        index += 1
      }
      if (index === 0)
        throw new CaptureError('WINDOW_GONE', `${this.camera}: the clip has no picture in this window`, { ...request })
    } finally {
      release()
    }
  }

  async *#decodeWindow(request: LookBackRequest, signal: AbortSignal): AsyncGenerator<WatchFrame, void, void> {
    const { startsAtMs } = this.#options
    const { widthPx, heightPx } = request
    const files = await this.#files
    for (const [i, file] of files.entries()) {
      const fileFromMs = startsAtMs + file.startMs
      const nextMs = startsAtMs + (files[i + 1]?.startMs ?? Infinity)
      if (nextMs <= request.fromMs || fileFromMs > request.toMs) continue
      const startS = Math.max(0, (request.fromMs - fileFromMs) / 1000)
      // Seeks to the key frame before; every picture from there is decoded, and `select` takes from `startS` on.
      const seek = startS > 20 ? ['-ss', (startS - 20).toFixed(3), '-copyts', '-noaccurate_seek'] : ['-copyts']
      const args = ['-threads', '1', ...seek, '-i', file.path, '-map', '0:v:0', '-vf', lookBackFilter(request, startS)]
      for await (const frame of decodeFrames(this.#deps.ffmpeg, args, widthPx * heightPx * 3, null, signal)) {
        const mediaMs = file.startMs + frame.mediaMs
        const wallMs = Math.round(startsAtMs + mediaMs) as EpochMs
        if (wallMs < request.fromMs) continue
        if (wallMs > request.toMs) return
        yield { camera: this.camera, index: 0, ...pictureOf(request, frame), ...frame, mediaMs, wallMs }
      }
    }
  }

  health(): CameraHealth {
    return {
      state: this.#state,
      fault: this.#fault,
      lastFrameMs: this.#last?.wallMs ?? null,
      gopMs: null,
      pictureWidthPx: this.#last?.pictureWidthPx ?? null,
      pictureHeightPx: this.#last?.pictureHeightPx ?? null,
      codec: null,
      transport: 'file',
      restarts: 0,
      framesDropped: 0,
      framesDamaged: this.#damaged,
      bitsPerSecond: null,
      clockUsable: true,
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('the clip was closed'))
    this.#state = 'stopped'
    return Promise.resolve()
  }
}

function empty<Item>(): AsyncIterable<Item> {
  const queue = new Queue<Item>()
  queue.end()
  return queue.take()
}

/** Lays the files of a folder one after the other by their declared durations. */
async function layOut(path: string, ffmpeg: Ffmpeg, signal: AbortSignal): Promise<ClipFile[]> {
  const files: ClipFile[] = []
  let startMs = 0
  for (const file of await listClips(path)) {
    signal.throwIfAborted()
    files.push({ path: file, startMs })
    startMs += (await probeClip(ffmpeg, file)).durationMs
  }
  return files
}
