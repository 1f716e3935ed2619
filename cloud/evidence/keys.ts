import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KerbError } from '../../contracts/base/index.js'
import type { Signer } from '../../contracts/evidence/index.js'
import { makeKeyPem, signerOfPem } from '../../contracts/evidence/key-pem.js'

export class CloudKeyError extends KerbError<'CLOUD_KEY_UNREADABLE'> {}

export interface CloudKeyPair {
  readonly receipt: Signer
  readonly command: Signer
  /** What boxes pin: copy it to `keys_file` of edge.yaml. */
  readonly publicFile: string
}

/** `keys_dir` of cloud.yaml: receipt and command key (P-256, 0600), made at the first start, and `cloud-keys.json` for the boxes. @throws CloudKeyError */
export function openCloudKeys(keysDir: string): CloudKeyPair {
  mkdirSync(keysDir, { recursive: true, mode: 0o700 })
  const receipt = openKey(join(keysDir, 'receipt.key.pem'))
  const command = openKey(join(keysDir, 'command.key.pem'))
  const publicFile = join(keysDir, 'cloud-keys.json')
  const text = `${JSON.stringify({ command: command.spki.toString('base64'), receipt: receipt.spki.toString('base64') }, null, 2)}\n`
  if (!existsSync(publicFile) || readFileSync(publicFile, 'utf8') !== text) writeWhole(publicFile, text, 0o644)
  return { receipt, command, publicFile }
}

function openKey(file: string): Signer {
  if (!existsSync(file)) writeWhole(file, makeKeyPem(), 0o600)
  try {
    return signerOfPem(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new CloudKeyError(
      'CLOUD_KEY_UNREADABLE',
      `${file} is not a P-256 private key in PEM: restore it from the backup`,
      { file },
      { cause },
    )
  }
}

function writeWhole(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.partial`, text, { mode, flush: true })
  renameSync(`${file}.partial`, file)
}
