import { writeFile } from 'node:fs/promises'
import type { CameraOptions, CaptureDeps, CaptureLimits } from './camera-options.js'
import type { SegmentLine } from './ffmpeg-output.js'
import { pidFile } from './foreign-run.js'
import type { Pictures } from './pictures.js'
import type { Retry } from './retry.js'
import type { RingCamera } from './ring-camera.js'
import { newRun, silentMsMax, wasSilent, type Run } from './run.js'
import type { SegmentCloser } from './segment-closer.js'
import { conditionOf, type CameraStatus } from './status.js'
import { judgeEnd, type StopCause, type Verdict } from './verdict.js'
import { scrub, watchArgs, type WatchPlan } from './watch-args.js'
import { startWatch, type RawFrame } from './watch-run.js'

export interface RecorderParts {
  readonly options: CameraOptions
  readonly deps: Pick<CaptureDeps, 'clock' | 'log' | 'ffmpeg'>
  readonly limits: CaptureLimits
  readonly kind: 'rtsp' | 'file'
  readonly closing: AbortSignal
  readonly ring: RingCamera
  readonly status: CameraStatus
  readonly retry: Retry
  readonly pictures: Pictures
  readonly closer: SegmentCloser
  /** Looked at on every tick of a run. */
  readonly onTick: (monoMs: number) => void
}

/** Runs ffmpeg once at a time and decides when a run is over: silence, jumps of time, another picture size or codec, a full disk. */
export class Recorder {
  readonly #parts: RecorderParts
  #run: Run | null = null
  #codec: 'h264' | 'h265' | null
  #codecName: string | null = null

  constructor(parts: RecorderParts) {
    this.#parts = parts
    this.#codec = parts.options.known.at(-1)?.codec ?? null
  }

  /** As ffmpeg names it; `h265` for HEVC. */
  get codecName(): string | null {
    return this.#codecName
  }
  get clockUsable(): boolean {
    return this.#run?.clock.usable ?? true
  }

  /** From the start of ffmpeg until all it wrote is a segment. */
  async record(input: string, loop: boolean): Promise<Verdict> {
    const { options, deps, limits, status, pictures, ring, retry, closer } = this.#parts
    status.state = 'starting'
    pictures.gop.reset()
    const run = this.#start(this.#plan(input, loop))
    this.#run = run
    if (this.#parts.closing.aborted) this.stop('closing')
    if (run.watch.pid !== undefined) await writeFile(pidFile(ring.dir), String(run.watch.pid)).catch(() => undefined)
    const watching = this.#supervise(run)
    const end = await run.watch.ended
    run.settled.resolve()
    await watching
    await closer.idle
    if (run.stop === 'codec') {
      // The first seconds of the very first connection, written with another sample entry than all that follows.
      pictures.discard()
      await ring.discardUnlisted()
    } else await closer.closeLeftovers(run)
    pictures.flush(run)
    const tail = scrub(end.stderrTail, options.password)
    const { exitCode, signalName } = end
    deps.log.debug({ camera: options.camera, exitCode, signalName, tail }, 'ffmpeg ended')
    retry.ended(run, pictures.gop.gopMs)
    const silent = wasSilent(run, pictures.gop.gopMs, limits, deps.clock.monoMs())
    const verdict = judgeEnd(run.stop, tail, run.frameMonoMs !== null, silent)
    if (verdict.reason === 'disk_full') await ring.relieve()
    return verdict
  }

  stop(cause: StopCause): void {
    const run = this.#run
    if (run === null || (run.stop !== null && cause !== 'closing')) return
    run.stop = cause
    if (cause === 'time_jump') run.timeUsable = false
    run.watch.stop()
  }

  #plan(input: string, loop: boolean): WatchPlan {
    const { options, limits, kind, ring, retry, pictures } = this.#parts
    return {
      input,
      secret: options.password !== null,
      kind,
      loop,
      transport: retry.transport,
      socketTimeoutMs: limits.socketTimeoutMs,
      analyzeMs: retry.analyzeMs(pictures.gop.gopMs),
      codec: this.#codec,
      fullDecodeEveryMs: retry.fullDecode ? limits.fullDecodeEveryMs : null,
      firstIndex: ring.nextIndex,
      ringDir: ring.dir,
      watchPx: options.watchPx,
    }
  }

