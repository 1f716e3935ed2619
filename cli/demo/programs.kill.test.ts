// Goal: SIGKILL of a camera, the broker, the cloud or the box at any moment, and starting it again, loses no confirmed incident
// and doubles none (EVIDENCE.md §5), in the programs as they are shipped.
// Method: the build that the Dockerfile ships runs as real processes: cameras over RTSP, box, cloud, mosquitto. One of them,
// chosen by a seed, is killed at a random moment or right after the box changed an incident. When every camera's act is a lead,
// what the box has signed is compared with what the cloud knows. The named crash points are in edge/uplink/crash.kill.test.ts.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readCloudConfig } from '../../cloud/config.js'
import type { Box, EpochMs } from '../../contracts/base/index.js'
import { systemClock } from '../../contracts/base/system-clock.js'
import { centreOf, iouOf } from '../../contracts/geometry.js'
import {
  buildPrograms,
  findMosquitto,
  lastWords,
  preparePrograms,
  sleepMs,
  until,
  type ProgramName,
  type Programs,
} from './programs.fixture.js'
import {
  alarmsOf,
  chainFaults,
  cloudRecords,
  edgeRecords,
  lastSegments,
  leadIds,
  toldIncidents,
  waitingRecords,
  type ToldIncident,
} from '../../bench/told.fixture.js'

const slow = process.env['KW_SLOW'] !== undefined
const kills = slow ? 50 : 10
const seed = Number(process.env['KW_SEED'] ?? process.pid)
/** Each act is one incident when nobody is killed; dwells are short so that an act is told well before it ends. */
const lapsMs: Readonly<Record<string, number>> = {
  'grilling-day': 48_000,
  'grilling-dusk': 50_000,
  'vending-day': 50_000,
}
const clips = Object.keys(lapsMs)
const rules = { vending: { dwell_s: 8 }, grilling: { dwell_s: 6 } }
/** A clip begins when the simulator has read it, a little before it says so; key frames lie 1 to 2 s apart. */
const marginMs = 4_000

const root = fileURLToPath(new URL('../..', import.meta.url))

t.setTimeout(slow ? 3_000_000 : 600_000)
const dir = t.testdir()
const program = buildPrograms(join(dir, 'built'))

t.test('the build is whole', async (t) => {
  const run = (...args: string[]) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  t.match(run('--help').stdout, /camera-sim/)
  const models = run('models', 'verify')
  t.equal(models.status, 0, `its models are there and unchanged: ${models.stdout}${models.stderr}`)
  const check = run('config', 'check', join(root, 'deploy', 'edge.yaml'))
  t.equal(check.status, 0, `compose's box: ${check.stderr}`)
  t.same(readCloudConfig(join(root, 'deploy', 'cloud.yaml')).faults, [], "compose's cloud")
  t.same(foreignImports(dirname(program)), [], 'it imports nothing that npm prune --omit=dev removes')
})

const builder = ['docker', 'podman'].find((name) => spawnSync(name, ['info'], { stdio: 'ignore' }).status === 0)
t.test('the image builds and starts', { skip: builder === undefined ? 'no image builder is here' : false }, (t) => {
  const run = (...args: string[]) => spawnSync(builder ?? '', args, { cwd: root, encoding: 'utf8' })
  const built = run('build', '--quiet', '--tag', 'kerbwatch-test', '.')
  t.equal(built.status, 0, built.stderr)
  t.match(run('run', '--rm', 'kerbwatch-test', '--help').stdout, /camera-sim/)
  t.equal(run('run', '--rm', 'kerbwatch-test', 'models', 'verify').status, 0)
  t.end()
})

// Both worlds mostly wait: they run side by side.
t.jobs = 2
t.test('with the broker inside the cloud', { buffered: true }, async (t) => {
  await killAround(t, 'embedded', null, seed)
})

const mosquitto = findMosquitto()
t.test(
  "with mosquitto and Debian's defaults as the broker",
  { buffered: true, skip: mosquitto === undefined ? 'mosquitto is not installed' : false },
  async (t) => {
    await killAround(t, 'mosquitto', mosquitto ?? null, seed + 1)
  },
)

type Asserts = Pick<typeof t, 'ok' | 'same' | 'equal' | 'comment'>

