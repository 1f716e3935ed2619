import { readFileSync } from 'node:fs'
import type { Clock, Ids, Log } from '../contracts/base/index.js'
import type { CloudConfig } from './config.js'
import type { Authenticate } from './enrolled.js'
import type { Ingest } from './ingest/index.js'
import { connectBroker, openBroker, type Bus } from './mqtt/index.js'

interface BusDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ingest: Ingest
  readonly authenticate: Authenticate
}

/** The embedded broker, or a client of the configured one. @throws MqttError */
export function openBus(config: CloudConfig, deps: BusDeps): Promise<Bus> {
  const { clock, ids, log, ingest, authenticate } = deps
  const onMessage = (topic: string, payload: Buffer): Promise<void> => ingest.onMessage(topic, payload)
  const { mqtt } = config
  if ('embedded' in mqtt)
    return openBroker({
      ...hostAndPort(mqtt.embedded),
      authenticate,
      onMessage,
      clock,
      log,
    })
  return connectBroker({
    url: mqtt.url,
    user: mqtt.user,
    password: mqtt.password_file === null ? null : readFileSync(mqtt.password_file, 'utf8').trim(),
    sharedGroup: mqtt.shared_group,
    allowPlain: mqtt.allow_plain,
    clientId: `kerbwatch-cloud-${ids.uuidv7(clock.wallMs()).slice(-12)}`,
    onMessage,
    onUp: () =>
      void ingest.republish().catch((error: unknown) => {
        log.warn({ err: error }, 'receipts could not be published again')
      }),
    clock,
    log,
  })
}

/** `[::1]:8080` -> host and port. */
export function hostAndPort(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) }
}
