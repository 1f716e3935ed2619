import { existsSync } from 'node:fs'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'
import { toCommandResultBody } from '../../contracts/records/index.js'
import type { Core } from './core.js'
import type { Ledger } from './ledger.js'
import type { Outbox } from './types.js'

export interface OutboxDeps {
  readonly core: Core
  readonly ledger: Ledger
  readonly ready: Promise<void>
  readonly listeners: Set<() => void>
  readonly changed: () => void
  /** The cloud holds another record at this place: begins a new chain. */
  readonly onFork: (receipt: ReceiptPayload) => Promise<void>
}

/** What the uplink sees of this station. */
export function openOutbox({ core, ledger, ready, listeners, changed, onFork }: OutboxDeps): Outbox {
  const { append, chain, holds } = core
  return {
    pending: chain.pending,
    pendingCount: chain.pendingCount,
    before: (id, seq) => {
      const row = chain.rowAt(id, seq)
      return row === null ? null : row.ord - 1
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async acknowledge(receipt) {
      await ready
      if (chain.rowAt(receipt.chain, receipt.seq)?.h === receipt.h) {
        crashPoint('E5')
        if (chain.acknowledge(receipt) > 0) {
          crashPoint('E6')
          changed()
        }
        return 'marked'
      }
      if (chain.head()?.chain !== receipt.chain) return 'unknown'
      await onFork(receipt)
      return 'fork'
    },
    uploads: (count) => chain.uploads(chain.ackedOrd(), count),
    fileOf: (upload) => {
      if (existsSync(upload.file)) return upload.file
      const name = /([a-z0-9-]+)[/-](\d{9})\.mp4$/.exec(upload.file) // ring: cam/idx, held: cam-idx
      const segment = name === null ? null : chain.segmentAt(name[1] ?? '', Number(name[2]))
      return segment?.sha256 === upload.sha256 ? holds.find(segment) : null
    },
    endUpload: (digest, how) => {
      chain.endUpload(digest, how === 'done' ? 1 : 2)
    },
    isNewCommand: (cseq) => cseq > chain.lastCseq(),
    sha256OfCommand: chain.commandAt,
    lastCseq: chain.lastCseq,
    async answer(outcome, effects) {
      crashPoint('K1')
      await append({
        kind: 'command.result',
        body: toCommandResultBody(outcome),
        effects: () => {
          if (outcome.cseq > chain.lastCseq()) chain.insertCommand(outcome.cseq, outcome.payloadSha256, outcome.name)
          effects?.()
        },
      })
      changed()
    },
    get signer() {
      return ledger.signer()
    },
  }
}
