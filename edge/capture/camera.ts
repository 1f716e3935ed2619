import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import { captureLimits, type CameraOptions, type CaptureDeps, type CaptureLimits } from './camera-options.js'
import type { SegmentLine } from './ffmpeg-output.js'
import { GapLog } from './gap-log.js'
import { GopMeter } from './gop.js'
import { LatestFrame } from './latest-frame.js'
import { lookBackRing } from './look-back.js'
import { MediaClock } from './media-clock.js'
import { Queue } from './queue.js'
import type { RingCamera } from './ring-camera.js'
import { listClips } from './source-url.js'
import type { CameraHealth, Gap, LookBackRequest, Segment, VideoSource, WatchFrame } from './types.js'
import { backOffMs, judgeEnd, type StopCause, type Verdict } from './verdict.js'
import { analyzeMsFor, scrub, urlWithPassword, watchArgs, type WatchPlan } from './watch-args.js'
import { startWatch, type RawFrame, type WatchRun } from './watch-run.js'

/** Opens a camera, or a file that works like one. Returns at once; the state is in `health()`. */
export function openCamera(options: CameraOptions, deps: CaptureDeps): VideoSource {
  return new Camera(options, deps)
}

/** One run of ffmpeg, from its start until all it wrote is accounted for. */
interface Run {
  readonly watch: WatchRun
  readonly plan: WatchPlan
  readonly clock: MediaClock
  readonly startedMonoMs: number
  /** Resolved when times will not move any more. */
  readonly settled: { readonly promise: Promise<void>; readonly resolve: () => void }
  stop: StopCause | null
  activeMonoMs: number
  frameMonoMs: number | null
  firstMediaMs: number | null
  lastMediaMs: number | null
  pictureSize: string | null
  linesSinceFrame: number
  firstLine: boolean
  lastSegment: { readonly index: number; readonly toMediaMs: number; readonly toMs: EpochMs } | null
  timeUsable: boolean
  /** Which of the two rules gave the times of the last segment; where they change, times jump. */
  arrivalTimes: boolean
}

const heldFramesMax = 24
const quickRetriesMax = 4

class Camera implements VideoSource {
  readonly camera: CameraId
  readonly #options: CameraOptions
  readonly #deps: CaptureDeps
  readonly #limits: CaptureLimits
  readonly #kind: 'rtsp' | 'file'
  readonly #closing = new AbortController()
  readonly #segments = new Queue<Segment>()
  readonly #gaps = new Queue<Gap>()
  readonly #latest = new LatestFrame<WatchFrame>()
  readonly #gop = new GopMeter()
  readonly #finished: Promise<void>
  #ring: RingCamera | null = null
  #gapLog: GapLog | null = null
  #run: Run | null = null
  /** Segments are closed one after the other. */
  #closingFiles: Promise<void> = Promise.resolve()
  #held: RawFrame[] = []
  #draining = false
  #framesTaken = false

  #state: CameraHealth['state'] = 'starting'
  #fault: CameraHealth['fault'] = null
  #transport: 'tcp' | 'udp'
  #codec: 'h264' | 'h265' | null
  #codecName: string | null = null
  #fullDecode = false
  #analyzeFactor = 1
  #failures = 0
  #quickRetriesMono: number[] = []
  #emptyRuns = 0
  #restarts = 0
  #frameIndex = 0
  #framesDropped = 0
  #framesDamaged = 0
  #recentDamage: boolean[] = []
  #lastFrameMs: EpochMs | null = null
  #pictureSize: readonly [number, number] | null = null
  #wallMinusMonoMs: number
  #loadWindow = { monoMs: 0, dropped: 0, frames: 0 }

