import { jcs, sha256, type Json } from '../../contracts/evidence/index.js'
import { toConfigBody } from '../../contracts/records/index.js'
import type { Chain } from './chain.js'
import type { Append } from './ledger.js'
import type { Evidence } from './types.js'

type Facts = Parameters<Evidence['configure']>[0]

/** The configuration that records refer to: its number in the chain, and what its own record says. */
export interface Settings {
  /** `kwseq` of the configuration in force. */
  seq(): number
  models(): Readonly<Record<string, string>>
  /** The record of these facts; once it is committed they are in force. */
  record(facts: Facts): Append<'config'>
  /** What this process was configured with; null before. */
  readonly last: Facts | null
  remember(facts: Facts): void
}

export function openSettings(chain: Chain, release: string): Settings {
  let seq = Number(chain.meta('config_seq') ?? 0)
  let models = JSON.parse(chain.meta('models') ?? '{}') as Readonly<Record<string, string>>
  let last: Facts | null = null
  return {
    seq: () => seq,
    models: () => models,
    get last() {
      return last
    },
    remember: (facts) => {
      last = facts
    },
    record(facts) {
      const digest = sha256(
        Buffer.from(jcs(toConfigBody({ ...facts, version: 0, release, modelSha256: null }) as Json)),
      )
      const version = Number(chain.meta('config_version') ?? 0) + (chain.meta('config_sha256') === digest ? 0 : 1)
      const modelSha256 = Object.keys(facts.models).length === 0 ? null : sha256(Buffer.from(jcs(facts.models)))
      return {
        kind: 'config',
        body: toConfigBody({ ...facts, version, release, modelSha256 }),
        effects: (written) => {
          chain.setMeta('config_version', String(version))
          chain.setMeta('config_sha256', digest)
          chain.setMeta('config_seq', String(written.seq))
          chain.setMeta('models', JSON.stringify(facts.models))
          seq = written.seq
          models = facts.models
        },
      }
    },
  }
}
