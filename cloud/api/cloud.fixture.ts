import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { ClipFrames, Role } from '../../contracts/api/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { type EpochMs, type Ids, type Log, toRfc3339 } from '../../contracts/base/index.js'
import type { EventBody } from '../../contracts/records/index.js'
import { makeKeyPem, signerOfPem } from '../../contracts/evidence/key-pem.js'
import { addAccount, argon2Hash, makeAccounts, signInBounds } from '../accounts/index.js'
import { caseDesk, fileDesk, makeLinks, type Law } from '../delivery/index.js'
import { loadPolicy, type Policy } from '../documents/index.js'
import { leadDesk, makeChanges, type EventArrival, type LeadFootage } from '../leads/index.js'
import { openCommandSender } from '../evidence/index.js'
import { makePartyCopies } from '../portal/index.js'
import { deviceOrders } from '../registries/index.js'
import { evidenceDesk } from '../file-evidence.js'
import { accountStore } from '../store/accounts.js'
import { cameraMigrations, cameraStore } from '../store/cameras.js'
import { openDatabase } from '../store/database.js'
import { stationMigrations } from '../store/migrations.js'
import { mediaMigrations } from '../store/objects-media.js'
import { portalStore } from '../store/portal.js'
import { recordMigrations, recordStore } from '../store/records.js'
import { commandMigrations } from '../store/records-commands.js'
import { buildApp } from './app.js'

/** Ids and chance that repeat: a counter hashed with the seed. */
export function seededIds(seed: string): Ids {
  let count = 0
  const next = (): Buffer =>
    createHash('sha512')
      .update(`${seed}|${(count += 1)}`)
      .digest()
  return {
    uuidv7(atMs) {
      const bytes = next().subarray(0, 16)
      bytes.writeUIntBE(atMs, 0, 6)
      bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x70
      bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80
      const hex = bytes.toString('hex')
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
    },
    randomBytes: (length) => next().subarray(0, length),
  }
}

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
function nothing(): void {
  return undefined
}

/** People of the test authority; each has the role of the name, and one password for all. */
export const people: Readonly<Record<string, readonly Role[]>> = {
  operator1: ['operator'],
  operator2: ['operator'],
  officer_a: ['officer_a'],
  officer_b: ['officer_b'],
  officer_c: ['officer_a'],
  head: ['head'],
  legal_reviewer: ['legal_reviewer'],
  technician: ['technician'],
  supervisor: ['supervisor'],
  team_leader: ['team_leader'],
  tech_reviewer: ['tech_reviewer'],
  archivist: ['archivist'],
  sysadmin: ['sysadmin'],
  wall: ['wall'],
  all_in_one: ['operator', 'officer_a', 'officer_b', 'head', 'legal_reviewer'],
}
export const password = 'correct horse battery staple'
let knownHash: Promise<string> | undefined

export interface CloudOptions {
  readonly policy?: (demo: Policy) => Policy
  /** Path of a derivative that every incident is said to have; none when absent. */
  readonly clipFile?: string
  readonly stillFile?: string
  /** Where copies for parties go; only tests that make some need it. */
  readonly partyFolder?: string
  readonly databaseFile?: string
  /** The whole process with this pack; without it the thin road. */
  readonly law?: Law
  /** Several servers on one file have different ids. */
  readonly seed?: string
  readonly clock?: ManualClock
}

