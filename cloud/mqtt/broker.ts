import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { Aedes, type AedesOptions, type Client } from 'aedes'
import type { Clock, Log } from '../../contracts/base/index.js'
import { batchBytesMax, devicePublishes, deviceSubscribes, parseTopic, presenceTexts } from '../../contracts/topics.js'
import { MqttError, type Bus, type OnMessage } from './bus.js'
import { packetLimit } from './packet-limit.js'

export interface BrokerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Device id and password of a connecting client; client id and user name must both be the device id. */
  readonly authenticate: (device: string, password: string) => boolean
  readonly onMessage: OnMessage
  readonly clock: Clock
  readonly log: Log
}

/** Connections in all, and messages of one client in a second (a box sends a few a minute; a long outage sends batches). */
const connectionsMax = 2_000
const messagesPerSMax = 200
const packetBytesMax = batchBytesMax + 1_024

/** The embedded broker: MQTT 3.1.1, each device confined to its own four topics. @throws MqttError `MQTT_PORT_TAKEN` */
export async function openBroker(options: BrokerOptions): Promise<Bus & { readonly port: number }> {
  const { log } = options
  const rates = new WeakMap<Client, { secondMono: number; count: number }>()
  const refuse = (returnCode: number): Error & { returnCode: number } =>
    Object.assign(new Error('refused'), { returnCode })

  const handlers: AedesOptions = {
    heartbeatInterval: 60_000,
    connectTimeout: 10_000,
    keepaliveLimit: 600,
    queueLimit: 256,
    maxClientsIdLength: 40,
    maxTopicLevels: 8,
    authenticate(client, user, password, done) {
      const ok =
        user !== undefined &&
        user === client.id &&
        password !== undefined &&
        options.authenticate(user, password.toString('utf8'))
      if (!ok)
        log.warn({ client: client.id }, 'a client was refused: unknown device, wrong password, or another client id')
      done(ok ? null : refuse(4), ok)
    },
    authorizePublish(client, packet, done) {
      const place = parseTopic(packet.topic)
      if (client === null || place?.device !== client.id || !devicePublishes.includes(place.kind)) {
        done(new Error(`${packet.topic} may not be published by this client`))
        return
      }
      const payload = Buffer.from(packet.payload)
      if (place.kind === 'presence' && !presenceTexts.some((text) => text === payload.toString('utf8'))) {
        done(new Error('not a presence'))
        return
      }
      if (place.kind === 'rec' && packet.retain) {
        done(new Error('records are not retained'))
        return
      }
      if (isTooFast(client)) {
        done(new Error('too many messages a second'))
        return
      }
      options.onMessage(packet.topic, payload).then(
        () => {
          done(null)
        },
        (cause: unknown) => {
          log.error({ cause: String(cause) }, 'a message could not be taken')
          done(null) // not the client's fault; without a receipt it sends again
        },
      )
    },
    authorizeSubscribe(client, subscription, done) {
      const place = parseTopic(subscription.topic)
      const ok = place?.device === client.id && deviceSubscribes.includes(place.kind)
      done(
        ok ? null : new Error(`${subscription.topic} may not be subscribed by this client`),
        ok ? subscription : null,
      )
    },
  }

  function isTooFast(client: Client): boolean {
    const second = Math.floor(options.clock.monoMs() / 1_000)
    const rate = rates.get(client)
    if (rate?.secondMono !== second) {
      rates.set(client, { secondMono: second, count: 1 })
      return false
    }
    rate.count += 1
    return rate.count > messagesPerSMax
  }

  const aedes = new Aedes(handlers)
  await aedes.listen()
  aedes.on('clientError', (client, cause) => {
    log.debug({ client: client.id, cause: String(cause) }, 'a client was disconnected')
  })
  aedes.on('connectionError', (_client, cause) => {
    log.debug({ cause: String(cause) }, 'a connection was refused')
  })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.setNoDelay(true)
    guard(socket)
    aedes.handle(socket)
  })
  server.maxConnections = connectionsMax
  server.listen(options.port, options.host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new MqttError(
      'MQTT_PORT_TAKEN',
      `cannot listen for MQTT on ${options.host}:${options.port}: ${String(cause)}`,
      { port: options.port },
      { cause },
    )
  }
  const address = server.address()
  return {
    broker: 'aedes',
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    publish: (topic, payload, { retain }) =>
      new Promise((resolve, reject) => {
        aedes.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, (cause) => {
          if (cause) reject(cause)
          else resolve()
        })
      }),
    async close() {
      server.close()
      await new Promise<void>((resolve) => {
        aedes.close(resolve)
      })
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The broker reads by `read`; a packet that is too large ends the connection before it is gathered. */
function guard(socket: Socket): void {
  const accepts = packetLimit(packetBytesMax)
  const read = socket.read.bind(socket) as (size?: number) => unknown
  socket.read = (size?: number): unknown => {
    const chunk = read(size)
    if (chunk instanceof Uint8Array && !accepts(chunk)) {
      socket.destroy()
      return null
    }
    return chunk
  }
}
