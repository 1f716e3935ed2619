import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KerbError } from '../contracts/base/index.js'
import type { Signer } from '../contracts/evidence/index.js'
import { makeKeyPem, signerOfPem } from '../contracts/evidence/key-pem.js'

export interface CloudKeys {
  readonly receipt: Signer
  readonly command: Signer
  /** What a box pins: `keys_file` of edge.yaml. */
  readonly publicFile: string
}

/** Receipt and command key in `keys_dir`, made at first start (0600), and the public parts beside them. @throws KerbError `KEY_UNREADABLE` */
export function openCloudKeys(dir: string): CloudKeys {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const receipt = keyOf(join(dir, 'receipt.pem'))
  const command = keyOf(join(dir, 'command.pem'))
  const publicFile = join(dir, 'cloud-keys.json')
  const publicText = `${JSON.stringify({ receipt: receipt.spki.toString('base64'), command: command.spki.toString('base64') })}\n`
  if (!existsSync(publicFile) || readFileSync(publicFile, 'utf8') !== publicText) writeWhole(publicFile, publicText, 0o644)
  return { receipt, command, publicFile }
}

function keyOf(file: string): Signer {
  if (!existsSync(file)) writeWhole(file, makeKeyPem(), 0o600)
  try {
    return signerOfPem(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new KerbError('KEY_UNREADABLE', `${file} is not a P-256 private key in PEM: restore it from the backup; boxes have pinned it`, { file }, { cause })
  }
}

function writeWhole(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.partial`, text, { mode, flush: true })
  chmodSync(`${file}.partial`, mode)
  renameSync(`${file}.partial`, file)
}
