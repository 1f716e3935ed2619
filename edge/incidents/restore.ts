import type { Entry } from './entry.js'
import { isOpen, isWaiting, withIncident } from './entry.js'
import type { IncidentsState } from './step.js'
import type { Incident } from './types.js'

/**
 * State after a restart. What was committed with the records outweighs an older snapshot, so that nothing is told twice; look
 * backs that were on their way are asked for again.
 */
export function restoreIncidents(snapshot: IncidentsState, committed: readonly Incident[]): IncidentsState {
  const open = new Map(committed.map((incident) => [incident.id, incident]))
  const entries = snapshot.entries.map((entry): Entry => {
    const known = open.get(entry.incident.id)
    open.delete(entry.incident.id)
    const quiet: Entry = { ...entry, pending: 0, asked: entry.pending > 0 && isWaiting(entry) ? {} : entry.asked }
    if (known) return withIncident(quiet, known)
    // Told as open, yet committed as over: the snapshot is older than the record.
    return isOpen(entry) ? { ...withIncident(quiet, { state: 'over' }), finding: null, due: false } : quiet
  })
  return { entries: [...entries, ...[...open.values()].map(entryOf)] }
}

function entryOf(incident: Incident): Entry {
  return {
    incident,
    suspicions: [],
    asked: {},
    pending: 0,
    finding: null,
    repeats: 0,
    nextLookMs: null,
    due: true,
    gone: false,
    updatedMs: incident.lastMs,
    news: false,
  }
}
