import mqtt from 'mqtt'
import type { Clock, Log } from '../../contracts/base/index.js'
import { topicPrefix } from '../../contracts/topics.js'
import { checkPlain, MqttError, type Bus, type OnMessage } from './bus.js'

export interface ExternalOptions {
  readonly url: string
  readonly user: string | null
  readonly password: string | null
  /** Workers with the same group share the records among them. */
  readonly sharedGroup: string | null
  readonly allowPlain: boolean
  readonly clientId: string
  readonly onMessage: OnMessage
  /** After every connection: retained receipts may be gone with the broker. */
  readonly onUp: () => void
  readonly clock: Clock
  readonly log: Log
}

const reconnectMs = 1_000
const publishWaitMs = 10_000

/** Client of any MQTT 3.1.1 broker. Reconnects by itself; what could not be published is made good by `onUp`. */
export async function connectBroker(options: ExternalOptions): Promise<Bus> {
  checkPlain(options.url, options.allowPlain)
  const { log } = options
  const client = mqtt.connect(options.url, {
    protocolVersion: 4,
    clientId: options.clientId,
    clean: true,
    reconnectPeriod: reconnectMs,
    queueQoSZero: false,
    resubscribe: false,
    ...(options.user === null ? {} : { username: options.user }),
    ...(options.password === null ? {} : { password: options.password }),
  })
  const share = options.sharedGroup === null ? '' : `$share/${options.sharedGroup}/`
  let down = false
  // The client acknowledges after this callback, so a full queue holds the broker back.
  client.handleMessage = (packet, done) => {
    options.onMessage(packet.topic, Buffer.from(packet.payload)).then(
      () => {
        done()
      },
      (cause: unknown) => {
        log.error({ cause: String(cause) }, 'a message could not be taken')
        done()
      },
    )
  }
  client.on('error', (cause) => {
    if (!down) log.warn({ url: options.url, cause: cause.message }, 'the MQTT broker does not answer; trying on')
    down = true
  })
  const up = async (): Promise<void> => {
    down = false
    await client.subscribeAsync([`${share}${topicPrefix}/+/rec`, `${topicPrefix}/+/presence`], { qos: 1 })
    options.onUp()
  }
  client.on('connect', () => {
    up().catch((cause: unknown) => {
      log.warn({ cause: String(cause) }, 'cannot subscribe at the MQTT broker; trying again')
      client.reconnect()
    })
  })
  return Promise.resolve({
    broker: 'external',
    async publish(topic, payload, { retain }) {
      if (!client.connected) throw new MqttError('MQTT_DOWN', 'the MQTT broker is not connected')
      const end = new AbortController()
      try {
        await Promise.race([
          client.publishAsync(topic, payload, { qos: 1, retain }),
          options.clock.sleep(publishWaitMs, end.signal).then(() => {
            throw new MqttError('MQTT_DOWN', 'the MQTT broker did not take a message in time')
          }),
        ])
      } finally {
        end.abort()
      }
    },
    close: () => client.endAsync(true),
  })
}
