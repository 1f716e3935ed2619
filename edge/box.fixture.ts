import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Log } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { decodeEnvelope, parseCanonical } from '../contracts/evidence/index.js'
import { makeKeyPem, signerOfPem } from '../contracts/evidence/key-pem.js'
import { readContent, recordFrame, type RecordContent } from '../contracts/records/index.js'
import { parseEdgeConfig, type EdgeConfig } from './config/index.js'
import { openEdge, type Edge } from './main.js'

/** A whole box for tests: a real `edge.yaml`, keys of a cloud that is not there, and `openEdge` with what it logs gathered. */

export interface BoxFiles {
  readonly file: string
  readonly config: EdgeConfig
}

/** Writes `edge.yaml` and its secrets. `cameras` as they stand in the file. */
export async function writeBox(folder: string, cameras: readonly object[]): Promise<BoxFiles> {
  await mkdir(join(folder, 'secret'), { recursive: true })
  const spki = (): string => signerOfPem(makeKeyPem()).spki.toString('base64')
  await writeFile(join(folder, 'secret', 'cloud-keys.json'), JSON.stringify({ receipt: spki(), command: spki() }))
  await writeFile(join(folder, 'secret', 'mqtt'), 'nobody-listens\n')
  const file = join(folder, 'edge.yaml')
  const text = JSON.stringify({
    device: 'kwdev-0001',
    site: { name: '试验路口', tz: 'Asia/Shanghai' },
    data: './data',
    storage: { ring_mb: 200, ring_days: 1, held_mb: 200, held_days: 1, min_free_percent: 1, reserve_mb: 1 },
    // Port 9 discards: nobody answers there.
    cloud: {
      mqtt: 'mqtt://127.0.0.1:9',
      http: 'http://127.0.0.1:9',
      password_file: './secret/mqtt',
      keys_file: './secret/cloud-keys.json',
    },
    ntp: [],
    panel: null,
    cameras,
  })
  await writeFile(file, text)
  const { config, faults } = parseEdgeConfig(text, file)
  if (config === null) throw new Error(JSON.stringify(faults))
  return { file, config }
}

export interface OpenBox extends AsyncDisposable {
  readonly edge: Edge
  /** Messages with their values, in order. */
  readonly logged: readonly { readonly message: string; readonly values: object }[]
  records(): RecordContent[]
}

export async function openBox(config: EdgeConfig, clock: Clock = impatientClock): Promise<OpenBox> {
  const logged: { message: string; values: object }[] = []
  const say = (values: object, message: string): void => {
    logged.push({ message, values })
  }
  const log: Log = { debug: () => undefined, info: say, warn: say, error: say }
  const edge = await openEdge(config, { clock, ids: systemIds, log, restart: () => undefined })
  return {
    edge,
    logged,
    records: () =>
      edge.evidence.outbox
        .pending(0, 10_000)
        .map(({ env }) => readContent(recordFrame.parse(parseCanonical(decodeEnvelope(Buffer.from(env)).payload)))),
    [Symbol.asyncDispose]: () => edge[Symbol.asyncDispose](),
  }
}

/** The machine's clock; only the half minute in which a starting box waits for the cloud's receipt passes at once. */
export const impatientClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === 30_000 ? 10 : ms, signal),
}

/** Looks every 50 ms. @throws after `seconds`, saying what did not come. */
export async function until(what: string, condition: () => boolean, seconds = 60): Promise<void> {
  const endMono = systemClock.monoMs() + seconds * 1000
  const never = new AbortController().signal
  while (!condition()) {
    if (systemClock.monoMs() > endMono) throw new Error(`not in ${seconds} s: ${what}`)
    await systemClock.sleep(50, never)
  }
}
