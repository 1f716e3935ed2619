import { RefusedError, type CaseState, type Place } from '../../contracts/api/index.js'
import { type Clock, type Ids, toRfc3339 } from '../../contracts/base/index.js'
import {
  caseOf,
  type CaseActor,
  type CaseEntry,
  type CaseEvent,
  type CaseFile,
  type GateFacts,
  type RoadAction,
} from '../cases/index.js'
import { noticeData, type NoticeData, type Policy } from '../documents/index.js'
import type { Changes, LeadDesk } from '../leads/index.js'
import { caseStore, type CaseLogRow } from '../store/cases.js'
import type { Database } from '../store/database.js'
import type { LeadRow } from '../store/leads.js'
import { caseRefusals, reasonsAgainst } from './case-refusals.js'
import type { Links } from './links.js'

export interface CaseDeskDeps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly leads: LeadDesk
  readonly links: Links
  readonly changes: Changes
  readonly policy: Policy
  readonly placeOf: (device: string, cam: string) => Place
  /** Without a slash at the end. */
  readonly publicUrl: string
  /** Recomputes the digests of what the lead shows; false when any object differs from its record, null when nothing is here. */
  readonly digestsHold: (lead: LeadRow) => Promise<boolean | null>
}

/** A case as its log says, with the lead it came from. */
export interface OpenCase {
  readonly file: CaseFile
  readonly log: readonly CaseLogRow[]
  readonly lead: LeadRow
}

/** Reading and appending for every desk of a case; writes only inside a transaction of the caller. */
export function caseBook({ database, clock, leads, policy, placeOf }: CaseDeskDeps) {
  const store = caseStore(database)
  const now = (): string => toRfc3339(clock.wallMs())
  /** @throws RefusedError `CASE_NOT_FOUND` */
  function read(caseId: string): OpenCase {
    const log = store.log(caseId)
    if (log.length === 0) throw new RefusedError(caseRefusals.notFound())
    const file = caseOf(caseId, log as readonly (CaseLogRow & CaseEntry)[])
    const lead = leads.find(file.filed.lead)
    if (lead === null) throw new Error(`case ${caseId} has no lead ${file.filed.lead}`)
    return { file, log, lead }
  }
  const stale = (caseId: string, version: number): RefusedError =>
    new RefusedError(caseRefusals.changed(store.log(caseId).filter(({ seq }) => seq > version)))
  return {
    store,
    now,
    read,
    gateFacts: (file: CaseFile, lead: LeadRow, actor: string, more: Partial<GateFacts> = {}): GateFacts => ({
      reviewsConfirm: lead.confirmed,
      officers: file.filed.officers,
      operators: leads.store.acceptedBy(lead.id),
      head: file.filed.head,
      actor,
      mode: policy.modes[file.filed.cause],
      lawBasis: policy.law_basis?.zh ?? null,
      timeUnsure: file.filed.time_unsure,
      timeNote: null,
      textFits: false,
      digestsHold: null,
      ...more,
    }),
    /** @throws RefusedError with every reason against the step */
    demand(action: RoadAction, state: CaseState | null, actor: CaseActor, facts: GateFacts): void {
      const [first, ...others] = reasonsAgainst(action, state, actor, facts)
      if (first !== undefined) throw new RefusedError(first, ...others)
    },
    /** Everything after `version`, as the 409 of a stale writer. */
    stale,
    /** @throws RefusedError `CASE_CHANGED` when somebody was faster */
    append(file: CaseFile, version: number, state: CaseState, by: string, event: CaseEvent): void {
      if (file.version !== version || !store.append(file.id, version, state, { at: now(), by, event }))
        throw stale(file.id, version)
    },
    /** What a notice with this text says. @throws RefusedError `TEXT_NOT_FOUND` */
    draftData(caseId: string, textId: string, number: string, timeNote: string | null): NoticeData {
      const { file, lead } = read(caseId)
      const text = policy.texts.find(({ text_id }) => text_id === textId)
      if (text === undefined || text.cause !== file.filed.cause || text.mode !== file.filed.mode)
        throw new RefusedError(caseRefusals.textNotFound())
      const place = placeOf(lead.facts.device, lead.facts.cam)
      return noticeData({ policy, file, text, number, issuedAt: now(), timeNote, place, facts: lead.facts })
    },
  }
}
export type CaseBook = ReturnType<typeof caseBook>
