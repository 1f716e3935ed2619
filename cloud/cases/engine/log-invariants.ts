import type { Process, RoleKey, StateId } from '../process/index.js'
import { applyEntry, emptyFile, newestRun, type FileEntry, type FileView } from './file-view.js'

/** States that judge: no machine alone may lead a file into one (I1). */
export const judging: ReadonlySet<StateId> = new Set<StateId>([
  'L7',
  'L8',
  'L9',
  'L10',
  'L11',
  'C3',
  'C5',
  'C6',
  'C12',
  'C13',
  'C18',
  'C20',
  'C21',
  'C22',
  'C23',
  'C24',
  'C26',
  'C28',
  'C29',
])
const machines: ReadonlySet<RoleKey> = new Set(['edge_box', 'system'])
const silentEnds = /^T(10|11|15|17)/

/**
 * Breaches of the invariants of DOMAIN.md §5.4 that a log alone can show (I1, I2, I3, I5, I13, I16, I17 in part). Written
 * against the log, not against the process: it would also catch a wrong row.
 */
export function logBreaches(process: Process, log: readonly FileEntry[]): string[] {
  const breaches: string[] = []
  let view: FileView = emptyFile
  for (const entry of log) {
    breaches.push(...entryBreaches(process, view, entry).map((what) => `entry ${entry.seq} (${entry.did}): ${what}`))
    view = applyEntry(view, entry)
  }
  return breaches
}

/** What one entry breaks, on the file as it stood before. */
export function entryBreaches(process: Process, before: FileView, entry: FileEntry): string[] {
  const breaches: string[] = []
  const say = (what: string): void => void breaches.push(what)
  const view = applyEntry(before, entry)
  const into = entry.effects.flatMap((one) =>
    one.kind === 'move' && (one.machine === 'lead' || one.machine === 'case') ? [one.to] : [],
  )
  if (entry.by.every(({ role }) => machines.has(role)))
    for (const state of into) if (judging.has(state)) say(`I1: a machine alone leads into ${state}`)
  if (into.includes('C13')) decisionBreaches(before).forEach(say)
  if (into.length > 0 && /^T\d/.test(entry.did) && !silentEnds.test(entry.did)) say('I13: silence moves the file')
  for (const effect of entry.effects) {
    if (effect.kind !== 'timer' || effect.phase !== 'running') continue
    const id = effect.key.split('@')[0]
    const resumed = before.timers[effect.key]?.phase === 'paused'
    if (!resumed && id === 'T10' && newestRun(before, 'service:D17')?.state !== 'SV5')
      say('I5: T10 starts before D17 is served')
    if (!resumed && id === 'T11' && newestRun(before, 'service:D18')?.state !== 'SV5')
      say('I5: T11 starts before D18 is served')
    if (!resumed && id === 'T17' && newestRun(before, 'service:D33')?.state !== 'SV5')
      say('I5: T17 starts before D33 is served')
  }
  for (const { a, b } of process.separation.flatMap(({ conflicts }) => conflicts)) {
    const both = view.people
      .filter(({ role }) => role === a)
      .find((one) => view.people.some((other) => other.role === b && other.person === one.person))
    if (both !== undefined && !machines.has(both.role)) say(`I16: ${both.person} acted as ${a} and as ${b}`)
  }
  return breaches
}

/** I2 and I17: the party was told in a served paper, the window ended or was waived, and every word of the party is answered. */
function decisionBreaches(before: FileView): string[] {
  const told = newestRun(before, 'service:D17')?.state === 'SV5'
  const over = before.timers['T10']?.phase === 'over' || before.inputs['waiver.statement'] === true
  return [
    ...(told ? [] : ['I2: decided without a served notice']),
    ...(over ? [] : ['I2: decided before the window was over']),
    ...((before.inputs['defence.unanswered'] ?? 0) === 0 ? [] : ['I17: decided with an unanswered defence']),
    ...(before.inputs['finding.a'] === 'proved' && before.inputs['finding.b'] === 'proved'
      ? []
      : ['I2: decided without two findings']),
  ]
}
