import type { EpochMs } from '../../contracts/base/index.js'
import { areaOf } from '../../contracts/geometry.js'
import type { LookBackWish, Suspicion } from '../violations/types.js'
import { isOpen, isWaiting, leading, withIncident } from './entry.js'
import type { Entry } from './entry.js'
import type { LookBackResult, LookBackTask } from './types.js'

/** After `undecided` a place is looked at again this often, dwell/2 apart, then refuted (DESIGN.md §9.4). */
export const repeatCountMax = 3
/** A plume that goes on is looked at again this often (DETECTION.md §8), and an open incident says how it stands. */
export const updateMs = 10 * 60_000
/** Looks repeated for a thing read the latest pictures of it, few of them: its arrival has been read already. */
const repeatWindowMs = 10_000
const repeatFps = 2

/** Takes the answers meant for this act. A later verdict never closes an open one; it may only add to it. */
export function heard(entry: Entry, results: readonly LookBackResult[]): Entry {
  let known = entry
  for (const { task, finding } of results) {
    if (task.incident !== entry.incident.id) continue
    known = { ...known, pending: Math.max(0, known.pending - 1) }
    // Another piece of the same load may be less clear: what one piece has shown stays shown.
    if (!isOpen(known))
      known = known.finding?.verdict === 'confirmed' && finding.verdict !== 'confirmed' ? known : { ...known, finding }
    else if (finding.verdict === 'confirmed')
      known = {
        ...known,
        finding,
        news: known.news || finding.grade > known.incident.grade || isNewActor(known, finding),
      }
  }
  return known
}

function isNewActor(entry: Entry, finding: LookBackResult['finding']): boolean {
  return entry.incident.actor === null && finding.actor !== null
}

/**
 * Asks once for every window that the suspicions wish for. An arrival is read for one piece of a load after the other, the largest
 * first: mostly the first answer settles the act.
 */
export function askFor(entry: Entry, tasks: LookBackTask[]): Entry {
  if (!isWaiting(entry) && entry.incident.state !== 'over') return entry
  let known = entry
  const oneByOne = entry.suspicions.length > 1
  const bySize = [...entry.suspicions].sort((a, b) => areaOf(b.box) - areaOf(a.box))
  for (const suspicion of bySize)
    for (const wish of suspicion.lookBack.slice(known.asked[suspicion.key] ?? 0)) {
      if (oneByOne && wish.kind === 'arrival' && (known.pending > 0 || known.finding?.verdict === 'confirmed')) break
      known = ask(known, suspicion, wish, tasks)
      known = { ...known, asked: { ...known.asked, [suspicion.key]: (known.asked[suspicion.key] ?? 0) + 1 } }
    }
  return known
}

/** Looks again at what stayed undecided, and every ten minutes at a plume that goes on. */
export function askAgain(entry: Entry, nowMs: EpochMs, tasks: LookBackTask[]): Entry {
  const suspicion = leading(entry)
  const last = suspicion?.lookBack.at(-1)
  if (suspicion === undefined || last === undefined || entry.pending > 0) return entry
  const everyMs = isOpen(entry) ? openIntervalMs(last) : undecidedIntervalMs(entry, suspicion)
  if (everyMs === null) return entry
  if (entry.nextLookMs === null) return { ...entry, nextLookMs: (nowMs + everyMs) as EpochMs }
  if (nowMs < entry.nextLookMs || !suspicion.present) return entry
  const lengthMs = last.kind === 'burst' ? last.toMs - last.fromMs : repeatWindowMs
  const fps = last.kind === 'burst' ? last.fps : Math.min(last.fps, repeatFps)
  const wish: LookBackWish = { ...last, fps, fromMs: (nowMs - lengthMs) as EpochMs, toMs: nowMs }
  const asked = ask(entry, suspicion, wish, tasks)
  return { ...asked, nextLookMs: null, repeats: entry.repeats + (isOpen(entry) ? 0 : 1) }
}

function openIntervalMs(last: LookBackWish): number | null {
  return last.kind === 'burst' ? updateMs : null
}

function undecidedIntervalMs(entry: Entry, suspicion: Suspicion): number | null {
  const again =
    isWaiting(entry) && entry.due && entry.finding?.verdict === 'undecided' && entry.repeats < repeatCountMax
  return again ? suspicion.dwellMs / 2 : null
}

function ask(entry: Entry, suspicion: Suspicion, wish: LookBackWish, tasks: LookBackTask[]): Entry {
  tasks.push({ incident: entry.incident.id, suspicion, wish })
  const asked = { ...entry, pending: entry.pending + 1 }
  return isWaiting(entry) ? withIncident(asked, { state: 'looking_back' }) : asked
}
