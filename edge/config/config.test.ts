import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { chmod } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { stringify } from 'yaml'
import { faultLine, parseEdgeConfig, readEdgeConfig, readSecret } from './index.js'

const seed = Number(process.env['KW_SEED'] ?? 20261122)

const good = `
device: kwdev-0001
site: { name: 人民路路口, tz: Asia/Shanghai }
data: ./data
cloud: { mqtt: "mqtt://127.0.0.1:1883", http: "http://127.0.0.1:8080", password_file: ./secret/mqtt, keys_file: ./secret/cloud-keys.json }
panel: { listen: "127.0.0.1:8081", password_file: ./secret/panel }
rules: { vending: { dwell_s: 60 } }
cameras:
  - id: c01
    url: rtsp://user@10.0.0.9/s1
    password_file: ./secret/c01
    place: { name: 人民路12号, lat_deg: 31.23, lon_deg: 121.47 }
    ground_plane: { points: [[0.1,0.9,0,0], [0.9,0.9,8,0], [0.7,0.4,8,20], [0.3,0.4,0,20]] }
    zones:
      - { id: z1, kind: no_vending, polygon: [[0.1,0.5],[0.9,0.5],[0.9,1],[0.1,1]], schedule: null, rules: {} }
      - { id: z2, kind: permitted_stall, holder_ref: TD-0012, polygon: [[0.1,0.5],[0.3,0.5],[0.3,1]],
          schedule: { days: [mon, tue], hours: ["06:00-09:00", "17:00-02:00"], from: 2026-03-01, to: 2026-10-31, except: [] } }
  - { id: c02, url: "file:clips/", zones: [{ id: z, kind: no_grilling, polygon: [[0,0],[1,0],[1,1]] }] }
`

t.test('a good file: defaults, absolute paths, no faults', async (t) => {
  const { config, faults, warnings } = parseEdgeConfig(good, '/etc/kerbwatch/edge.yaml')
  t.same(faults, [])
  t.same(warnings, [])
  t.match(config, {
    data: '/etc/kerbwatch/data',
    storage: { ring_mb: 20_000, held_days: 30 },
    cloud: { password_file: '/etc/kerbwatch/secret/mqtt', allow_plain: false },
    vision: { workers: 1, watch_px: [640, 360], models: { objects: 'objects-v1', plate: null } },
    look_back: { concurrent: 2, queued: 32 },
    rules: { vending: { dwell_s: 60 } },
    cameras: [{ transport: 'tcp', zones: [{ kind: 'no_vending' }, { schedule: { from: '2026-03-01', hours: ['06:00-09:00', '17:00-02:00'] } }] }, { url: 'file:/etc/kerbwatch/clips', password_file: null, ground_plane: null }],
  }) // prettier-ignore
  const again = parseEdgeConfig(stringify(config), '/elsewhere/edge.yaml')
  t.same(again.config, config, 'what was read can be written and read again')
})

t.test('five mistakes are five faults, each with line, column and key', async (t) => {
  const bad = `device: KWDEV 1
site: { name: here, tz: Asia/Shanghai }
cloud: { mqtt: "mqtt://broker.example:1883", http: "http://127.0.0.1:8080", password_file: a, keys_file: b }
storge: {}
cameras:
  - id: c01
    url: rtsp://user:secret@10.0.0.9/s1
    zones:
      - { id: z1, kind: no_vending, polygon: [[0,0],[1,1],[1,0],[0,1]] }
`
  const { config, faults } = parseEdgeConfig(bad, 'edge.yaml')
  t.equal(config, null)
  t.same(
    faults.map(({ line, column, key }) => [line, column, key]),
    [[1, 9, 'device'], [3, 16, 'cloud.mqtt'], [4, 1, 'storge'], [7, 10, 'cameras[0].url'], [9, 46, 'cameras[0].zones[0].polygon']],
  ) // prettier-ignore
  t.match(faults.map(({ message }) => message), [/3 to 40/, /allow_plain/, /remove it/, /password_file/, /crosses itself/]) // prettier-ignore
  t.notOk(
    faults.some((fault) => faultLine(fault).includes('secret')),
    'a fault never repeats a secret',
  )
})