/** The cloud's API over real SQLite in memory, real argon2 and the demo pack; time stands still until the test moves it. */
export async function openCloud(options: CloudOptions = {}) {
  const clock = options.clock ?? new ManualClock(Date.UTC(2026, 2, 2, 6, 30))
  const ids = seededIds(options.seed ?? 'cloud')
  const database = openDatabase({
    file: options.databaseFile ?? ':memory:',
    migrations: [
      ...recordMigrations,
      ...commandMigrations,
      ...mediaMigrations,
      ...cameraMigrations,
      ...stationMigrations,
    ],
  })
  const demo = loadPolicy(new URL('../../policy/demo', import.meta.url).pathname)
  const policy = options.policy?.(demo) ?? demo
  const changes = makeChanges()
  const commands: { name: 'clip.upload' | 'ring.hold'; lead: LeadFootage }[] = []
  const spans: { incident: string; fromMs: number; toMs: number; by: string }[] = []
  const { clipFile, stillFile } = options
  const clipSha256 = 'c'.repeat(64)
  const clips = {
    requestClip: (lead: LeadFootage) => void commands.push({ name: 'clip.upload', lead }),
    requestSpan: (lead: LeadFootage, span: { fromMs: number; toMs: number; by: string }) =>
      void spans.push({ ...span, incident: lead.incident }),
    hold: (lead: LeadFootage) => void commands.push({ name: 'ring.hold', lead }),
    clipOf: () =>
      clipFile === undefined
        ? ({ state: 'none', sha256: null, missingS: 0, percent: 0 } as const)
        : ({ state: 'present', sha256: clipSha256, missingS: 0, percent: 100 } as const),
  }
  const placeOf = () => ({ name: '人民路12号', lat_deg: 31.23, lon_deg: 121.47 })
  const leads = leadDesk({
    database,
    clock,
    clips,
    changes,
    modeOf: (cause) => (options.law === undefined ? policy.modes[cause] : 'LEAD_MODE'),
    placeOf,
  })
  const views = portalStore(database)
  const links = makeLinks({ store: views, clock, ids, codeHash: argon2Hash })
  const accountsStore = accountStore(database)
  const accounts = makeAccounts({ store: accountsStore, clock, ids, secretHash: argon2Hash })
  const base = { database, clock, ids, leads, links, changes, policy, placeOf, publicUrl: 'http://127.0.0.1:8080' }
  const digests = { hold: true as boolean | null }
  const cases = caseDesk({ ...base, digestsHold: () => Promise.resolve(digests.hold) })
  const files =
    options.law === undefined
      ? null
      : fileDesk({
          database,
          clock,
          ids,
          changes,
          law: options.law,
          leadOf: (id) => leads.find(id),
          evidenceOf: evidenceDesk({
            digestsHold: () => Promise.resolve(digests.hold),
            alarms: (limit) => recordStore(database).alarms(limit),
          }),
        })
  const errors: object[] = []
  const sent: { topic: string; payload: string }[] = []
  const sender = openCommandSender({
    database,
    signer: signerOfPem(makeKeyPem()),
    service: 'kerbwatch',
    publish: (topic, payload) => {
      sent.push({ topic, payload })
      return Promise.resolve()
    },
    clock,
    ids,
    log: silentLog,
  })
  const records = recordStore(database)
  const cameras = cameraStore(database)
  const footageOf = (id: string): { device: string; cam: string } | null => leads.find(id)?.facts ?? null
  const orders = deviceOrders({ database, records, cameras, commands: sender, footageOf })
  const log: Log = { ...silentLog, error: (values) => void errors.push(values) }
  let incident = ''
  const app = buildApp({
    ...base,
    log,
    accounts,
    cases,
    files,
    views,
    media: {
      clip: (sha256) =>
        Promise.resolve(clipFile !== undefined && sha256 === clipSha256 ? { file: clipFile, incident } : null),
      clipFrames: () => Promise.resolve(clipFile === undefined ? null : frames),
      still: () => Promise.resolve(stillFile ?? null),
      original: () => Promise.resolve(clipFile === undefined ? null : { file: clipFile, incident }),
    },
    fleet: { devices: () => [], gapsOf: () => [], alarms: () => ({ items: [], next: null }) },
    orders,
    partyCopies: makePartyCopies({
      folder: options.partyFolder ?? join('.tap', 'party'),
      ffmpeg: process.env['FFMPEG_PATH'] ?? 'ffmpeg',
      clipFileOf: () => Promise.resolve(clipFile ?? null),
      stillFileOf: () => Promise.resolve(stillFile ?? null),
      log,
    }),
    healthChecks: () => ({ database: 'ok' }),
  })
  await app.ready()
  // One hash for all of them: argon2 is slow on purpose.
  knownHash ??= argon2Hash.hash(password)
  const phc = await knownHash
  for (const [name, roles] of Object.entries(people))
    if (accountsStore.find(name) === null)
      await addAccount(
        { store: accountsStore, clock, secretHash: { ...argon2Hash, hash: () => Promise.resolve(phc) } },
        { name, roles, password },
      )
  const cookies = new Map<string, { cookie: string; untilMs: number }>()
  async function signIn(name: string): Promise<string> {
    const known = cookies.get(name)
    if (known !== undefined && known.untilMs > clock.wallMs()) return known.cookie
    const answer = await app.inject({ method: 'POST', url: '/v1/session', payload: { name, password } })
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    cookies.set(name, { cookie, untilMs: clock.wallMs() + signInBounds.sessionMs })
    return cookie
  }
  return {
    app,
    clock,
    database,
    policy,
    leads,
    cases,
    files,
    links,
    views,
    accounts,
    changes,
    commands,
    spans,
    records,
    cameras,
    sender,
    /** Messages to boxes. */
    sent,
    orders,
    digests,
    errors,
    clipSha256,
    /** One call as one person; the answer's body is parsed. */
    async as(name: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
      const options: InjectOptions = { method, url, headers: { cookie: await signIn(name) } }
      const answer = await app.inject(payload === undefined ? options : { ...options, payload })
      const text = answer.payload
      if (answer.statusCode >= 400 && /^\/v1\/(leads|cases|files|devices)/.test(url)) demandReasons(url, answer.json())
      return {
        status: answer.statusCode,
        body: (text.startsWith('{') ? JSON.parse(text) : text) as never,
        headers: answer.headers,
      }
    },
    signIn,
    /** A new lead by the effect that ingest uses. */
    addLead(change: Partial<EventBody> = {}, more: Partial<EventArrival> = {}): string {
      const arrival = makeArrival(clock.wallMs(), { incident: ids.uuidv7(clock.wallMs()), ...change }, more)
      incident = database.transaction(() => {
        const { lead: id } = leads.applyEvent(arrival)
        const lead = leads.find(id)
        if (lead !== null) files?.noteLead(lead, placeOf())
        return id
      })
      return incident
    },
    async close(): Promise<void> {
      await app.close()
      await sender.close()
      database.close()
    },
  }
}
export type TestCloud = Awaited<ReturnType<typeof openCloud>>
export type TestApp = FastifyInstance

