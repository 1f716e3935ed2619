import { createHash } from 'node:crypto'
import type { Particulars } from '../../contracts/api/index.js'
import { toRfc3339, type Clock, type EpochMs, type Ids } from '../../contracts/base/index.js'
import { jcs } from '../../contracts/evidence/index.js'
import type { WorkCalendar } from '../cases/calendar/index.js'
import {
  addTo,
  deriveInputs,
  listsOf,
  matterOf,
  type EvidenceState,
  type FiledEntry,
  type Look,
  type Matter,
  type OtherAct,
  type Registers,
} from '../cases/derived/index.js'
import {
  applyEntry,
  inputOf,
  newestRun,
  propose,
  replay,
  type FileEntry,
  type FileView,
  type Outcome,
  type Person,
  type StepRequest,
} from '../cases/engine/index.js'
import {
  process as law,
  type DocumentId,
  type FactId,
  type InputId,
  type TransitionId,
  type Value,
} from '../cases/process/index.js'
import type { PolicyPack } from '../cases/pack/index.js'
import type { Changes } from '../leads/index.js'
import type { Database } from '../store/database.js'
import { fileStore, type FileRow } from '../store/files.js'
import type { LeadRow } from '../store/leads.js'
import { lostRace } from './file-refusals.js'
import { timerRows } from './file-timers.js'

/** What the whole process needs beside the file: the pack in force, the working days, the registers. */
export interface Law {
  readonly pack: PolicyPack
  readonly calendar: WorkCalendar
  readonly registers: Registers
}

export interface FileDeskDeps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly changes: Changes
  readonly law: Law
  readonly leadOf: (id: string) => LeadRow | null
  /** `hash`: whether objects are read again for their digests, which takes time. */
  readonly evidenceOf: (lead: LeadRow | null, hash: boolean) => Promise<EvidenceState>
}

export interface PaperWish {
  readonly id: DocumentId
  readonly fields: Readonly<Record<string, string>>
}

/** A step as somebody wants it; who and when are the desk's. */
export interface StepWish {
  readonly do: TransitionId | FactId
  readonly version: number
  readonly run?: string | undefined
  readonly doc?: DocumentId | undefined
  readonly set: Readonly<Partial<Record<InputId, Value>>>
  readonly documents: readonly PaperWish[]
  readonly reason?: string | undefined
  readonly particulars: Particulars
  readonly effectiveMs?: EpochMs | undefined
}

/** A file as its log says. */
export interface OpenFile {
  readonly id: string
  readonly origin: string
  readonly party: number
  readonly openedAt: string
  readonly log: readonly FiledEntry[]
  readonly view: FileView
  readonly matter: Matter
}

/** Digest of what a paper says; the reviewed draft of a decision has the same one as the decision with the same words. */
export function paperSha256(fields: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(jcs(fields)).digest('hex')
}

