import type { LeadState } from '../../contracts/api/index.js'
import type { Cause } from '../../contracts/terms.js'
import type { Database } from './database.js'
import type {
  LeadCursor,
  LeadDecision,
  LeadFacts,
  LeadFilter,
  LeadFlow,
  LeadLogRow,
  LeadRow,
  ReviewRow,
} from './lead-rows.js'

export type { LeadCursor, LeadFacts, LeadFilter, LeadFlow, LeadRow, ReviewRow } from './lead-rows.js'

/** Leads in SQLite. Calls are synchronous and take part in the caller's transaction. */
export interface LeadStore {
  find(id: string): LeadRow | null
  /** Adds the lead, or replaces what the box says of it. Never touches what people did. */
  saveFacts(id: string, facts: LeadFacts, receivedAt: string): 'made' | 'changed'
  /** Writes the next flow over `fromVersion` and its line of the log. False when the lead is no longer at that version. */
  saveFlow(id: string, next: LeadFlow, fromVersion: number, log: Omit<LeadLogRow, 'version'>): boolean
  /** In the order of the queue. A lapsed claim counts as L2. */
  list(filter: LeadFilter, after: LeadCursor | null, limit: number, nowAt: string): LeadRow[]
  /** First of the queue that nobody holds. */
  firstFree(nowAt: string, skip: readonly string[]): LeadRow | null
  reviews(id: string, round: number): ReviewRow[]
  /** @throws when the round has two reviews or this officer's. */
  addReview(id: string, round: number, review: ReviewRow): void
  /** Accounts that ever accepted it: they may not judge it again (SD9). */
  acceptedBy(id: string): string[]
  logAfter(id: string, version: number): LeadLogRow[]
  /** The lead that shows this still, when there is one. */
  leadOfStill(sha256: string): string | null
  counts(nowAt: string): { cause: Cause; state: string; n: number; oldest_at: string | null }[]
  /** Leads claimed since one instant, and operators who did anything since another. */
  activity(claimedSinceAt: string, activeSinceAt: string): { claimed: number; operators: number }
}

interface RawLead {
  id: string
  facts: string
  audit: number
  received_at: string
  state: LeadState
  version: number
  round: number
  claim_by: string | null
  claim_until_at: string | null
  decision: string | null
  merged_into: string | null
  case_id: string | null
  confirmed: number
}

const effectiveState = `case when state = 'L3' and claim_until_at <= @now then 'L2' else state end`

