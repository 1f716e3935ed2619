import type { ClipState } from '../../contracts/api/index.js'
import type { EpochMs } from '../../contracts/base/index.js'

/** What the media side must know of a lead to ask the box for footage. */
export interface LeadFootage {
  readonly incident: string
  readonly device: string
  readonly cam: string
  readonly firstMs: EpochMs
  readonly lastMs: EpochMs
  readonly over: boolean
}

/**
 * Footage as leads need it; `cloud/evidence` provides it. `requestClip` and `hold` are called inside the transaction of the
 * step that wants them: they may only write rows of the same database (a command to send), so that neither a wish nor a
 * step survives alone. Both are idempotent.
 */
export interface ClipDesk {
  /** Asks the box for the segments of the act (`clip.upload`), once. */
  requestClip(lead: LeadFootage): void
  /** Asks the box for a stretch between the windows (`clip.upload` by camera and time), for the person who wants it. */
  requestSpan(lead: LeadFootage, span: { readonly fromMs: EpochMs; readonly toMs: EpochMs; readonly by: string }): void
  /** Keeps the footage of the whole act in the box (`ring.hold`). */
  hold(lead: LeadFootage): void
  /** State of the derivative; `sha256` names it under `/v1/clips/` when present. */
  clipOf(incident: string): {
    readonly state: ClipState
    readonly sha256: string | null
    readonly missingS: number
    readonly percent: number
  }
}