async function killAround(t: Asserts, name: string, broker: string | null, worldSeed: number): Promise<void> {
  const folder = join(dir, name)
  await using programs = await preparePrograms({ program, folder, clips, rules, mosquitto: broker })
  t.comment(`seed ${worldSeed} (KW_SEED=${seed} repeats the moments)`)
  try {
    for (const one of [...programs.names].reverse()) programs.start(one)
    await until('the cloud answers', () => isHealthy(programs.ports.http), 60_000)
    await answers(t, programs)
    const camerasStartedMs = await killAtRandom(t, programs, dice(worldSeed))
    const seen = (): number => seenCameras(folder).length
    await until('every act is a lead', () => seen() === clips.length, 120_000).catch((error: unknown) => {
      t.comment(`${String(error)}: only ${seen()}`)
    })
    // How many acts survive ten kills within minutes is a matter of detection; here it must be enough to compare something.
    t.ok(seen() >= 1, 'there are leads to compare')
    // Killed a moment ago, they may still be loading: they could not end in order before they have begun.
    await until('the box is up', () => isHealthy(programs.ports.panel), 60_000)
    await until('the cameras are up', () => (programs.camerasBegan.at(-1) ?? 0) >= camerasStartedMs, 60_000)
    await until('every camera records again', () => silentCameras(folder, programs).length === 0, 60_000)
    t.equal(await programs.stop('camera-sim', 'SIGTERM'), 0, 'the cameras end in order')
    await until('the box has nothing left to send', () => waitingRecords(folder) === 0, 60_000)
    t.equal(await programs.stop('edge', 'SIGTERM'), 0, 'the box ends in order')
    t.equal(await programs.stop('cloud', 'SIGTERM'), 0, 'the cloud ends in order')
    t.same(programs.died, [], 'no program ended by itself')
    compare(t, folder, programs)
  } catch (error) {
    t.comment(lastWords(folder))
    throw error
  }
}

/** Pages, scripts and texts that the build has to bring along. */
async function answers(t: Asserts, { ports, place }: Programs): Promise<void> {
  const cloud = `http://127.0.0.1:${ports.http}`
  const page = await (await fetch(`${cloud}/triage`)).text()
  for (const asset of page.match(/\/assets\/app-\w+\.(js|css)/g) ?? ['no script'])
    t.equal((await fetch(cloud + asset)).status, 200, `the console's ${asset}`)
  t.equal((await fetch(`${cloud}/p/AAAAAAAAAAAAAAAAAAAAAA`)).status, 404, 'the portal knows no such link')
  const panel = `http://127.0.0.1:${ports.panel}`
  await until('the panel answers', () => isHealthy(ports.panel), 60_000)
  const password = readFileSync(join(place.folder, 'secret', 'panel'), 'utf8').trim()
  const authorization = `Basic ${Buffer.from(`panel:${password}`).toString('base64')}`
  for (const path of ['/', '/v1/health'])
    t.equal((await fetch(panel + path, { headers: { authorization } })).status, 200, `the panel's ${path}`)
}

/** Packages that the built programs import and that are not among the dependencies. */
function foreignImports(folder: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: object }
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
  const named = /\bfrom '([@a-z][\w./@-]*)'|\bimport\(?\s?'([@a-z][\w./@-]*)'/g
  const imported = sources
    // Pages run in browsers; the demo that plays clips in Chromium runs from a checkout.
    .filter((file) => !/\/app\/|\/page\/|^cli\/demo\/playable/.test(file))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(named)].map(([, a, b]) => `${file} ${a ?? b ?? ''}`),
    )
  return imported.filter((one) => {
    const name = one.split(' ')[1] ?? ''
    const packageName = name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/')
    return !name.startsWith('node:') && !(packageName in dependencies)
  })
}

/** Gives the moment at which the cameras were last started. */
async function killAtRandom(t: Asserts, programs: Programs, random: () => number): Promise<number> {
  let camerasStartedMs = 0
  const victims = Array.from({ length: kills / 10 }, () => shuffled(tenOf(programs.names), random)).flat()
  t.comment(`kills: ${victims.join(' ')}`)
  for (const [index, victim] of victims.entries()) {
    // Every other moment lies where an incident has just changed: its record, receipt and snapshot are on their way.
    if (index % 2 === 0) await sleepMs(random() * 8_000)
    else await Promise.race([programs.nextChange(), sleepMs(changeWaitMs)]).then(() => sleepMs(random() * 600))
    await programs.stop(victim, 'SIGKILL')
    await sleepMs(random() * 1_500)
    programs.start(victim)
    if (victim === 'camera-sim') camerasStartedMs = systemClock.wallMs()
  }
  return camerasStartedMs
}
const changeWaitMs = 25_000

/** Ten victims. A camera that is killed begins its clip anew, so it is killed once: the acts have to happen. */
function tenOf(names: readonly ProgramName[]): ProgramName[] {
  const others = names.filter((name) => name !== 'camera-sim')
  return ['camera-sim', ...Array.from({ length: 9 }, (_, index) => others[index % others.length] ?? 'edge')]
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items]
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    ;[mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T]
  }
  return mixed
}

