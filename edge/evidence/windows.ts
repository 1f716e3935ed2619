import type { EpochMs } from '../../contracts/base/index.js'
import type { EventWindow, WindowKind } from '../../contracts/records/index.js'
import type { Incident } from '../incidents/types.js'
import type { HoldRow } from './types.js'

/** Before and after, in ms: DESIGN.md §9.5, row "hold". */
const spans = {
  arrival: [30_000, 15_000],
  confirmation: [15_000, 15_000],
  actor: [5_000, 5_000],
  departure: [15_000, 30_000],
} as const

/** Windows of footage that an incident keeps in its present state. */
export function windowsOf(incident: Incident): HoldRow[] {
  const around = (kind: keyof typeof spans, atMs: EpochMs): HoldRow => {
    const [before, after] = spans[kind]
    return {
      incident: incident.id,
      kind,
      camera: incident.camera,
      fromMs: (atMs - before) as EpochMs,
      toMs: (atMs + after) as EpochMs,
      pinned: false,
    }
  }
  const windows = [around('arrival', incident.arrivedMs ?? incident.firstMs)]
  if (incident.confirmedMs !== null) windows.push(around('confirmation', incident.confirmedMs))
  if (incident.actor !== null) windows.push(around('actor', incident.actor.atMs))
  if (incident.state === 'over') windows.push(around('departure', incident.lastMs))
  return windows
}

/** First seen - 30 s to departure + 30 s: what `ring.hold` keeps. Of an act that goes on, to now. */
export function wholeAct(incident: Incident, nowMs: EpochMs): HoldRow {
  const endMs = incident.state === 'over' ? incident.lastMs + 30_000 : Math.max(nowMs, incident.lastMs + 30_000)
  return {
    incident: incident.id,
    kind: 'act',
    camera: incident.camera,
    fromMs: (Math.min(incident.firstMs, incident.arrivedMs ?? incident.firstMs) - 30_000) as EpochMs,
    toMs: endMs as EpochMs,
    pinned: true,
  }
}

/** Kind of window as a record says it. */
export function windowKind(kind: HoldRow['kind']): WindowKind {
  return kind === 'arrival' || kind === 'confirmation' || kind === 'actor' || kind === 'departure' ? kind : 'act'
}

export function sameWindow(window: EventWindow, other: EventWindow): boolean {
  return window.kind === other.kind && window.from === other.from && window.to === other.to
}
