import type { Clock, Log } from '../../contracts/base/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import { encodeBatch } from '../../contracts/evidence/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { batchBytesMax, batchCountMax, windowCount } from '../../contracts/topics.js'
import type { Outbox, OutboxRecord } from '../evidence/types.js'
import type { Link } from './link.js'

/** Without progress for so long, everything unreceipted is sent again. */
export const stalledMs = 15_000
const lookMs = 1_000
const wantAgainMs = 1_000

export interface SenderDeps {
  readonly outbox: Outbox
  readonly link: Link
  readonly clock: Clock
  readonly log: Log
}

/**
 * Sends records in the order of the chain: batches of up to 64, at most 32 of them without a receipt. Nothing is forgotten
 * here; what is not receipted is simply sent again.
 */
export function openSender({ outbox, link, clock, log }: SenderDeps) {
  const stop = new AbortController()
  /** Last `ord` of every message on the way. */
  let onTheWay: number[] = []
  let cursorOrd = 0
  let progressMono = clock.monoMs()
  let wantMono = -wantAgainMs

  function restart(ord: number): void {
    cursorOrd = ord
    onTheWay = []
    progressMono = clock.monoMs()
    pump()
  }

  function settle(): void {
    const [oldest] = outbox.pending(0, 1)
    const doneOrd = oldest === undefined ? Infinity : oldest.ord - 1
    const left = onTheWay.filter((ord) => ord > doneOrd)
    if (left.length < onTheWay.length) progressMono = clock.monoMs()
    onTheWay = left
    if (Number.isFinite(doneOrd)) cursorOrd = Math.max(cursorOrd, doneOrd)
  }

  function pump(): void {
    settle()
    while (link.isUp() && onTheWay.length < windowCount) {
      const batch = fit(outbox.pending(cursorOrd, batchCountMax))
      const last = batch.at(-1)
      if (last === undefined) return
      if (onTheWay.length === 0) progressMono = clock.monoMs()
      onTheWay.push(last.ord)
      cursorOrd = last.ord
      link.publish('rec', encodeBatch(batch.map(({ env }) => env))).then(
        () => {
          crashPoint('E4')
        },
        () => undefined, // not acknowledged: it goes again after the next connection
      )
      setImmediate(() => {
        crashPoint('E3')
      })
    }
  }

  async function onReceipt(receipt: ReceiptPayload): Promise<void> {
    const how = await outbox.acknowledge(receipt)
    if (how === 'unknown') log.debug({ chain: receipt.chain, seq: receipt.seq }, 'a receipt for another chain')
    if (how === 'fork') restart(0)
    if (receipt.want !== undefined && clock.monoMs() - wantMono >= wantAgainMs) {
      wantMono = clock.monoMs()
      const ord = outbox.before(receipt.chain, receipt.want)
      if (ord !== null) restart(ord)
    }
    pump()
  }

  async function watch(): Promise<void> {
    for (;;) {
      await clock.sleep(lookMs, stop.signal)
      if (link.isUp() && onTheWay.length > 0 && clock.monoMs() - progressMono > stalledMs) {
        log.warn({ waiting: outbox.pendingCount() }, 'no receipt for a while: sending again')
        restart(0)
      } else pump()
    }
  }
  const watching = watch().catch((cause: unknown) => {
    if (!stop.signal.aborted) log.error({ cause: String(cause) }, 'the sender ended')
  })
  const forget = outbox.onChange(pump)
  link.listen({
    onUp: () => {
      restart(0)
    },
    onReceipt: (receipt) => {
      onReceipt(receipt).catch((cause: unknown) => {
        log.error({ cause: String(cause) }, 'a receipt could not be taken')
      })
    },
  })
  return {
    async close(): Promise<void> {
      forget()
      stop.abort()
      await watching
    },
  }
}

/** As many of them, from the first on, as one message may hold. */
export function fit(records: readonly OutboxRecord[]): OutboxRecord[] {
  const batch: OutboxRecord[] = []
  let bytes = 2
  for (const record of records) {
    bytes += Buffer.byteLength(record.env) + 1
    if (batch.length > 0 && bytes > batchBytesMax) break
    batch.push(record)
  }
  return batch
}
