import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import type { GapReason } from '../../contracts/terms.js'
import type { SegmentFacts } from './mp4.js'
import type { Gap, Segment } from './types.js'

/** Finds the holes in what was recorded. Pure: times come from the segments. */
export class GapLog {
  readonly #camera: CameraId
  readonly #gapMs: number
  #lastEndMs: EpochMs | null
  #reason: GapReason = 'restart'
  #running = false
  constructor(camera: CameraId, gapMs: number, lastEndMs: EpochMs | null) {
    this.#camera = camera
    this.#gapMs = gapMs
    this.#lastEndMs = lastEndMs
  }

  /** Recording stopped for this reason; the first one counts until pictures are back. */
  stopped(reason: GapReason): void {
    if (this.#running) this.#reason = reason
    this.#running = false
  }

  /** Holes that this segment shows: before it, and inside it, where the camera sent nothing but kept the connection. */
  onSegment(segment: Segment, facts: SegmentFacts | null, lineMs: number): Gap[] {
    const gaps: Gap[] = []
    if (this.#lastEndMs !== null && segment.fromMs - this.#lastEndMs > this.#gapMs)
      gaps.push(this.#gap(this.#lastEndMs, segment.fromMs, this.#reason))
    if (facts !== null && segment.timeUsable) gaps.push(...this.#inside(segment, facts, lineMs))
    this.#lastEndMs = segment.toMs
    this.#running = true
    return gaps
  }

  /** A hole that has lasted at least `pieceMs` is told up to now, so that a long outage does not wait for its end. */
  piece(nowMs: EpochMs, pieceMs: number): Gap | null {
    if (this.#lastEndMs === null || nowMs - this.#lastEndMs < pieceMs) return null
    const gap = this.#gap(this.#lastEndMs, nowMs, this.#reason)
    this.#lastEndMs = nowMs
    return gap
  }

  #inside(segment: Segment, facts: SegmentFacts, lineMs: number): Gap[] {
    const msPerTick = 1000 / facts.timescale
    const durations = facts.samples.map((sample) => sample.duration * msPerTick).sort((a, b) => a - b)
    const usualMs = durations[Math.floor(durations.length / 2)] ?? 0
    const origin = facts.samples[0]?.dts ?? 0
    const holes = facts.samples
      .filter((sample) => sample.duration * msPerTick > this.#gapMs + usualMs)
      .map((sample) => {
        const fromMs = segment.fromMs + (sample.dts - origin) * msPerTick + usualMs
        return this.#gap(fromMs, fromMs + sample.duration * msPerTick - usualMs, 'rtsp_timeout')
      })
    const tailMs = lineMs - facts.durationMs
    if (tailMs > this.#gapMs) holes.push(this.#gap(segment.toMs - tailMs, segment.toMs, 'rtsp_timeout'))
    return holes
  }

  #gap(fromMs: number, toMs: number, reason: GapReason): Gap {
    return { camera: this.#camera, fromMs: Math.round(fromMs) as EpochMs, toMs: Math.round(toMs) as EpochMs, reason }
  }
}
