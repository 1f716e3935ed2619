import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { KerbError } from '../../contracts/base/index.js'
import type { Signer } from '../../contracts/evidence/index.js'
import { makeKeyPem, signerOfPem } from '../../contracts/evidence/key-pem.js'

export class SignerError extends KerbError<'KEY_UNREADABLE'> {}

/**
 * P-256 key in a file of mode 0600, made at first start. `wasMade` tells the two apart.
 * @throws SignerError `KEY_UNREADABLE` for a file that is not such a key.
 */
export function fileSigner(file: string): { signer: Signer; wasMade: boolean } {
  const wasMade = !existsSync(file)
  if (wasMade) writeSecret(file, makeKeyPem())
  return { signer: signerOf(readKey(file), file), wasMade }
}

/** The next key lies beside the old one until its `key.rotate` record is committed; then `adoptNextKey` makes it the key. */
export function nextSigner(file: string): Signer {
  const next = `${file}.next`
  return fileSigner(next).signer
}

export function adoptNextKey(file: string): void {
  renameSync(`${file}.next`, file)
}

/** Finishes a rotation that a crash interrupted: the chain already knows the next key. */
export function settleRotation(file: string, keyIdOfChain: string | null): void {
  if (keyIdOfChain === null || !existsSync(`${file}.next`)) return
  if (nextSigner(file).keyId === keyIdOfChain) adoptNextKey(file)
}

function signerOf(pem: string, file: string): Signer {
  try {
    return signerOfPem(pem)
  } catch (cause) {
    throw new SignerError(
      'KEY_UNREADABLE',
      `${file} is not a P-256 private key in PEM: restore it, or remove it and register the device anew`,
      { file },
      { cause },
    )
  }
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SignerError('KEY_UNREADABLE', `cannot read the record key ${file}`, { file }, { cause })
  }
}

function writeSecret(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const partial = `${file}.partial`
  const handle = openSync(partial, 'w', 0o600)
  writeSync(handle, text)
  fsyncSync(handle)
  closeSync(handle)
  chmodSync(partial, 0o600)
  renameSync(partial, file)
}