  constructor(options: CameraOptions, deps: CaptureDeps) {
    this.camera = options.camera
    this.#options = options
    this.#deps = deps
    this.#limits = { ...captureLimits, ...options.limits }
    this.#kind = /^rtsps?:\/\//i.test(options.url) ? 'rtsp' : 'file'
    this.#transport = options.transport === 'udp' ? 'udp' : 'tcp'
    this.#codec = options.known.at(-1)?.codec ?? null
    this.#wallMinusMonoMs = deps.clock.wallMs() - deps.clock.monoMs()
    this.#finished = this.#supervise().catch((cause: unknown) => {
      this.#setFault('CAPTURE_FAILED', `recording stopped by a fault of the program or the disk: ${String(cause)}`)
      deps.log.error({ camera: this.camera, cause: String(cause) }, 'recording of this camera ended')
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
    this.#framesTaken = true
    return this.#latest.take(this.#closing.signal)
  }
  lookBack(request: LookBackRequest, signal: AbortSignal): AsyncIterable<WatchFrame> {
    const { ffmpeg, gate, log } = this.#deps
    const closing = AbortSignal.any([signal, this.#closing.signal])
    return lookBackRing(this.camera, this.#ring, request, { ffmpeg, gate, log }, closing)
  }
  async close(): Promise<void> {
    this.#closing.abort(new Error('the camera was closed'))
    this.#stop('closing')
    await this.#finished
  }

  health(): CameraHealth {
    return {
      state: this.#state,
      fault: this.#fault,
      lastFrameMs: this.#lastFrameMs,
      gopMs: this.#gop.gopMs,
      pictureWidthPx: this.#pictureSize?.[0] ?? null,
      pictureHeightPx: this.#pictureSize?.[1] ?? null,
      codec: this.#codecName,
      transport: this.#kind === 'file' ? 'file' : this.#transport,
      restarts: this.#restarts,
      framesDropped: this.#framesDropped + this.#latest.replacedCount,
      framesDamaged: this.#framesDamaged,
      bitsPerSecond: this.#ring?.bitsPerSecond() ?? null,
      clockUsable: this.#run?.clock.usable ?? true,
    }
  }

  // ---- supervision ----

  async #supervise(): Promise<void> {
    const { ring, ids } = this.#deps
    const { camera, priority, known, lastIndex } = this.#options
    this.#ring = await ring.enter({ camera, priority, known, lastIndex })
    await this.#endForeignRun(this.#ring.dir)
    const recovered = await this.#ring.recover()
    for (const segment of recovered) this.#segments.put(segment)
    this.#gapLog = new GapLog(camera, this.#limits.gapMs, this.#ring.last()?.toMs ?? null)
    const clips = this.#kind === 'file' ? await this.#findClips() : []
    await this.#sleep(chance(ids) * this.#limits.spreadMs)
    for (let turn = 0; !this.#closing.signal.aborted; turn += 1) {
      if (await this.#waitForDisk(this.#ring)) continue
      const input =
        this.#kind === 'rtsp'
          ? urlWithPassword(this.#options.url, this.#options.password)
          : (clips[turn % clips.length] ?? '')
      const verdict = await this.#runOnce(this.#ring, input, clips.length === 1)
      this.#gapLog.stopped(verdict.reason)
      const waitMs = this.#judge(verdict, clips.length > 1)
      if (this.#isClosing()) break
      this.#state = 'waiting'
      await this.#wait(waitMs)
    }
    this.#state = 'stopped'
    await rm(join(this.#ring.dir, 'ffmpeg.pid'), { force: true })
    this.#endIterators()
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
        this.#setFault('SOURCE_MISSING', cause instanceof Error ? cause.message : String(cause))
        this.#state = 'waiting'
        await this.#sleep(this.#limits.slowRetryMs)
        if (this.#isClosing()) return ['']
      }
    }
  }

  /** A process of the edge that was killed may still be writing this ring: two never record at a time. */
  async #endForeignRun(dir: string): Promise<void> {
    const pid = Number(await readFile(join(dir, 'ffmpeg.pid'), 'utf8').catch(() => ''))
    if (!Number.isInteger(pid) || pid <= 1) return
    const startMonoMs = this.#deps.clock.monoMs()
    for (let signalled: NodeJS.Signals | null = null; ;) {
      const title = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
      if (!title.includes(`${dir}/%09d.mp4`)) return
      const wanted = this.#deps.clock.monoMs() - startMonoMs > this.#limits.killGraceMs ? 'SIGKILL' : 'SIGTERM'
      if (wanted !== signalled) process.kill(pid, wanted)
      signalled = wanted
      await this.#sleep(50)
      if (this.#isClosing()) return
    }
  }

  /** True when this camera had to pause because the disk is nearly full. */
  async #waitForDisk(ring: RingCamera): Promise<boolean> {
    await ring.maintain()
    if (ring.mayRecord()) return false
    this.#gapLog?.stopped('disk_full')
    this.#setFault('DISK_FULL', 'recording paused because the disk is nearly full; free space or lower ring_mb')
    this.#state = 'waiting'
    await this.#wait(10 * this.#limits.tickMs)
    return true
  }

  /** Decides when to try again and what to do otherwise. Returns the wait. */
  #judge(verdict: Verdict, nextClip: boolean): number {
    if (this.#isClosing()) return 0
    const { ids, clock } = this.#deps
    const monoMs = clock.monoMs()
    if (nextClip && verdict.code === 'CAMERA_CLOSED') return 0
    if (verdict.code === 'CODEC_LEARNT') return 0
    this.#restarts += 1
    if (verdict.change === 'udp') {
      if (this.#transport === 'udp') return this.#backOff()
      this.#transport = 'udp'
    }
    if (verdict.change === 'analyze_longer') this.#beMorePatient()
    if (verdict.change === 'full_decode') this.#fullDecode = true
    this.#setFault(verdict.code, verdict.message)
    this.#deps.log.warn({ camera: this.camera, code: verdict.code, retry: verdict.retry }, verdict.message)
    if (verdict.retry === 'slow') return this.#limits.slowRetryMs * (0.9 + 0.2 * chance(ids))
    if (verdict.retry === 'back_off') return this.#backOff()
    this.#quickRetriesMono = [...this.#quickRetriesMono.filter((one) => monoMs - one < 60_000), monoMs]
    return this.#quickRetriesMono.length > quickRetriesMax ? this.#backOff() : 0
  }

  /** Looks twice as long for a key frame; beyond 30 s without one, every picture is decoded instead (trap 12, rows 14 and 15). */
  #beMorePatient(): void {
    const { analyzeFirstMs, noKeyFramesMs } = this.#limits
    this.#analyzeFactor *= 2
    if (analyzeFirstMs * this.#analyzeFactor <= noKeyFramesMs || this.#kind === 'file') return
    this.#fullDecode = true
    this.#analyzeFactor = 1
  }

  #backOff(): number {
    this.#failures += 1
    return backOffMs(this.#failures - 1, chance(this.#deps.ids), this.#limits.backOffStepsMs)
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
    const gap = this.#gapLog?.piece(this.#deps.clock.wallMs(), this.#limits.gapPieceMs)
    if (gap !== null && gap !== undefined) this.#gaps.put(gap)
  }

  #setFault(code: string, message: string): void {
    if (this.#fault?.code === code && this.#fault.message === message) return
    this.#fault = { code, message: `${this.camera}: ${message}`, sinceMs: this.#deps.clock.wallMs() }
  }

  // ---- one run ----

  #planRun(ring: RingCamera, input: string, loop: boolean): WatchPlan {
    const limits = this.#limits
    const analyzeMs = Math.min(
      limits.analyzeMsMax,
      analyzeMsFor(this.#gop.gopMs, limits.analyzeFirstMs) * this.#analyzeFactor,
    )
    return {
      input,
      kind: this.#kind,
      loop,
      transport: this.#transport,
      socketTimeoutMs: limits.socketTimeoutMs,
      analyzeMs,
      codec: this.#codec,
      fullDecodeEveryMs: this.#fullDecode ? limits.fullDecodeEveryMs : null,
      firstIndex: ring.nextIndex,
      ringDir: ring.dir,
      watchPx: this.#options.watchPx,
    }
  }

  async #runOnce(ring: RingCamera, input: string, loop: boolean): Promise<Verdict> {
    const { ffmpeg, clock, log } = this.#deps
    const plan = this.#planRun(ring, input, loop)
    const frameBytes = plan.watchPx[0] * plan.watchPx[1] * 3
    let settle = (): void => undefined
    const settled = new Promise<void>((resolve) => {
      settle = resolve
    })
    this.#state = 'starting'
    this.#gop.reset()
    const watch = startWatch(
      ffmpeg.path,
      watchArgs(plan, ffmpeg),
      frameBytes,
      {
        onFrame: (frame) => {
          this.#onFrame(run, frame)
        },
        onSegment: (line) => {
          this.#onLine(run, ring, line)
        },
        onCodec: (codec) => {
          this.#onCodec(run, codec)
        },
        onPairingLost: () => {
          this.#stop('pairing')
        },
      },
      { clock, killGraceMs: this.#limits.killGraceMs },
    )
    const monoMs = clock.monoMs()
    const run: Run = {
      watch,
      plan,
      clock: new MediaClock(this.#limits.mediaClock),
      startedMonoMs: monoMs,
      settled: { promise: settled, resolve: settle },
      stop: null,
      activeMonoMs: monoMs,
      frameMonoMs: null,
      firstMediaMs: null,
      lastMediaMs: null,
      pictureSize: null,
      linesSinceFrame: 0,
      firstLine: true,
      lastSegment: null,
      timeUsable: true,
      arrivalTimes: false,
    }
    this.#run = run
    if (this.#isClosing()) this.#stop('closing')
    if (watch.pid !== undefined) await writeFile(join(ring.dir, 'ffmpeg.pid'), String(watch.pid)).catch(() => undefined)
    const watching = this.#watchRun(run, ring)
    const end = await watch.ended
    run.settled.resolve()
    await watching
    await this.#closingFiles
    if (run.stop === 'codec') {
      // The first seconds of the very first connection, written with another sample entry than all that follows.
      this.#held = []
      await ring.discardUnlisted()
    } else await this.#closeLeftovers(run, ring)
    this.#flushHeld(run)
    const tail = scrub(end.stderrTail, this.#options.password)
    log.debug({ camera: this.camera, exitCode: end.exitCode, signalName: end.signalName, tail }, 'ffmpeg ended')
    const hadPictures = run.frameMonoMs !== null
    this.#emptyRuns = hadPictures || run.lastSegment !== null ? 0 : this.#emptyRuns + 1
    const verdict = judgeEnd(run.stop, tail, hadPictures, this.#wasSilent(run))
    if (verdict.reason === 'disk_full') await ring.relieve()
    // Twice nothing although the camera answers: perhaps it sends no key frames at all (trap 12).
    if (run.stop === 'watchdog' && this.#emptyRuns >= 2 && this.#kind === 'rtsp') this.#fullDecode = !this.#fullDecode
    // One key frame and then nothing may be a GOP longer than our patience: be patient for longer until it is learnt.
    if (run.stop === 'watchdog' && hadPictures && this.#gop.gopMs === null) this.#beMorePatient()
    return verdict
  }

  #stop(cause: StopCause): void {
    const run = this.#run
    if (run === null || (run.stop !== null && cause !== 'closing')) return
    run.stop = cause
    if (cause === 'time_jump') run.timeUsable = false
    run.watch.stop()
  }

  /** Ends the run when nothing comes any more: ffmpeg cannot be trusted to notice (VIDEO.md §1.3). */
  async #watchRun(run: Run, ring: RingCamera): Promise<void> {
    const over = new AbortController()
    void run.watch.ended.then(() => {
      over.abort()
    })
    while (!over.signal.aborted) {
      await Promise.race([run.watch.ended, this.#sleepOrClose(this.#limits.tickMs)])
      const monoMs = this.#deps.clock.monoMs()
      this.#tellLongGap()
      this.#judgeLoad(monoMs)
      if (!ring.mayRecord()) this.#stop('disk_full')
      if (monoMs - run.activeMonoMs > this.#silentMs(run)) this.#stop('watchdog')
      const sinceFrameMs = monoMs - (run.frameMonoMs ?? run.startedMonoMs)
      if (sinceFrameMs > this.#limits.noKeyFramesMs && run.linesSinceFrame >= 2 && !this.#fullDecode)
        this.#stop('no_key_frames')
      if (run.frameMonoMs !== null && monoMs - run.startedMonoMs > this.#limits.healthyMs) {
        this.#failures = 0
        this.#analyzeFactor = 1
      }
    }
  }

  /** A tick; while closing it must not spin. */
  #sleepOrClose(ms: number): Promise<void> {
    return this.#deps.clock
      .sleep(ms, this.#isClosing() ? new AbortController().signal : this.#closing.signal)
      .catch(() => undefined)
  }

  /** ffmpeg gave up by itself after a silence: its socket time-out was quicker than ours. */
  #wasSilent(run: Run): boolean {
    if (this.#kind === 'file') return false
    const sinceMs = this.#deps.clock.monoMs() - (run.frameMonoMs ?? run.startedMonoMs)
    const usualMs = run.frameMonoMs === null ? 0 : (this.#gop.gopMs ?? Infinity)
    return sinceMs > usualMs + 0.95 * this.#limits.socketTimeoutMs
  }

  #silentMs(run: Run): number {
    const { silentMs, socketTimeoutMs } = this.#limits
    if (this.#kind === 'file') return Infinity // a file is never late, and its key frames may lie far apart
    const gopMs = this.#gop.gopMs
    const nothingYet = run.activeMonoMs === run.startedMonoMs
    // On a box that has too much to do (all cameras start at once) ending a slow start only makes it start again.
    const patience = Math.min(4, 1 + this.#emptyRuns)
    if (nothingYet) return patience * (run.plan.analyzeMs + Math.max(silentMs, 2 * socketTimeoutMs, gopMs ?? 0))
    return Math.max(silentMs, gopMs === null ? 1.25 * run.plan.analyzeMs : 3 * gopMs)
  }

  /** More than a tenth of the pictures not taken within a minute: too much work for this box. */
  #judgeLoad(monoMs: number): void {
    const window = this.#loadWindow
    if (monoMs - window.monoMs < 60_000) return
    const dropped = this.health().framesDropped - window.dropped
    const frames = this.#frameIndex - window.frames
    const toMs = this.#deps.clock.wallMs()
    if (this.#framesTaken && window.monoMs > 0 && frames >= 10 && dropped > 0.1 * frames)
      this.#gaps.put({
        camera: this.camera,
        fromMs: (toMs - (monoMs - window.monoMs)) as EpochMs,
        toMs,
        reason: 'overload',
      })
    this.#loadWindow = { monoMs, dropped: this.health().framesDropped, frames: this.#frameIndex }
  }

  #onCodec(run: Run, codec: string): void {
    if (codec === 'rawvideo') return
    this.#codecName ??= codec
    const learnt = codec === 'hevc' ? 'h265' : codec === 'h264' ? 'h264' : null
    if (learnt === null) return
    this.#codecName = learnt
    const wrong = this.#codec === null ? learnt === 'h265' : learnt !== this.#codec
    this.#codec = learnt
    if (wrong && run.plan.codec !== learnt) this.#stop('codec')
  }

  // ---- pictures ----

  #onFrame(run: Run, frame: RawFrame): void {
    if (run.stop !== null) return // what still comes after a jump or a change has no time of its own
    const monoMs = this.#deps.clock.monoMs()
    run.activeMonoMs = monoMs
    run.frameMonoMs = monoMs
    run.linesSinceFrame = 0
    const backwards = run.lastMediaMs !== null && frame.mediaMs < run.lastMediaMs
    run.firstMediaMs ??= frame.mediaMs
    run.lastMediaMs = frame.mediaMs
    const { jumped } = run.clock.observe(frame.mediaMs, monoMs)
    if (backwards || jumped) {
      this.#stop('time_jump')
      return // its time is not known, and nothing may be concluded from a picture without one
    }
    if (!this.#fullDecode) this.#gop.observe(frame.mediaMs)
    const size = `${frame.pictureWidthPx}x${frame.pictureHeightPx}`
    const changed = run.pictureSize !== null && run.pictureSize !== size
    run.pictureSize ??= size
    this.#pictureSize = [frame.pictureWidthPx, frame.pictureHeightPx]
    this.#held.push(frame)
    if (this.#held.length > heldFramesMax) {
      this.#held.shift()
      this.#framesDropped += 1
    }
    if (run.clock.settled) this.#onSettled(run)
    if (changed) this.#stop('resolution')
  }

  #onSettled(run: Run): void {
    run.settled.resolve()
    this.#state = run.stop === null ? 'running' : this.#state
    this.#noteCondition(run)
    void this.#drainHeld(run)
  }

  /** Pictures of the connection's burst are handed out one after the other, so that the taker gets all of them. */
  async #drainHeld(run: Run): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    for (let frame = this.#held.shift(); frame !== undefined; frame = this.#held.shift()) {
      this.#putFrame(run, frame)
      if (this.#held.length > 0) await this.#sleep(60)
    }
    this.#draining = false
  }

  #flushHeld(run: Run): void {
    for (const frame of this.#held.splice(0)) this.#putFrame(run, frame)
  }

  #putFrame(run: Run, frame: RawFrame): void {
    const [widthPx, heightPx] = run.plan.watchPx
    const wallMs = Math.round(this.#wallOf(run, frame.mediaMs)) as EpochMs
    if (frame.damaged) this.#framesDamaged += 1
    this.#recentDamage = [...this.#recentDamage.slice(-9), frame.damaged]
    this.#lastFrameMs = wallMs
    this.#latest.put({ camera: this.camera, index: this.#frameIndex, wallMs, widthPx, heightPx, ...frame })
    this.#frameIndex += 1
  }

  /** Faults that pictures show although they come. */
  #noteCondition(run: Run): void {
    const gopMs = this.#gop.gopMs
    if (this.#fullDecode)
      this.#setFault(
        'NO_KEY_FRAMES',
        'no key frames: every picture is decoded. Set an I-frame interval of 2 s and switch smart codec off',
      )
    else if (!run.clock.usable)
      this.#setFault(
        'CLOCK_UNUSABLE',
        'its time stamps run off real time by more than 2 %: times of arrival are used. Set a fixed frame rate',
      )
    else if (this.#recentDamage.filter(Boolean).length >= 3)
      this.#setFault('PICTURES_DAMAGED', 'pictures arrive damaged; use TCP or check the network')
    else if (gopMs !== null && gopMs > 10_500)
      this.#setFault(
        'GOP_LONG',
        `a key frame comes only every ${Math.round(gopMs / 1000)} s; set an I-frame interval of 2 s and switch smart codec off`,
      )
    else this.#fault = null
  }

  // ---- segments ----

  #onLine(run: Run, ring: RingCamera, line: SegmentLine): void {
    const monoMs = this.#deps.clock.monoMs()
    run.activeMonoMs = monoMs
    run.linesSinceFrame += 1
    // The line comes with the key frame that ended the segment: as good as a picture for the clock.
    if (run.stop === null && run.clock.observe(line.toMediaMs, monoMs).jumped) this.#stop('time_jump')
    if (run.clock.settled) this.#onSettled(run)
    this.#closingFiles = this.#closingFiles
      .then(() => run.settled.promise)
      .then(() => this.#closeSegment(run, ring, line))
      .catch((cause: unknown) => {
        this.#setFault('SEGMENT_FAILED', `segment ${line.index} could not be kept: ${String(cause)}`)
        this.#deps.log.error(
          { camera: this.camera, index: line.index, cause: String(cause) },
          'a segment could not be kept',
        )
      })
  }

  async #closeSegment(run: Run, ring: RingCamera, line: SegmentLine): Promise<void> {
    if (run.stop === 'codec') return
    const wallJumpMs = this.#followWall()
    let lineMs = line.toMediaMs - line.fromMediaMs
    const closed = await ring.close(line.index, (facts) => {
      // The first line says 0 as its start; the first picture knows better (trap 8).
      const fromMediaMs = run.firstLine
        ? (run.firstMediaMs ?? line.toMediaMs - (facts?.durationMs ?? 0))
        : line.fromMediaMs
      lineMs = line.toMediaMs - fromMediaMs
      const before = run.lastSegment
      const fromMs =
        before?.index === line.index - 1 ? before.toMs : (Math.round(this.#wallOf(run, fromMediaMs)) as EpochMs)
      const toMs = Math.round(run.timeUsable ? this.#wallOf(run, line.toMediaMs) : this.#deps.clock.wallMs()) as EpochMs
      const sameRule = run.arrivalTimes === !run.clock.usable
      run.arrivalTimes = !run.clock.usable
      const timeUsable = run.timeUsable && sameRule && Math.abs(wallJumpMs) <= 50 && toMs >= fromMs
      return { fromMs, toMs: Math.max(toMs, fromMs) as EpochMs, fromMediaMs, timeUsable }
    })
    run.firstLine = false
    if (closed === null) return
    const { segment, facts } = closed
    run.lastSegment = { index: segment.index, toMediaMs: line.toMediaMs, toMs: segment.toMs }
    this.#emit(segment, facts, segment.timeUsable ? lineMs : (facts?.durationMs ?? 0))
    await ring.maintain()
  }

  #emit(segment: Segment, facts: Parameters<GapLog['onSegment']>[1], lineMs: number): void {
    for (const gap of this.#gapLog?.onSegment(segment, facts, lineMs) ?? []) this.#gaps.put(gap)
    this.#segments.put(segment)
  }

  /** Files that a killed ffmpeg left without a line. */
  async #closeLeftovers(run: Run, ring: RingCamera): Promise<void> {
    for (const index of await ring.unlisted()) {
      const before = run.lastSegment
      const closed = await ring.close(index, (facts, mtimeMs) => {
        const durationMs = Math.round(facts?.durationMs ?? 0)
        const fromMediaMs = before?.toMediaMs ?? run.firstMediaMs ?? 0
        const known = before !== null || run.firstMediaMs !== null
        const fromMs =
          before?.toMs ?? (Math.round(known ? this.#wallOf(run, fromMediaMs) : mtimeMs - durationMs) as EpochMs)
        return { fromMs, toMs: (fromMs + durationMs) as EpochMs, fromMediaMs, timeUsable: run.timeUsable && known }
      })
      if (closed === null) continue
      const durationMs = closed.facts?.durationMs ?? 0
      run.lastSegment = { index, toMediaMs: closed.segment.fromMediaMs + durationMs, toMs: closed.segment.toMs }
      this.#emit(closed.segment, closed.facts, durationMs)
    }
    await ring.maintain()
  }

  #wallOf(run: Run, mediaMs: number): number {
    return run.clock.monoOf(mediaMs) + this.#wallMinusMonoMs
  }

  /** Follows the wall clock; a step beyond 50 ms (EVIDENCE.md §6) is returned: the segment it happened in has no usable time. */
  #followWall(): number {
    const now = this.#deps.clock.wallMs() - this.#deps.clock.monoMs()
    const movedMs = now - this.#wallMinusMonoMs
    this.#wallMinusMonoMs = now
    return movedMs
  }
}

/** 0..1 from the operating system's generator. */
function chance(ids: CaptureDeps['ids']): number {
  return Buffer.from(ids.randomBytes(4)).readUInt32LE(0) / 2 ** 32
}
