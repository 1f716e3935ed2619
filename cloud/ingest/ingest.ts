import type { KeyObject } from 'node:crypto'
import { toRfc3339, type Clock, type Log } from '../../contracts/base/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import {
  decodeBatch,
  encodeEnvelope,
  keyIdOf,
  decodeBase64,
  payloadTypes,
  publicKeyOf,
  signJson,
  type Signer,
} from '../../contracts/evidence/index.js'
import { readContent, type RecordContent } from '../../contracts/records/index.js'
import { batchBytesMax, batchCountMax, parseTopic, topicOf } from '../../contracts/topics.js'
import type { ClockState } from '../../contracts/records/index.js'
import type { Database } from '../store/database.js'
import { recordStore, type AlarmKind, type RecordStore } from '../store/records.js'
import { placeRecord } from './place.js'
import { isRotation, isSignedBy, keyCache, readRecord, type ReadRecord } from './verify.js'

/** One record that was verified and is being committed. */
export interface VerifiedRecord {
  readonly device: string
  readonly chain: string
  readonly seq: number
  /** Payload digest. */
  readonly h: string
  /** Box time. */
  readonly time: string
  readonly receivedAt: string
  readonly clock: ClockState
  readonly content: RecordContent
}

export interface IngestOptions {
  readonly database: Database
  /** Signs receipts. */
  readonly signer: Signer
  readonly publish: (topic: string, payload: string, how: { retain: boolean }) => Promise<void>
  /** Runs inside the record's transaction, once per stored record: leads, counters, jobs. Synchronous; throwing rolls the batch back. */
  readonly effects: (tx: Database, record: VerifiedRecord) => void
  /** After the commit, with what was stored: for live pages. */
  readonly committed?: (records: readonly VerifiedRecord[]) => void
  readonly onAlarm?: (alarm: { device: string; kind: AlarmKind; subject: string }) => void
  readonly clock: Clock
  readonly log: Log
}

export interface IngestCounts {
  stored: number
  duplicates: number
  refused: number
  branched: number
  holes: number
}

