import { toKeyRotateBody } from '../../contracts/records/index.js'
import type { Chain } from './chain.js'
import type { Ledger } from './ledger.js'
import { adoptNextKey, nextSigner } from './signer.js'

/** Command `key.rotate`, once a command number: the record bears both signatures, from then on only the new key signs. */
export function openKeyRotation(deps: { readonly chain: Chain; readonly ledger: Ledger; readonly keyFile: string }) {
  const { chain, ledger, keyFile } = deps
  return (cseq: number): Promise<string> =>
    ledger.alone(async (append) => {
      const old = ledger.signer()
      if (chain.meta('rotated_by') === String(cseq)) return old.keyId // done before a crash; only the answer is missing
      const next = nextSigner(keyFile)
      await append({
        kind: 'key.rotate',
        body: toKeyRotateBody(old.keyId, next.spki.toString('base64')),
        signers: [old, next],
        effects: () => {
          chain.setMeta('keyid', next.keyId)
          chain.setMeta('rotated_by', String(cseq))
        },
      })
      adoptNextKey(keyFile)
      ledger.useSigner(next)
      return next.keyId
    })
}
