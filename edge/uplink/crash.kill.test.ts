// Goal: killing the box, the cloud or the broker at any moment loses no confirmed incident and doubles none (EVIDENCE.md §5).
// Method: two real processes over loopback; one is killed at a named point or at a random moment, started again, and so on;
// at the end the cloud's rows are compared with the steps that the box made. KW_SLOW runs everything ten times as long.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { systemClock } from '../../contracts/base/system-clock.js'
import { fileSigner } from '../evidence/signer.js'
import { freePort } from '../free-port.fixture.js'

const clock = systemClock
const never = new AbortController().signal
const rounds = process.env['KW_SLOW'] === undefined ? 1 : 10
const randomKills = process.env['KW_SLOW'] === undefined ? 10 : 50
const device = 'kwdev-0001'
const password = 'test-password'

interface State {
  effects: { incident: string; phase: string; n: number }[]
  chain: { state: string; seq: number } | null
  seqs: number[]
  alarms: { kind: string }[]
  branches: number
  clips: { incident: string; percent: number; state: string }[]
  duplicates: number
  kinds: string[]
}

/** Bundled once: a process then starts in a fraction of the time. */
async function bundle(folder: string): Promise<{ edge: string; cloud: string }> {
  const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
  await build({
    entryPoints: {
      edge: source('./edge-process.fixture.ts'),
      cloud: source('../../cloud/ingest/cloud-process.fixture.ts'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  })
  return { edge: join(folder, 'edge.mjs'), cloud: join(folder, 'cloud.mjs') }
}

interface Running {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly ended: Promise<{ code: number | null; signal: string | null }>
}

function start(script: string, config: object, crash: string | undefined): Running {
  const child = spawn(process.execPath, [script, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'test', KW_CRASH: crash ?? '' },
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  return {
    child,
    lines,
    ended: once(child, 'close').then((value) => ({
      code: value[0] as number | null,
      signal: value[1] as string | null,
    })),
  }
}
const said: string[] = []

/** Mulberry32: small, seeded, good enough to choose moments. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function until(
  what: string | (() => string),
  condition: () => boolean | Promise<boolean>,
  limitMs = 120_000,
): Promise<void> {
  const endMono = clock.monoMs() + limitMs
  while (!(await condition())) {
    if (clock.monoMs() > endMono)
      throw new Error(`not in time: ${typeof what === 'string' ? what : what()}\n${said.slice(-30).join('\n')}`)
    await clock.sleep(25, never)
  }
}

async function world(dir: string, scripts: { edge: string; cloud: string }, external: boolean) {
  const dataDir = { edge: join(dir, 'edge'), cloud: join(dir, 'cloud') }
  await mkdir(dataDir.edge, { recursive: true })
  const { signer } = fileSigner(join(dataDir.edge, 'record.key'))
  const ports = { mqttPort: await freePort(), httpPort: await freePort() }
  const stopFile = join(dir, 'stop')
  const base = { device, password, ...ports }
  return {
    ...ports,
    stopFile,
    startCloud: (crash?: string) =>
      start(scripts.cloud, { ...base, external, dataDir: dataDir.cloud, spki: signer.spki.toString('base64') }, crash),
    startEdge: (crash?: string) =>
      start(
        scripts.edge,
        { ...base, dataDir: dataDir.edge, keysFile: join(dataDir.cloud, 'keys', 'cloud-keys.json'), stopFile },
        crash,
      ),
    keysThere: () => existsSync(join(dataDir.cloud, 'keys', 'cloud-keys.json')),
    state: async (): Promise<State> =>
      (await (await fetch(`http://127.0.0.1:${ports.httpPort}/state`)).json()) as State,
  }
}
type World = Awaited<ReturnType<typeof world>>

async function finish(t: Asserts, made: World, edge: Running, lostAlarms: readonly string[] = []): Promise<void> {
  writeFileSync(made.stopFile, '')
  await until('the box has nothing left to send', () => edge.lines.some((line) => line.startsWith('done')))
  const steps = Number(edge.lines.find((line) => line.startsWith('done'))?.split(' ')[1])
  const incidents = steps / 3
  let missing = ''
  await until(
    () => `every clip is in the cloud: ${missing}`,
    async () => {
      const { clips } = await made.state()
      const whole = clips.filter(({ percent }) => percent === 100).length
      missing = `${whole} of ${clips.length} whole, ${incidents} incidents`
      return clips.length === incidents && whole === incidents
    },
    Math.max(120_000, incidents * 3_000),
  )
  const state = await made.state()
  t.ok(
    incidents > 0,
    `${incidents} incidents, ${state.seqs.length} records, ${state.duplicates} duplicates seen by the last cloud process`,
  )
  t.same(
    state.effects.filter(({ n }) => n !== 1),
    [],
    'no effect happened twice',
  )
  for (const phase of ['confirmed', 'over'])
    t.equal(
      state.effects.filter((effect) => effect.phase === phase).length,
      incidents,
      `every incident is ${phase} once`,
    )
  t.same(
    state.seqs,
    Array.from({ length: state.seqs.length }, (_, seq) => seq),
    'the chain is without a hole',
  )
  t.equal(state.chain?.seq, state.seqs.length - 1)
  t.equal(state.chain?.state, 'open', 'one open chain')
  t.same(
    state.alarms.map(({ kind }) => kind),
    lostAlarms,
    'no false alarm',
  )
  t.equal(state.branches, 0)
  edge.child.kill('SIGTERM')
  t.same(await edge.ended, { code: 0, signal: null }, 'the box ends in order')
}
type Asserts = Pick<typeof t, 'ok' | 'same' | 'equal'>

t.setTimeout(process.env['KW_SLOW'] === undefined ? 300_000 : 3_000_000)
const dir = t.testdir()
const scripts = await bundle(dir)
const children = new Set<Running>()
t.teardown(() => {
  for (const { child } of children) child.kill('SIGKILL')
})
const track = (running: Running): Running => {
  children.add(running)
  void running.ended.then(() => children.delete(running))
  return running
}

t.test('each point of the crash table', async (t) => {
  const made = await world(join(dir, 'points'), scripts, false)
  const edgePoints = Array.from({ length: rounds }, (_, round) =>
    ['E0', 'E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7', 'K1', 'E2.event'].map(
      (point) => `${point}:${(round % 4) + (point === 'K1' ? 1 : 3)}`,
    ),
  ).flat()
  const cloudPoints = Array.from({ length: rounds }, (_, round) =>
    ['C0', 'C1', 'C2', 'C3', 'U1'].map((point) => `${point}:${(round % 4) + 4}`),
  ).flat()
  let cloud = track(made.startCloud(cloudPoints[0]))
  await until('keys', made.keysThere)
  const cloudLoop = (async () => {
    for (const [at, point] of cloudPoints.entries()) {
      const { signal } = await cloud.ended
      t.equal(signal, 'SIGKILL', `cloud died at ${point}`)
      cloud = track(made.startCloud(cloudPoints[at + 1]))
    }
  })()
  let edge = track(made.startEdge(edgePoints[0]))
  for (const [at, point] of edgePoints.entries()) {
    const { signal } = await edge.ended
    t.equal(signal, 'SIGKILL', `edge died at ${point}`)
    edge = track(made.startEdge(edgePoints[at + 1]))
  }
  await cloudLoop
  await finish(t, made, edge)
  cloud.child.kill('SIGKILL')
  await cloud.ended
})

t.test('killed at random moments', async (t) => {
  const seed = Number(process.env['KW_SEED'] ?? process.pid)
  t.comment(`seed ${seed} (KW_SEED=${seed} repeats the moments)`)
  const random = dice(seed)
  const made = await world(join(dir, 'random'), scripts, false)
  let cloud = track(made.startCloud())
  await until('keys', made.keysThere)
  let edge = track(made.startEdge())
  for (let kill = 0; kill < randomKills; kill += 1) {
    // Most kills while it works, some while it starts.
    const { lines } = edge
    if (random() < 0.7) await until('the box works', () => lines.length > 0)
    await clock.sleep(random() * 800, never)
    if (random() < 0.5) {
      edge.child.kill('SIGKILL')
      await edge.ended
      edge = track(made.startEdge())
    } else {
      cloud.child.kill('SIGKILL')
      await cloud.ended
      cloud = track(made.startCloud())
    }
  }
  await finish(t, made, edge)
  cloud.child.kill('SIGKILL')
  await cloud.ended
})

const mosquitto = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path))
t.test(
  "with mosquitto and Debian's defaults as the broker",
  { skip: mosquitto === undefined ? 'mosquitto is not installed' : false },
  async (t) => {
    const made = await world(join(dir, 'mosquitto'), scripts, true)
    const configFile = join(dir, 'mosquitto.conf')
    // Debian's file plus what a listener needs since 2.0: an address and who may connect.
    writeFileSync(configFile, `listener ${made.mqttPort} 127.0.0.1\nallow_anonymous true\n`)
    const startBroker = (): Running => {
      const child = spawn(mosquitto ?? '', ['-c', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
      return track({ child, lines: [], ended: once(child, 'close').then(() => ({ code: null, signal: null })) })
    }
    let broker = startBroker()
    let cloud = track(made.startCloud('C2:5'))
    await until('keys', made.keysThere)
    let edge = track(made.startEdge('E4:5'))
    t.equal((await edge.ended).signal, 'SIGKILL')
    edge = track(made.startEdge('E2:9'))
    t.equal((await cloud.ended).signal, 'SIGKILL')
    cloud = track(made.startCloud())
    t.equal((await edge.ended).signal, 'SIGKILL')
    edge = track(made.startEdge())
    await until('records go on', async () => (await made.state().catch(() => null))?.chain !== null)
    broker.child.kill('SIGKILL')
    await broker.ended
    await clock.sleep(500, never)
    broker = startBroker()
    await clock.sleep(1_500, never)
    await finish(t, made, edge)
    for (const one of [cloud, broker]) one.child.kill('SIGKILL')
    await Promise.all([cloud.ended, broker.ended])
  },
)
