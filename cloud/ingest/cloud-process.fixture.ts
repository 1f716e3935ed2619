// A cloud for crash tests: broker (or client of one), ingest, objects, commands, media; `GET /state` says what it holds.
import { join } from 'node:path'
import Fastify from 'fastify'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { openCommandSender, openCloudKeys, objectRoutes, openMedia } from '../evidence/index.js'
import { connectBroker, openBroker, type Bus } from '../mqtt/index.js'
import { openDatabase } from '../store/database.js'
import { commandMigrations } from '../store/records-commands.js'
import { effectCounter, effectMigration } from '../store/records-effects.fixture.js'
import { recordMigrations } from '../store/records.js'
import { mediaMigrations } from '../store/objects-media.js'
import { openFolderStore } from '../store/objects.js'
import { openIngest } from './index.js'

interface Config {
  readonly dataDir: string
  readonly device: string
  readonly spki: string
  readonly password: string
  readonly mqttPort: number
  readonly httpPort: number
  /** External broker instead of the embedded one. */
  readonly external: boolean
}
const config = JSON.parse(process.argv[2] ?? '{}') as Config
const say =
  (level: string) =>
  (values: object, message: string): void => {
    process.stderr.write(`cloud ${level} ${message} ${JSON.stringify(values)}\n`)
  }
const log = { debug: () => undefined, info: () => undefined, warn: say('warn'), error: say('error') }
const clock = systemClock
const ids = systemIds

const database = openDatabase({
  file: join(config.dataDir, 'cloud.db'),
  migrations: [...recordMigrations, ...commandMigrations, ...mediaMigrations, effectMigration],
})
const keys = openCloudKeys(join(config.dataDir, 'keys'))
const objects = await openFolderStore({ folder: join(config.dataDir, 'objects'), ids, minFreeBytes: 1e6 })
const effects = effectCounter(database)
const bus: { now: Bus | null } = { now: null }
const publish: Bus['publish'] = (topic, payload, how) =>
  bus.now === null ? Promise.reject(new Error('no broker yet')) : bus.now.publish(topic, payload, how)
const commands = openCommandSender({ database, signer: keys.command, service: 'test', publish, clock, ids, log })
const media = openMedia({
  database,
  objects,
  commands,
  ffmpeg: 'false',
  workFolder: join(config.dataDir, 'work'),
  clock,
  log,
})
const ingest = openIngest({
  database,
  signer: keys.receipt,
  publish,
  effects: (_tx, record) => {
    media.applyRecord(record)
    if (record.content.kind !== 'event') return
    const { incident, phase, cam } = record.content.body
    effects.add(incident, phase)
    if (phase === 'over') media.requestClip({ incident, device: record.device, cam })
  },
  clock,
  log,
})
ingest.register(config.device, config.spki)
const { onMessage } = ingest
bus.now = config.external
  ? await connectBroker({
      url: `mqtt://127.0.0.1:${config.mqttPort}`,
      user: null,
      password: null,
      sharedGroup: null,
      allowPlain: false,
      clientId: 'cloud',
      onMessage,
      onUp: () => void ingest.republish(),
      clock,
      log,
    })
  : await openBroker({
      host: '127.0.0.1',
      port: config.mqttPort,
      authenticate: (device, password) => device === config.device && password === config.password,
      onMessage,
      clock,
      log,
    })
if (!config.external) await ingest.republish()

const app = Fastify()
await app.register(objectRoutes, { objects, records: ingest.store, onObject: media.onObject, clock, log })
app.get('/state', () => {
  const counts = effects.counts()
  const chain = ingest.store.currentChain(config.device)
  const rows = chain === null ? [] : ingest.store.list(config.device, chain.chain, 0, 1_000_000)
  return {
    effects: counts,
    chain,
    seqs: rows.map(({ seq }) => seq),
    kinds: rows.map(({ kind }) => kind),
    alarms: ingest.store.alarms(100),
    branches: ingest.store.branchCount(config.device),
    clips: counts
      .filter(({ phase }) => phase === 'over')
      .map(({ incident }) => ({ incident, ...media.clipOf(incident) })),
    ...ingest.counts,
  }
})
await app.listen({ host: '127.0.0.1', port: config.httpPort })
process.stdout.write('ready\n')
