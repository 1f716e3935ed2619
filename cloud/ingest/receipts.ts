import { toRfc3339 } from '../../contracts/base/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { encodeEnvelope, payloadTypes, signJson } from '../../contracts/evidence/index.js'
import { topicOf } from '../../contracts/topics.js'
import type { RecordStore } from '../store/records.js'
import type { IngestOptions, Wants } from './types.js'

interface ReceiptDeps extends Pick<IngestOptions, 'signer' | 'publish' | 'clock' | 'log'> {
  readonly store: RecordStore
  readonly wants: Wants
}

/** Signs and publishes what is durable, for each device; answers when all are out or given up. */
export function receiptSender({ store, wants, signer, publish, clock, log }: ReceiptDeps) {
  async function sendReceipt(device: string): Promise<void> {
    const chain = store.currentChain(device)
    if (chain === null) return
    const want = wants.get(device)
    const receipt: ReceiptPayload = {
      at: toRfc3339(clock.wallMs()),
      chain: chain.chain,
      device,
      h: chain.h,
      seq: chain.seq,
      v: 1,
      ...(want?.chain === chain.chain ? { want: want.seq } : {}),
    }
    const envelope = await signJson(payloadTypes.receipt, receipt, [signer])
    await publish(topicOf(device, 'rcpt'), encodeEnvelope(envelope), { retain: true })
  }

  // A receipt that cannot go out now is made good by the next one, or when the broker is back.
  return async function sendReceipts(devices: ReadonlySet<string>): Promise<void> {
    for (const sent of await Promise.allSettled([...devices].map(sendReceipt)))
      if (sent.status === 'rejected') log.warn({ cause: String(sent.reason) }, 'a receipt could not be published')
  }
}
