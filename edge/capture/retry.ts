import type { Clock, Ids } from '../../contracts/base/index.js'
import type { CameraOptions, CaptureLimits } from './camera-options.js'
import type { Run } from './run.js'
import { backOffMs, type Verdict } from './verdict.js'
import { analyzeMsFor } from './watch-args.js'

const quickRetriesMax = 4

export interface RetryDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly limits: CaptureLimits
  readonly kind: 'rtsp' | 'file'
}

/** When to try again after a run has ended, and what to do otherwise then: what the supervision learns of a camera. */
export class Retry {
  readonly #deps: RetryDeps
  #transport: 'tcp' | 'udp'
  #fullDecode = false
  #analyzeFactor = 1
  #failures = 0
  #quickMono: number[] = []
  #emptyRuns = 0
  #restarts = 0

  constructor(transport: CameraOptions['transport'], deps: RetryDeps) {
    this.#transport = transport === 'udp' ? 'udp' : 'tcp'
    this.#deps = deps
  }

  get transport(): 'tcp' | 'udp' {
    return this.#transport
  }
  /** No key frames come: every picture is decoded. */
  get fullDecode(): boolean {
    return this.#fullDecode
  }
  /** Runs in a row that brought nothing. */
  get emptyRuns(): number {
    return this.#emptyRuns
  }
  get restarts(): number {
    return this.#restarts
  }

  /** How long ffmpeg may look for the first key frame. */
  analyzeMs(gopMs: number | null): number {
    const { analyzeMsMax, analyzeFirstMs } = this.#deps.limits
    return Math.min(analyzeMsMax, analyzeMsFor(gopMs, analyzeFirstMs) * this.#analyzeFactor)
  }

  /** A run has had pictures for long enough: what went wrong before does not count any more. */
  healthy(): void {
    this.#failures = 0
    this.#analyzeFactor = 1
  }

  ended(run: Run, gopMs: number | null): void {
    const hadPictures = run.frameMonoMs !== null
    this.#emptyRuns = hadPictures || run.lastSegment !== null ? 0 : this.#emptyRuns + 1
    if (run.stop !== 'watchdog') return
    // Twice nothing although the camera answers: perhaps it sends no key frames at all (trap 12).
    if (this.#emptyRuns >= 2 && this.#deps.kind === 'rtsp') this.#fullDecode = !this.#fullDecode
    // One key frame and then nothing may be a GOP longer than our patience: be patient for longer until it is learnt.
    if (hadPictures && gopMs === null) this.#beMorePatient()
  }

  /** The wait before the next run. `told` is false where the fault of the attempt before still says it. */
  after(verdict: Verdict): { readonly waitMs: number; readonly told: boolean } {
    this.#restarts += 1
    if (verdict.change === 'udp') {
      if (this.#transport === 'udp') return { waitMs: this.#backOff(), told: false }
      this.#transport = 'udp'
    }
    if (verdict.change === 'analyze_longer') this.#beMorePatient()
    if (verdict.change === 'full_decode') this.#fullDecode = true
    return { waitMs: this.#waitMs(verdict.retry), told: true }
  }

  #waitMs(retry: Verdict['retry']): number {
    const { clock, ids, limits } = this.#deps
    if (retry === 'slow') return limits.slowRetryMs * (0.9 + 0.2 * chance(ids))
    if (retry === 'back_off') return this.#backOff()
    const monoMs = clock.monoMs()
    this.#quickMono = [...this.#quickMono.filter((one) => monoMs - one < 60_000), monoMs]
    return this.#quickMono.length > quickRetriesMax ? this.#backOff() : 0
  }

  /** Looks twice as long for a key frame; beyond 30 s without one, every picture is decoded instead (trap 12, rows 14 and 15). */
  #beMorePatient(): void {
    const { analyzeFirstMs, noKeyFramesMs } = this.#deps.limits
    this.#analyzeFactor *= 2
    if (analyzeFirstMs * this.#analyzeFactor <= noKeyFramesMs || this.#deps.kind === 'file') return
    this.#fullDecode = true
    this.#analyzeFactor = 1
  }

  #backOff(): number {
    this.#failures += 1
    return backOffMs(this.#failures - 1, chance(this.#deps.ids), this.#deps.limits.backOffStepsMs)
  }
}

/** 0..1 from the operating system's generator. */
export function chance(ids: Ids): number {
  return Buffer.from(ids.randomBytes(4)).readUInt32LE(0) / 2 ** 32
}
