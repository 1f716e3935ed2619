import { zeroDigest, type ChainHead, type RecordContent } from '../../contracts/records/index.js'
import type { AlarmKind, ChainState } from '../store/records.js'

/** Where a verified record belongs: the table of EVIDENCE.md §1.4 as a function. */
export type Placement =
  | { readonly do: 'store'; readonly newChain: false }
  | { readonly do: 'store'; readonly newChain: true; readonly alarm: AlarmKind | null }
  | { readonly do: 'duplicate' }
  | { readonly do: 'branch'; readonly alarm: AlarmKind | null; readonly freeze: boolean }
  | { readonly do: 'want'; readonly seq: number }
  | { readonly do: 'refuse'; readonly alarm: AlarmKind }

export interface PlaceFacts {
  readonly record: ChainHead & { readonly prev: string }
  readonly content: RecordContent
  /** The record's own chain as it stands here; null when it is new. */
  readonly chain: ChainState | null
  /** Digest stored at the record's place; null when there is none. */
  readonly stored: string | null
  /** The device's chain that is not closed; null when it never had one. */
  readonly current: ChainState | null
  /** `last_chain` of a boot record is, at its place, what is stored here. */
  readonly knowsLast: (head: ChainHead) => boolean
}

export function placeRecord(facts: PlaceFacts): Placement {
  const { record, chain, stored } = facts
  if (stored === record.h) return { do: 'duplicate' }
  if (chain === null) return placeNewChain(facts)
  if (stored !== null) return { do: 'branch', alarm: 'fork', freeze: true }
  if (chain.state !== 'open') return { do: 'branch', alarm: chain.state === 'closed' ? 'fork' : null, freeze: false }
  if (record.seq > chain.seq + 1) return { do: 'want', seq: chain.seq + 1 }
  if (record.prev !== chain.h) return { do: 'branch', alarm: 'prev_mismatch', freeze: true }
  return { do: 'store', newChain: false }
}

function placeNewChain({ record, content, current, knowsLast }: PlaceFacts): Placement {
  if (record.seq !== 0) return { do: 'want', seq: 0 }
  if (content.kind !== 'boot' || record.prev !== zeroDigest) return { do: 'refuse', alarm: 'prev_mismatch' }
  const last = content.body.last_chain
  if (current === null) return { do: 'store', newChain: true, alarm: null }
  if (last === null) return { do: 'store', newChain: true, alarm: 'chain_lost' }
  const isHead = last.chain === current.chain && last.seq === current.seq && last.h === current.h
  if (isHead && content.body.reason === 'rollback_detected') return { do: 'store', newChain: true, alarm: 'rollback' }
  if (isHead) return { do: 'store', newChain: true, alarm: null }
  return { do: 'store', newChain: true, alarm: knowsLast(last) ? 'rollback' : 'chain_lost' }
}