export function leadStore(db: Database): LeadStore {
  const one = (raw: unknown): LeadRow | null => (raw === undefined ? null : toRow(raw as RawLead))
  return {
    find: (id) => one(db.prepare('select * from lead where id = ?').get(id)),
    saveFacts(id, facts, receivedAt) {
      const text = JSON.stringify(facts)
      const { changes } = db
        .prepare('update lead set facts = ?, grade = ?, confirmed_at = ? where id = ?')
        .run(text, facts.grade, facts.confirmed_at, id)
      if (changes === 0)
        db.prepare(
          `insert into lead (id, device, cam, cause, grade, confirmed_at, received_at, facts)
           values (?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(id, facts.device, facts.cam, facts.cause, facts.grade, facts.confirmed_at, receivedAt, text)
      const still = db.prepare('insert or ignore into lead_still (sha256, lead_id) values (?, ?)')
      for (const { sha256 } of facts.stills) still.run(sha256, id)
      return changes === 0 ? 'made' : 'changed'
    },
    saveFlow(id, next, fromVersion, log) {
      const { changes } = db
        .prepare(
          `update lead set state = @state, version = @version, round = @round, claim_by = @claim_by,
             claim_until_at = @claim_until_at, decision = @decision, merged_into = @merged_into, case_id = @case_id,
             confirmed = @confirmed
           where id = @id and version = @from`,
        )
        .run({
          id,
          from: fromVersion,
          state: next.state,
          version: next.version,
          round: next.round,
          claim_by: next.claim_by,
          claim_until_at: next.claim_until_at,
          decision: next.decision === null ? null : JSON.stringify(next.decision),
          merged_into: next.merged_into,
          case_id: next.case_id,
          confirmed: next.confirmed ? 1 : 0,
        })
      if (changes !== 1) return false
      db.prepare('insert into lead_log (lead_id, version, action, by, at) values (?, ?, ?, ?, ?)').run(
        id,
        next.version,
        log.action,
        log.by,
        log.at,
      )
      return true
    },
    list(filter, after, limit, nowAt) {
      const rows = db
        .prepare(
          `select * from lead
           where (@state is null or ${effectiveState} = @state) and (@cause is null or cause = @cause)
             and (@cam is null or cam = @cam)
             and (@id is null or grade < @grade or (grade = @grade and (confirmed_at, id) > (@confirmed_at, @id)))
           order by grade desc, confirmed_at, id limit @limit`,
        )
        .all({
          now: nowAt,
          state: filter.state ?? null,
          cause: filter.cause ?? null,
          cam: filter.cam ?? null,
          id: after?.id ?? null,
          grade: after?.grade ?? 0,
          confirmed_at: after?.confirmed_at ?? '',
          limit,
        })
      return (rows as RawLead[]).map(toRow)
    },
    firstFree: (nowAt, skip) =>
      one(
        db
          .prepare(
            `select * from lead
             where (state = 'L2' or (state = 'L3' and claim_until_at <= @now))
               and id not in (select value from json_each(@skip))
             order by grade desc, confirmed_at, id limit 1`,
          )
          .get({ now: nowAt, skip: JSON.stringify(skip) }),
      ),
    reviews: (id, round) =>
      db
        .prepare('select officer, verdict, note, at from lead_review where lead_id = ? and round = ? order by officer')
        .all(id, round) as ReviewRow[],
    addReview(id, round, { officer, verdict, note, at }) {
      db.prepare('insert into lead_review (lead_id, round, officer, verdict, note, at) values (?, ?, ?, ?, ?, ?)').run(
        id,
        round,
        officer,
        verdict,
        note,
        at,
      )
    },
    acceptedBy: (id) =>
      (
        db.prepare(`select distinct by from lead_log where lead_id = ? and action = 'accept'`).all(id) as {
          by: string
        }[]
      ).map((row) => row.by),
    logAfter: (id, version) =>
      db
        .prepare(
          'select version, action, by, at from lead_log where lead_id = ? and version > ? order by version limit 50',
        )
        .all(id, version) as LeadLogRow[],
    leadOfStill(sha256) {
      const row = db.prepare('select lead_id from lead_still where sha256 = ? limit 1').get(sha256)
      return (row as { lead_id: string } | undefined)?.lead_id ?? null
    },
    counts: (nowAt) =>
      db
        .prepare(
          `select cause, ${effectiveState} as state, count(*) as n, min(confirmed_at) as oldest_at
           from lead group by 1, 2 order by 1, 2`,
        )
        .all({ now: nowAt }) as ReturnType<LeadStore['counts']>,
    activity(claimedSinceAt, activeSinceAt) {
      return db
        .prepare(
          `select (select count(distinct lead_id) from lead_log where action = 'claim' and at >= @claimed) as claimed,
             (select count(distinct by) from lead_log
              where action in ('claim', 'release', 'accept', 'reject', 'merge') and at >= @active) as operators`,
        )
        .get({ claimed: claimedSinceAt, active: activeSinceAt }) as { claimed: number; operators: number }
    },
  }
}

function toRow(raw: RawLead): LeadRow {
  return {
    id: raw.id,
    facts: JSON.parse(raw.facts) as LeadFacts,
    audit: raw.audit === 1,
    received_at: raw.received_at,
    state: raw.state,
    version: raw.version,
    round: raw.round,
    claim_by: raw.claim_by,
    claim_until_at: raw.claim_until_at,
    decision: raw.decision === null ? null : (JSON.parse(raw.decision) as LeadDecision),
    merged_into: raw.merged_into,
    case_id: raw.case_id,
    confirmed: raw.confirmed === 1,
  }
}
