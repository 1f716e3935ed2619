import { join } from 'node:path'
import { toEventBody, type EventPhase } from '../../contracts/records/index.js'
import type { Incident, IncidentChange } from '../incidents/types.js'
import type { Segment } from '../capture/types.js'
import type { Core } from './core.js'
import { makeStill, segmentAt, stillFile, stillTimes, type Still } from './stills.js'
import type { HoldRow, IncidentRow, RecordExtra } from './types.js'
import { windowKind, windowsOf } from './windows.js'

/** A confirmation waits this long for its pictures; what is not ready then comes with an `updated` record. */
const stillWaitMs = 600
const segmentsPerRecordMax = 200
const lateTriesMax = 4
const lateFirstMs = 3_000

type Confirmed = Exclude<IncidentChange['kind'], 'suspected' | 'refuted'>
const phaseOf: Record<Confirmed, EventPhase> = {
  confirmed: 'confirmed',
  updated: 'updated',
  reopened: 'updated',
  over: 'over',
}

/** From an incident's change to its record, its holds and its pictures. */
export function openEvents(core: Core) {
  const { chain, holds, clock, log } = core
  /** Pictures that a record could not bring: incident -> tries so far and what its last record needed. */
  const owed = new Map<string, { tries: number; dueMono: number; extra: RecordExtra }>()

  async function stillsOf(incident: Incident, listed: IncidentRow['listed']): Promise<Still[]> {
    const camera = core.cameras.get(incident.camera)
    const wanted = stillTimes(incident).filter(({ kind }) => !listed.stills.includes(kind))
    const made = await Promise.all(
      wanted.map(async ({ kind, atMs }) => {
        const segment = segmentAt(present(chain.segmentsIn(incident.camera, atMs - 30_000, atMs + 1), core), atMs)
        if (segment === null) return null
        return makeStill(kind, atMs, segment, {
          ffmpeg: core.ffmpeg,
          folder: core.stillFolder,
          privateZones: camera?.privateZones ?? [],
          signal: core.routine.signal,
        }).catch((cause: unknown) => {
          if (core.routine.signal.aborted) return null
          log.warn({ incident: incident.id, kind, cause: String(cause) }, 'a still could not be made')
          return null
        })
      }),
    )
    return made.filter((still) => still !== null)
  }

  /** The pictures if they are ready in time, else none; they go on being made and are owed. */
  async function stillsInTime(incident: Incident, listed: IncidentRow['listed']): Promise<Still[]> {
    const abort = new AbortController()
    const late = clock.sleep(stillWaitMs, abort.signal).then(
      () => [],
      () => [],
    )
    const making = stillsOf(incident, listed)
    core.routine.add(making)
    try {
      return await Promise.race([making, late])
    } finally {
      abort.abort()
    }
  }

  async function append(
    incident: Incident,
    phase: EventPhase,
    stills: readonly Still[],
    extra: RecordExtra,
  ): Promise<void> {
    await core.append(() => {
      const before = chain.incident(incident.id)
      const listed = before?.listed ?? { segments: [], stills: [] }
      const windows = mergeHolds(chain.holdsOf(incident.id), windowsOf(incident))
      const segments = segmentsFor(windows, listed.segments)
      return {
        kind: 'event' as const,
        body: toEventBody({
          ...factsOf(incident, phase, stills, windows, segments, extra),
          configSeq: core.configSeq(),
          models: core.models(),
        }),
        effects: ({ ord }) => {
          commit(incident, ord, windows, {
            segments: [...listed.segments, ...segments.map(({ index }) => index)],
            stills: [...listed.stills, ...stills.map(({ kind }) => kind)],
          })
          chain.saveMark(incident.camera, extra.mark)
          for (const still of stills)
            chain.addUpload({
              sha256: still.sha256,
              file: stillFile(core.stillFolder, still.sha256),
              bytes: still.bytes,
              class: 0,
              afterOrd: ord,
              incident: incident.id,
            })
        },
      }
    })
    holds.fill(incident.id)
  }

  function commit(incident: Incident, ord: number, windows: readonly HoldRow[], listed: IncidentRow['listed']): void {
    for (const window of windows) chain.setHold(window)
    chain.saveIncident({
      incident,
      listed,
      overMs: incident.state === 'over' ? clock.wallMs() : null,
      receiptedOrd: ord,
    })
  }

  function segmentsFor(windows: readonly HoldRow[], listed: readonly number[]): Segment[] {
    const known = new Set(listed)
    const found = new Map<number, Segment>()
    for (const { camera, fromMs, toMs } of windows)
      for (const segment of chain.segmentsIn(camera, fromMs, toMs))
        if (!known.has(segment.index)) found.set(segment.index, segment)
    return [...found.values()].sort((a, b) => a.index - b.index).slice(0, segmentsPerRecordMax)
  }

  return {
    async record(change: IncidentChange, extra: RecordExtra): Promise<void> {
      const { incident, kind } = change
      const before = chain.incident(incident.id)
      if (kind === 'suspected' || kind === 'refuted') {
        chain.transaction(() => {
          chain.saveMark(incident.camera, extra.mark)
          if (kind === 'refuted') chain.forgetIncident(incident.id)
          else {
            chain.saveIncident({ incident, listed: { segments: [], stills: [] }, overMs: null, receiptedOrd: null })
            for (const window of windowsOf(incident)) chain.setHold(window)
          }
        })
        if (kind === 'refuted') holds.release(incident.id)
        else holds.fill(incident.id)
        return
      }
      // Replayed after a crash that came between the record's commit and the caller's own note of it.
      if (before !== null && before.receiptedOrd !== null && isRepeat(before, change)) return
      const stills = await stillsInTime(incident, before?.listed ?? { segments: [], stills: [] })
      await append(incident, phaseOf[kind], stills, extra)
      const after = chain.incident(incident.id)
      const missing = stillTimes(incident).some((still) => !after?.listed.stills.includes(still.kind))
      if (missing) owed.set(incident.id, { tries: 0, dueMono: clock.monoMs() + lateFirstMs, extra })
    },
    /** Brings pictures that were late: one `updated` record for what is ready now. */
    async payOwed(): Promise<void> {
      for (const [id, debt] of owed) {
        if (debt.dueMono > clock.monoMs()) continue
        const row = chain.incident(id)
        const stills = row === null ? [] : await stillsOf(row.incident, row.listed)
        const now = chain.incident(id)
        const fresh = stills.filter(({ kind }) => now?.listed.stills.includes(kind) === false)
        if (now !== null && fresh.length > 0)
          await append(now.incident, 'updated', fresh, {
            ...debt.extra,
            mark: chain.mark(now.incident.camera) ?? debt.extra.mark,
          })
        const after = chain.incident(id)
        const done =
          after === null || stillTimes(after.incident).every(({ kind }) => after.listed.stills.includes(kind))
        if (done || debt.tries + 1 >= lateTriesMax) owed.delete(id)
        else
          owed.set(id, {
            ...debt,
            tries: debt.tries + 1,
            dueMono: clock.monoMs() + lateFirstMs * 2 ** (debt.tries + 1),
          })
      }
    },
  }
}

