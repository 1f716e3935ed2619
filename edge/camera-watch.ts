import type { CameraId, Clock, EpochMs, IncidentId, Log } from '../contracts/base/index.js'
import type { Segment, VideoSource, WatchFrame } from './capture/types.js'
import type { Evidence } from './evidence/index.js'
import type { IncidentChange } from './incidents/index.js'
import type { CameraLine } from './line.js'
import { memoryMsMax, replayRing, type ReplayPlan } from './ring-replay.js'
import { writeSnapshot } from './snapshot-file.js'
import type { Vision } from './vision/index.js'
import type { Facts } from './vision/types.js'

export interface CameraWatchDeps {
  readonly camera: CameraId
  readonly source: VideoSource
  readonly line: CameraLine
  readonly vision: Vision
  readonly evidence: Evidence
  readonly clock: Clock
  readonly log: Log
  readonly snapshotFile: string
  /** What of the ring is watched again before the first live picture. */
  readonly replay: ReplayPlan | null
  /** Lets vision and the line forget what is too old to be of help. */
  readonly startFresh: () => Promise<void>
}

/** What the panel and the benches read. */
export interface WatchCounters {
  readonly framesSeen: number
  /** Shed by vision under overload; those that capture dropped are in its own health. */
  readonly framesShed: number
  readonly gaps: number
  readonly facts: Facts | null
  readonly lastSegment: Segment | null
  readonly changes: readonly IncidentChange[]
}

const snapshotEveryMs = 120_000
/** A window whose end was never recorded is read as far as it is there. */
const recordedPatienceMs = 60_000
const changesKept = 200

/** One live camera: its frames, segments and gaps run through the line; what changes becomes evidence, in order. */
export class CameraWatch {
  readonly #deps: CameraWatchDeps
  #framesSeen = 0
  #framesShed = 0
  #gaps = 0
  #facts: Facts | null = null
  #changes: IncidentChange[] = []
  #lastSegment: Segment | null = null
  #recordedUntilMs = 0 as EpochMs
  #told: Promise<void> = Promise.resolve()
  #snapshotMono = -Infinity
  /** Until the ring has been watched again, look backs and gaps belong to the replay. */
  #live = false
  #replayedUntilMs: EpochMs | null = null
  readonly #looks = new Set<Promise<void>>()
  /** When the picture that made an act due was whole on the box. */
  readonly #dueAtMs = new Map<IncidentId, EpochMs>()

  constructor(deps: CameraWatchDeps) {
    this.#deps = deps
  }

  counters(): WatchCounters {
    return {
      framesSeen: this.#framesSeen,
      framesShed: this.#framesShed,
      gaps: this.#gaps,
      facts: this.#facts,
      lastSegment: this.#lastSegment,
      changes: this.#changes,
    }
  }

  /** Resolves when the source has ended and everything that it led to is committed. */
  async run(signal: AbortSignal): Promise<void> {
    const frames = this.#replay(signal).then(() => this.#takeFrames(signal))
    await Promise.all([this.#takeSegments(signal), this.#takeGaps(), frames])
    await Promise.allSettled(this.#looks)
    await this.#told
    await this.snapshot()
  }

  async snapshot(): Promise<void> {
    const { camera, vision, line, snapshotFile, log } = this.#deps
    if (this.#facts === null) return
    const atMs = this.#facts.wallMs
    try {
      const bytes = await vision.snapshot(camera)
      await writeSnapshot(snapshotFile, { atMs, line: line.state, vision: bytes })
    } catch (error) {
      log.warn({ camera, err: error }, 'the snapshot could not be written: a restart would begin fresh')
    }
  }

  /** A restart loses nothing that is in the ring: it is watched again before the first live picture. */
  async #replay(signal: AbortSignal): Promise<void> {
    const { replay, startFresh, camera, log } = this.#deps
    if (replay !== null) {
      const onFacts = (facts: Facts): void => {
        this.#framesSeen += 1
        this.#facts = facts
      }
      const onChanges = (changes: readonly IncidentChange[], mediaMs: number): void => {
        this.#tell(changes, mediaMs, this.#deps.clock.wallMs())
      }
      this.#replayedUntilMs = await replayRing(replay, { ...this.#deps, onFacts, onChanges }, signal)
      if (replay.thenFresh)
        await this.#told.then(startFresh).catch((error: unknown) => {
          log.error({ camera, err: error }, 'a camera could not start fresh after a long outage')
        })
    }
    this.#live = true
  }

  /** True for a picture that the replay has shown already: only the first ones after it. */
  #isReplayed(frame: WatchFrame): boolean {
    if (this.#replayedUntilMs === null) return false
    const aheadMs = this.#replayedUntilMs - frame.wallMs
    if (aheadMs >= 0 && aheadMs < memoryMsMax) return true
    this.#replayedUntilMs = null
    return false
  }

  async #takeSegments(signal: AbortSignal): Promise<void> {
    const { source, evidence, camera, log } = this.#deps
    for await (const segment of source.segments()) {
      await evidence.addSegment(segment).catch((error: unknown) => {
        log.error(
          { camera, index: segment.index, err: error },
          'a segment could not be committed: it will not be sealed',
        )
      })
      this.#lastSegment = segment
      this.#recordedUntilMs = segment.toMs // also back, when the wall clock was set back
      this.#lookBack(signal)
    }
  }

