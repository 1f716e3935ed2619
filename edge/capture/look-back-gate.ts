import { CaptureError } from './errors.js'

/** Bounds how many look backs decode at a time, over all cameras. */
export interface LookBackGate {
  /** Waits for a turn; the returned function gives it back. @throws CaptureError `LOOK_BACK_BUSY` when too many wait, or the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void>
  readonly running: number
  readonly waiting: number
}

/** First come, first served: `concurrent` decode, `queued` may wait. */
export function lookBackGate(bounds: { readonly concurrent: number; readonly queued: number }): LookBackGate {
  let running = 0
  const waiting: { readonly start: () => void }[] = []
  const release = (): (() => void) => {
    let released = false
    return () => {
      if (released) return
      released = true
      const next = waiting.shift()
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
    acquire(signal) {
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
