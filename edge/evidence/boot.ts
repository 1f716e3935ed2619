import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { toBootBody, type ChainHead } from '../../contracts/records/index.js'
import type { Chain } from './chain.js'
import { readHead, type Ledger } from './ledger.js'
import type { EvidenceOptions } from './options.js'
import type { Settings } from './settings.js'
import { decideStart, linksChecked, type StartDecision } from './start.js'

const receiptWaitMs = 30_000

export interface BootDeps {
  readonly chain: Chain
  readonly ledger: Ledger
  readonly settings: Settings
  readonly headFile: string
  readonly keyWasLost: boolean
  readonly options: Pick<EvidenceOptions, 'app' | 'clock' | 'log' | 'receipt' | 'receiptWaitMs'>
  /** The station closes: nobody waits for the cloud any more. */
  readonly stop: AbortSignal
}

/** Decides at start how the chain goes on (EVIDENCE.md §1.4) and writes the boot record, before anything else is appended. */
export function openBoot({ chain, ledger, settings, headFile, keyWasLost, options, stop }: BootDeps) {
  const { app, clock, log } = options

  /** The cloud's receipt, or null when it does not come in time. */
  async function receiptInTime(): Promise<ReceiptPayload | null> {
    const end = new AbortController()
    const late = clock.sleep(options.receiptWaitMs ?? receiptWaitMs, AbortSignal.any([stop, end.signal])).then(
      () => null,
      () => null,
    )
    try {
      return await Promise.race([options.receipt(end.signal).catch(() => null), late])
    } finally {
      end.abort()
    }
  }

  async function write(append: Ledger['append'], decision: StartDecision, headChecked: boolean): Promise<void> {
    if (decision.newChain) chain.withholdAll()
    await append({
      kind: 'boot',
      newChain: decision.newChain,
      body: toBootBody({
        reason: decision.reason,
        lastChain: decision.lastChain,
        app,
        signingKeySpki: ledger.signer().spki.toString('base64'),
        headChecked,
      }),
      effects: () => {
        chain.setMeta('keyid', ledger.signer().keyId)
      },
    })
    if (decision.newChain && settings.last !== null) await append(settings.record(settings.last))
  }

  return {
    /** Resolves when the boot record is committed. */
    start: (): Promise<void> =>
      ledger.alone(async (append) => {
        const receipt = await receiptInTime()
        const decision = decideStart({
          rows: chain.lastRows(linksChecked),
          rowAt: chain.rowAt,
          knowsChain: chain.knowsChain,
          noted: readHead(headFile),
          receipt,
          keyWasLost,
        })
        if (decision.trouble !== null)
          log.error({ reason: decision.reason, lastChain: decision.lastChain }, decision.trouble)
        if (receipt !== null && !decision.newChain) chain.acknowledge(receipt)
        await write(append, decision, receipt !== null)
      }),
    /** The cloud holds another record at a place of our chain: a new one begins and says after which. */
    afterFork: (lastChain: ChainHead): Promise<void> =>
      ledger.alone((append) =>
        write(append, { reason: 'rollback_detected', newChain: true, lastChain, trouble: null }, true),
      ),
  }
}