t.test('one mistake each', async (t) => {
  const table: [name: string, from: string, to: string, line: number, key: string, message: RegExp][] = [
    ['missing key', 'device: kwdev-0001', '', 3, 'device', /missing/],
    ['unknown time zone', 'Asia/Shanghai', 'Asia/Shanghi', 3, 'site.tz', /time zone/],
    ['unknown threshold', 'dwell_s: 60', 'dwel_s: 60', 7, 'rules.vending.dwel_s', /correct its name/],
    ['threshold out of bounds', 'dwell_s: 60', 'dwell_s: 0', 7, 'rules.vending.dwell_s', /expected number to be >=1/],
    ['degenerate ground plane', '[0.7,0.4,8,20], [0.3,0.4,0,20]', '[0.5,0.9,4,0], [0.3,0.9,2,0]', 13, 'cameras[0].ground_plane', /one line/],
    ['marks that contradict each other', '[0.3,0.4,0,20]]', '[0.3,0.4,0,20], [0.5,0.6,0,9]]', 13, 'cameras[0].ground_plane', /contradict/],
    ['marks in another order', '[0.7,0.4,8,20], [0.3,0.4,0,20]', '[0.7,0.4,0,20], [0.3,0.4,8,20]', 13, 'cameras[0].ground_plane', /horizon/],
    ['too few marks', ', [0.7,0.4,8,20], [0.3,0.4,0,20]', '', 13, 'cameras[0].ground_plane.points', /4/],
    ['zone of no kind', 'kind: no_vending', 'kind: no_parking', 15, 'cameras[0].zones[0].kind', /no_vending/],
    ['two cameras of one name', 'id: c02', 'id: c01', 18, 'cameras[1].id', /also called c01/],
    ['two zones of one name', 'id: z2', 'id: z1', 16, 'cameras[0].zones[1].id', /also called z1/],
    ['hours', '06:00-09:00', '6-9', 17, 'cameras[0].zones[1].schedule.hours[0]', /06:00-09:00/],
    ['a port too high', '127.0.0.1:8081', '127.0.0.1:80811', 6, 'panel.listen', /65535/],
    ['secrets in a cloud address', 'http://127.0.0.1:8080', 'http://me:pw@127.0.0.1:8080', 5, 'cloud.http', /password_file/],
    ['a password without a user', 'rtsp://user@10.0.0.9/s1', 'rtsp://10.0.0.9/s1', 11, 'cameras[0].password_file', /user/],
    ['a web address as a camera', 'rtsp://user@10.0.0.9/s1', 'http://user@10.0.0.9/s1', 10, 'cameras[0].url', /rtsp:/],
    ['a key twice', 'data: ./data', 'data: ./data\ndata: ./other', 5, '', /twice/],
    ['broken YAML', 'site: { name', 'site: { { name', 3, '', /YAML/],
  ] // prettier-ignore
  for (const [name, from, to, line, key, message] of table) {
    t.ok(good.includes(from), `${name}: the file holds what is replaced`)
    const { config, faults } = parseEdgeConfig(good.replace(from, to), 'edge.yaml')
    t.equal(config, null, name)
    const [first] = faults
    t.match(first, { key, message }, name)
    t.ok(Math.abs((first?.line ?? 0) - line) <= (name === 'missing key' ? 2 : 0), `${name}: line ${first?.line ?? 0}`)
    if (name !== 'broken YAML') t.equal(faults.length, 1, `${name}: ${faults.map(faultLine).join('; ')}`)
  }
})