/** Reading, judging and appending for the desks of a file; writes only inside a transaction of the caller. */
export function fileBook({ database, clock, law: { pack, calendar, registers } }: FileDeskDeps) {
  const store = fileStore(database)

  function read(id: string): OpenFile {
    const row = store.find(id)
    const log = store.log(id).map(({ entry }) => entry as FiledEntry)
    return {
      id,
      origin: row?.origin ?? id,
      party: row?.party ?? 0,
      openedAt: row?.opened_at ?? toRfc3339(clock.wallMs()),
      log,
      view: replay(log),
      matter: matterOf(log, paperSha256),
    }
  }

  /** What derived inputs look at, with what the step brings already in it. */
  function lookAt(file: OpenFile, wish: StepWish | null, by: readonly Person[], evidence: EvidenceState): Look {
    const set: Readonly<Partial<Record<InputId, Value>>> = wish?.set ?? {}
    const matter =
      wish === null
        ? file.matter
        : addTo(file.matter, {
            did: wish.do,
            by,
            atMs: clock.wallMs(),
            particulars: wish.particulars,
            papers: wish.documents.map(({ id, fields }) => ({ id, sha256: paperSha256(fields) })),
            sets: set,
            draftSha256: wish.particulars.draft === undefined ? null : paperSha256(wish.particulars.draft),
          })
    const key = partyKey(matter, file.party)
    return {
      view: file.view,
      matter,
      party: file.party,
      did: wish?.do ?? '',
      around: {
        nowMs: clock.wallMs(),
        pack,
        registers,
        evidence,
        others: key === null ? [] : store.ofParty(key, file.id).map(otherAct),
      },
      input: (id) => (id in set ? set[id] : inputOf(law, file.view, id)),
    }
  }

  /** Asks the interpreter; the entry it gives is not written yet. */
  function judge(file: OpenFile, wish: StepWish, by: readonly Person[], evidence: EvidenceState): Outcome {
    const look = lookAt(file, wish, by, evidence)
    const request: StepRequest = {
      do: wish.do,
      by,
      atMs: clock.wallMs(),
      version: wish.version,
      set: wish.set,
      derived: deriveInputs(look),
      documents: wish.documents.map(({ id, fields }) => ({
        id,
        filled: Object.keys(fields).filter((name) => (fields[name] ?? '').trim() !== ''),
      })),
      lists: listsOf(look),
      ...(wish.run === undefined ? {} : { run: wish.run }),
      ...(wish.doc === undefined ? {} : { doc: wish.doc }),
      ...(wish.reason === undefined ? {} : { reason: wish.reason }),
      ...(wish.effectiveMs === undefined ? {} : { effectiveMs: wish.effectiveMs }),
    }
    return propose(law, file.view, request)
  }

  /** Writes one entry with its papers, and what searches and clocks ask of it. @throws RefusedError `FILE_CHANGED` */
  function append(
    file: OpenFile,
    entry: FileEntry,
    said: Pick<StepWish, 'particulars' | 'documents'> = { particulars: {}, documents: [] },
  ): OpenFile {
    // With a first of two signatures nothing is made yet.
    const made = entry.effects.flatMap((effect) => (effect.kind === 'document' ? [effect.id] : []))
    const papers = made.flatMap((id) => {
      const fields = said.documents.find((one) => one.id === id)?.fields
      return fields === undefined ? [] : [{ id, fields, sha256: paperSha256(fields) }]
    })
    const filed: FiledEntry = {
      process: law.version,
      pack: `${pack.pack}@${pack.version}`,
      // An entry that is copied to another party's file keeps the versions by which it was judged.
      ...entry,
      particulars: said.particulars,
      papers: papers.map(({ id, sha256 }) => ({ id, sha256 })),
    }
    const log = [...file.log, filed]
    const next: OpenFile = { ...file, log, view: applyEntry(file.view, filed), matter: matterOf(log, paperSha256) }
    const written = store.append(
      rowOf(next),
      {
        at: toRfc3339(clock.wallMs()),
        by: [...new Set(entry.by.map(({ person }) => person))].join(' '),
        did: entry.did,
        entry: filed,
      },
      papers.map((paper, index) => ({ ...paper, n: index + 1 })),
    )
    if (!written) throw lostRace(read(file.id), file.view.version)
    refresh(next)
    return next
  }

  /** Computes the ends of the file's periods again. */
  function refresh(file: OpenFile): void {
    store.setTimers(file.id, timerRows(file, { pack, calendar }))
  }
  return { store, read, lookAt, judge, append, refresh }
}
export type FileBook = ReturnType<typeof fileBook>

function rowOf({ id, origin, party, openedAt, view, matter }: OpenFile): FileRow {
  const { place } = matter
  const text = (value: Value | undefined): string | null => (typeof value === 'string' ? value : null)
  return {
    id,
    origin,
    party,
    version: view.version,
    lead_state: newestRun(view, 'lead')?.state ?? null,
    case_state: newestRun(view, 'case')?.state ?? null,
    opened_at: openedAt,
    cause: matter.cause,
    party_key: partyKey(matter, party),
    lat_deg: place?.lat_deg ?? null,
    lon_deg: place?.lon_deg ?? null,
    from_at: matter.from,
    end_at: text(view.inputs['act.end_at']),
    outcome: text(view.inputs['case.outcome']),
  }
}

/** One party in all files: kind and number, as a digest so that the index holds no number in the clear. */
function partyKey({ parties }: Matter, party: number): string | null {
  const one = parties[party]
  return one === undefined ? null : paperSha256({ kind: one.kind, number: one.id_number.toUpperCase() })
}

function otherAct(row: FileRow): OtherAct {
  const { lat_deg, lon_deg } = row
  return {
    file: row.id,
    hasCase: row.case_state !== null,
    outcome: row.outcome ?? 'open',
    cause: row.cause as OtherAct['cause'],
    place: lat_deg === null || lon_deg === null ? null : { lat_deg, lon_deg },
    from: row.from_at,
    end: row.end_at,
  }
}
