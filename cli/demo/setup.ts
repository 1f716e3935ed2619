import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addAccount, argon2Hash } from '../../cloud/accounts/index.js'
import { openCloudKeys } from '../../cloud/evidence/index.js'
import { accountMigrations, accountStore } from '../../cloud/store/accounts.js'
import { openDatabase } from '../../cloud/store/database.js'
import type { Role } from '../../contracts/api/index.js'
import { KerbError } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { causes } from '../../contracts/terms.js'
import { parseTruth, type Truth } from '../../contracts/truth.js'
import { fileSigner } from '../../edge/evidence/signer.js'
import type { DemoPorts } from './ports.js'

export interface DemoAccount {
  readonly name: string
  readonly role: Role
  readonly password: string
}

export interface DemoCamera {
  readonly id: string
  readonly clip: string
  readonly truth: Truth
}

export interface DemoPlace {
  readonly folder: string
  readonly edgeFile: string
  readonly cloudFile: string
  readonly accounts: readonly DemoAccount[]
  readonly cameras: readonly DemoCamera[]
  readonly consoleUrl: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const device = 'kwdev-0001'
const staff: readonly (readonly [string, Role])[] = [
  ['operator1', 'operator'], ['operator2', 'operator'], ['officer_a', 'officer_a'], ['officer_b', 'officer_b'],
  ['head', 'head'], ['legal_reviewer', 'legal_reviewer'], ['technician', 'technician'],
] // prettier-ignore

/** Writes everything that the three programs need into `folder`; what is there already stays. */
export async function prepareDemo(options: {
  readonly folder: string
  readonly ports: DemoPorts
  readonly reset: boolean
  readonly ffmpeg: string | null
  /** Each clip is shown by this many cameras. */
  readonly copies: number
  /** Names in test-videos; else a positive for each cause and two look-alikes. */
  readonly clips?: readonly string[]
  /** Rules of every camera; else those of its clip. */
  readonly rules?: Truth['rules']
  /** Somebody else's broker is on the MQTT port; else the cloud's own. */
  readonly outsideBroker?: boolean
}): Promise<DemoPlace> {
  const { folder } = options
  if (options.reset) await rm(folder, { recursive: true, force: true })
  const secret = join(folder, 'secret')
  await mkdir(secret, { recursive: true, mode: 0o700 })
  const cameras = demoCameras(options.copies, options.clips)
  const { ports } = options
  const consoleUrl = `http://127.0.0.1:${ports.http}`

  const keys = openCloudKeys(join(secret, 'cloud'))
  const { signer } = fileSigner(join(folder, 'edge', 'secret', 'record-key.pem'))
  await writeFile(join(folder, 'device.pub.pem'), pem(signer.spki))
  for (const name of ['mqtt', 'panel']) if (!existsSync(join(secret, name))) await writeSecret(join(secret, name))

  const edgeFile = join(folder, 'edge.yaml')
  await writeFile(edgeFile, yamlOf(edgeConfig(cameras, ports, keys.publicFile, options)))
  const cloudFile = join(folder, 'cloud.yaml')
  await writeFile(cloudFile, yamlOf(cloudConfig(ports, consoleUrl, options.outsideBroker ?? false)))
  return { folder, edgeFile, cloudFile, cameras, consoleUrl, accounts: await demoAccounts(folder) }
}

/** The clips of those names, or a positive one for each cause and two that only look alike. */
function demoCameras(copies: number, names?: readonly string[]): DemoCamera[] {
  const clips = join(root, 'test-videos')
  const truths = (existsSync(clips) ? readdirSync(clips) : [])
    .filter((name) => name.endsWith('.truth.json'))
    .sort()
    .map((name) => ({
      clip: join(clips, name.replace(/\.truth\.json$/, '.mp4')),
      truth: parseTruth(JSON.parse(readFileSync(join(clips, name), 'utf8')), name),
    }))
    .filter(({ clip }) => existsSync(clip))
  const named = truths.filter(({ clip }) => names?.includes(basename(clip, '.mp4')))
  const positives = (names === undefined ? causes : []).map((cause) => {
    const found = truths.find(({ truth }) =>
      truth.events.some((event) => !event.optional && event.cause.includes(cause)),
    )
    if (found === undefined)
      throw new KerbError(
        'DEMO_CLIPS_MISSING',
        `test-videos holds no clip of ${cause}: make them with node test-videos/make.mjs`,
      )
    return found
  })
  const wanted = names === undefined ? ['vending-permitted', 'truck-stopped'] : []
  const negatives = truths.filter(
    ({ truth, clip }) => truth.events.length === 0 && wanted.includes(basename(clip, '.mp4')),
  )
  return Array.from({ length: copies }, () => [...named, ...positives, ...negatives])
    .flat()
    .map(({ clip, truth }, index) => ({ id: `c${String(index + 1).padStart(2, '0')}`, clip, truth }))
}

function edgeConfig(
  cameras: readonly DemoCamera[],
  ports: DemoPorts,
  keysFile: string,
  { ffmpeg, rules }: { readonly ffmpeg: string | null; readonly rules?: Truth['rules'] },
): object {
  return {
    device,
    site: { name: '演示路口', tz: 'Asia/Shanghai' },
    data: './edge',
    storage: { ring_mb: 2000, ring_days: 1, held_mb: 2000, held_days: 3, min_free_percent: 2, reserve_mb: 32 },
    cloud: {
      mqtt: `mqtt://127.0.0.1:${ports.mqtt}`,
      http: `http://127.0.0.1:${ports.http}`,
      password_file: './secret/mqtt',
      keys_file: keysFile,
    },
    ntp: [],
    panel: { listen: `127.0.0.1:${ports.panel}`, password_file: './secret/panel' },
    ffmpeg,
    cameras: cameras.map(({ id, clip, truth }, index) => ({
      id,
      url: `rtsp://127.0.0.1:${ports.rtsp}/cam${index + 1}`,
      transport: 'tcp',
      place: { name: `演示 ${basename(clip, '.mp4')}` },
      ground_plane: truth.camera.ground_plane,
      // The act is shown at any hour of the demo, so that only the permitted stall keeps its schedule, moved to now.
      zones: truth.zones.map((zone) => ({ ...zone, schedule: null })),
      rules: rules ?? truth.rules,
    })),
  }
}

function cloudConfig(ports: DemoPorts, publicUrl: string, outsideBroker: boolean): object {
  return {
    listen: `127.0.0.1:${ports.http}`,
    public_url: publicUrl,
    data: './cloud',
    database: 'sqlite:./cloud/kerbwatch.db',
    objects: 'folder:./cloud/objects',
    mqtt: outsideBroker
      ? { url: `mqtt://127.0.0.1:${ports.mqtt}`, user: null, password_file: null }
      : { embedded: `127.0.0.1:${ports.mqtt}` },
    keys_dir: './secret/cloud',
    tz: 'Asia/Shanghai',
    policy: join(root, 'policy', 'demo'),
    devices: [{ id: device, record_key_file: './device.pub.pem', password_file: './secret/mqtt' }],
  }
}

/** JSON is YAML; a head says that a program wrote it. */
const yamlOf = (config: object): string => `# written by \`npm run demo\`\n${JSON.stringify(config, null, 2)}\n`

const pem = (spki: Buffer): string =>
  `-----BEGIN PUBLIC KEY-----\n${spki
    .toString('base64')
    .replace(/(.{64})/g, '$1\n')
    .trim()}\n-----END PUBLIC KEY-----\n`

async function writeSecret(file: string): Promise<void> {
  await writeFile(file, `${Buffer.from(systemIds.randomBytes(18)).toString('base64url')}\n`, { mode: 0o600 })
}

async function demoAccounts(folder: string): Promise<DemoAccount[]> {
  const file = join(folder, 'accounts.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoAccount[]
  const accounts = staff.map(([name, role]) => ({
    name,
    role,
    password: Buffer.from(systemIds.randomBytes(12)).toString('base64url'),
  }))
  const database = openDatabase({ file: join(folder, 'cloud', 'kerbwatch.db'), migrations: accountMigrations })
  try {
    for (const { name, role, password } of accounts)
      await addAccount(
        { store: accountStore(database), clock: systemClock, secretHash: argon2Hash },
        { name, roles: [role], password },
      )
  } finally {
    database.close()
  }
  await writeFile(file, `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 })
  return accounts
}
