import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { ManualClock } from '../contracts/base/manual-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { addAccount, argon2Hash } from './accounts/index.js'
import { password, silentLog } from './api/cloud.fixture.js'
import { patrolBegins } from './api/files.fixture.js'
import { mustReadCloudConfig } from './config.js'
import { openCloud, type Cloud } from './main.js'
import { accountStore } from './store/accounts.js'

const policy = (path: string): string => fileURLToPath(new URL(`../policy/${path}`, import.meta.url))
const clock = new ManualClock(Date.UTC(2026, 2, 2, 6, 30))
const deps = { clock, ids: systemIds, log: silentLog }

/** The product's own composition on free ports, with an operator. */
async function open(t: Test, folder: string, more: Record<string, string>): Promise<{ cloud: Cloud; cookie: string }> {
  const file = join(folder, 'cloud.yaml')
  const lines = {
    listen: '127.0.0.1:0',
    public_url: 'http://127.0.0.1:8080',
    policy: policy('demo'),
    mqtt: '{ embedded: "127.0.0.1:0" }',
    ...more,
  }
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  )
  const cloud = await openCloud(mustReadCloudConfig(file), deps)
  t.teardown(() => cloud[Symbol.asyncDispose]())
  const store = accountStore(cloud.database)
  await addAccount({ store, clock, secretHash: argon2Hash }, { name: 'li', roles: ['operator'], password })
  const session = await cloud.app.inject({ method: 'POST', url: '/v1/session', payload: { name: 'li', password } })
  return { cloud, cookie: String(session.headers['set-cookie']).split(';')[0] ?? '' }
}

t.test('a pack and registers in cloud.yaml switch the whole process on, clocks included', async (t) => {
  const { cloud, cookie } = await open(t, t.testdir(), {
    pack: policy('shanghai/pack.yaml'),
    registers: policy('shanghai/registers.yaml'),
  })
  const { url, payload } = patrolBegins()
  const made = await cloud.app.inject({ method: 'POST', url, payload, headers: { cookie } })
  t.equal(made.statusCode, 200)
  const { runs, timers } = made.json<{ runs: { state: string }[]; timers: { key: string; why: string | null }[] }>()
  t.same(
    runs.map(({ state }) => state),
    ['L2'],
  )
  t.match(
    timers.find(({ key }) => key === 'T01'),
    { why: 'triage.minutes is unverified' },
    'a value that nobody confirmed ends nothing',
  )
})

t.test('without a pack there are no files, and a pack with faults is refused with each of them', async (t) => {
  const folder = t.testdir({ thin: {}, faulty: {} })
  const { cloud, cookie } = await open(t, join(folder, 'thin'), {})
  const answer = await cloud.app.inject({ method: 'GET', url: '/v1/files', headers: { cookie } })
  t.match({ status: answer.statusCode, ...answer.json<object>() }, { status: 404, code: 'PACK_MISSING' })
  const registers = join(folder, 'registers.yaml')
  writeFileSync(registers, 'version: x\nareas: []\ngrants: []\nofficers: [{ account: Li }]\n')
  const law = { pack: policy('shanghai/pack.yaml'), registers }
  await t.rejects(open(t, join(folder, 'faulty'), law), {
    code: 'POLICY_FAULTY',
    message: /registers\.yaml:4:\d+ officers\[0\]\.account/,
  })
})
