import type { WatchFrame } from '../capture/types.js'

/** Frames of one look back, handed over one by one: the next is asked for when this one has been used. */
export class FrameFeed implements AsyncIterable<WatchFrame> {
  #waiting: ((frame: WatchFrame | null) => void) | null = null
  #arrived: { frame: WatchFrame | null; used: () => void } | null = null
  #used: (() => void) | null = null
  readonly abort = new AbortController()

  /** Resolves when the consumer asks for the next frame or has ended. */
  push(frame: WatchFrame | null): Promise<void> {
    return new Promise((used) => {
      if (this.abort.signal.aborted) {
        used()
        return
      }
      if (this.#waiting !== null) {
        const wake = this.#waiting
        this.#waiting = null
        this.#used = used
        wake(frame)
      } else this.#arrived = { frame, used }
    })
  }

  /** No more frames: who waits for one gets the end, who pushed one is let go. */
  end(): void {
    this.abort.abort(new Error('the look back has ended'))
    this.#used?.()
    this.#arrived?.used()
    this.#waiting?.(null)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchFrame> {
    for (;;) {
      this.#used?.()
      this.#used = null
      const frame = await this.#next()
      if (frame === null) {
        // the end has no next one that could be asked for
        ;(this.#used as (() => void) | null)?.()
        this.#used = null
        return
      }
      yield frame
    }
  }

  #next(): Promise<WatchFrame | null> {
    // Ended while the taker worked on a frame: nobody would wake it any more, and the box would never stop.
    if (this.abort.signal.aborted) return Promise.resolve(null)
    if (this.#arrived !== null) {
      const { frame, used } = this.#arrived
      this.#arrived = null
      this.#used = used
      return Promise.resolve(frame)
    }
    return new Promise((wake) => {
      this.#waiting = wake
    })
  }
}
