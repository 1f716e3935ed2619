import type { EpochMs, IncidentId } from '../../contracts/base/index.js'
import type { Ground } from '../../contracts/ground-plane.js'
import type { ViewHealth } from '../vision/types.js'
import type { Suspicion } from '../violations/types.js'
import {
  boxOfAct,
  change,
  isOpen,
  isPieceOf,
  isSamePlace,
  isWaiting,
  joinReasons,
  leading,
  mergedMeasurements,
  rivalOf,
  withIncident,
} from './entry.js'
import type { Entry } from './entry.js'
import { askAgain, askFor, heard, repeatCountMax, updateMs } from './looking.js'
import { movedFrom, partOf, resightMs } from './moved.js'
import type { IncidentChange, IncidentSetup, LookBackResult, LookBackTask } from './types.js'

export interface IncidentInput {
  readonly nowMs: EpochMs
  /** Suspicions of this watch frame; null when the step only brings results of look backs. */
  readonly suspicions: readonly Suspicion[] | null
  readonly results: readonly LookBackResult[]
  readonly view: ViewHealth
  /** UUIDv7 for an act first seen at `atMs`. */
  readonly ids: (atMs: EpochMs) => IncidentId
}

/** Memory of one camera's incidents. JSON-serialisable. */
export interface IncidentsState {
  readonly entries: readonly Entry[]
}

export const initialIncidents: IncidentsState = { entries: [] }

/** Bound of the memory; an act that is open is never forgotten for it. */
const entryCountMax = 256

/**
 * Advances the incidents of one camera. Changes are in the order in which they happened; tasks are to be run in order and each
 * answered once, by a result in a later step, with a finding over all answers for that incident so far.
 */
export function stepIncidents(
  state: IncidentsState,
  input: IncidentInput,
  setup: IncidentSetup,
): { state: IncidentsState; changes: IncidentChange[]; tasks: LookBackTask[] } {
  const changes: IncidentChange[] = []
  const tasks: LookBackTask[] = []
  let entries = state.entries.map((entry) => heard(entry, input.results))
  if (input.suspicions !== null) entries = listen(entries, input.suspicions, input, setup, changes)
  for (const index of entries.keys()) {
    joinKnown(entries, index, input, setup, changes)
    const entry = entries[index]
    if (entry !== undefined) entries[index] = settle(entry, entries, input, setup, changes)
  }
  entries = entries.map((entry) => askAgain(askFor(entry, tasks), input.nowMs, tasks))
  return { state: { entries: remembered(entries, input.nowMs) }, changes, tasks }
}

/** Gives every suspicion to the act it speaks of, or to a new one; acts without any are gone. */
function listen(
  before: readonly Entry[],
  suspicions: readonly Suspicion[],
  input: IncidentInput,
  setup: IncidentSetup,
  changes: IncidentChange[],
): Entry[] {
  const entries: Entry[] = before.map((entry) => ({ ...entry, suspicions: [] }))
  const homes = new Map(before.flatMap((entry, index) => entry.suspicions.map(({ key }) => [key, index] as const)))
  for (const suspicion of suspicions) {
    const index = homes.get(suspicion.key) ?? placeOf(entries, suspicion, input.nowMs, setup)
    const entry = entries[index]
    if (entry) {
      entries[index] = { ...entry, suspicions: [...entry.suspicions, suspicion] }
      continue
    }
    const opened = suspect(suspicion, input, setup)
    entries.push(opened)
    changes.push(change('suspected', opened, input.nowMs))
  }
  return entries.map((entry) => follow(entry, input))
}

/** The act at the same place that is open, awaited, or over for less than 15 minutes; -1 when there is none. */
function placeOf(
  entries: readonly Entry[],
  suspicion: Suspicion,
  nowMs: EpochMs,
  { ground, mayGoOn }: IncidentSetup,
): number {
  return entries.findIndex(
    ({ incident }) =>
      incident.state !== 'refuted' &&
      incident.cause === suspicion.cause &&
      mayGoOn(incident.cause, incident.zone, suspicion.zone) &&
      nowMs - incident.lastMs <= resightMs &&
      (isSamePlace(incident.box, suspicion.box, ground) || isPieceOf(incident, suspicion, ground)),
  )
}

