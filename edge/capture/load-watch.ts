import type { EpochMs } from '../../contracts/base/index.js'

const windowMs = 60_000

export interface PictureCounts {
  readonly dropped: number
  readonly frames: number
}

/** Tells when a box has too much to do: more than a tenth of the pictures not taken within a minute. */
export class LoadWatch {
  #fromMono: number | null = null
  #from: PictureCounts = { dropped: 0, frames: 0 }

  /** Counting begins now: what nobody was there to take before does not count. */
  restart(monoMs: number, counts: PictureCounts): void {
    this.#fromMono = monoMs
    this.#from = counts
  }

  /** The span that was not watched, once a window is over; null when all was well or nobody takes pictures. */
  judge(monoMs: number, toMs: EpochMs, counts: PictureCounts): { fromMs: EpochMs; toMs: EpochMs } | null {
    if (this.#fromMono === null || monoMs - this.#fromMono < windowMs) return null
    const lastedMs = monoMs - this.#fromMono
    const dropped = counts.dropped - this.#from.dropped
    const frames = counts.frames - this.#from.frames
    this.restart(monoMs, counts)
    return frames >= 10 && dropped > 0.1 * frames ? { fromMs: (toMs - lastedMs) as EpochMs, toMs } : null
  }
}
