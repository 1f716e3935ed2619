import type { Clock, EpochMs, MonoMs } from './index.js'

/** A clock for tests: time moves only by `advance`, which also wakes due sleepers in order. */
export class ManualClock implements Clock {
  #wallMs: number
  #monoMs = 0
  #sleepers: { dueMs: number; wake: () => void }[] = []
  constructor(wallMs = Date.UTC(2026, 2, 2, 2)) {
    this.#wallMs = wallMs
  }
  wallMs(): EpochMs {
    return this.#wallMs as EpochMs
  }
  monoMs(): MonoMs {
    return this.#monoMs as MonoMs
  }
  /** Steps only the wall clock, as NTP or a person would. */
  stepWall(byMs: number): void {
    this.#wallMs += byMs
  }
  advance(byMs: number): void {
    this.#wallMs += byMs
    this.#monoMs += byMs
    const due = this.#sleepers.filter((sleeper) => sleeper.dueMs <= this.#monoMs).sort((a, b) => a.dueMs - b.dueMs)
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.dueMs > this.#monoMs)
    for (const sleeper of due) sleeper.wake()
  }
  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error)
        return
      }
      const leave = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal.reason as Error)
      }
      const wake = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { dueMs: this.#monoMs + delayMs, wake }
      this.#sleepers.push(sleeper)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