/** Every refusal says reason, source, rule and next step, in both languages (EXPERIENCE.md U14). @throws Error */
function demandReasons(url: string, problem: { refusals?: object[] }): void {
  for (const one of [problem, ...(problem.refusals ?? [])] as Record<string, { zh?: string; en?: string } | string>[])
    for (const part of ['says', 'article', 'next', 'gate']) {
      const value = one[part]
      const good = part === 'gate' ? typeof value === 'string' : typeof value === 'object' && value.zh && value.en
      if (!good) throw new Error(`${url}: a refusal without ${part}: ${JSON.stringify(one)}`)
    }
}

const frames: ClipFrames = {
  frames_ms: [0, 40, 80, 45_000, 105_000],
  windows: [
    { from_ms: 0, to_ms: 45_000, from_at: '2026-03-02T06:01:41.000Z', to_at: '2026-03-02T06:02:26.000Z' },
    { from_ms: 45_000, to_ms: 75_000, from_at: '2026-03-02T06:16:56.000Z', to_at: '2026-03-02T06:17:26.000Z' },
  ],
  breaks: [
    { at_ms: 45_000, from_at: '2026-03-02T06:02:26.000Z', to_at: '2026-03-02T06:16:56.000Z', reason: 'not_fetched' },
  ],
}

/** One event record as ingest hands it over. */
export function makeArrival(
  nowMs: EpochMs,
  change: Partial<EventBody> = {},
  more: Partial<EventArrival> = {},
): EventArrival {
  const at = (backS: number): string => toRfc3339((nowMs - backS * 1_000) as EpochMs)
  const still = (kind: 'arrival' | 'act' | 'latest', backS: number) => ({
    kind,
    at: at(backS),
    sha256: createHash('sha256')
      .update(`${change.incident ?? ''}|${kind}|${backS}`)
      .digest('hex'),
    bytes: 98_211,
    w_px: 1_280,
    h_px: 720,
    idx: 101,
    pts_ms: 1_200,
  })
  return {
    device: 'kwdev-0001',
    time: at(0),
    chain: '01a20169-1a78-794e-8a41-f805a202307e',
    seq: 3,
    clock: {
      boot: '01a20169-1a78-7e3d-bf28-452afb50edbe',
      mono_us: 92_000_000,
      sync: 'synced',
      src: 'sntp:time.example',
      off_us: -1_200,
      err_us: 8_500,
      step: 0,
    },
    body: {
      incident: '01a2016a-2030-7e17-a546-297dc6b7647d',
      phase: 'confirmed',
      reopened: false,
      cam: 'c01',
      zone: 'z1',
      cause: 'vending',
      from: at(929),
      confirmed: at(800),
      to: at(0),
      box_e4: [4_000, 5_000, 2_000, 3_000],
      conf_milli: 912,
      grade: 3,
      rule: 'vending@1.0.0',
      thresholds: { dwell_s: 120 },
      config_seq: 1,
      models: { objects: 'a'.repeat(64) },
      measurements: { dwell_s: 129 },
      reasons: ['arrival_with_tricycle'],
      actor: null,
      stills: [still('arrival', 929), still('act', 800), still('latest', 10)],
      windows: [{ kind: 'arrival', from: at(959), to: at(914) }],
      segments: [{ cam: 'c01', idx: 101, sha256: 'b'.repeat(64) }],
      view: { moved: false, dark: false, blurred: false, covered: false, damaged_frames: 0 },
      cam_off_ms: null,
      cam_src: 'none',
      ...change,
    },
    ...more,
  }
}
