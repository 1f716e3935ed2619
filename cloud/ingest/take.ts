import type { KeyObject } from 'node:crypto'
import { toRfc3339, type Clock } from '../../contracts/base/index.js'
import { decodeBase64, keyIdOf, publicKeyOf } from '../../contracts/evidence/index.js'
import { readContent } from '../../contracts/records/index.js'
import type { Database } from '../store/database.js'
import type { AlarmKind, RecordStore } from '../store/records.js'
import { placeRecord } from './place.js'
import type { BatchResult, IngestCounts, IngestOptions, Wants } from './types.js'
import type { PreparedRecord } from './prepare.js'
import { isRotation, isSignedBy, type keyCache } from './verify.js'

export interface TakeDeps {
  readonly database: Database
  readonly store: RecordStore
  readonly counts: IngestCounts
  readonly wants: Wants
  readonly effects: IngestOptions['effects']
  readonly keyOf: ReturnType<typeof keyCache>
  readonly clock: Clock
}

/**
 * Takes one record of sound form, inside a transaction: its signature, its place in the chain, its effects. What is refused
 * raises an alarm; nothing is thrown for a bad record.
 */
export function recordTaker({ database, store, counts, wants, effects, keyOf, clock }: TakeDeps) {
  const now = (): string => toRfc3339(clock.wallMs())

  function raise(
    result: BatchResult,
    device: string,
    kind: AlarmKind,
    subject: string,
    details: Record<string, unknown>,
  ): void {
    if (store.raise({ device, kind, subject, at: now(), details })) result.alarms.push({ device, kind, subject })
  }

  function isAuthentic(
    record: PreparedRecord,
    device: string,
    rotation: { old_keyid: string; new_spki: string } | null,
  ): boolean {
    const open = store.openKey(device)
    if (open === null) return false
    const key = keyOf(open.keyid, open.spki)
    if (rotation === null) return record.signedBy === open.keyid || isSignedBy(record, open.keyid, key)
    const next = nextKeyOf(rotation.new_spki)
    return next !== null && rotation.old_keyid === open.keyid && isRotation(record, { keyid: open.keyid, key }, next)
  }

  function rotate(device: string, rotation: { old_keyid: string; new_spki: string }, at: string): void {
    const next = nextKeyOf(rotation.new_spki)
    if (next !== null) store.rotate(device, rotation.old_keyid, { keyid: next.keyid, spki: rotation.new_spki }, at)
  }

  /** A key that was ours and is closed is another matter than a signature that nobody knows. */
  function faultOf({ envelope }: PreparedRecord, device: string): [AlarmKind, string] {
    const keyid = envelope.signatures[0]?.keyid ?? ''
    const closed = store.keysOf(device).some((key) => key.keyid === keyid && key.closed_at !== null)
    return closed ? ['key_closed', keyid] : ['bad_signature', '']
  }

  return function take(record: PreparedRecord, device: string, result: BatchResult): void {
    const { frame, h, text } = record
    const { kwchain: chain, kwseq: seq } = frame
    const stored = store.digestAt(device, chain, seq)
    if (stored === h) {
      counts.duplicates += 1
      result.touched.add(device)
      return
    }
    const content = readContent(frame)
    const rotation = content.kind === 'key.rotate' ? content.body : null
    if (!isAuthentic(record, device, rotation)) {
      counts.refused += 1
      raise(result, device, ...faultOf(record, device), {
        chain,
        seq,
        keyid: record.envelope.signatures[0]?.keyid ?? null,
      })
      return
    }
    const head = { chain, seq, h }
    const placement = placeRecord({
      record: { ...head, prev: frame.kwprev },
      content,
      chain: store.chain(device, chain),
      stored,
      current: store.currentChain(device),
      knowsLast: (last) => store.digestAt(device, last.chain, last.seq) === last.h,
    })
    const row = {
      device,
      chain,
      seq,
      h,
      kind: frame.type.slice('kerbwatch.'.length, -'.v1'.length),
      at: frame.time,
      receivedAt: now(),
      envelope: text,
    }
    result.touched.add(device)
    switch (placement.do) {
      case 'duplicate':
        counts.duplicates += 1
        return
      case 'want': {
        counts.holes += 1
        const known = wants.get(device)
        if (known?.chain !== chain || known.seq !== placement.seq)
          wants.set(device, { chain, seq: placement.seq, sinceMono: clock.monoMs() })
        return
      }
      case 'refuse':
        counts.refused += 1
        raise(result, device, placement.alarm, chain, { chain, seq })
        return
      case 'branch':
        if (store.insertBranch(row, placement.alarm ?? 'frozen')) counts.branched += 1
        if (placement.freeze) store.freeze(device, chain)
        if (placement.alarm !== null) raise(result, device, placement.alarm, chain, { chain, seq, h })
        return
      case 'store': {
        if (placement.newChain) {
          store.openChain(device, head, row.receivedAt)
          if (placement.alarm !== null) raise(result, device, placement.alarm, chain, { chain })
        } else store.advance(device, head)
        store.insert(row)
        if (rotation !== null) rotate(device, rotation, row.receivedAt)
        if (content.kind === 'unreadable')
          raise(result, device, 'unreadable', chain, { seq, type: content.type, issue: content.issue })
        const verified = {
          device,
          chain,
          seq,
          h,
          time: frame.time,
          receivedAt: row.receivedAt,
          clock: frame.data.clock,
          content,
        }
        effects(database, verified)
        result.stored.push(verified)
        const want = wants.get(device)
        if (want !== undefined && (want.chain !== chain || want.seq <= seq)) {
          wants.delete(device)
          store.clear(device, 'hole', want.chain, row.receivedAt)
        }
        return
      }
    }
  }
}

function nextKeyOf(spki: string): { keyid: string; key: KeyObject } | null {
  try {
    const der = decodeBase64(spki)
    return der === null ? null : { keyid: keyIdOf(der), key: publicKeyOf(der) }
  } catch {
    return null
  }
}