  #start(plan: WatchPlan): Run {
    const { deps, limits } = this.#parts
    const { ffmpeg, clock } = deps
    const hooks = {
      onFrame: (frame: RawFrame) => {
        this.#onFrame(run, frame)
      },
      onSegment: (line: SegmentLine) => {
        this.#onLine(run, line)
      },
      onCodec: (codec: string) => {
        this.#onCodec(run, codec)
      },
      onPairingLost: () => {
        this.stop('pairing')
      },
    }
    const frameBytes = plan.watchPx[0] * plan.watchPx[1] * 3
    const watchDeps = { clock, killGraceMs: limits.killGraceMs }
    const watch = startWatch(ffmpeg.path, watchArgs(plan, ffmpeg), frameBytes, hooks, watchDeps)
    const run: Run = newRun(watch, plan, limits, clock.monoMs())
    return run
  }

  /** Ends the run when nothing comes any more. */
  async #supervise(run: Run): Promise<void> {
    const { deps, limits, ring, retry, pictures, onTick } = this.#parts
    const over = new AbortController()
    void run.watch.ended.then(() => {
      over.abort()
    })
    while (!over.signal.aborted) {
      await Promise.race([run.watch.ended, this.#tick()])
      const monoMs = deps.clock.monoMs()
      onTick(monoMs)
      if (!ring.mayRecord()) this.stop('disk_full')
      const silentMs = silentMsMax(run, pictures.gop.gopMs, retry.emptyRuns, limits)
      if (monoMs - run.activeMonoMs > silentMs) this.stop('watchdog')
      const sinceFrameMs = monoMs - (run.frameMonoMs ?? run.startedMonoMs)
      if (sinceFrameMs > limits.noKeyFramesMs && run.linesSinceFrame >= 2 && !retry.fullDecode)
        this.stop('no_key_frames')
      if (run.frameMonoMs !== null && monoMs - run.startedMonoMs > limits.healthyMs) retry.healthy()
    }
  }

  /** While closing it must not spin. */
  #tick(): Promise<void> {
    const { deps, limits, closing } = this.#parts
    const signal = closing.aborted ? new AbortController().signal : closing
    return deps.clock.sleep(limits.tickMs, signal).catch(() => undefined)
  }

  #onCodec(run: Run, codec: string): void {
    if (codec === 'rawvideo') return
    this.#codecName ??= codec
    const learnt = codec === 'hevc' ? 'h265' : codec === 'h264' ? 'h264' : null
    if (learnt === null) return
    this.#codecName = learnt
    const wrong = this.#codec === null ? learnt === 'h265' : learnt !== this.#codec
    this.#codec = learnt
    if (wrong && run.plan.codec !== learnt) this.stop('codec')
  }

  #onFrame(run: Run, frame: RawFrame): void {
    if (run.stop !== null) return // what still comes after a jump or a change has no time of its own
    const { deps, pictures, retry } = this.#parts
    const monoMs = deps.clock.monoMs()
    run.activeMonoMs = monoMs
    run.frameMonoMs = monoMs
    run.linesSinceFrame = 0
    const backwards = run.lastMediaMs !== null && frame.mediaMs < run.lastMediaMs
    run.firstMediaMs ??= frame.mediaMs
    run.lastMediaMs = frame.mediaMs
    const { jumped } = run.clock.observe(frame.mediaMs, monoMs)
    if (backwards || jumped) {
      this.stop('time_jump')
      return // its time is not known, and nothing may be concluded from a picture without one
    }
    if (!retry.fullDecode) pictures.gop.observe(frame.mediaMs)
    const size = `${frame.pictureWidthPx}x${frame.pictureHeightPx}`
    const changed = run.pictureSize !== null && run.pictureSize !== size
    run.pictureSize ??= size
    pictures.hold(frame)
    if (run.clock.settled) this.#onSettled(run)
    if (changed) this.stop('resolution')
  }

  #onLine(run: Run, line: SegmentLine): void {
    const monoMs = this.#parts.deps.clock.monoMs()
    run.activeMonoMs = monoMs
    run.linesSinceFrame += 1
    // The line comes with the key frame that ended the segment: as good as a picture for the clock.
    if (run.stop === null && run.clock.observe(line.toMediaMs, monoMs).jumped) this.stop('time_jump')
    if (run.clock.settled) this.#onSettled(run)
    this.#parts.closer.onLine(run, line)
  }

  #onSettled(run: Run): void {
    const { status, pictures, retry } = this.#parts
    run.settled.resolve()
    if (run.stop === null) status.state = 'running'
    const condition = conditionOf({
      fullDecode: retry.fullDecode,
      clockUsable: run.clock.usable,
      damagedOfLastTen: pictures.damagedOfLastTen,
      gopMs: pictures.gop.gopMs,
    })
    if (condition === null) status.clearFault()
    else status.setFault(condition.code, condition.message)
    void pictures.drain(run)
  }
}
