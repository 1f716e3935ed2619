/**
 * Learns a camera's key-frame interval: the upper end of the last 32 distances. One stall looks like one long interval, so the
 * very longest does not count once there are enough.
 */
export class GopMeter {
  #distancesMs: number[] = []
  #lastMediaMs: number | null = null
  /** A new connection: the next distance does not count. */
  reset(): void {
    this.#lastMediaMs = null
  }
  observe(mediaMs: number): void {
    const distanceMs = this.#lastMediaMs === null ? 0 : mediaMs - this.#lastMediaMs
    this.#lastMediaMs = mediaMs
    if (distanceMs > 0 && distanceMs < 600_000) this.#distancesMs = [...this.#distancesMs.slice(-31), distanceMs]
  }
  /** Null before the second key frame. */
  get gopMs(): number | null {
    const sorted = this.#distancesMs.toSorted((a, b) => a - b)
    return sorted[Math.floor(0.9 * (sorted.length - 1))] ?? null
  }
}
