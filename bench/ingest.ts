import { fork } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import mqtt from 'mqtt'
import { toRfc3339, type Clock, type EpochMs, type Log } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import {
  decodeEnvelope,
  encodeBatch,
  jcs,
  keyIdOf,
  preAuthEncoding,
  payloadTypes,
  sha256,
  type Json,
} from '../contracts/evidence/index.js'
import { topicOf } from '../contracts/topics.js'
import { zeroDigest } from '../contracts/records/index.js'
import { openCloudKeys } from '../cloud/evidence/index.js'
import { openIngest } from '../cloud/ingest/index.js'
import { connectBroker, openBroker, type Bus } from '../cloud/mqtt/index.js'
import { openDatabase } from '../cloud/store/database.js'
import { recordMigrations } from '../cloud/store/records.js'

export interface BenchIngestOptions {
  readonly seconds: number
  readonly devices: number
  /** Records in one message, 1 to 64. */
  readonly batch: number
  /** Address of another broker; null for the embedded one. */
  readonly mqttUrl: string | null
}

export interface BenchIngestReport {
  readonly records_per_s: number
  /** From the publication of a record to the receipt that says it is durable. */
  readonly p50_ms: number
  readonly p99_ms: number
  readonly lost: number
  readonly duplicated: number
  readonly broker: string
  readonly database: string
  readonly records: number
  /** Of the service's process (broker, verification, database), for machines that are busy with other things. */
  readonly cpu_us_per_record: number
  readonly seconds: number
  readonly devices: number
  readonly batch: number
}

export const benchIngestDefaults: BenchIngestOptions = { seconds: 10, devices: 16, batch: 32, mqttUrl: null }

interface ProducerPlan {
  readonly url: string
  readonly seconds: number
  readonly batch: number
  readonly devices: readonly { readonly device: string; readonly pem: string }[]
}
interface ProducerReport {
  readonly sent: number
  readonly seconds: number
  /** Milliseconds, one entry a record. */
  readonly latencies: readonly number[]
}

const producerArgument = 'kw-ingest-producer'
const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (values, message) => process.stderr.write(`${message} ${JSON.stringify(values)}\n`),
}

/** Verified records a second, durable in SQLite (`synchronous=FULL`), from another process over real MQTT. */
export async function benchIngest(options: BenchIngestOptions): Promise<BenchIngestReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-bench-ingest-'))
  const database = openDatabase({ file: join(folder, 'bench.db'), migrations: recordMigrations })
  const bus: { now: Bus | null } = { now: null }
  let effects = 0
  const ingest = openIngest({
    database,
    signer: openCloudKeys(join(folder, 'keys')).receipt,
    publish: (topic, payload, how) =>
      bus.now === null ? Promise.reject(new Error('no broker yet')) : bus.now.publish(topic, payload, how),
    effects: () => {
      effects += 1
    },
    clock: systemClock,
    log: quiet,
  })
  try {
    const devices = Array.from({ length: options.devices }, (_, index) => ({
      device: `kwbench-${String(index).padStart(4, '0')}`,
      ...makeKey(),
    }))
    for (const { device, spki } of devices) ingest.register(device, spki)
    const { onMessage } = ingest
    const common = { onMessage, clock: systemClock, log: quiet }
    let url = options.mqttUrl
    if (url === null) {
      const broker = await openBroker({ host: '127.0.0.1', port: 0, authenticate: () => true, ...common })
      bus.now = broker
      url = `mqtt://127.0.0.1:${broker.port}`
    } else
      bus.now = await connectBroker({
        url,
        user: null,
        password: null,
        sharedGroup: null,
        allowPlain: true,
        clientId: 'kw-bench',
        onUp: () => undefined,
        ...common,
      })
    const cpuBefore = process.cpuUsage()
    const report = await runProducer({
      url,
      seconds: options.seconds,
      batch: options.batch,
      devices: devices.map(({ device, pem }) => ({ device, pem })),
    })
    await ingest.settled()
    const cpu = process.cpuUsage(cpuBefore)
    const stored = ingest.store.count()
    const latencies = [...report.latencies].sort((a, b) => a - b)
    const at = (share: number): number =>
      Math.round((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0) * 10) / 10
    return {
      records_per_s: Math.round(stored / report.seconds),
      p50_ms: at(0.5),
      p99_ms: at(0.99),
      lost: report.sent - stored,
      duplicated: effects - stored,
      broker: bus.now.broker,
      database: database.version,
      records: stored,
      cpu_us_per_record: Math.round((cpu.user + cpu.system) / Math.max(1, stored)),
      seconds: Math.round(report.seconds * 100) / 100,
      devices: options.devices,
      batch: options.batch,
    }
  } finally {
    await bus.now?.close()
    await ingest.close()
    database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function runProducer(plan: ProducerPlan): Promise<ProducerReport> {
  const child = fork(fileURLToPath(import.meta.url), [producerArgument], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    const answered = once(child, 'message') as Promise<[ProducerReport]>
    const ended = once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`the producer ended with ${String(code)}`)),
    )
    child.send(plan)
    const [report] = await Promise.race([answered, ended])
    ended.catch(() => undefined)
    return report
  } finally {
    child.kill('SIGKILL')
  }
}