function compare(t: Asserts, folder: string, programs: Programs): void {
  const records = edgeRecords(folder)
  const stored = cloudRecords(folder)
  const incidents = toldIncidents(records)
  const confirmed = incidents.map(({ id }) => id).sort()
  t.comment(
    `${records.length} records, ${stored.length} in the cloud, ${incidents.length} incidents: ${incidents.map(sentence).join('; ')}`,
  )
  t.same(chainFaults(folder, records), [], 'the chain verifies: one chain, no hole, every signature')
  t.same(
    incidents.filter((incident) => incident.confirmed.length !== 1),
    [],
    'every incident is confirmed by exactly one record',
  )
  t.same(leadIds(folder), confirmed, 'every confirmed incident is exactly one lead, and no lead is without one')
  const made = new Map(records.map(({ chain, seq, h }) => [`${chain}/${seq}`, h]))
  t.same(
    stored.filter(({ chain, seq, h }) => made.get(`${chain}/${seq}`) !== h),
    [],
    'the cloud holds nothing that the box did not sign',
  )
  t.same(
    stored.map(({ seq }) => seq),
    stored.map((_, index) => index),
    'the cloud’s copy of the chain is without a hole',
  )
  t.same(alarmsOf(folder), [], 'no alarm of integrity')
  t.same(overlapping(incidents), [], 'no two incidents of one cause overlap in place and time')
  t.same(tornActs(incidents, programs), [], 'no act of a clip is told as two incidents at one place')
}

/** Pairs that tell the same place at the same time. */
function overlapping(incidents: readonly ToldIncident[]): string[] {
  return incidents.flatMap((one, index) =>
    incidents
      .slice(index + 1)
      .filter(
        (other) =>
          one.camera === other.camera &&
          one.cause === other.cause &&
          one.fromMs < other.toMs &&
          other.fromMs < one.toMs &&
          isSamePlace(one, other),
      )
      .map((other) => `${sentence(one)} and ${sentence(other)}`),
  )
}

/** Acts, as the clips' truth and the simulator's starts place them on the wall, of which two incidents at one place speak. */
function tornActs(incidents: readonly ToldIncident[], programs: Programs): string[] {
  return programs.place.cameras.flatMap(({ id: camera, clip, truth }) =>
    lapsOf(clip, programs.camerasBegan, Math.max(0, ...incidents.map(({ toMs }) => toMs))).flatMap((lapMs) =>
      truth.events.flatMap(({ cause, from_s: fromS, to_s: toS }) => {
        const speaking = incidents.filter(
          (incident) =>
            incident.camera === camera &&
            cause.some((one) => one === incident.cause) &&
            incident.fromMs < lapMs + toS * 1000 - marginMs &&
            incident.toMs > lapMs + fromS * 1000 + marginMs,
        )
        const again = speaking.filter((one) => speaking.some((other) => other !== one && isSamePlace(one, other)))
        return again.length > 0 ? [`lap of ${atText(lapMs as EpochMs)}: ${again.map(sentence).join('; ')}`] : []
      }),
    ),
  )
}

/** A stall told as table and as umbrella is a split, which `eval` counts; the same place told twice is what a kill could do. */
function isSamePlace({ box: a }: ToldIncident, { box: b }: ToldIncident): boolean {
  const holds = ([x, y, w, h]: Box, [px, py]: readonly [number, number]): boolean =>
    px >= x && px <= x + w && py >= y && py <= y + h
  return iouOf(a, b) > 0.1 || holds(a, centreOf(b)) || holds(b, centreOf(a))
}

/** Beginnings of all laps of a clip, over every start of the simulator. */
function lapsOf(clip: string, begins: readonly number[], endMs: number): number[] {
  const lapMs = lapsMs[basename(clip, '.mp4')] ?? Infinity
  return begins.flatMap((beganMs, index) => {
    const untilMs = begins[index + 1] ?? endMs
    return Array.from(
      { length: Math.max(0, Math.ceil((untilMs - beganMs) / lapMs)) },
      (_, lap) => beganMs + lap * lapMs,
    )
  })
}

const atText = (ms: EpochMs): string => new Date(ms).toISOString().slice(11, 19)
const sentence = ({ id, camera, cause, fromMs, toMs, box }: ToldIncident): string =>
  `${camera} ${cause} ${atText(fromMs)}–${atText(toMs)} [${box.map((side) => side.toFixed(2)).join(' ')}] ${id.slice(-6)}`

function seenCameras(folder: string): string[] {
  const leads = new Set(leadIds(folder))
  return [...new Set(toldIncidents(edgeRecords(folder)).flatMap(({ id, camera }) => (leads.has(id) ? [camera] : [])))]
}

/** Cameras without a closed segment in the last 15 s, or since the cameras began again. */
function silentCameras(folder: string, { place, camerasBegan }: Programs): string[] {
  const last = new Map(lastSegments(folder).map(({ camera, toMs }) => [camera, toMs]))
  const sinceMs = Math.max(systemClock.wallMs() - 15_000, camerasBegan.at(-1) ?? 0)
  return place.cameras.map(({ id }) => id).filter((id) => (last.get(id) ?? 0) < sinceMs)
}

function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** Mulberry32: small, seeded, good enough to choose moments. */
function dice(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
