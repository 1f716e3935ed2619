import { KerbError } from '../../contracts/base/index.js'

/** The service's side of MQTT, whichever broker carries it. */
export interface Bus {
  /** Resolves when the broker took it; that proves nothing about the box. */
  publish(topic: string, payload: string, how: { readonly retain: boolean }): Promise<void>
  close(): Promise<void>
  /** `aedes` or `external`, for reports. */
  readonly broker: string
}

/** Called for each message of a device; the next one waits for it. */
export type OnMessage = (topic: string, payload: Buffer) => Promise<void>

export class MqttError extends KerbError<
  'MQTT_PORT_TAKEN' | 'MQTT_PLAIN_REFUSED' | 'MQTT_URL_MALFORMED' | 'MQTT_DOWN'
> {}

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/

/** Plain MQTT carries passwords: only on loopback, or where the configuration says so. @throws MqttError */
export function checkPlain(url: string, allowPlain: boolean): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new MqttError('MQTT_URL_MALFORMED', `not an address: ${url}`, { url }, { cause })
  }
  if (parsed.protocol === 'mqtt:' && !allowPlain && !loopback.test(parsed.hostname))
    throw new MqttError(
      'MQTT_PLAIN_REFUSED',
      `${url} is not encrypted and not on this machine: use mqtts:, or set allow_plain: true`,
      { url },
    )
  return parsed
}
