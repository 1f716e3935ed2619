import { rm } from 'node:fs/promises'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import { captureLimits, type CameraOptions, type CaptureDeps, type CaptureLimits } from './camera-options.js'
import { endForeignRun, pidFile } from './foreign-run.js'
import { GapLog } from './gap-log.js'
import { LoadWatch } from './load-watch.js'
import { lookBackRing } from './look-back.js'
import { Pictures } from './pictures.js'
import { Queue } from './queue.js'
import { Recorder } from './recorder.js'
import { replayRing } from './replay.js'
import { chance, Retry } from './retry.js'
import type { RingCamera } from './ring-camera.js'
import { SegmentCloser } from './segment-closer.js'
import { listClips } from './source-url.js'
import { CameraStatus } from './status.js'
import type { CameraHealth, Gap, LookBackRequest, ReplayedFrame, Segment, VideoSource, WatchFrame } from './types.js'
import type { Verdict } from './verdict.js'
import { WallOffset } from './wall-offset.js'
import { urlWithPassword } from './watch-args.js'

/** Opens a camera, or a file that works like one. Returns at once; the state is in `health()`. */
export function openCamera(options: CameraOptions, deps: CaptureDeps): VideoSource {
  return new Camera(options, deps)
}

/** Supervises the recording of one camera: run after run, with the right wait between them, until it is closed. */
class Camera implements VideoSource {
  readonly camera: CameraId
  readonly #options: CameraOptions
  readonly #deps: CaptureDeps
  readonly #limits: CaptureLimits
  readonly #kind: 'rtsp' | 'file'
  readonly #closing = new AbortController()
  readonly #segments = new Queue<Segment>()
  readonly #gaps = new Queue<Gap>()
  readonly #status: CameraStatus
  readonly #retry: Retry
  readonly #wall: WallOffset
  readonly #pictures: Pictures
  readonly #load = new LoadWatch()
  /** The ring with what a crash left in it; null when it could not be opened. */
  readonly #recovered: Promise<RingCamera | null>
  readonly #finished: Promise<void>
  #ring: RingCamera | null = null
  #gapLog: GapLog | null = null
  #recorder: Recorder | null = null

  constructor(options: CameraOptions, deps: CaptureDeps) {
    const { camera } = options
    this.camera = camera
    this.#options = options
    this.#deps = deps
    this.#limits = { ...captureLimits, ...options.limits }
    this.#kind = /^rtsps?:\/\//i.test(options.url) ? 'rtsp' : 'file'
    this.#status = new CameraStatus(camera, deps.clock)
    this.#retry = new Retry(options.transport, { ...deps, limits: this.#limits, kind: this.#kind })
    this.#wall = new WallOffset(deps.clock)
    this.#pictures = new Pictures(camera, deps.clock, this.#wall, this.#closing.signal)
    const opened = this.#openRing()
    this.#recovered = opened.catch(() => null)
    this.#finished = opened
      .then((ring) => this.#supervise(ring))
      .catch((cause: unknown) => {
        this.#status.setFault(
          'CAPTURE_FAILED',
          `recording stopped by a fault of the program or the disk: ${String(cause)}`,
        )
        deps.log.error({ camera, cause: String(cause) }, 'recording of this camera ended')
        this.#endIterators()
      })
  }

