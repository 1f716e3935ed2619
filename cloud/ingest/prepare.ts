import { verify, type KeyObject } from 'node:crypto'
import { preAuthEncoding, type Envelope } from '../../contracts/evidence/index.js'
import type { RecordStore } from '../store/records.js'
import { readRecord, type ReadRecord, type Refusal } from './verify.js'

/** A record that was read, and the key under which its only signature held. */
export interface PreparedRecord extends ReadRecord {
  /** Key id; null when it has to be looked at again: an unknown key, several signatures, or a wrong one. */
  readonly signedBy: string | null
}

/**
 * Reads a message's records and checks their signatures on the thread pool, before and beside the transactions: the one
 * thread that pages and the database share does not do the sums. Which key is open is decided later, in the transaction.
 */
export function recordPreparer(store: RecordStore, keyOf: (keyid: string, spki: string) => KeyObject) {
  return async function prepare(
    items: readonly { readonly envelope: Envelope; readonly text: string }[],
    device: string,
  ): Promise<(PreparedRecord | Refusal)[]> {
    const open = store.openKey(device)
    const key = open === null ? null : keyOf(open.keyid, open.spki)
    return Promise.all(
      items.map(async (item) => {
        const record = readRecord(item, device)
        if ('refused' in record) return record
        const [signature, ...others] = record.envelope.signatures
        const fits = open !== null && key !== null && others.length === 0 && signature?.keyid === open.keyid
        const holds = fits && (await holdsUnder(record.envelope, key))
        return { ...record, signedBy: holds ? open.keyid : null }
      }),
    )
  }
}

/** Never rejects: bytes that are no signature hold under no key. */
function holdsUnder({ payloadType, payload, signatures }: Envelope, key: KeyObject): Promise<boolean> {
  const sig = signatures[0]?.sig ?? Buffer.alloc(0)
  return new Promise((resolve) => {
    verify('sha256', preAuthEncoding(payloadType, payload), key, sig, (error, holds) => {
      resolve(error === null && holds)
    })
  })
}
