import type { Clock } from '../../contracts/base/index.js'

/** Wall time of instants of the monotonic clock. Follows the wall clock only when asked, so that one segment has one offset. */
export class WallOffset {
  readonly #clock: Clock
  #wallMinusMonoMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#wallMinusMonoMs = clock.wallMs() - clock.monoMs()
  }

  wallOf(monoMs: number): number {
    return monoMs + this.#wallMinusMonoMs
  }

  /** Takes over where the wall clock is now. Returns how far it moved: beyond 50 ms it stepped (EVIDENCE.md §6). */
  follow(): number {
    const now = this.#clock.wallMs() - this.#clock.monoMs()
    const movedMs = now - this.#wallMinusMonoMs
    this.#wallMinusMonoMs = now
    return movedMs
  }
}
