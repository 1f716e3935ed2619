import mqtt from 'mqtt'
import type { Clock, Log } from '../../contracts/base/index.js'
import { receiptPayload, type ReceiptPayload } from '../../contracts/commands/index.js'
import { decodeEnvelope, parseCanonical, payloadTypes, verifySignature } from '../../contracts/evidence/index.js'
import { deviceSubscribes, parseTopic, topicOf, type TopicKind } from '../../contracts/topics.js'
import { backOff } from './back-off.js'
import { checkUrl, type PinnedKey } from './keys.js'

export interface LinkOptions {
  readonly device: string
  readonly url: string
  /** Read at each connection, so that a changed password file is enough. */
  readonly password: () => string
  readonly receiptKey: PinnedKey
  readonly allowPlain: boolean
  readonly clock: Clock
  readonly log: Log
}

export interface LinkListener {
  readonly onUp?: () => void
  readonly onDown?: () => void
  readonly onReceipt?: (receipt: ReceiptPayload) => void
  readonly onCommand?: (payload: Buffer) => void
}

/** The one MQTT connection of the box. */
export interface Link {
  isUp(): boolean
  /** The retained receipt once subscribed; null when the cloud has none. Never connected: waits for `signal`. */
  readonly firstReceipt: (signal: AbortSignal) => Promise<ReceiptPayload | null>
  listen(listener: LinkListener): void
  /** Hands a message to the connection; resolves at the broker's acknowledgement, which proves nothing. @throws when down */
  publish(kind: TopicKind, payload: string): Promise<void>
  close(): Promise<void>
}

const connectWaitMs = 10_000
/** A broker sends what it retains right after the subscription. */
const retainedWaitMs = 1_500

/** Connects and stays connected until `close`. @throws UplinkError for an address that may not be used */
export function openLink(options: LinkOptions): Link {
  checkUrl(options.url, options.allowPlain)
  const { clock, device, log } = options
  const stop = new AbortController()
  const listeners = new Set<LinkListener>()
  const waits = backOff(500, 30_000)
  let client: mqtt.MqttClient | null = null
  let up = false
  let latest: ReceiptPayload | null = null
  let subscribedMono: number | null = null
  let told = false

  function take(topic: string, payload: Buffer): void {
    const place = parseTopic(topic)
    if (place?.device !== device) return
    if (place.kind === 'cmd') for (const listener of listeners) listener.onCommand?.(payload)
    if (place.kind !== 'rcpt') return
    const receipt = readReceipt(payload, options.receiptKey, device)
    if (receipt === null) {
      log.warn({ bytes: payload.length }, 'a receipt that the pinned key did not sign was refused')
      return
    }
    latest = receipt
    for (const listener of listeners) listener.onReceipt?.(receipt)
  }

  /** One connection from its beginning to its end. A new client each time: nothing of the old one is sent again by itself. */
  async function connectOnce(): Promise<void> {
    const now = mqtt.connect(options.url, {
      protocolVersion: 4,
      clientId: device,
      username: device,
      password: options.password(),
      clean: true,
      keepalive: 30,
      reconnectPeriod: 0,
      connectTimeout: connectWaitMs,
      queueQoSZero: false,
      resubscribe: false,
      will: { topic: topicOf(device, 'presence'), payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    client = now
    let fault: string | null = null
    const closed = new Promise<void>((resolve) => now.once('close', resolve))
    now.on('error', (cause) => {
      fault = cause.message
    })
    now.on('message', take)
    const abort = (): void => void now.end(true)
    stop.signal.addEventListener('abort', abort, { once: true })
    try {
      const connected = new Promise<boolean>((resolve) =>
        now.once('connect', () => {
          resolve(true)
        }),
      )
      if (await Promise.race([connected, closed.then(() => false)])) {
        await Promise.race([
          now.subscribeAsync(
            deviceSubscribes.map((kind) => topicOf(device, kind)),
            { qos: 1 },
          ),
          closed.then(() => Promise.reject(new Error('closed while subscribing'))),
        ])
        up = true
        told = false
        waits.reset()
        subscribedMono = clock.monoMs()
        now.publish(topicOf(device, 'presence'), 'online', { qos: 1, retain: true })
        log.info({ url: options.url }, 'connected to the cloud')
        for (const listener of listeners) listener.onUp?.()
        await closed
      }
    } catch (cause) {
      fault = String(cause)
    } finally {
      stop.signal.removeEventListener('abort', abort)
      now.end(true)
      const wasUp = up
      up = false
      client = null
      if (wasUp) for (const listener of listeners) listener.onDown?.()
      if (!stop.signal.aborted && !told) {
        told = true
        log.warn(
          { url: options.url, cause: fault ?? 'closed' },
          'no connection to the cloud; records wait on the disk and go out by themselves',
        )
      }
    }
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await connectOnce()
      } catch (cause) {
        log.error({ cause: String(cause) }, 'the connection to the cloud failed')
      }
      await clock.sleep(waits.next(), stop.signal).catch(() => undefined)
    }
  }
  const running = run()

  return {
    isUp: () => up,
    async firstReceipt(signal) {
      while (!signal.aborted && !stop.signal.aborted) {
        if (latest !== null) return latest
        if (up && subscribedMono !== null && clock.monoMs() - subscribedMono > retainedWaitMs) return null
        await clock.sleep(50, signal).catch(() => undefined)
      }
      return latest
    },
    listen(listener) {
      listeners.add(listener)
      if (up) listener.onUp?.()
      if (latest !== null) listener.onReceipt?.(latest)
    },
    async publish(kind, payload) {
      if (client === null || !up) throw new Error('not connected')
      await client.publishAsync(topicOf(device, kind), payload, { qos: 1, retain: kind === 'presence' })
    },
    async close() {
      if (client !== null && up) {
        const end = new AbortController()
        const late = clock.sleep(500, end.signal).catch(() => undefined)
        await Promise.race([
          client.publishAsync(topicOf(device, 'presence'), 'offline', { qos: 1, retain: true }).catch(() => undefined),
          late,
        ])
        end.abort()
      }
      stop.abort()
      await running
    },
  }
}

/** Null for anything that is not a receipt for this device signed by the pinned key. Never throws. */
export function readReceipt(bytes: Buffer, pinned: PinnedKey, device: string): ReceiptPayload | null {
  try {
    const envelope = decodeEnvelope(bytes)
    if (envelope.payloadType !== payloadTypes.receipt || envelope.signatures.length !== 1) return null
    if (envelope.signatures[0]?.keyid !== pinned.keyid || !verifySignature(envelope, 0, pinned.key)) return null
    const result = receiptPayload.safeParse(parseCanonical(envelope.payload))
    return result.success && result.data.device === device ? result.data : null
  } catch {
    return null
  }
}
