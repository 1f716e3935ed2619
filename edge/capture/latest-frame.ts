/** One-slot hand-over from decoder to detector, one taker. A frame not yet taken is replaced, and the loss is counted. */
export class LatestFrame<Frame> {
  #frame: Frame | undefined
  #wake: (() => void) | undefined
  #replacedCount = 0
  get replacedCount(): number {
    return this.#replacedCount
  }
  put(frame: Frame): void {
    if (this.#frame !== undefined) this.#replacedCount += 1
    this.#frame = frame
    this.#wake?.()
  }
  /** Ends without an error when `signal` aborts. */
  async *take(signal: AbortSignal): AsyncGenerator<Frame, void, void> {
    const wake = (): void => this.#wake?.()
    signal.addEventListener('abort', wake, { once: true })
    try {
      while (!signal.aborted) {
        const frame = this.#frame
        this.#frame = undefined
        if (frame !== undefined) yield frame
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }
}