function suspect(suspicion: Suspicion, input: IncidentInput, setup: IncidentSetup): Entry {
  const { version, thresholds } = setup.ruleOf(suspicion.cause, suspicion.zone)
  return {
    incident: {
      id: input.ids(suspicion.sinceMs),
      cause: suspicion.cause,
      camera: setup.camera,
      zone: suspicion.zone,
      state: 'suspected',
      firstMs: suspicion.sinceMs,
      confirmedMs: null,
      lastMs: suspicion.lastSeenMs,
      box: suspicion.box,
      confidence: 0,
      grade: 1,
      measurements: suspicion.measurements,
      reasons: suspicion.reasons,
      actor: null,
      arrivedMs: null,
      reopened: false,
      rule: version,
      thresholds,
      view: input.view,
    },
    suspicions: [suspicion],
    asked: {},
    pending: 0,
    finding: null,
    repeats: 0,
    nextLookMs: null,
    due: false,
    gone: false,
    updatedMs: input.nowMs,
    news: false,
  }
}

/** Takes over what the suspicions say now. */
function follow(entry: Entry, input: IncidentInput): Entry {
  const suspicion = leading(entry)
  if (suspicion === undefined)
    return entry.incident.state === 'over'
      ? { ...entry, gone: true, due: false, finding: null }
      : { ...entry, gone: true }
  const known: Entry = { ...entry, gone: false, due: entry.due || entry.suspicions.some(({ due }) => due) }
  if (entry.incident.state === 'refuted' || entry.incident.state === 'over') return known
  return withIncident(known, {
    box: entry.finding?.box ?? boxOfAct(entry, suspicion),
    lastMs: Math.max(entry.incident.lastMs, suspicion.lastSeenMs) as EpochMs,
    measurements: mergedMeasurements(suspicion, entry.finding, entry.incident.measurements),
    view: input.view,
    state: entry.incident.state === 'confirmed' && suspicion.present ? 'continuing' : entry.incident.state,
  })
}

/** A stall that moved, or a second part of an act that is told already, goes on as that act; what was suspected is no second one. */
function joinKnown(
  entries: Entry[],
  index: number,
  input: IncidentInput,
  setup: IncidentSetup,
  changes: IncidentChange[],
): void {
  const entry = entries[index]
  if (entry === undefined) return
  const place = partOf(entry, entries, input.nowMs, setup)
  const old = place ?? movedFrom(entry, entries, input.nowMs, setup.ground)
  if (old === undefined) return
  const { finding, asked, incident } = entry
  const suspicions = [...old.suspicions, ...entry.suspicions]
  const wasOver = old.incident.state === 'over'
  const lastMs = Math.max(old.incident.lastMs, incident.lastMs) as EpochMs
  const box = place === undefined || wasOver ? incident.box : old.incident.box
  const joined = told(
    { ...old, suspicions, asked: { ...old.asked, ...asked }, finding, due: true, gone: false },
    { state: 'continuing', reopened: old.incident.reopened || wasOver, box, lastMs, view: input.view },
    input.nowMs,
  )
  entries[entries.indexOf(old)] = joined
  entries[index] = { ...refute(entry, ['continues_another'], input.nowMs, changes), suspicions: [], gone: true }
  changes.push(change(wasOver ? 'reopened' : 'updated', joined, input.nowMs))
}

/** Moves an act on as far as what is known allows. */
function settle(
  entry: Entry,
  all: readonly Entry[],
  input: IncidentInput,
  setup: IncidentSetup,
  changes: IncidentChange[],
): Entry {
  if (isOpen(entry)) return settleOpen(entry, input, changes)
  if (entry.incident.state === 'over') return settleOver(entry, input, changes)
  if (!isWaiting(entry)) return entry
  const verdict = entry.finding?.verdict
  if (verdict === 'refuted') return refute(entry, entry.finding?.reasons ?? [], input.nowMs, changes)
  if (verdict === 'confirmed' && entry.due) {
    const rival = all.find((other) => isRival(entry, other, input.nowMs, setup.ground))
    if (rival) return refute(entry, [`explained_by_${rival.incident.cause}`], input.nowMs, changes)
    return confirm(entry, input, changes)
  }
  // It was due and its footage is still being read: the verdict may come after the thing has gone.
  if (entry.gone && !(entry.due && entry.pending > 0))
    return refute(entry, ['gone_before_confirmation'], input.nowMs, changes)
  if (verdict === 'undecided' && entry.repeats >= repeatCountMax && entry.pending === 0 && entry.nextLookMs === null)
    return refute(entry, [...(entry.finding?.reasons ?? []), 'undecided'], input.nowMs, changes)
  return entry
}

