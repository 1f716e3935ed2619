import type { CameraId, Clock, EpochMs } from '../../contracts/base/index.js'
import { GopMeter } from './gop.js'
import { LatestFrame } from './latest-frame.js'
import type { Run } from './run.js'
import type { WatchFrame } from './types.js'
import type { WallOffset } from './wall-offset.js'
import type { RawFrame } from './watch-run.js'

const heldFramesMax = 24
/** Between pictures of a burst, so that the taker gets all of them. */
const burstStepMs = 60

/**
 * Pictures of a camera on their way to the taker: held until their time is known, then handed out with it, one slot, newest wins.
 */
export class Pictures {
  readonly gop = new GopMeter()
  readonly #camera: CameraId
  readonly #clock: Clock
  readonly #wall: WallOffset
  readonly #closing: AbortSignal
  readonly #latest = new LatestFrame<WatchFrame>()
  #held: RawFrame[] = []
  #draining = false
  #index = 0
  #overflowed = 0
  #damaged = 0
  #recentDamage: boolean[] = []
  #lastMs: EpochMs | null = null
  #size: readonly [number, number] | null = null

  constructor(camera: CameraId, clock: Clock, wall: WallOffset, closing: AbortSignal) {
    this.#camera = camera
    this.#clock = clock
    this.#wall = wall
    this.#closing = closing
  }

  get counts(): { readonly dropped: number; readonly frames: number; readonly damaged: number } {
    return { dropped: this.#overflowed + this.#latest.replacedCount, frames: this.#index, damaged: this.#damaged }
  }
  get lastMs(): EpochMs | null {
    return this.#lastMs
  }
  /** Size of the camera's own picture. */
  get size(): readonly [number, number] | null {
    return this.#size
  }
  get damagedOfLastTen(): number {
    return this.#recentDamage.filter(Boolean).length
  }

  take(): AsyncIterable<WatchFrame> {
    return this.#latest.take(this.#closing)
  }

  /** A picture whose time is not settled yet. */
  hold(frame: RawFrame): void {
    this.#size = [frame.pictureWidthPx, frame.pictureHeightPx]
    this.#held.push(frame)
    if (this.#held.length <= heldFramesMax) return
    this.#held.shift()
    this.#overflowed += 1
  }

  /** Hands out what is held, one after the other; safe to call again meanwhile. */
  async drain(run: Run): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    for (let frame = this.#held.shift(); frame !== undefined; frame = this.#held.shift()) {
      this.#put(run, frame)
      if (this.#held.length > 0) await this.#clock.sleep(burstStepMs, this.#closing).catch(() => undefined)
    }
    this.#draining = false
  }

  /** The run has ended: what is held goes out at once. */
  flush(run: Run): void {
    for (const frame of this.#held.splice(0)) this.#put(run, frame)
  }

  discard(): void {
    this.#held = []
  }

  #put(run: Run, frame: RawFrame): void {
    const [widthPx, heightPx] = run.plan.watchPx
    const wallMs = Math.round(this.#wall.wallOf(run.clock.monoOf(frame.mediaMs))) as EpochMs
    if (frame.damaged) this.#damaged += 1
    this.#recentDamage = [...this.#recentDamage.slice(-9), frame.damaged]
    this.#lastMs = wallMs
    this.#latest.put({ camera: this.#camera, index: this.#index, wallMs, widthPx, heightPx, ...frame })
    this.#index += 1
  }
}