  segments(): AsyncIterable<Segment> {
    return this.#segments.take()
  }
  gaps(): AsyncIterable<Gap> {
    return this.#gaps.take()
  }
  keyFrames(): AsyncIterable<WatchFrame> {
    this.#load.restart(this.#deps.clock.monoMs(), this.#pictures.counts)
    return this.#pictures.take()
  }
  lookBack(request: LookBackRequest, signal: AbortSignal): AsyncIterable<WatchFrame> {
    const closing = AbortSignal.any([signal, this.#closing.signal])
    return lookBackRing(this.camera, this.#ring, request, this.#deps, closing)
  }
  async *replay(fromMs: EpochMs, signal: AbortSignal): AsyncGenerator<ReplayedFrame, void, void> {
    const ring = await this.#recovered
    if (ring === null) return
    const closing = AbortSignal.any([signal, this.#closing.signal])
    yield* replayRing(ring, { fromMs, watchPx: this.#options.watchPx, holeMs: this.#limits.gapMs }, this.#deps, closing)
  }
  async close(): Promise<void> {
    this.#closing.abort(new Error('the camera was closed'))
    this.#recorder?.stop('closing')
    await this.#finished
  }

  health(): CameraHealth {
    const { dropped, damaged } = this.#pictures.counts
    const [pictureWidthPx, pictureHeightPx] = this.#pictures.size ?? [null, null]
    return {
      state: this.#status.state,
      fault: this.#status.fault,
      lastFrameMs: this.#pictures.lastMs,
      gopMs: this.#pictures.gop.gopMs,
      pictureWidthPx,
      pictureHeightPx,
      codec: this.#recorder?.codecName ?? null,
      transport: this.#kind === 'file' ? 'file' : this.#retry.transport,
      restarts: this.#retry.restarts,
      framesDropped: dropped,
      framesDamaged: damaged,
      bitsPerSecond: this.#ring?.bitsPerSecond() ?? null,
      clockUsable: this.#recorder?.clockUsable ?? true,
    }
  }

  /** Takes its place in the ring, and closes what a crash left there. */
  async #openRing(): Promise<RingCamera> {
    const { camera, priority, known, lastIndex } = this.#options
    const { clock, ring: whole } = this.#deps
    const ring = await whole.enter({ camera, priority, known, lastIndex })
    this.#ring = ring
    await endForeignRun(ring.dir, clock, this.#limits.killGraceMs, this.#closing.signal)
    for (const segment of await ring.recover()) this.#segments.put(segment)
    return ring
  }

  async #supervise(ring: RingCamera): Promise<void> {
    const gapLog = new GapLog(this.camera, this.#limits.gapMs, ring.last()?.toMs ?? null)
    this.#gapLog = gapLog
    const recorder = this.#openRecorder(ring, gapLog)
    this.#recorder = recorder
    const clips = this.#kind === 'file' ? await this.#findClips() : []
    await this.#sleep(chance(this.#deps.ids) * this.#limits.spreadMs)
    for (let turn = 0; !this.#isClosing(); turn += 1) {
      if (await this.#waitForDisk(ring)) continue
      const input =
        this.#kind === 'rtsp'
          ? urlWithPassword(this.#options.url, this.#options.password)
          : (clips[turn % clips.length] ?? '')
      const verdict = await recorder.record(input, clips.length === 1)
      gapLog.stopped(verdict.reason)
      const waitMs = this.#judge(verdict, clips.length > 1)
      if (this.#isClosing()) break
      this.#status.state = 'waiting'
      await this.#wait(waitMs)
    }
    this.#status.state = 'stopped'
    await rm(pidFile(ring.dir), { force: true })
    this.#endIterators()
  }

  #openRecorder(ring: RingCamera, gapLog: GapLog): Recorder {
    const { clock, log } = this.#deps
    const status = this.#status
    const closer = new SegmentCloser({
      clock,
      log,
      wall: this.#wall,
      ring,
      gapLog,
      status,
      segments: this.#segments,
      gaps: this.#gaps,
    })
    return new Recorder({
      options: this.#options,
      deps: this.#deps,
      limits: this.#limits,
      kind: this.#kind,
      closing: this.#closing.signal,
      ring,
      status,
      retry: this.#retry,
      pictures: this.#pictures,
      closer,
      onTick: (monoMs) => {
        this.#tellLongGap()
        const overload = this.#load.judge(monoMs, clock.wallMs(), this.#pictures.counts)
        if (overload !== null) this.#gaps.put({ camera: this.camera, ...overload, reason: 'overload' })
      },
    })
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted
  }

  #endIterators(): void {
    this.#segments.end()
    this.#gaps.end()
    this.#closing.abort(new Error('the camera was closed'))
  }

  async #findClips(): Promise<string[]> {
    for (;;) {
      try {
        return await listClips(this.#options.url)
      } catch (cause) {
        this.#status.setFault('SOURCE_MISSING', cause instanceof Error ? cause.message : String(cause))
        this.#status.state = 'waiting'
        await this.#sleep(this.#limits.slowRetryMs)
        if (this.#isClosing()) return ['']
      }
    }
  }

  /** True when this camera had to pause because the disk is nearly full. */
  async #waitForDisk(ring: RingCamera): Promise<boolean> {
    await ring.maintain()
    if (ring.mayRecord()) return false
    this.#gapLog?.stopped('disk_full')
    this.#status.setFault('DISK_FULL', 'recording paused because the disk is nearly full; free space or lower ring_mb')
    this.#status.state = 'waiting'
    await this.#wait(10 * this.#limits.tickMs)
    return true
  }

  /** Tells why a run ended. Returns the wait before the next one. */
  #judge(verdict: Verdict, nextClip: boolean): number {
    if (this.#isClosing()) return 0
    if (nextClip && verdict.code === 'CAMERA_CLOSED') return 0
    if (verdict.code === 'CODEC_LEARNT') return 0
    const { waitMs, told } = this.#retry.after(verdict)
    if (!told) return waitMs
    this.#status.setFault(verdict.code, verdict.message)
    this.#deps.log.warn({ camera: this.camera, code: verdict.code, retry: verdict.retry }, verdict.message)
    return waitMs
  }

  async #sleep(ms: number): Promise<void> {
    if (ms > 0) await this.#deps.clock.sleep(ms, this.#closing.signal).catch(() => undefined) // closing: the loop sees it
  }

  /** Waits, and meanwhile tells a hole that lasts. */
  async #wait(ms: number): Promise<void> {
    const untilMonoMs = this.#deps.clock.monoMs() + ms
    for (;;) {
      this.#tellLongGap()
      const leftMs = untilMonoMs - this.#deps.clock.monoMs()
      if (leftMs <= 0 || this.#isClosing()) return
      await this.#sleep(Math.min(leftMs, 1000))
    }
  }

  #tellLongGap(): void {
    // By the offset that the segments have: a step of the wall clock is no hole.
    const nowMs = Math.round(this.#wall.wallOf(this.#deps.clock.monoMs())) as EpochMs
    const gap = this.#gapLog?.piece(nowMs, this.#limits.gapPieceMs)
    if (gap !== null && gap !== undefined) this.#gaps.put(gap)
  }
}