function confirm(entry: Entry, input: IncidentInput, changes: IncidentChange[]): Entry {
  const box = entry.finding?.box ?? entry.incident.box
  const confirmed = told(entry, { state: 'confirmed', confirmedMs: input.nowMs, view: input.view, box }, input.nowMs)
  changes.push(change('confirmed', confirmed, input.nowMs))
  return confirmed.gone ? end(confirmed, input.nowMs, changes) : confirmed
}

function settleOpen(entry: Entry, input: IncidentInput, changes: IncidentChange[]): Entry {
  if (entry.gone) return end(entry, input.nowMs, changes)
  if (!entry.news && input.nowMs - entry.updatedMs < updateMs) return entry
  const updated = told(entry, {}, input.nowMs)
  changes.push(change('updated', updated, input.nowMs))
  return updated
}

/** A re-sight counts when it is due again and its look back does not refute it. */
function settleOver(entry: Entry, input: IncidentInput, changes: IncidentChange[]): Entry {
  const suspicion = leading(entry)
  if (!suspicion?.due || entry.finding === null || entry.finding.verdict === 'refuted') return entry
  const { box, lastSeenMs: lastMs } = suspicion
  const reopened = told(entry, { state: 'continuing', reopened: true, box, lastMs, view: input.view }, input.nowMs)
  changes.push(change('reopened', reopened, input.nowMs))
  return reopened
}

function end(entry: Entry, nowMs: EpochMs, changes: IncidentChange[]): Entry {
  const over = {
    ...withIncident(entry, { state: 'over' }),
    finding: null,
    due: false,
    repeats: 0,
    nextLookMs: null,
    suspicions: [],
  }
  changes.push(change('over', over, nowMs))
  return over
}

function refute(entry: Entry, reasons: readonly string[], nowMs: EpochMs, changes: IncidentChange[]): Entry {
  const refuted = withIncident(entry, { state: 'refuted', reasons: joinReasons(entry.incident.reasons, reasons) })
  changes.push(change('refuted', refuted, nowMs))
  return { ...refuted, nextLookMs: null }
}

/** Writes the finding into the incident: what the next record will say. */
function told(entry: Entry, part: Partial<Entry['incident']>, nowMs: EpochMs): Entry {
  const { finding, incident } = entry
  const known = withIncident(entry, {
    ...(finding && finding.verdict === 'confirmed'
      ? {
          confidence: Math.max(incident.confidence, finding.confidence),
          grade: Math.max(incident.grade, finding.grade) as typeof incident.grade,
        }
      : {}),
    measurements: mergedMeasurements(leading(entry), finding, incident.measurements),
    reasons: joinReasons(incident.reasons, leading(entry)?.reasons ?? [], finding?.reasons ?? []),
    actor: finding?.actor ?? incident.actor,
    arrivedMs: incident.arrivedMs ?? finding?.arrivedMs ?? null,
    ...part,
  })
  return { ...known, updatedMs: nowMs, news: false }
}

/** The same plume or thing was already told as the other cause it can be. */
function isRival(entry: Entry, other: Entry, nowMs: EpochMs, ground: Ground | null): boolean {
  if (other.incident.cause !== rivalOf[entry.incident.cause]) return false
  const recent = isOpen(other) || (other.incident.state === 'over' && nowMs - other.incident.lastMs <= 60_000)
  return recent && isSamePlace(entry.incident.box, other.incident.box, ground)
}

function remembered(entries: readonly Entry[], nowMs: EpochMs): Entry[] {
  const kept = entries.filter((entry) => {
    if (entry.incident.state === 'refuted') return !entry.gone || entry.pending > 0
    return entry.incident.state !== 'over' || !entry.gone || nowMs - entry.incident.lastMs <= resightMs
  })
  if (kept.length <= entryCountMax) return kept
  const spare = kept.length - entryCountMax
  const dropped = new Set(kept.filter((entry) => !isOpen(entry)).slice(0, spare))
  return kept.filter((entry) => !dropped.has(entry))
}
