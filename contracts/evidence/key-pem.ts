import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { keyIdOf, type Signer } from './dsse.js'

/** A new P-256 private key, PKCS#8 PEM. */
export function makeKeyPem(): string {
  return String(
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
  )
}

/**
 * Signs ES256 with a private key in PEM: PKCS#8, as `makeKeyPem` writes it, or SEC1 (`EC PRIVATE KEY`), as older tools do.
 * @throws Error when it is not a P-256 key.
 */
export function signerOfPem(pem: string): Signer {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('not a P-256 key')
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return { keyId: keyIdOf(spki), alg: 'ES256', spki, sign: (pae) => Promise.resolve(sign('sha256', pae, key)) }
}
