import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { KerbError, type Log } from '../contracts/base/index.js'
import { keyIdOf } from '../contracts/evidence/index.js'
import type { CloudConfig } from './config.js'
import type { Commands } from './evidence/index.js'
import type { Ingest } from './ingest/index.js'

/** Whether a client that names itself so and shows this password is a configured box. */
export type Authenticate = (device: string, password: string) => boolean

/**
 * Until enrolment: devices by key and password file. A device that the configuration no longer names loses its key and its
 * waiting commands; its records stay, and that it still connects is an alarm. @throws KerbError `DEVICE_KEY_UNREADABLE`
 */
export function registerDevices(
  config: CloudConfig,
  { ingest, commands, log }: { ingest: Ingest; commands: Commands; log: Log },
): Authenticate {
  const passwords = new Map<string, Buffer>()
  for (const { id, record_key_file: keyFile, password_file: passwordFile } of config.devices) {
    const spki = spkiOf(keyFile)
    ingest.register(id, spki.toString('base64'))
    passwords.set(id, digest(readFileSync(passwordFile, 'utf8').trim()))
  }
  for (const device of ingest.keepOnly(config.devices.map(({ id }) => id))) {
    commands.endAll(device)
    log.warn({ device }, 'the configuration no longer names this device: its key is closed, its records stay')
  }
  return (device, password) => {
    const known = passwords.get(device)
    if (known === undefined) ingest.strangerCame(device)
    return known !== undefined && timingSafeEqual(known, digest(password))
  }
}

/** A public key in PEM → SPKI DER. @throws KerbError `DEVICE_KEY_UNREADABLE` */
function spkiOf(file: string): Buffer {
  try {
    const der = Buffer.from(readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, ''), 'base64')
    keyIdOf(der)
    return der
  } catch (cause) {
    throw new KerbError(
      'DEVICE_KEY_UNREADABLE',
      `cannot read the device key ${file}: on the box run openssl pkey -in data/secret/record-key.pem -pubout and copy what it prints`,
      { file },
      { cause },
    )
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
