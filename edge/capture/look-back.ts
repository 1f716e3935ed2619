import type { CameraId, EpochMs, Log } from '../../contracts/base/index.js'
import { decodeFrames, type DecodedFrame } from './decode.js'
import { CaptureError } from './errors.js'
import type { Ffmpeg } from './ffmpeg.js'
import { SegmentJoiner } from './join.js'
import type { LookBackGate } from './look-back-gate.js'
import { readSegment, type SegmentFacts } from './mp4.js'
import type { RingCamera } from './ring-camera.js'
import { cropFilter, pictureOf, scaleFilter } from './scaling.js'
import type { LookBackRequest, Segment, WatchFrame } from './types.js'

export interface LookBackDeps {
  readonly ffmpeg: Ffmpeg
  /** Undefined: takes no turn. */
  readonly gate: LookBackGate | undefined
  readonly log: Log
}

/** `select` that keeps the true times of the chosen pictures (the `fps` filter would stamp them anew), crop, scale. */
export function lookBackFilter(request: LookBackRequest, startS: number): string {
  const stepS = 1 / request.fps - 0.001
  const rate = Number.isFinite(request.fps)
    ? `*(isnan(prev_selected_t)+gte(t-prev_selected_t\\,${stepS.toFixed(4)}))`
    : ''
  const crop = request.crop === null ? '' : `${cropFilter(request.crop)},`
  return `select=gte(t\\,${startS.toFixed(4)})${rate},showinfo=checksum=0,${crop}${scaleFilter(request.widthPx, request.heightPx)}`
}

/** Decodes a window of the ring. Its files are kept from deletion until the taker is done or leaves. */
export async function* lookBackRing(
  camera: CameraId,
  ring: RingCamera | null,
  request: LookBackRequest,
  deps: LookBackDeps,
  signal: AbortSignal,
): AsyncGenerator<WatchFrame, void, void> {
  const segments = ring?.cover(request.fromMs, request.toMs) ?? []
  if (ring === null || segments.length === 0)
    throw new CaptureError('WINDOW_GONE', `${camera}: nothing of the window is in the ring any more`, { ...request })
  const unpin = ring.pin(segments)
  let release = (): void => undefined
  try {
    if (deps.gate !== undefined) release = await deps.gate.acquire(signal, request.dueMs)
    const reader = new SegmentReader(segments, ring, deps.log)
    let index = 0
    while (!reader.done) {
      for await (const frame of decodeRun(reader, request, deps.ffmpeg, signal)) {
        yield { camera, index, ...pictureOf(request, frame), ...frame }
        index += 1
      }
      signal.throwIfAborted()
    }
  } finally {
    unpin()
    release()
  }
}

interface LoadedSegment {
  readonly segment: Segment
  readonly data: Buffer
  readonly facts: SegmentFacts
}

/** Reads one segment ahead, so that a change of the stream is seen before it is joined. */
class SegmentReader {
  readonly #segments: Segment[]
  readonly #ring: RingCamera
  readonly #log: Log
  #ahead: LoadedSegment | null = null
  constructor(segments: readonly Segment[], ring: RingCamera, log: Log) {
    this.#segments = [...segments]
    this.#ring = ring
    this.#log = log
  }
  get done(): boolean {
    return this.#ahead === null && this.#segments.length === 0
  }
  async peek(): Promise<LoadedSegment | null> {
    while (this.#ahead === null) {
      const segment = this.#segments.shift()
      if (segment === undefined) return null
      const data = await this.#ring.read(segment).catch(() => null)
      const facts = data === null ? null : readSegment(data)
      if (data === null || facts === null)
        this.#log.warn({ camera: segment.camera, index: segment.index }, 'a segment could not be read for a look back')
      else this.#ahead = { segment, data, facts }
    }
    return this.#ahead
  }
  take(): void {
    this.#ahead = null
  }
}

interface Placed {
  readonly startMs: number
  readonly loaded: LoadedSegment
}

/** One decoder for segments that fit together without a hole. */
async function* decodeRun(
  reader: SegmentReader,
  request: LookBackRequest,
  ffmpeg: Ffmpeg,
  signal: AbortSignal,
): AsyncGenerator<Omit<WatchFrame, 'camera' | 'index' | 'widthPx' | 'heightPx' | 'shown'>, void, void> {
  const first = await reader.peek()
  if (first === null) return
  const joiner = new SegmentJoiner()
  const placed: Placed[] = []
  async function* feed(): AsyncGenerator<Buffer, void, void> {
    for (let next = await reader.peek(); next !== null; next = await reader.peek()) {
      const before = placed.at(-1)?.loaded.segment
      if (!joiner.fits(next.facts) || (before !== undefined && next.segment.fromMs - before.toMs > 500)) return
      reader.take()
      const part = joiner.push(next.data)
      // The bytes are on their way; only where they lie is kept.
      placed.push({ startMs: part.startMs, loaded: { ...next, data: Buffer.alloc(0) } })
      yield part.bytes
    }
  }
  const startS = Math.max(0, mediaOf(first, request.fromMs) - 0.5) / 1000
  const skip = request.keyFramesOnly === true ? ['-skip_frame', 'nokey'] : []
  const args = ['-threads', '1', ...skip, '-f', 'mp4', '-i', 'pipe:0', '-vf', lookBackFilter(request, startS)]
  for await (const frame of decodeFrames(ffmpeg, args, request.widthPx * request.heightPx * 3, feed(), signal)) {
    const place = placeOf(placed, frame)
    if (place === null || place.wallMs < request.fromMs) continue
    const { wallMs, mediaMs } = place
    if (wallMs > request.toMs) {
      // What is left of the window's files lies behind its end.
      while ((await reader.peek()) !== null) reader.take()
      return
    }
    yield { ...frame, wallMs, mediaMs }
  }
}

/** How much longer a segment took on the box's clock than its time stamps say; 1 unless the camera's rate is wrong. */
function stretch({ segment, facts }: LoadedSegment): number {
  const ratio = (segment.toMs - segment.fromMs) / facts.durationMs
  return Number.isFinite(ratio) && Math.abs(ratio - 1) > 0.02 && ratio > 0.5 && ratio < 2 && segment.timeUsable
    ? ratio
    : 1
}

/** Time in the joined stream of an instant of its first segment. */
function mediaOf(first: LoadedSegment, wallMs: number): number {
  return (wallMs - first.segment.fromMs) / stretch(first) + first.facts.firstPtsMs
}

/** Instant of a picture, and its time stamp as the watch frames of the same connection have it. */
function placeOf(
  placed: readonly Placed[],
  frame: DecodedFrame,
): { readonly wallMs: EpochMs; readonly mediaMs: number } | null {
  const part =
    placed.findLast(({ startMs, loaded }) => startMs + loaded.facts.firstPtsMs <= frame.mediaMs + 0.5) ?? placed[0]
  if (part === undefined) return null
  const { segment, facts } = part.loaded
  const insideMs = frame.mediaMs - part.startMs - facts.firstPtsMs
  const wallMs = Math.round(segment.fromMs + insideMs * stretch(part.loaded)) as EpochMs
  return { wallMs, mediaMs: segment.fromMediaMs + insideMs }
}
