import { createHash, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { KerbError, type Clock, type Ids, type Log } from '../contracts/base/index.js'
import { keyIdOf } from '../contracts/evidence/index.js'
import { argon2Hash, makeAccounts } from './accounts/index.js'
import { buildApp } from './api/index.js'
import type { CloudConfig } from './config.js'
import { caseDesk, makeLinks } from './delivery/index.js'
import { loadPolicy } from './documents/index.js'
import {
  objectRoutes,
  openCloudKeys,
  openCommandSender,
  openMedia,
  workFolderOf,
  type Media,
} from './evidence/index.js'
import { findFfmpeg } from './ffmpeg.js'
import { openIngest, type Ingest, type VerifiedRecord } from './ingest/index.js'
import { leadDesk, makeChanges, type LeadDesk } from './leads/index.js'
import { clipFileOf, digestCheck, mediaFiles, tellClip } from './media-views.js'
import { connectBroker, openBroker, type Bus } from './mqtt/index.js'
import { makePartyCopies } from './portal/index.js'
import { makeFleet } from './registries/index.js'
import { accountStore } from './store/accounts.js'
import { cameraMigrations, cameraStore } from './store/cameras.js'
import { openDatabase, type Database } from './store/database.js'
import { stationMigrations } from './store/migrations.js'
import { mediaMigrations, mediaStore } from './store/objects-media.js'
import { openFolderStore } from './store/objects.js'
import { portalStore } from './store/portal.js'
import { commandMigrations } from './store/records-commands.js'
import { recordMigrations } from './store/records.js'
import { consolePages } from './console/index.js'

export interface CloudDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

export interface Cloud extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly database: Database
}

export const cloudMigrations = [
  ...recordMigrations,
  ...commandMigrations,
  ...mediaMigrations,
  ...cameraMigrations,
  ...stationMigrations,
]

const minFreeBytes = 500e6

/** Opens the service: store, ingest, leads, cases, pages, broker, in the order of the data; then listens. @throws KerbError */
export async function openCloud(config: CloudConfig, deps: CloudDeps): Promise<Cloud> {
  const { clock, ids, log } = deps
  mkdirSync(config.data, { recursive: true })
  const database = openDatabase({ file: config.database.slice('sqlite:'.length), migrations: cloudMigrations })
  const objects = await openFolderStore({ folder: config.objects.slice('folder:'.length), ids, minFreeBytes })
  const keys = openCloudKeys(config.keys_dir)
  const policy = loadPolicy(config.policy)
  const ffmpeg = findFfmpeg(config.ffmpeg)
  const changes = makeChanges()
  const clips = mediaStore(database)

  // The broker is the last to open, and everything that publishes waits for it.
  let bus: Bus | null = null
  const publish = async (topic: string, payload: string, how: { retain: boolean }): Promise<void> => {
    if (bus === null) throw new KerbError('MQTT_DOWN', 'the broker is not open yet')
    await bus.publish(topic, payload, how)
  }
  const commands = openCommandSender({ database, signer: keys.command, service: 'kerbwatch', publish, clock, ids, log })
  // Media tells leads, leads ask media: the one who comes second is filled in.
  let onClip: (incident: string) => void = () => undefined
  const media = openMedia({
    database,
    objects,
    commands,
    ffmpeg,
    workFolder: workFolderOf(config.data),
    onClip: (incident) => {
      onClip(incident)
    },
    clock,
    log,
  })
  const ingest = openIngest({
    database,
    signer: keys.receipt,
    publish,
    effects: (_tx, record) => {
      apply(record, { leads, media, fleet })
    },
    committed: (records) => {
      for (const { content } of records)
        if (content.kind === 'event') changes.publish({ kind: 'lead', id: content.body.incident })
    },
    clock,
    log,
  })
  const fleet = makeFleet({ records: ingest.store, cameras: cameraStore(database) })
  const { placeOf } = fleet
  const leads = leadDesk({ database, clock, clips: media, changes, modeOf: (cause) => policy.modes[cause], placeOf })
  onClip = tellClip(leads, (change) => {
    changes.publish(change)
  })
  const parts = { media, objects, clips }
  const views = portalStore(database)
  const links = makeLinks({ store: views, clock, ids, codeHash: argon2Hash })
  const cases = caseDesk({
    database,
    clock,
    ids,
    leads,
    links,
    changes,
    policy,
    placeOf,
    publicUrl: config.public_url,
    digestsHold: digestCheck(parts),
  })

  const passwords = registerDevices(config, ingest)
  const app = buildApp({
    clock,
    ids,
    log,
    publicUrl: config.public_url,
    trustProxy: config.trust_proxy,
    policy,
    accounts: makeAccounts({ store: accountStore(database), clock, ids, secretHash: argon2Hash }),
    leads,
    cases,
    links,
    views,
    changes,
    media: mediaFiles(parts),
    fleet,
    partyCopies: makePartyCopies({
      folder: join(config.data, 'party'),
      ffmpeg,
      clipFileOf: (incident) => clipFileOf(parts, incident),
      stillFileOf: (sha256) => mediaFiles(parts).still(sha256),
      log,
    }),
    healthChecks: () => ({ database: 'ok', broker: bus === null ? 'the broker is not open' : 'ok' }),
    plugins: [
      async (api) => {
        await api.register(objectRoutes, {
          objects,
          records: ingest.store,
          onObject: (object) => {
            media.onObject(object)
          },
          clock,
          log,
        })
      },
      consolePages({ publicUrl: config.public_url, policy, zonesOf: fleet.zonesOf }),
    ],
  })
  bus = await openBus(config, { ...deps, ingest, passwords })
  await ingest.republish()
  const { host, port } = hostAndPort(config.listen)
  await app.listen({ host, port })
  log.info({ url: config.public_url, broker: bus.broker }, 'the cloud listens')
  const opened = bus
  return {
    app,
    database,
    async [Symbol.asyncDispose]() {
      await app.close()
      await opened.close()
      await ingest.close()
      await media.close()
      await commands.close()
      database.close()
    },
  }
}

/** Effects of one verified record, inside its transaction. */
function apply(
  record: VerifiedRecord,
  to: { leads: LeadDesk; media: Media; fleet: { applyRecord(record: VerifiedRecord): void } },
): void {
  to.fleet.applyRecord(record)
  to.media.applyRecord(record)
  const { device, time, chain, seq, clock, content } = record
  if (content.kind === 'event') to.leads.applyEvent({ device, time, chain, seq, clock, body: content.body })
}

/** Until enrolment: devices by key and password file. Gives each device's password digest. */
function registerDevices(config: CloudConfig, ingest: Ingest): Map<string, Buffer> {
  const passwords = new Map<string, Buffer>()
  for (const { id, record_key_file: keyFile, password_file: passwordFile } of config.devices) {
    const spki = spkiOf(keyFile)
    ingest.register(id, spki.toString('base64'))
    passwords.set(id, digest(readFileSync(passwordFile, 'utf8').trim()))
  }
  return passwords
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

function openBus(
  config: CloudConfig,
  deps: CloudDeps & { ingest: Ingest; passwords: ReadonlyMap<string, Buffer> },
): Promise<Bus> {
  const { clock, ids, log, ingest, passwords } = deps
  const onMessage = (topic: string, payload: Buffer): Promise<void> => ingest.onMessage(topic, payload)
  const { mqtt } = config
  if ('embedded' in mqtt)
    return openBroker({
      ...hostAndPort(mqtt.embedded),
      authenticate: (device, password) => {
        const known = passwords.get(device)
        return known !== undefined && timingSafeEqual(known, digest(password))
      },
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

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function hostAndPort(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':')
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) }
}