  async #takeGaps(): Promise<void> {
    const { source, evidence, vision, camera, log } = this.#deps
    for await (const gap of source.gaps()) {
      this.#gaps += 1
      if (this.#live) vision.gap(camera)
      await evidence.addGap(gap).catch((error: unknown) => {
        log.error({ camera, gap, err: error }, 'a gap could not be recorded')
      })
    }
  }

  async #takeFrames(signal: AbortSignal): Promise<void> {
    const { source, line, camera, log } = this.#deps
    for await (const frame of source.keyFrames()) {
      if (this.#isReplayed(frame)) continue
      this.#framesSeen += 1
      const readyAtMs = this.#deps.clock.wallMs()
      try {
        const watched = await line.watch(frame)
        if (watched === null) this.#framesShed += 1
        else {
          this.#facts = watched.facts
          this.#tell(watched.changes, frame.mediaMs, readyAtMs)
          this.#noteDue(readyAtMs)
        }
      } catch (error) {
        if (signal.aborted) return
        log.error({ camera, err: error }, 'vision did not take a frame: its time counts as unseen')
      }
      this.#lookBack(signal)
      await this.#snapshotWhenDue()
    }
  }

  #noteDue(readyAtMs: EpochMs): void {
    const due = new Set(this.#deps.line.due)
    for (const id of this.#dueAtMs.keys()) if (!due.has(id)) this.#dueAtMs.delete(id)
    for (const id of due) if (!this.#dueAtMs.has(id)) this.#dueAtMs.set(id, readyAtMs)
  }

  /** Starts the look backs whose footage is there; each is answered as soon as it has been read. */
  #lookBack(signal: AbortSignal): void {
    const { line, camera, log, clock } = this.#deps
    if (!this.#live) return
    const readyAtMs = clock.wallMs()
    const patienceMs = ((this.#facts?.wallMs ?? 0) - recordedPatienceMs) as EpochMs
    for (const task of line.takeTasks(Math.max(this.#recordedUntilMs, patienceMs) as EpochMs)) {
      const look = line
        .look(task, signal)
        .then((result) => {
          const { incident, wish } = task
          const tookMs = clock.wallMs() - readyAtMs
          log.debug(
            { camera, incident, look: wish.kind, tookMs, verdict: result.finding.verdict },
            'a look back is answered',
          )
          const dueAtMs = this.#dueAtMs.get(incident) ?? readyAtMs
          this.#tell(line.answer(result), 0, Math.max(readyAtMs, dueAtMs) as EpochMs)
        })
        .catch((error: unknown) => {
          if (!signal.aborted)
            log.error({ camera, incident: task.incident, err: error }, 'a look back ended in a fault')
        })
        .finally(() => this.#looks.delete(look))
      this.#looks.add(look)
    }
  }

  /**
   * Changes become evidence one after the other; the line goes on meanwhile. `readyAtMs`: when the last picture or closed segment
   * that they needed was whole on the box; `bench latency` measures from there.
   */
  #tell(changes: readonly IncidentChange[], mediaMs: number, readyAtMs: EpochMs): void {
    const { evidence, source, camera, log } = this.#deps
    for (const change of changes) {
      this.#changes = [change, ...this.#changes].slice(0, changesKept)
      const { kind, incident } = change
      if (kind === 'confirmed' || kind === 'over' || kind === 'reopened')
        log.info(
          { camera, incident: incident.id, cause: incident.cause, kind, atMs: change.atMs, readyAtMs },
          'an incident changed',
        )
      const extra = {
        mark: { index: this.#lastSegment?.index ?? 0, mediaMs: Math.max(0, Math.round(mediaMs)), wallMs: change.atMs },
        damagedFrames: source.health().framesDamaged,
        plate: null,
        cameraOffsetMs: null,
        cameraClock: 'none',
      } as const
      this.#told = this.#told
        .then(() => evidence.record(change, extra))
        .then(() => (kind === 'suspected' || kind === 'updated' ? undefined : this.snapshot()))
        .catch((error: unknown) => {
          log.error({ camera, incident: incident.id, kind, err: error }, 'a change could not be recorded')
        })
    }
  }

  async #snapshotWhenDue(): Promise<void> {
    const now = this.#deps.clock.monoMs()
    if (this.#snapshotMono === -Infinity) this.#snapshotMono = now
    if (now - this.#snapshotMono < snapshotEveryMs) return
    this.#snapshotMono = now
    await this.snapshot()
  }
}
