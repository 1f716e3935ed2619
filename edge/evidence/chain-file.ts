import { KerbError } from '../../contracts/base/index.js'
import { openChain, type Chain } from './chain.js'

export class EvidenceError extends KerbError<'CHAIN_UNREADABLE'> {}

/** Opens the chain's database and checks it. @throws EvidenceError that says what to do. */
export function openChainFile(file: string): Chain {
  try {
    const chain = openChain(file)
    if (!chain.isSound()) throw new Error('quick_check failed')
    return chain
  } catch (cause) {
    throw new EvidenceError(
      'CHAIN_UNREADABLE',
      `cannot read the record chain ${file}: move it away; the box then begins a new chain and says so`,
      { file },
      { cause },
    )
  }
}
