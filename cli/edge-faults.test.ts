// Goal: a box that may not write says so in one sentence or goes on with the rest; a clock that jumps costs nothing but the
// certainty of the moment. Method: the program `edge` as a process under a user without rights, and a whole box in this process
// against our camera simulator with a clock that is set forward and back.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { CameraId, Clock, EpochMs } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { impatientClock, openBox, until, writeBox } from '../edge/box.fixture.js'
import { probeFfmpeg } from '../edge/capture/index.js'
import { makeClip } from '../edge/capture/test-kit.js'
import { startCameraSim } from './camera-sim/index.js'

t.setTimeout(240_000)
const root = fileURLToPath(new URL('..', import.meta.url))
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const dir = t.testdir()
const clip = await makeClip(join(dir, 'clips'), { name: 'a.mp4', seconds: 8, gopS: 1 })

/** Rights do not bind root: there the program runs as `nobody`. */
const isRoot = process.getuid?.() === 0
const nobody = 65_534
const mayReadUs =
  !isRoot ||
  spawnSync(process.execPath, ['--version'], { cwd: root, uid: nobody, gid: nobody, env: process.env }).status === 0
const skip = mayReadUs ? false : 'another user may not read this checkout'

function startEdge(file: string): ChildProcess & { readonly said: () => string } {
  // Without the test runner's own hooks: they write into the checkout, where this user may not.
  const args = ['-u', 'NODE_OPTIONS', process.execPath, '--import', 'tsx', join(root, 'kerbwatch.ts'), 'edge']
  const child = spawn('env', [...args, '--config', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: dir, TMPDIR: '/tmp' },
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
  return Object.assign(child, { said: () => text })
}

async function giveTo(user: number, folder: string): Promise<void> {
  if (!isRoot) return
  await chown(folder, user, user)
  for (const item of await readdir(folder, { withFileTypes: true, recursive: true }))
    await chown(join(item.parentPath, item.name), user, user)
}

t.test(
  'a data folder that cannot be written: one sentence that says which and what to do, exit 1',
  { skip },
  async (t) => {
    const folder = join(dir, 'read-only')
    const { file, config } = await writeBox(folder, [{ id: 'c01', url: `file:${clip}` }])
    await giveTo(nobody, folder)
    await mkdir(config.data)
    await chmod(config.data, 0o555)
    const edge = startEdge(file)
    const [status] = (await once(edge, 'close')) as [number]
    t.equal(status, 1, edge.said().slice(-400))
    const lines = edge
      .said()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('warning:'))
    t.equal(lines.length, 1, 'nothing else is said')
    t.match(lines[0], /kerbwatch: the box cannot write into .*read-only\/data: .*Make it writable.*\[DATA_UNWRITABLE\]/)
  },
)

t.test('the ring of one camera cannot be written: that camera says so, the other is recorded', { skip }, async (t) => {
  const folder = join(dir, 'one-ring')
  const { file, config } = await writeBox(folder, [
    { id: 'c01', url: `file:${clip}` },
    { id: 'c02', url: `file:${clip}` },
  ])
  const ringOf = (camera: string): string => join(config.data, 'ring', camera)
  await mkdir(ringOf('c01'), { recursive: true })
  await giveTo(nobody, folder)
  await giveTo(nobody, dir)
  await chmod(ringOf('c01'), 0o555)
  if (isRoot) await chown(ringOf('c01'), 0, 0)
  const edge = startEdge(file)
  t.teardown(() => edge.kill('SIGKILL'))
  await until('c01 says it', () => /"camera":"c01","code":"RING_UNWRITABLE"/.test(edge.said()))
  const segments = async (): Promise<number> => (await readdir(ringOf('c02')).catch(() => [])).length
  for (let tries = 0; tries < 300 && (await segments()) < 4; tries += 1)
    await systemClock.sleep(100, new AbortController().signal)
  t.ok((await segments()) >= 4, 'the other camera is recorded')
  t.equal(edge.exitCode, null, 'and the box goes on')
  edge.kill('SIGTERM')
  const [status] = (await once(edge, 'close')) as [number]
  t.equal(status, 0, edge.said().slice(-400))
})

t.test(
  'the clock jumps an hour ahead, then two hours back: recording and watching go on, no hole is told',
  async (t) => {
    let offsetMs = 0
    const clock: Clock = { ...impatientClock, wallMs: () => (systemClock.wallMs() + offsetMs) as EpochMs }
    const ffmpeg = await probeFfmpeg(null)
    const sim = await startCameraSim(
      { clips: [clip], port: 0, faults: {}, seed: 7 },
      { clock: systemClock, ids: systemIds, log: quiet, ffmpeg },
    )
    t.teardown(() => sim.close())
    const { config } = await writeBox(join(dir, 'jump'), [{ id: 'c01', url: sim.url(1) }])
    await using box = await openBox(config, clock)
    const { evidence, posts } = box.edge
    const [post] = posts
    if (post === undefined) throw new Error('one camera')
    const known = () => evidence.known('c01' as CameraId)
    const goodSince = (index: number) => known().filter((segment) => segment.index > index && segment.timeUsable)
    await until('first segments', () => goodSince(-1).length >= 2)

    for (const jumpMs of [3_600_000, -7_200_000]) {
      const last = known().at(-1)?.index ?? 0
      const frames = post.watch.counters().framesSeen
      offsetMs += jumpMs
      await until('the step is on record', () =>
        box
          .records()
          .some((content) => content.kind === 'clock' && Math.abs(content.body.step_us / 1000 - jumpMs) < 5_000),
      )
      await until('good times again', () => goodSince(last).length >= 4)
      const good = goodSince(last).slice(-3)
      const nowMs = clock.wallMs()
      t.ok(
        good.every(({ fromMs, toMs }) => Math.abs(toMs - nowMs) < 60_000 && toMs > fromMs && toMs - fromMs < 5_000),
        `on the new time: ${JSON.stringify(good.map(({ fromMs, toMs }) => [fromMs - nowMs, toMs - nowMs]))}`,
      )
      const unsure = known().filter(({ index, timeUsable }) => index > last && !timeUsable)
      t.equal(unsure.length, 1, 'only the segment in which it jumped')
      t.ok(post.watch.counters().framesSeen > frames + 2, 'pictures are watched')
      // a busy machine may leave pictures out, and says so
      const holes = box.records().filter((content) => content.kind === 'gap' && content.body.reason !== 'overload')
      t.same(holes, [], 'no hole is told where none was')
      t.equal(post.health().fault, null)
    }
    const indexes = known().map(({ index }) => index)
    t.same(
      indexes,
      indexes.map((_, i) => i),
      'nothing is missing',
    )
  },
)
