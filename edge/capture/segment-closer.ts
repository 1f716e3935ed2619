import type { Clock, EpochMs, Log } from '../../contracts/base/index.js'
import type { SegmentLine } from './ffmpeg-output.js'
import type { GapLog } from './gap-log.js'
import type { SegmentFacts } from './mp4.js'
import type { Queue } from './queue.js'
import type { RingCamera, SegmentTimes } from './ring-camera.js'
import type { Run } from './run.js'
import type { CameraStatus } from './status.js'
import type { Gap, Segment } from './types.js'
import type { WallOffset } from './wall-offset.js'

/** A step of the wall clock beyond this spoils the times of the segment it happened in (EVIDENCE.md §6). */
const stepMsMax = 50

export interface SegmentCloserDeps {
  readonly clock: Clock
  readonly log: Log
  readonly wall: WallOffset
  readonly ring: RingCamera
  readonly gapLog: GapLog
  readonly status: CameraStatus
  readonly segments: Queue<Segment>
  readonly gaps: Queue<Gap>
}

/** From a file that ffmpeg has finished to a segment with its times, one after the other; and the gaps that they show. */
export class SegmentCloser {
  readonly #deps: SegmentCloserDeps
  #work: Promise<void> = Promise.resolve()

  constructor(deps: SegmentCloserDeps) {
    this.#deps = deps
  }

  /** All lines so far are dealt with. */
  get idle(): Promise<void> {
    return this.#work
  }

  /** ffmpeg has listed a file. It is closed when the run's times will not move any more. */
  onLine(run: Run, line: SegmentLine): void {
    const { status, log, ring } = this.#deps
    this.#work = this.#work
      .then(() => run.settled.promise)
      .then(() => this.#close(run, line))
      .catch((cause: unknown) => {
        status.setFault('SEGMENT_FAILED', `segment ${line.index} could not be kept: ${String(cause)}`)
        log.error({ camera: ring.camera, index: line.index, cause: String(cause) }, 'a segment could not be kept')
      })
  }

  async #close(run: Run, line: SegmentLine): Promise<void> {
    if (run.stop === 'codec') return
    const { ring, wall } = this.#deps
    const stepped = Math.abs(wall.follow()) > stepMsMax
    let lineMs = line.toMediaMs - line.fromMediaMs
    const next = { atMs: 0 as EpochMs }
    const closed = await ring.close(line.index, (facts) => {
      const times = this.#timesOf(run, line, facts, stepped)
      lineMs = line.toMediaMs - times.fromMediaMs
      next.atMs = times.endMs
      return times
    })
    run.firstLine = false
    if (closed === null) return
    const { segment, facts } = closed
    run.lastSegment = { index: segment.index, toMediaMs: line.toMediaMs, toMs: next.atMs }
    this.#emit(segment, facts, segment.timeUsable ? lineMs : (facts?.durationMs ?? 0))
    await ring.maintain()
  }

  /** `endMs`: where the next segment begins. After a step back of the clock that is before the end told, which never lies before its start. */
  #timesOf(
    run: Run,
    line: SegmentLine,
    facts: SegmentFacts | null,
    stepped: boolean,
  ): SegmentTimes & { readonly endMs: EpochMs } {
    // The first line says 0 as its start; the first picture knows better (trap 8).
    const fromMediaMs = run.firstLine
      ? (run.firstMediaMs ?? line.toMediaMs - (facts?.durationMs ?? 0))
      : line.fromMediaMs
    const before = run.lastSegment
    const fromMs = before?.index === line.index - 1 ? before.toMs : this.#wallOf(run, fromMediaMs)
    const toMs = run.timeUsable ? this.#wallOf(run, line.toMediaMs) : this.#deps.clock.wallMs()
    const sameRule = run.arrivalTimes === !run.clock.usable
    run.arrivalTimes = !run.clock.usable
    const timeUsable = run.timeUsable && sameRule && !stepped && toMs >= fromMs
    const told = Math.max(toMs, fromMs) as EpochMs
    return { fromMs, toMs: told, fromMediaMs, timeUsable, endMs: stepped ? toMs : told }
  }

  /** Files that a killed ffmpeg left without a line. */
  async closeLeftovers(run: Run): Promise<void> {
    const { ring } = this.#deps
    for (const index of await ring.unlisted()) {
      const before = run.lastSegment
      const closed = await ring.close(index, (facts, mtimeMs) => {
        const durationMs = Math.round(facts?.durationMs ?? 0)
        const fromMediaMs = before?.toMediaMs ?? run.firstMediaMs ?? 0
        const known = before !== null || run.firstMediaMs !== null
        const fromMs =
          before?.toMs ?? (known ? this.#wallOf(run, fromMediaMs) : (Math.round(mtimeMs - durationMs) as EpochMs))
        return { fromMs, toMs: (fromMs + durationMs) as EpochMs, fromMediaMs, timeUsable: run.timeUsable && known }
      })
      if (closed === null) continue
      const durationMs = closed.facts?.durationMs ?? 0
      run.lastSegment = { index, toMediaMs: closed.segment.fromMediaMs + durationMs, toMs: closed.segment.toMs }
      this.#emit(closed.segment, closed.facts, durationMs)
    }
    await ring.maintain()
  }

  #emit(segment: Segment, facts: SegmentFacts | null, lineMs: number): void {
    for (const gap of this.#deps.gapLog.onSegment(segment, facts, lineMs)) this.#deps.gaps.put(gap)
    this.#deps.segments.put(segment)
  }

  #wallOf(run: Run, mediaMs: number): EpochMs {
    return Math.round(this.#deps.wall.wallOf(run.clock.monoOf(mediaMs))) as EpochMs
  }
}
