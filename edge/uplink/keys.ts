import { readFileSync } from 'node:fs'
import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'
import { keyIdOf, publicKeyOf } from '../../contracts/evidence/index.js'

export class UplinkError extends KerbError<'CLOUD_KEYS_UNREADABLE' | 'PLAIN_REFUSED' | 'URL_MALFORMED'> {}

export interface PinnedKey {
  readonly keyid: string
  readonly key: KeyObject
}

/** The cloud's public keys, pinned on this box. */
export interface CloudKeys {
  readonly receipt: PinnedKey
  readonly command: PinnedKey
}

const keysFile = z.looseObject({ receipt: z.string(), command: z.string() })

/** `keys_file` of edge.yaml: `{receipt, command}`, SPKI in base64. @throws UplinkError `CLOUD_KEYS_UNREADABLE` */
export function readCloudKeys(file: string): CloudKeys {
  try {
    const { receipt, command } = keysFile.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { receipt: pin(receipt), command: pin(command) }
  } catch (cause) {
    throw new UplinkError(
      'CLOUD_KEYS_UNREADABLE',
      `cannot read the cloud's public keys in ${file}: copy cloud-keys.json from the cloud's keys_dir`,
      { file },
      { cause },
    )
  }
}

function pin(spki: string): PinnedKey {
  const key = publicKeyOf(spki)
  return { key, keyid: keyIdOf(key.export({ type: 'spki', format: 'der' })) }
}

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/

/** Plain `mqtt:` and `http:` only on this machine, or where the configuration says so. @throws UplinkError */
export function checkUrl(url: string, allowPlain: boolean): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new UplinkError('URL_MALFORMED', `not an address: ${url}`, { url }, { cause })
  }
  const plain = parsed.protocol === 'mqtt:' || parsed.protocol === 'http:'
  if (plain && !allowPlain && !loopback.test(parsed.hostname))
    throw new UplinkError(
      'PLAIN_REFUSED',
      `${url} is not encrypted and not on this machine: use mqtts: or https:, or set allow_plain: true`,
      { url },
    )
  return parsed
}
