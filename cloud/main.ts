import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Place } from '../contracts/api/index.js'
import { KerbError, type Clock, type Ids, type Log } from '../contracts/base/index.js'
import { argon2Hash, makeAccounts } from './accounts/index.js'
import { buildApp } from './api/index.js'
import type { CloudConfig } from './config.js'
import { caseDesk, fileDesk, makeLinks, runClocks } from './delivery/index.js'
import { loadPolicy } from './documents/index.js'
import {
  objectRoutes,
  openCloudKeys,
  openCommandSender,
  openMedia,
  workFolderOf,
  type Media,
} from './evidence/index.js'
import { registerDevices } from './enrolled.js'
import { evidenceDesk } from './file-evidence.js'
import { findFfmpeg } from './ffmpeg.js'
import { openIngest, type VerifiedRecord } from './ingest/index.js'
import { leadDesk, makeChanges, type LeadDesk } from './leads/index.js'
import { clipDesk, clipFileOf, digestCheck, mediaFiles, tellClip } from './media-views.js'
import type { Bus } from './mqtt/index.js'
import { hostAndPort, openBus } from './open-bus.js'
import { makePartyCopies } from './portal/index.js'
import { mustReadLaw } from './read-pack.js'
import { deviceOrders, makeFleet } from './registries/index.js'
import { accountStore } from './store/accounts.js'
import { cameraMigrations, cameraStore } from './store/cameras.js'
import { openDatabase, type Database } from './store/database.js'
import { stationMigrations } from './store/migrations.js'
import type { LeadRow } from './store/leads.js'
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
  const law = config.pack === null ? null : mustReadLaw(config.pack, config.registers)
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
  let openFile: (lead: LeadRow) => void = () => undefined
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
      apply(record, { leads, media, fleet, openFile })
    },
    committed: (records) => {
      for (const { content } of records)
        if (content.kind === 'event') changes.publish({ kind: 'lead', id: content.body.incident })
      for (const device of new Set(
        records.filter(({ content }) => tellsDevice(content.kind)).map(({ device }) => device),
      ))
        changes.publish({ kind: 'device', id: device })
    },
    onAlarm: ({ device }) => {
      changes.publish({ kind: 'alarm', id: device })
    },
    clock,
    log,
  })
  const cameras = cameraStore(database)
  const fleet = makeFleet({ records: ingest.store, cameras })
  const { placeOf } = fleet
  const leads = leadDesk({
    database,
    clock,
    clips: clipDesk(media),
    changes,
    // With a pack, cases are filed by their whole process alone: the thin road stays shut.
    modeOf: (cause) => (law === null ? policy.modes[cause] : 'LEAD_MODE'),
    placeOf,
  })
  onClip = tellClip(leads, (change) => {
    changes.publish(change)
  })
  const parts = { media, objects, clips }
  const files = mediaFiles(parts, (incident, fromAt, toAt) => {
    const facts = leads.find(incident)?.facts
    return facts === undefined ? [] : fleet.gapsOf(facts.device, facts.cam, fromAt, toAt)
  })
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

  const digestsHold = digestCheck(parts)
  const legal =
    law &&
    fileDesk({
      database,
      clock,
      ids,
      changes,
      law,
      leadOf: (id) => leads.find(id),
      evidenceOf: evidenceDesk({ digestsHold, alarms: (limit) => ingest.store.alarms(limit) }),
    })
  openFile = (lead) => legal?.noteLead(lead, surveyed(placeOf(lead.facts.device, lead.facts.cam)))

  const authenticate = registerDevices(config, { ingest, commands, log })
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
    files: legal,
    links,
    views,
    changes,
    media: files,
    fleet,
    orders: deviceOrders({
      database,
      records: ingest.store,
      cameras,
      commands,
      footageOf: (incident) => leads.find(incident)?.facts ?? null,
    }),
    partyCopies: makePartyCopies({
      folder: join(config.data, 'party'),
      ffmpeg,
      clipFileOf: (incident) => clipFileOf(parts, incident),
      stillFileOf: (sha256) => files.still(sha256),
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
  bus = await openBus(config, { ...deps, ingest, authenticate })
  await ingest.republish()
  const { host, port } = hostAndPort(config.listen)
  await app.listen({ host, port })
  log.info({ url: config.public_url, broker: bus.broker }, 'the cloud listens')
  const opened = bus
  const stopClocks = new AbortController()
  legal?.clock.refresh()
  const clocks =
    legal && runClocks(legal.clock, { clock, log, holder: ids.uuidv7(clock.wallMs()), signal: stopClocks.signal })
  return {
    app,
    database,
    async [Symbol.asyncDispose]() {
      stopClocks.abort()
      await clocks
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
  to: {
    leads: LeadDesk
    media: Media
    fleet: { applyRecord(record: VerifiedRecord): void }
    openFile: (lead: LeadRow) => void
  },
): void {
  to.fleet.applyRecord(record)
  to.media.applyRecord(record)
  const { device, time, chain, seq, clock, content } = record
  if (content.kind !== 'event') return
  to.leads.applyEvent({ device, time, chain, seq, clock, body: content.body })
  const lead = to.leads.find(content.body.incident)
  if (lead !== null) to.openFile(lead)
}

/** A camera's place as files need it. */
function surveyed({ name, lat_deg, lon_deg }: Place): { name: string; lat_deg: number | null; lon_deg: number | null } {
  return { name, lat_deg: lat_deg ?? null, lon_deg: lon_deg ?? null }
}

/** Records that change what the technician's page shows. */
const tellsDevice = (kind: string): boolean => kind === 'heartbeat' || kind === 'config' || kind === 'command.result'
