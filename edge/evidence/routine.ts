import type { Clock, Log } from '../../contracts/base/index.js'

/**
 * What the station does beside its calls: loops, and work that nobody waits for. None of it outlives `end`, so that whoever closed
 * the station may remove its folders.
 */
export interface Routine {
  /** Aborts when the station closes. */
  readonly signal: AbortSignal
  /** Repeats until the station closes; a failure is told and tried again, never the end of the loop. */
  every(nextMs: () => number, what: string, work: () => Promise<void> | void): void
  /** Work that goes on by itself; it says its own failures. */
  add(work: Promise<unknown>): void
  /** Stops the loops and waits until all work has ended. */
  end(): Promise<void>
}

export function openRoutine({ clock, log }: { readonly clock: Clock; readonly log: Log }): Routine {
  const stop = new AbortController()
  const running = new Set<Promise<unknown>>()

  function add(work: Promise<unknown>): void {
    const quiet = work
      .catch(() => undefined)
      .finally(() => {
        running.delete(quiet)
      })
    running.add(quiet)
  }

  async function loop(nextMs: () => number, what: string, work: () => Promise<void> | void): Promise<void> {
    for (;;) {
      await clock.sleep(nextMs(), stop.signal)
      try {
        await work()
      } catch (cause) {
        if (!stop.signal.aborted) log.error({ cause: String(cause) }, `${what} failed; it is tried again`)
      }
    }
  }

  return {
    signal: stop.signal,
    add,
    every: (nextMs, what, work) => {
      add(loop(nextMs, what, work))
    },
    async end() {
      stop.abort(new Error('the evidence station is closing'))
      while (running.size > 0) await Promise.all(running)
    },
  }
}
