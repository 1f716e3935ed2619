import { toRfc3339 } from '../../contracts/base/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import { decodeBatch, keyIdOf, publicKeyOf } from '../../contracts/evidence/index.js'
import { batchBytesMax, batchCountMax, parseTopic } from '../../contracts/topics.js'
import { recordStore } from '../store/records.js'
import { recordPreparer } from './prepare.js'
import { receiptSender } from './receipts.js'
import { recordTaker } from './take.js'
import type { BatchResult, Ingest, IngestCounts, IngestOptions, Wants } from './types.js'
import { keyCache } from './verify.js'
import { watchDevices } from './watch.js'

/** Records in one transaction: large enough for the disk, short enough for the pages that share this process. */
const transactionCountMax = 256
/** Messages that wait; beyond it the sender is held back, and it has the records anyway. */
const waitingMax = 256

interface Waiting {
  readonly device: string
  /** How many records it brings. */
  readonly count: number
  readonly records: ReturnType<ReturnType<typeof recordPreparer>>
}
interface Ready {
  readonly device: string
  readonly records: Awaited<Waiting['records']>
}

/** Opens the station: messages in, one transaction over many of them, receipts out. */
export function openIngest(options: IngestOptions): Ingest {
  const { database, clock, log } = options
  const store = recordStore(database)
  const counts: IngestCounts = { stored: 0, duplicates: 0, refused: 0, branched: 0, holes: 0 }
  const stop = new AbortController()
  const queue: Waiting[] = []
  const wants: Wants = new Map()
  const keyOf = keyCache()
  const take = recordTaker({ database, store, counts, wants, effects: options.effects, keyOf, clock })
  const prepare = recordPreparer(store, keyOf)
  const sendReceipts = receiptSender({ ...options, store, wants })
  const watching = watchDevices({ ...options, store, wants, signal: stop.signal })
  let running: Promise<void> | null = null
  let room: (() => void)[] = []

  const now = (): string => toRfc3339(clock.wallMs())

  /** One transaction over a bounded number of messages. */
  function commit(batch: readonly Ready[]): BatchResult {
    const before = { ...counts }
    const result: BatchResult = { stored: [], touched: new Set(), alarms: [] }
    try {
      database.transaction(() => {
        for (const { device, records } of batch) {
          for (const record of records) {
            if ('refused' in record) {
              counts.refused += 1
              log.warn({ device, why: record.refused }, 'a message that is no record of this device was refused')
            } else take(record, device, result)
          }
          crashPoint('C1')
        }
        const at = now()
        for (const device of new Set(result.stored.map((record) => record.device))) {
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

  async function work(): Promise<void> {
    while (queue.length > 0 && !stop.signal.aborted) {
      const batch: Waiting[] = []
      for (let records = 0; records < transactionCountMax;) {
        const next = queue.shift()
        if (next === undefined) break
        batch.push(next)
        records += next.count
      }
      const waiters = room
      room = []
      for (const wake of waiters) wake()
      try {
        const ready = await Promise.all(batch.map(async ({ device, records }) => ({ device, records: await records })))
        const result = commit(ready)
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
        const items = decodeBatch(payload, { bytesMax: batchBytesMax, countMax: batchCountMax })
        const records = prepare(items, place.device)
        records.catch(() => undefined) // it is awaited with its batch, or never when the service stops
        queue.push({ device: place.device, count: items.length, records })
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
    keepOnly(devices) {
      const at = now()
      return store
        .devices()
        .filter(({ id, removed_at }) => removed_at === null && !devices.includes(id))
        .map(({ id }) => id)
        .filter((id) => database.transaction(() => store.remove(id, at)))
    },
    strangerCame(device) {
      if (!store.isRemoved(device)) return
      if (store.raise({ device, kind: 'key_closed', subject: 'connection', at: now(), details: {} }))
        options.onAlarm?.({ device, kind: 'key_closed', subject: 'connection' })
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
