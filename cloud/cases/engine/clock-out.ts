import type { EpochMs } from '../../../contracts/base/index.js'
import type { Process, TimerId } from '../process/index.js'
import { evaluate } from './expression.js'
import { applyEffect, timerKey, type Effect, type FileView } from './file-view.js'
import { refuse } from './refusals.js'
import { sightOf } from './sight.js'
import type { Outcome } from './attempt.js'

/**
 * The end of a period. It only marks the timer as over and starts what counts from there; steps that the end allows are proposed
 * as any other. A timer that is not running is refused, so an end cannot be entered twice.
 */
export function proposeTimerEnd(
  process: Process,
  view: FileView,
  end: { readonly key: string; readonly dueMs: EpochMs; readonly version: number },
): Outcome {
  if (end.version !== view.version) return { ok: false, refusals: [refuse.stale(view.version, end.version)] }
  if (view.timers[end.key]?.phase !== 'running') return { ok: false, refusals: [refuse.twice()] }
  const [id, run] = end.key.split('@') as [TimerId, string | undefined]
  const effects: Effect[] = [{ kind: 'timer', key: end.key, phase: 'over', atMs: end.dueMs }]
  let after = effects.reduce(applyEffect, view)
  for (const timer of process.timers) {
    if (timer.startOnTimer?.timers.includes(id) !== true) continue
    const target = after.runs.find((one) => one.id === run) ?? null
    const { sight } = sightOf(process, after, { id, run: target, doc: null }, { set: {}, derived: {}, documents: [] })
    if (timer.startOnTimer.when !== undefined && !evaluate(timer.startOnTimer.when, sight).holds) continue
    const effect: Effect = {
      kind: 'timer',
      key: timerKey(process, timer.id, run ?? null),
      phase: 'running',
      atMs: end.dueMs,
    }
    effects.push(effect)
    after = applyEffect(after, effect)
  }
  return {
    ok: true,
    entry: {
      seq: view.version + 1,
      atMs: end.dueMs,
      by: [{ role: 'system', person: 'system' }],
      did: end.key,
      reason: null,
      gates: [],
      effects,
    },
  }
}
