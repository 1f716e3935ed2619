import { readFileSync } from 'node:fs'
import { KerbError, toRfc3339, type Clock, type Ids } from '../../contracts/base/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import {
  encodeEnvelope,
  integersOnly,
  jcs,
  payloadTypes,
  sha256,
  signEnvelope,
  type Json,
  type Signer,
} from '../../contracts/evidence/index.js'
import {
  bodyKey,
  chainHead,
  payloadBytesMax,
  zeroDigest,
  type BodyOf,
  type ChainHead,
  type ClockState,
  type RecordKind,
} from '../../contracts/records/index.js'
import type { Chain } from './chain.js'
import { writeWhole } from './whole-file.js'

export class LedgerError extends KerbError<'RECORD_TOO_LARGE' | 'RECORD_NOT_INTEGER'> {}

/** Body of a record; of a `clock` record only what it has beyond the state that every record carries. */
export type Body<Kind extends RecordKind> = Kind extends 'clock'
  ? Pick<BodyOf<'clock'>, 'old_err_us' | 'step_us' | 'cause'>
  : BodyOf<Kind>

export interface Append<Kind extends RecordKind> {
  readonly kind: Kind
  readonly body: Body<Kind>
  /** Runs in the record's own transaction. */
  readonly effects?: (written: { ord: number; seq: number }) => void
  /** Both keys of a rotation; else the ledger's own. */
  readonly signers?: readonly Signer[]
  /** Begins a new chain with this record. */
  readonly newChain?: boolean
}

export interface Ledger {
  /** One record after the other: builds, signs, commits, then notes the head beside the database. */
  append<Kind extends RecordKind>(what: Append<Kind> | (() => Append<Kind> | Promise<Append<Kind>>)): Promise<ChainHead>
  /** Waits until nothing is being appended, then runs `work` before anything else is. */
  alone<T>(work: (append: Ledger['append']) => Promise<T>): Promise<T>
  useSigner(signer: Signer): void
  signer(): Signer
}

export interface LedgerOptions {
  readonly chain: Chain
  readonly device: string
  readonly headFile: string
  readonly clock: Clock
  readonly ids: Ids
  readonly clockState: () => ClockState
  readonly onAppend: () => void
  readonly signer: Signer
}

export function openLedger(options: LedgerOptions): Ledger {
  const { chain, clock, ids } = options
  let signer = options.signer
  let tail: Promise<unknown> = Promise.resolve()

  async function write<Kind extends RecordKind>(what: Append<Kind>): Promise<ChainHead> {
    const last = chain.head()
    const begins = what.newChain === true || last === null
    const atMs = clock.wallMs()
    const kwchain = begins ? ids.uuidv7(atMs) : last.chain
    const seq = begins ? 0 : last.seq + 1
    const prev = begins ? zeroDigest : last.h
    const state = options.clockState()
    const data: Json =
      what.kind === 'clock'
        ? { clock: { ...state, ...what.body } as Json }
        : ({ clock: state, [bodyKey(what.kind)]: what.body } as Json)
    if (!integersOnly(data))
      throw new LedgerError('RECORD_NOT_INTEGER', `a ${what.kind} record holds a fraction`, { body: what.body })
    const payload = Buffer.from(
      jcs({
        data,
        datacontenttype: 'application/json',
        id: ids.uuidv7(atMs),
        kwchain,
        kwprev: prev,
        kwseq: seq,
        source: `urn:kerbwatch:edge:${options.device}`,
        specversion: '1.0',
        time: toRfc3339(atMs),
        type: `kerbwatch.${what.kind}.v1`,
      }).normalize('NFC'),
    )
    if (payload.byteLength > payloadBytesMax)
      throw new LedgerError('RECORD_TOO_LARGE', `a ${what.kind} record of ${payload.byteLength} bytes`, {
        bytes: payload.byteLength,
      })
    const envelope = await signEnvelope(payloadTypes.record, payload, what.signers ?? [signer])
    const head = { chain: kwchain, seq, h: sha256(payload) }
    chain.transaction(() => {
      const ord = chain.insertRecord({ ...head, prev, kind: what.kind, env: encodeEnvelope(envelope) })
      crashPoint('E1')
      what.effects?.({ ord, seq })
    })
    crashPoint('E2')
    crashPoint(`E2.${what.kind}`)
    writeHead(options.headFile, head)
    crashPoint('E7')
    options.onAppend()
    return head
  }

  function queued<T>(work: () => Promise<T>): Promise<T> {
    const run = tail.then(work, work)
    tail = run.catch(() => undefined)
    return run
  }

  const appendNow: Ledger['append'] = async (what) => write(typeof what === 'function' ? await what() : what)
  return {
    append: (what) => queued(() => appendNow(what)),
    alone: (work) => queued(() => work(appendNow)),
    useSigner: (next) => {
      signer = next
    },
    signer: () => signer,
  }
}

/** Another path than the database's: a restored database is then older than this. */
export function writeHead(file: string, head: ChainHead): void {
  writeWhole(file, `${JSON.stringify(head)}\n`)
}

/** Null when there is none or it cannot be read. */
export function readHead(file: string): ChainHead | null {
  try {
    const result = chainHead.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    return result.success ? result.data : null
  } catch {
    return null
  }
}
