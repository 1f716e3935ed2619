import type { CloseCode, LeadState } from '../../contracts/api/index.js'
import type { Cause } from '../../contracts/terms.js'

/** What the box says of an incident, gathered over its records. Names as at the border; lists are sorted and bounded. */
export interface LeadFacts {
  readonly device: string
  readonly cam: string
  readonly zone: string
  readonly cause: Cause
  readonly conf_milli: number
  readonly grade: 1 | 2 | 3 | 4
  readonly first_at: string
  readonly confirmed_at: string
  readonly last_at: string
  readonly over: boolean
  readonly reopened: boolean
  readonly box_e4: readonly [number, number, number, number]
  readonly measurements: Readonly<Record<string, unknown>>
  readonly reasons: readonly string[]
  readonly actor: { kind: string; at: string; box_e4: readonly number[]; score_milli: number } | null
  readonly rule: string
  readonly thresholds: Readonly<Record<string, number>>
  readonly models: Readonly<Record<string, string>>
  readonly view: { moved: boolean; dark: boolean; blurred: boolean; covered: boolean }
  readonly time_unsure: boolean
  readonly time_error_ms: number | null
  readonly stills: readonly { kind: string; at: string; sha256: string; w_px: number; h_px: number }[]
  readonly windows: readonly { kind: string; from: string; to: string }[]
  /** Which record the newest values come from: `<time>|<chain>|<seq 10 digits>`. Later keys win. */
  readonly newest: string
}

export interface LeadDecision {
  readonly kind: 'accept' | 'reject' | 'merge'
  readonly code: CloseCode | null
  readonly note: string
  readonly by: string
  readonly at: string
}

/** What people did with a lead. */
export interface LeadFlow {
  readonly state: LeadState
  readonly version: number
  /** Counts the pairs of blind reviews from 1. */
  readonly round: number
  readonly claim_by: string | null
  readonly claim_until_at: string | null
  readonly decision: LeadDecision | null
  readonly merged_into: string | null
  readonly case_id: string | null
  /** Both verdicts of this round are in, and both confirm. */
  readonly confirmed: boolean
}

export interface LeadRow extends LeadFlow {
  readonly id: string
  readonly facts: LeadFacts
  readonly audit: boolean
  readonly received_at: string
}

export interface ReviewRow {
  readonly officer: string
  readonly verdict: 'confirm' | 'reject'
  readonly note: string
  readonly at: string
}

export interface LeadLogRow {
  readonly version: number
  readonly action: string
  readonly by: string
  readonly at: string
}

export interface LeadFilter {
  readonly state?: LeadState | undefined
  readonly cause?: Cause | undefined
  readonly cam?: string | undefined
}

/** Place in the order of the queue: strongest grade first, then the longest waiting. */
export interface LeadCursor {
  readonly grade: number
  readonly confirmed_at: string
  readonly id: string
}
