import type { CaseState, Mode, Party } from '../../contracts/api/index.js'
import { KerbError, unreachable } from '../../contracts/base/index.js'
import type { Cause } from '../../contracts/terms.js'

/** What can stand in a case's log. Entries are never edited or deleted. */
export type CaseEvent =
  | {
      readonly kind: 'filed'
      readonly lead: string
      readonly number: string
      readonly cause: Cause
      readonly mode: Mode
      readonly policy: string
      readonly operator: string
      readonly officers: readonly string[]
      readonly head: string
      readonly party: Party
      readonly time_unsure: boolean
    }
  | {
      readonly kind: 'notice_issued'
      readonly notice: string
      readonly number: string
      readonly text_id: string
      readonly time_note: string | null
      readonly legal_reviewer: string
      /** SHA-256 of the notice's data: what was issued can be shown later. */
      readonly sha256: string
    }
  | { readonly kind: 'link_replaced'; readonly notice: string }
  | { readonly kind: 'link_opened'; readonly notice: string }
  | { readonly kind: 'statement_received'; readonly n: number; readonly receipt: string; readonly sha256: string }

export interface CaseEntry {
  readonly seq: number
  readonly at: string
  /** Account, or `party`. */
  readonly by: string
  readonly event: CaseEvent
}

/** A case as its log says. */
export interface CaseFile {
  readonly id: string
  readonly state: CaseState
  /** Number of entries: the version that a writer must name. */
  readonly version: number
  readonly filed: Extract<CaseEvent, { kind: 'filed' }>
  readonly filedAt: string
  readonly notice: (Extract<CaseEvent, { kind: 'notice_issued' }> & { readonly issuedAt: string }) | null
  readonly openedAt: string | null
  readonly statements: number
}

/** Computes the case from its log. @throws KerbError `CASE_LOG_BROKEN` when the log cannot have come about by the road. */
export function caseOf(id: string, log: readonly CaseEntry[]): CaseFile {
  const [first, ...others] = log
  if (first?.event.kind !== 'filed') throw broken(id, 'does not begin with a filing')
  let file: CaseFile = {
    id,
    state: 'C5',
    version: 1,
    filed: first.event,
    filedAt: first.at,
    notice: null,
    openedAt: null,
    statements: 0,
  }
  for (const entry of others) file = evolve(file, entry)
  return file
}

function evolve(file: CaseFile, { seq, at, event }: CaseEntry): CaseFile {
  if (seq !== file.version + 1) throw broken(file.id, `entry ${seq} after ${file.version}`)
  const next = { ...file, version: seq }
  switch (event.kind) {
    case 'filed':
      throw broken(file.id, 'is filed twice')
    case 'notice_issued':
      if (file.state !== 'C5') throw broken(file.id, 'has two notices')
      return { ...next, state: 'C6', notice: { ...event, issuedAt: at } }
    case 'link_replaced':
      return next
    case 'link_opened':
      return { ...next, openedAt: file.openedAt ?? at }
    case 'statement_received':
      return { ...next, statements: event.n }
    default:
      return unreachable(event)
  }
}

function broken(id: string, fact: string): KerbError {
  return new KerbError('CASE_LOG_BROKEN', `the log of case ${id} ${fact}`, { id })
}