t.test('what is allowed and still unwise is a warning', async (t) => {
  const small = parseEdgeConfig(good.replace('data: ./data', 'storage: { ring_mb: 100 }'), 'edge.yaml')
  t.match(
    small.warnings,
    [{ line: 4, key: 'storage.ring_mb', message: /at least 180/ }],
    'two cameras, (60 + 120) s of 4 Mbit/s each',
  )
  const bare = parseEdgeConfig(good.replace(/zones: \[\{ id: z, .*\}\] \}/, 'zones: [] }'), 'edge.yaml')
  t.match(bare.warnings, [{ key: 'cameras[1]', message: /no zones/ }])
  const plain = parseEdgeConfig(
    good.replace('"mqtt://127.0.0.1:1883"', 'mqtt://broker:1883, allow_plain: true'),
    'edge.yaml',
  )
  t.same(plain.faults, [])
})

t.test('whatever stands in the file, the answer is faults, never a throw', async (t) => {
  const yamlish = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.stringMatching(/^[\s\-:{}[\],&*!|>'"%@`#?a-z0-9\n]{0,120}$/),
    fc.anything().map((value) => {
      try {
        const text: unknown = stringify(value)
        return typeof text === 'string' ? text : ''
      } catch {
        return '' // not every value can be written as YAML
      }
    }),
    fc.tuple(fc.nat(good.length), fc.nat(4), fc.string({ maxLength: 2 })).map(([at, count, text]) => good.slice(0, at) + text + good.slice(at + count)),
  ) // prettier-ignore
  let broken = 0
  let readable = 0
  fc.assert(
    fc.property(yamlish, (text) => {
      const { config, faults } = parseEdgeConfig(text, 'edge.yaml')
      assert.equal(config === null, faults.length > 0)
      if (config === null) broken++
      else readable++
      for (const fault of faults) {
        assert.ok(fault.line >= 1 && fault.column >= 1 && fault.message !== '')
        assert.ok(fault.line <= text.split('\n').length + 1)
      }
    }),
    { seed, numRuns: 800 },
  )
  t.ok(broken > 100 && readable > 10, `seed ${seed}: ${broken} broken, ${readable} readable`)
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index] ?? 'a'},`.repeat(9)}]`).join('\n')}\n` // prettier-ignore
  t.equal(parseEdgeConfig(bomb, 'edge.yaml').config, null, 'aliases that explode')
})

t.test('files: absent, not UTF-8, secrets, and the command', async (t) => {
  const dir = t.testdir({
    'good.yaml': good,
    'bad.yaml': 'device: 1\n',
    secret: { mqtt: 'pw\n', panel: 'pw', c01: '' },
  })
  t.match((await readEdgeConfig(`${dir}/absent.yaml`)).faults, [{ message: /not there/ }])
  t.match((await readEdgeConfig(dir)).faults, [{ message: /cannot be read/ }])
  await chmod(`${dir}/secret/mqtt`, 0o644)
  await chmod(`${dir}/secret/panel`, 0o600)
  await chmod(`${dir}/secret/c01`, 0o600)
  const { config, warnings } = await readEdgeConfig(`${dir}/good.yaml`)
  t.ok(config)
  t.match(warnings, [{ key: 'cloud.password_file', message: /chmod 600/ }])
  t.equal(await readSecret(`${dir}/secret/mqtt`), 'pw')
  await t.rejects(readSecret(`${dir}/secret/c01`), { code: 'SECRET_EMPTY' })
  await t.rejects(readSecret(`${dir}/secret/none`), { code: 'SECRET_MISSING' })
  const run = async (file: string): Promise<{ code: number; text: string }> => {
    const script =
      "import('./cli/config.ts').then(({ command }) => command.parseAsync(process.argv.slice(1), { from: 'user' }))"
    return promisify(execFile)(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
      'check',
      file,
    ]).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      (error: unknown) => {
        const { code, stderr } = error as { code: number; stderr: string }
        return { code, text: stderr }
      },
    )
  }
  const [fine, bad] = await Promise.all([run(`${dir}/good.yaml`), run(`${dir}/bad.yaml`)])
  t.equal(fine.code, 0)
  t.match(fine.text, /2 cameras/)
  t.equal(bad.code, 2)
  t.match(bad.text, /bad\.yaml:1:9 device:/)
})
