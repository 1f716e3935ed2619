// Goal: the doctor says what is wrong in one line each, ends with 1 when something is bad, and a broken part stops no other check.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { systemClock } from '../../contracts/base/system-clock.js'
import { systemIds } from '../../contracts/base/system-ids.js'
import { probeFfmpeg } from '../../edge/capture/index.js'
import { parseEdgeConfig } from '../../edge/config/index.js'
import { checkCameras } from './cameras.js'
import { checkCloudOfBox } from './cloud.js'
import { checkDisk } from './machine.js'
import { checkNode } from './programs.js'

t.setTimeout(240_000)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const head = `device: kwdev-0001
site: { name: here, tz: Asia/Shanghai }
cloud: { mqtt: "mqtt://127.0.0.1:1", http: "http://127.0.0.1:1", password_file: ./mqtt, keys_file: ./keys.json }
`

t.test('a machine with a broken configuration', async (t) => {
  t.setTimeout(200_000)
  const dir = t.testdir({ 'edge.yaml': head.replace('kwdev-0001', 'KW 1').concat('storge: {}\ncameras: []\n') })
  const args = [
    '--import',
    'tsx',
    'kerbwatch.ts',
    'doctor',
    '--config',
    `${dir}/edge.yaml`,
    '--json',
    `${dir}/out.json`,
    '--lang',
    'en',
  ]
  const { code, stdout } = await promisify(execFile)(process.execPath, args, { timeout: 180_000 }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: unknown) => error as { code: number; stdout: string },
  )
  t.equal(code, 1)
  t.match(stdout, /^bad {2}edge\.yaml .*edge\.yaml:1:9 device: .* → Mend this line\.$/m)
  t.match(stdout, /^bad {2}edge\.yaml .*:4:1 storge: /m)
  const { level, checks } = JSON.parse(await readFile(`${dir}/out.json`, 'utf8')) as {
    level: string
    checks: { name: string; level: string }[]
  }
  t.equal(level, 'bad')
  const names = checks.map(({ name }) => name)
  for (const name of [
    'node',
    'ffmpeg',
    'sqlite',
    'onnxruntime',
    'disk',
    'disk write',
    'clock',
    'chromium',
    'mosquitto',
  ])
    t.ok(names.includes(name), `${name} is still checked`)
})

t.test('cameras: refused, garbage, no file; a cloud that is away', async (t) => {
  t.setTimeout(200_000)
  const garbage = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })
  await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve))
  const { port } = garbage.address() as AddressInfo
  const dir = t.testdir({ mqtt: 'pw\n' })
  const text = `${head}cameras:
  - { id: closed, url: "rtsp://127.0.0.1:1/s1" }
  - { id: garbage, url: "rtsp://127.0.0.1:${port}/s1" }
  - { id: secretless, url: "rtsp://user@127.0.0.1:1/s1", password_file: ./none }
`
  const { config } = parseEdgeConfig(text, `${dir}/edge.yaml`)
  if (config === null) throw new Error('the configuration is good')
  const deps = {
    clock: systemClock,
    ids: systemIds,
    log: silent,
    ffmpeg: await probeFfmpeg(null),
    file: `${dir}/edge.yaml`,
  }
  const [closed, odd, secretless] = await checkCameras(config, deps)
  garbage.close()
  t.match(closed, { name: 'camera closed', level: 'bad', todo: { en: /edge\.yaml: cameras\[0\]\.url/ } })
  t.match(odd, { name: 'camera garbage', level: 'bad' })
  t.match(secretless, { name: 'camera secretless', level: 'bad', says: { en: /none/ } })
  t.match(await checkCloudOfBox(config), [
    { name: 'cloud http', level: 'warn', todo: { zh: /一条不丢/ } },
    { name: 'cloud mqtt', level: 'warn' },
  ])
  t.match(checkDisk(config, dir, systemClock), [{ name: 'disk' }, { name: 'disk write', says: { en: /MB\/s/ } }])
})

t.test('Node versions', async (t) => {
  const levels = ['v18.20.0', 'v20.18.0', 'v20.19.0', 'v21.1.0', 'v22.12.0', 'v22.13.0', 'v24.0.0'].map(
    (version) => checkNode(version).level,
  )
  t.same(levels, ['bad', 'bad', 'ok', 'bad', 'bad', 'ok', 'ok'])
})
