import type { EpochMs } from '../../../contracts/base/index.js'
import type { Expr, TimerId, Transition } from '../process/index.js'
import { act, askNow, wanted, type Attempt } from './attempt.js'
import { timerKey, type FileView } from './file-view.js'
import { originMs } from './origin.js'

/** Timers of a step: stops before starts, then pauses and resumptions. */
export function clocks(attempt: Attempt, transition: Transition, run: string, moment: EpochMs): void {
  const { process, request } = attempt
  const holds = (expr: Expr): boolean => askNow(attempt, transition.id, run, expr)
  for (const id of transition.stops ?? []) for (const key of keysOf(attempt.view, id, run)) stop(attempt, key)
  for (const id of wanted(transition.starts ?? [], holds)) {
    const key = timerKey(process, id, run)
    // T16 only counts on; every other timer starts afresh (process.json, schema.timers).
    if (id === 'T16' && attempt.view.timers[key]?.phase === 'running') continue
    const outer = process.transitions.find((one) => one.id === request.do) ?? transition
    const atMs = originMs(process, attempt.view, id, transition, outer, moment)
    act(attempt, { kind: 'timer', key, phase: 'running', atMs })
  }
  const change = (id: TimerId, from: 'running' | 'paused', phase: 'paused' | 'running'): void => {
    for (const key of keysOf(attempt.view, id, run))
      if (attempt.view.timers[key]?.phase === from) act(attempt, { kind: 'timer', key, phase, atMs: request.atMs })
  }
  for (const id of wanted(transition.pauses ?? [], holds)) change(id, 'running', 'paused')
  for (const id of transition.resumes ?? []) change(id, 'paused', 'running')
}

/** Keys of a timer in the view: the run's own, else that of every run: a case step ends what its companions count. */
export function keysOf(view: FileView, id: TimerId, run: string): string[] {
  if (`${id}@${run}` in view.timers) return [`${id}@${run}`]
  return Object.keys(view.timers).filter((key) => key === id || key.startsWith(`${id}@`))
}

/** Stops a timer; one that is off stays as it is. */
export function stop(attempt: Attempt, key: string): void {
  if (attempt.view.timers[key]?.phase === 'off') return
  act(attempt, { kind: 'timer', key, phase: 'off', atMs: attempt.request.atMs })
}