export interface Ingest {
  /** Takes one MQTT message. Resolves when there is room for the next one: the broker waits for it. */
  readonly onMessage: (topic: string, payload: Buffer) => Promise<void>
  /** Receipts of all open chains, signed and retained again: after a restart of this service or of the broker. */
  republish(): Promise<void>
  register(device: string, spkiBase64: string): void
  readonly store: RecordStore
  readonly counts: Readonly<IngestCounts>
  /** Everything taken so far is committed. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Records in one transaction: large enough for the disk, short enough for the pages that share this process. */
const transactionCountMax = 256
/** Messages that wait; beyond it the sender is held back, and it has the records anyway. */
const waitingMax = 256
const silentAfterMs = 3 * 60_000
const holeAfterMs = 10 * 60_000
const lookEveryMs = 15_000

interface Waiting {
  readonly device: string
  readonly items: ReturnType<typeof decodeBatch>
}

interface BatchResult {
  readonly stored: VerifiedRecord[]
  /** Devices that get a receipt. */
  readonly touched: Set<string>
  readonly alarms: { device: string; kind: AlarmKind; subject: string }[]
}

export function openIngest(options: IngestOptions): Ingest {
  const { database, clock, log } = options
  const store = recordStore(database)
  const keyOf = keyCache()
  const counts: IngestCounts = { stored: 0, duplicates: 0, refused: 0, branched: 0, holes: 0 }
  const stop = new AbortController()
  const queue: Waiting[] = []
  /** device -> first record that is missing, since when, and whether it was told. */
  const wants = new Map<string, { chain: string; seq: number; sinceMono: number }>()
  const startedMono = clock.monoMs()
  let running: Promise<void> | null = null
  let room: (() => void)[] = []

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

  function take(record: ReadRecord, device: string, result: BatchResult): void {
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
      raise(result, device, 'bad_signature', '', { chain, seq, keyid: record.envelope.signatures[0]?.keyid ?? null })
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
        options.effects(database, verified)
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

  function isAuthentic(
    record: ReadRecord,
    device: string,
    rotation: { old_keyid: string; new_spki: string } | null,
  ): boolean {
    const open = store.openKey(device)
    if (open === null) return false
    const key = keyOf(open.keyid, open.spki)
    if (rotation === null) return isSignedBy(record, open.keyid, key)
    const next = nextKeyOf(rotation.new_spki)
    return next !== null && rotation.old_keyid === open.keyid && isRotation(record, { keyid: open.keyid, key }, next)
  }

  function rotate(device: string, rotation: { old_keyid: string; new_spki: string }, at: string): void {
    const next = nextKeyOf(rotation.new_spki)
    if (next !== null) store.rotate(device, rotation.old_keyid, { keyid: next.keyid, spki: rotation.new_spki }, at)
  }

  /** One transaction over a bounded number of messages. */
  function commit(batch: readonly Waiting[]): BatchResult {
    const before = { ...counts }
    const result: BatchResult = { stored: [], touched: new Set(), alarms: [] }
    try {
      database.transaction(() => {
        for (const { device, items } of batch) {
          for (const item of items) {
            const record = readRecord(item, device)
            if ('refused' in record) {
              counts.refused += 1
              log.warn({ device, why: record.refused }, 'a message that is no record of this device was refused')
            } else take(record, device, result)
          }
          crashPoint('C1')
        }
        const at = now()
        for (const { device } of result.stored.filter(
          (one, index, all) => all.findIndex((other) => other.device === one.device) === index,
        )) {
          store.seen(device, at)
          store.clear(device, 'silent', '', at)
        }
      })
    } catch (cause) {
      Object.assign(counts, before)
      throw cause
    }
    counts.stored += result.stored.length
    return result
  }

  async function sendReceipt(device: string): Promise<void> {
    const chain = store.currentChain(device)
    if (chain === null) return
    const want = wants.get(device)
    const receipt: ReceiptPayload = {
      at: now(),
      chain: chain.chain,
      device,
      h: chain.h,
      seq: chain.seq,
      v: 1,
      ...(want?.chain === chain.chain ? { want: want.seq } : {}),
    }
    const envelope = await signJson(payloadTypes.receipt, receipt, [options.signer])
    await options.publish(topicOf(device, 'rcpt'), encodeEnvelope(envelope), { retain: true })
  }

  /** A receipt that cannot go out now is made good by the next one, or when the broker is back. */
  async function sendReceipts(devices: ReadonlySet<string>): Promise<void> {
    for (const sent of await Promise.allSettled([...devices].map(sendReceipt)))
      if (sent.status === 'rejected') log.warn({ cause: String(sent.reason) }, 'a receipt could not be published')
  }

  async function work(): Promise<void> {
    while (queue.length > 0 && !stop.signal.aborted) {
      const batch: Waiting[] = []
      for (let records = 0; records < transactionCountMax;) {
        const next = queue.shift()
        if (next === undefined) break
        batch.push(next)
        records += next.items.length
      }
      const waiters = room
      room = []
      for (const wake of waiters) wake()
      try {
        const result = commit(batch)
        crashPoint('C2')
        options.committed?.(result.stored)
        for (const alarm of result.alarms) {
          log.warn(alarm, 'integrity alarm')
          options.onAlarm?.(alarm)
        }
        await sendReceipts(result.touched)
        crashPoint('C3')
      } catch (cause) {
        log.error(
          { cause: String(cause), messages: batch.length },
          'a batch could not be committed; the boxes send it again',
        )
      }
      await new Promise((resolve) => setImmediate(resolve)) // pages share this process
    }
  }

  function kick(): void {
    running ??= work().finally(() => {
      running = null
      if (queue.length > 0 && !stop.signal.aborted) kick()
    })
  }

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(lookEveryMs, stop.signal)
      const [at, mono] = [now(), clock.monoMs()]
      for (const [device, want] of wants)
        if (
          mono - want.sinceMono > holeAfterMs &&
          store.raise({ device, kind: 'hole', subject: want.chain, at, details: { chain: want.chain, want: want.seq } })
        )
          options.onAlarm?.({ device, kind: 'hole', subject: want.chain })
      if (mono - startedMono < silentAfterMs) continue // after our own absence nobody was silent
      for (const device of store.devices())
        if (device.seen_at !== null && clock.wallMs() - Date.parse(device.seen_at) > silentAfterMs)
          if (store.raise({ device: device.id, kind: 'silent', subject: '', at, details: { since: device.seen_at } }))
            options.onAlarm?.({ device: device.id, kind: 'silent', subject: '' })
    }
  }
  const watching = watch().catch((cause: unknown) => {
    if (!stop.signal.aborted) log.error({ cause: String(cause) }, 'the watch over silent devices ended')
  })

  return {
    async onMessage(topic, payload) {
      const place = parseTopic(topic)
      if (place === null || stop.signal.aborted) return
      if (place.kind === 'presence') {
        const text = payload.subarray(0, 16).toString('utf8')
        if (text === 'online' || text === 'offline') store.presence(place.device, text, now())
        return
      }
      if (place.kind !== 'rec') return
      crashPoint('C0')
      if (!store.isDevice(place.device)) {
        counts.refused += 1
        log.warn({ device: place.device }, 'records of a device that is not registered were refused')
        return
      }
      try {
        queue.push({
          device: place.device,
          items: decodeBatch(payload, { bytesMax: batchBytesMax, countMax: batchCountMax }),
        })
      } catch (cause) {
        counts.refused += 1
        log.warn({ device: place.device, cause: String(cause) }, 'a message was refused')
        return
      }
      kick()
      if (queue.length >= waitingMax) await new Promise<void>((resolve) => room.push(resolve))
    },
    async republish() {
      await sendReceipts(new Set(store.currentChains().map(({ device }) => device)))
    },
    register(device, spkiBase64) {
      const key = publicKeyOf(spkiBase64)
      store.register(device, { keyid: keyIdOf(key.export({ type: 'spki', format: 'der' })), spki: spkiBase64 }, now())
    },
    store,
    counts,
    async settled() {
      while (running !== null) await running
    },
    async close() {
      stop.abort()
      for (const wake of room) wake()
      await running
      await watching
    },
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