function makeKey(): { pem: string; spki: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    pem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

/** Records of one device: a boot, then heartbeats, each signed and chained as a box does it. */
function recordMaker(device: string, pem: string, clock: Clock): { next(): string; seq(): number } {
  // Parsed once: OpenSSL 3 takes longer to read a PEM than to sign with it.
  const key = createPrivateKey(pem)
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const keyid = keyIdOf(spki)
  const [chain, boot] = [systemIds.uuidv7(clock.wallMs()), systemIds.uuidv7(clock.wallMs())]
  let seq = 0
  let prev = zeroDigest
  return {
    seq: () => seq,
    next() {
      const atMs = clock.wallMs()
      const state = {
        boot,
        mono_us: Math.round(clock.monoMs() * 1_000),
        sync: 'unsynced',
        src: 'none',
        off_us: null,
        err_us: null,
        step: 0,
      }
      const body: Json =
        seq === 0
          ? {
              boot: {
                reason: 'first_start',
                last_chain: null,
                app: 'bench',
                signing_key_spki: spki.toString('base64'),
                head_checked: true,
              },
              clock: state,
            }
          : {
              clock: state,
              heartbeat: {
                disk_free_mb: 100_000,
                outbox: 0,
                ring_oldest: toRfc3339((atMs - 3_600_000) as EpochMs),
                temp_c: 51,
                held_mb: 12,
                held_full: false,
                cameras: [],
              },
            }
      const payload = Buffer.from(
        jcs({
          data: body,
          datacontenttype: 'application/json',
          id: systemIds.uuidv7(atMs),
          kwchain: chain,
          kwprev: prev,
          kwseq: seq,
          source: `urn:kerbwatch:edge:${device}`,
          specversion: '1.0',
          time: toRfc3339(atMs),
          type: seq === 0 ? 'kerbwatch.boot.v1' : 'kerbwatch.heartbeat.v1',
        }),
      )
      prev = sha256(payload)
      seq += 1
      const sig = sign('sha256', preAuthEncoding(payloadTypes.record, payload), key).toString('base64')
      return jcs({
        payload: payload.toString('base64'),
        payloadType: payloadTypes.record,
        signatures: [{ keyid, sig }],
      })
    },
  }
}

/** The other process: every device keeps one batch on the way and makes the next one when its receipt is there. */
async function produce(plan: ProducerPlan): Promise<ProducerReport> {
  const clock = systemClock
  const startMono = clock.monoMs()
  const endMono = startMono + plan.seconds * 1_000
  const latencies: number[] = []
  const sent = await Promise.all(
    plan.devices.map(async ({ device, pem }) => {
      const maker = recordMaker(device, pem, clock)
      const client = await mqtt.connectAsync(plan.url, {
        protocolVersion: 4,
        clientId: device,
        username: device,
        password: 'bench',
      })
      let [lastSeq, publishedMono] = [-1, 0]
      await new Promise<void>((resolve, reject) => {
        const send = (): void => {
          if (clock.monoMs() > endMono) {
            resolve()
            return
          }
          const texts = Array.from({ length: plan.batch }, () => maker.next())
          lastSeq = maker.seq() - 1
          publishedMono = clock.monoMs()
          client.publish(topicOf(device, 'rec'), encodeBatch(texts), { qos: 1 })
        }
        client.on('error', reject)
        client.on('message', (_topic, bytes) => {
          const { seq } = JSON.parse(decodeEnvelope(bytes).payload.toString('utf8')) as { seq: number }
          if (seq < lastSeq) return
          const tookMs = clock.monoMs() - publishedMono
          for (let one = 0; one < plan.batch; one += 1) latencies.push(tookMs)
          send()
        })
        client.subscribeAsync(topicOf(device, 'rcpt'), { qos: 1 }).then(send, reject)
      })
      await client.endAsync(true)
      return maker.seq()
    }),
  )
  return { sent: sent.reduce((sum, count) => sum + count, 0), seconds: (clock.monoMs() - startMono) / 1_000, latencies }
}

if (process.argv[2] === producerArgument)
  process.once('message', (plan: ProducerPlan) => {
    produce(plan).then(
      (report) => process.send?.(report),
      (cause: unknown) => {
        process.stderr.write(`${String(cause)}\n`)
        process.exit(1)
      },
    )
  })
