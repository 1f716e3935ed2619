/** Figures of VIDEO.md §8; tests shorten the windows. */
export interface MediaClockRules {
  /** The least delayed picture of this window rules. */
  readonly windowMs: number
  /** How fast the offset may follow it. */
  readonly slewPpm: number
  /** Media time must be compared over at least this long before its rate is judged: in 40 s delays of half a second do not look like 2 %. */
  readonly rateSpanMs: number
  readonly rateErrorMax: number
  /** Pictures that were gathered while ffmpeg probed come in a burst; at the latest then the offset is taken as it is. */
  readonly settleMsMax: number
}
export const mediaClockRules: MediaClockRules = {
  windowMs: 60_000,
  slewPpm: 500,
  rateSpanMs: 40_000,
  rateErrorMax: 0.02,
  settleMsMax: 12_000,
}

interface Arrival {
  readonly mediaMs: number
  readonly monoMs: number
}

/**
 * Maps the stream's own time stamps to the box's monotonic clock. Distances stay those of the stream; the offset is that of the
 * least delayed picture (source: moonfire-nvr, design/time.md), moved by at most 500 ppm, so that network jitter never shows.
 * A stream whose declared rate is not its real rate (beyond 2 %) gets the times of arrival instead.
 */
export class MediaClock {
  readonly #rules: MediaClockRules
  #arrivals: Arrival[] = []
  #first: Arrival | null = null
  #last: Arrival | null = null
  #offsetMs: number | null = null
  #settled = false
  #usable = true
  constructor(rules: MediaClockRules = mediaClockRules) {
    this.#rules = rules
  }
  /** False while only the burst of the connection's start has been seen: times may still move. */
  get settled(): boolean {
    return this.#settled
  }
  /** False when media time runs off wall time. */
  get usable(): boolean {
    return this.#usable
  }

  /** A picture with this time stamp has just arrived. `jumped`: it claims to come from the future, so its time stamps have jumped. */
  observe(mediaMs: number, monoMs: number): { readonly jumped: boolean } {
    const last = this.#last
    if (last !== null && mediaMs <= last.mediaMs) return { jumped: false } // told twice: by the frame and by the segment list
    const arrival: Arrival = { mediaMs, monoMs }
    this.#first ??= arrival
    const jumped = this.#isJump(last, arrival)
    this.#arrivals.push(arrival)
    if (!this.#settled) this.#settle(last, arrival)
    this.#arrivals = this.#arrivals.filter((one) => monoMs - one.monoMs <= this.#rules.windowMs).slice(-1024)
    this.#follow(mediaMs - (last?.mediaMs ?? mediaMs))
    this.#judgeRate()
    this.#last = arrival
    return { jumped }
  }

  /** From the future, and by one step: a clock that runs fast gets there slowly, a burst after a delay is not early. */
  #isJump(last: Arrival | null, now: Arrival): boolean {
    if (!this.#settled || !this.#usable || this.#offsetMs === null || last === null) return false
    const stepMs = now.mediaMs - last.mediaMs - (now.monoMs - last.monoMs)
    return delayOf(now) < this.#offsetMs - 1000 && stepMs > Math.max(1000, 0.2 * (now.mediaMs - last.mediaMs))
  }

  #settle(last: Arrival | null, now: Arrival): void {
    if (last === null || this.#first === null) return
    const paced = now.monoMs - last.monoMs >= 0.5 * (now.mediaMs - last.mediaMs)
    if (!paced && now.monoMs - this.#first.monoMs < this.#rules.settleMsMax) return
    this.#offsetMs = this.#leastDelay()
    this.#settled = true
    this.#arrivals = [now] // the burst says nothing about the rate
  }

  #leastDelay(): number {
    return this.#arrivals.reduce((smallest, one) => Math.min(smallest, delayOf(one)), Infinity)
  }

  #follow(advanceMs: number): void {
    const target = this.#leastDelay()
    if (this.#offsetMs === null || !this.#settled) {
      this.#offsetMs = target
      return
    }
    const stepMax = (Math.max(0, advanceMs) * this.#rules.slewPpm) / 1e6
    this.#offsetMs += Math.max(-stepMax, Math.min(stepMax, target - this.#offsetMs))
  }

  /**
   * Compares the least delays of the first and the last third of the window: delayed pictures and stalls do not count, a wrong rate
   * shows in both. Back in use below half the limit, so that it does not flap.
   */
  #judgeRate(): void {
    const from = this.#arrivals[0]
    const to = this.#arrivals.at(-1)
    if (!this.#settled || from === undefined || to === undefined) return
    const spanMs = to.monoMs - from.monoMs
    if (spanMs < this.#rules.rateSpanMs) return
    const early = least(this.#arrivals.filter((one) => one.monoMs <= from.monoMs + spanMs / 3))
    const late = least(this.#arrivals.filter((one) => one.monoMs >= to.monoMs - spanMs / 3))
    if (early === null || late === null) return
    const error = Math.abs((delayOf(late) - delayOf(early)) / (late.monoMs - early.monoMs))
    if (error > this.#rules.rateErrorMax) this.#usable = false
    else if (error < this.#rules.rateErrorMax / 2 && !this.#usable) {
      this.#usable = true
      this.#offsetMs = this.#leastDelay()
    }
  }

  /** Monotonic time of a time stamp. */
  monoOf(mediaMs: number): number {
    if (this.#usable) return mediaMs + (this.#offsetMs ?? 0)
    const exact = this.#arrivals.findLast((one) => Math.abs(one.mediaMs - mediaMs) < 2)
    if (exact !== undefined) return exact.monoMs
    const before = this.#arrivals.findLast((one) => one.mediaMs < mediaMs)
    const after = this.#arrivals.find((one) => one.mediaMs > mediaMs)
    if (before === undefined || after === undefined) {
      const near = before ?? after
      return near === undefined ? mediaMs + (this.#offsetMs ?? 0) : near.monoMs + (mediaMs - near.mediaMs)
    }
    const share = (mediaMs - before.mediaMs) / (after.mediaMs - before.mediaMs)
    return before.monoMs + share * (after.monoMs - before.monoMs)
  }
}

function delayOf(arrival: Arrival): number {
  return arrival.monoMs - arrival.mediaMs
}

/** The least delayed of at least two, else null. */
function least(arrivals: readonly Arrival[]): Arrival | null {
  if (arrivals.length < 2) return null
  return arrivals.reduce((best, one) => (delayOf(one) < delayOf(best) ? one : best))
}
