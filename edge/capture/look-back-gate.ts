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

/**
 * `concurrent` decode, `queued` may wait; the most urgent is served first, of equals the one that came first. What is more urgent than
 * all that decode takes one turn beyond them: behind two long looks that can wait, a verdict would come late.
 */
export function lookBackGate(bounds: { readonly concurrent: number; readonly queued: number }): LookBackGate {
  const running: { readonly dueMs: number }[] = []
  const waiting: { readonly start: () => void; readonly dueMs: number }[] = []
  const mayStart = (dueMs: number): boolean =>
    running.length < bounds.concurrent ||
    (running.length === bounds.concurrent && running.every((other) => dueMs < other.dueMs))
  const begin = (dueMs: number): (() => void) => {
    const turn = { dueMs }
    running.push(turn)
    return () => {
      const index = running.indexOf(turn)
      if (index < 0) return
      running.splice(index, 1)
      waiting.sort((a, b) => (a.dueMs < b.dueMs ? -1 : a.dueMs > b.dueMs ? 1 : 0))
      while (waiting[0] !== undefined && mayStart(waiting[0].dueMs)) waiting.shift()?.start()
    }
  }
  return {
    get running() {
      return running.length
    },
    get waiting() {
      return waiting.length
    },
    acquire(signal, dueMs = Infinity) {
      signal.throwIfAborted()
      if (mayStart(dueMs)) return Promise.resolve(begin(dueMs))
      if (waiting.length >= bounds.queued)
        return Promise.reject(
          new CaptureError('LOOK_BACK_BUSY', `${waiting.length} look backs wait already`, { ...bounds }),
        )
      return new Promise((resolve, reject) => {
        const turn = {
          dueMs,
          start: () => {
            signal.removeEventListener('abort', leave)
            resolve(begin(dueMs))
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