function isRepeat(before: IncidentRow, change: IncidentChange): boolean {
  const old = before.incident
  const same =
    old.lastMs === change.incident.lastMs &&
    old.state === change.incident.state &&
    old.reopened === change.incident.reopened
  return (
    (change.kind === 'confirmed' && old.confirmedMs !== null) ||
    (same && JSON.stringify(old) === JSON.stringify(change.incident))
  )
}

/** What was held already is not given up when a window moves; a window of the same kind grows over both. */
function mergeHolds(old: readonly HoldRow[], fresh: readonly HoldRow[]): HoldRow[] {
  const merged = new Map(old.map((hold) => [hold.kind, hold]))
  for (const hold of fresh)
    merged.set(hold.kind, { ...hold, pinned: hold.pinned || merged.get(hold.kind)?.pinned === true })
  return [...merged.values()].sort((a, b) => a.fromMs - b.fromMs)
}

/** Segments whose bytes are still on the disk, at the place where they lie now. */
function present(segments: readonly Segment[], core: Core): Segment[] {
  return segments.flatMap((segment) => {
    const file = core.holds.find(segment)
    return file === null ? [] : [{ ...segment, file }]
  })
}

function factsOf(
  incident: Incident,
  phase: EventPhase,
  stills: readonly Still[],
  windows: readonly HoldRow[],
  segments: readonly Segment[],
  extra: RecordExtra,
) {
  return {
    incident: incident.id,
    phase,
    reopened: incident.reopened,
    camera: incident.camera,
    zone: incident.zone,
    cause: incident.cause,
    firstMs: incident.firstMs,
    confirmedMs: incident.confirmedMs ?? incident.lastMs,
    lastMs: incident.lastMs,
    box: incident.box,
    confidence: incident.confidence,
    grade: incident.grade,
    rule: incident.rule,
    thresholds: incident.thresholds,
    measurements: incident.measurements,
    reasons: incident.reasons,
    actor: incident.actor === null ? null : { ...incident.actor, plate: extra.plate },
    stills,
    windows: windows.slice(0, 16).map(({ kind, fromMs, toMs }) => ({ kind: windowKind(kind), fromMs, toMs })),
    segments,
    view: incident.view,
    damagedFrames: extra.damagedFrames,
    cameraOffsetMs: extra.cameraOffsetMs,
    cameraClock: extra.cameraClock,
  }
}

export const stillFolderOf = (dataDir: string): string => join(dataDir, 'stills')
export type Events = ReturnType<typeof openEvents>
