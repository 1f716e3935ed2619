import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { decodeEnvelope, parseCanonical, sha256 } from '../../contracts/evidence/index.js'
import { zeroDigest, type BootReason, type ChainHead } from '../../contracts/records/index.js'
import type { ChainRow } from './chain.js'

/** Links of the newest records that are checked at start. */
export const linksChecked = 1_000

/** What the start of a process must write: EVIDENCE.md §1.4. */
export interface StartDecision {
  readonly reason: BootReason
  readonly newChain: boolean
  readonly lastChain: ChainHead | null
  /** Plain words for the operator when something is wrong. */
  readonly trouble: string | null
}

export interface StartFacts {
  /** Newest rows of the database, oldest first; empty at a first start. */
  readonly rows: readonly ChainRow[]
  readonly rowAt: (chain: string, seq: number) => Pick<ChainRow, 'h'> | null
  readonly knowsChain: (chain: string) => boolean
  /** `head.json`, on another path. */
  readonly noted: ChainHead | null
  /** The device's head as the cloud knows it; null when it could not be had. */
  readonly receipt: ReceiptPayload | null
  readonly keyWasLost: boolean
}

export function decideStart(facts: StartFacts): StartDecision {
  const last = facts.rows.at(-1)
  const cloud = facts.receipt === null ? null : headOf(facts.receipt)
  if (last === undefined) {
    const lastChain = cloud ?? facts.noted
    if (lastChain !== null)
      return {
        reason: 'disk_lost',
        newChain: true,
        lastChain,
        trouble: 'the record database is empty, but this device had a chain before',
      }
    return { reason: 'first_start', newChain: true, lastChain: null, trouble: null }
  }
  const local = { chain: last.chain, seq: last.seq, h: last.h }
  const broken = findBrokenLink(facts.rows)
  if (broken !== null)
    return rollback(cloud ?? facts.noted ?? local, `record ${broken} does not follow from the one before`)
  if (facts.keyWasLost)
    return {
      reason: 'key_lost',
      newChain: true,
      lastChain: local,
      trouble: 'the record key is new: register this device again',
    }
  const { noted } = facts
  if (noted !== null && facts.rowAt(noted.chain, noted.seq)?.h !== noted.h)
    return rollback(cloud ?? noted, 'the record database is older than head.json: a backup was restored')
  if (cloud !== null) {
    const row = facts.rowAt(cloud.chain, cloud.seq)
    if (row === null && (cloud.chain === local.chain || !facts.knowsChain(cloud.chain)))
      return rollback(cloud, 'the cloud knows newer records of this device: a backup was restored')
    if (row !== null && row.h !== cloud.h) return rollback(cloud, 'the cloud holds other records of this device')
  }
  return { reason: 'restart', newChain: false, lastChain: local, trouble: null }
}

function rollback(lastChain: ChainHead, trouble: string): StartDecision {
  return { reason: 'rollback_detected', newChain: true, lastChain, trouble }
}

function headOf({ chain, seq, h }: ReceiptPayload): ChainHead {
  return { chain, seq, h }
}

/** `ord` of the first row that is not what it says or does not follow from the one before; null when all do. */
export function findBrokenLink(rows: readonly ChainRow[]): number | null {
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1]
    if (!isWhole(row)) return row.ord
    if (before === undefined) continue
    const follows =
      row.chain === before.chain
        ? row.seq === before.seq + 1 && row.prev === before.h
        : row.seq === 0 && row.prev === zeroDigest
    if (!follows) return row.ord
  }
  return null
}

function isWhole(row: ChainRow): boolean {
  try {
    const { payload } = decodeEnvelope(Buffer.from(row.env))
    const frame = parseCanonical(payload) as { kwchain?: unknown; kwseq?: unknown; kwprev?: unknown }
    return (
      sha256(payload) === row.h && frame.kwchain === row.chain && frame.kwseq === row.seq && frame.kwprev === row.prev
    )
  } catch {
    return false
  }
}
