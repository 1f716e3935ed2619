import { CaptureError } from './errors.js'

/** Bounds how many look backs decode at a time, over all cameras. */
export interface LookBackGate {
  /**
   * Waits for a turn; the returned function gives it back. `dueMs`: when the answer is wanted, `Infinity` when it can wait.
   * @throws CaptureError `LOOK_BACK_BUSY` when too many wait, or the signal's reason.
   */
  acquire(signal: AbortSignal, dueMs?: number): Promise<() => void>
  readonly running: number
  readonly waiting: number
}

/** `concurrent` decode, `queued` may wait; the most urgent is served first, of equals the one that came first. */
export function lookBackGate(bounds: { readonly concurrent: number; readonly queued: number }): LookBackGate {
  let running = 0
  const waiting: { readonly start: () => void; readonly dueMs: number }[] = []
  const release = (): (() => void) => {
    let released = false
    return () => {
      if (released) return
      released = true
      const next = waiting.sort((a, b) => (a.dueMs < b.dueMs ? -1 : a.dueMs > b.dueMs ? 1 : 0)).shift()
      if (next === undefined) running -= 1
      else next.start()
    }
  }
  return {
    get running() {
      return running
    },
    get waiting() {
      return waiting.length
    },
    acquire(signal, dueMs = Infinity) {
      signal.throwIfAborted()
      if (running < bounds.concurrent) {
        running += 1
        return Promise.resolve(release())
      }
      if (waiting.length >= bounds.queued)
        return Promise.reject(
          new CaptureError('LOOK_BACK_BUSY', `${waiting.length} look backs wait already`, { ...bounds }),
        )
      return new Promise((resolve, reject) => {
        const turn = {
          dueMs,
          start: () => {
            signal.removeEventListener('abort', leave)
            resolve(release())
          },
        }
        const leave = (): void => {
          waiting.splice(waiting.indexOf(turn), 1)
          reject(signal.reason as Error)
        }
        waiting.push(turn)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
