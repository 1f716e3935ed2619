import { createHash } from 'node:crypto'
import t from 'tap'
import { commandPayload, readCommand } from '../../contracts/commands/index.js'
import { argon2Hash, makeAccounts } from '../accounts/index.js'
import { accountStore } from '../store/accounts.js'
import { makeOpenApi } from './openapi.js'
import { makeArrival, openCloud, password, seededIds, type CloudOptions, type TestCloud } from './cloud.fixture.js'

type Body = Record<string, never> & {
  id: string
  version: number
  state: string
  allowed: string[]
  code: string
  items: { id: string }[]
  next: string | null
}
const body = (answer: { body: unknown }): Body => answer.body as Body

async function cloudFor(
  t: { teardown(fn: () => Promise<void>): void },
  options: CloudOptions = {},
): Promise<TestCloud> {
  const cloud = await openCloud(options)
  t.teardown(() => cloud.close())
  return cloud
}
async function acceptedLead(cloud: TestCloud): Promise<{ id: string; version: number }> {
  const id = cloud.addLead()
  const claimed = body(await cloud.as('operator1', 'POST', `/v1/leads/${id}/claim`, { version: 0 }))
  const { version } = body(await cloud.as('operator1', 'POST', `/v1/leads/${id}/accept`, { version: claimed.version }))
  return { id, version }
}
const review = (
  cloud: TestCloud,
  who: string,
  id: string,
  version: number,
  verdict: 'confirm' | 'reject' = 'confirm',
) => cloud.as(who, 'POST', `/v1/leads/${id}/reviews`, { version, verdict, note: '看到摊位。没有发现有利情况。' })
const party = { kind: 'person', name: '王某', contact: '' }
async function confirmedLead(cloud: TestCloud) {
  const { id, version } = await acceptedLead(cloud)
  await review(cloud, 'officer_a', id, version)
  await review(cloud, 'officer_b', id, version)
  return { id, version: version + 1 }
}
async function filedCase(cloud: TestCloud): Promise<Body> {
  const { id, version } = await confirmedLead(cloud)
  return body(await cloud.as('head', 'POST', `/v1/leads/${id}/file`, { version, party }))
}

t.setTimeout(180_000)
t.test('sign-in: same words and time for unknown name and wrong password, then a lock, in words', async (t) => {
  const cloud = await cloudFor(t)
  const post = (name: string, word: string) =>
    cloud.app.inject({ method: 'POST', url: '/v1/session', payload: { name, password: word } })
  const unknown = await post('nobody', 'x')
  const wrong = await post('operator1', 'x')
  t.equal(unknown.statusCode, 401)
  t.same(unknown.json(), wrong.json())
  t.match(wrong.json(), { code: 'SIGN_IN_WRONG', says: { zh: /还可以试 9 次/ } })
  // Time: the same work is done for both. Counted, not measured, because the machine may be busy.
  const work: string[] = []
  const counting = {
    ...argon2Hash,
    verify: (phc: string) => Promise.resolve(work.push(phc.split('$').slice(0, 4).join('$')) < 0),
  }
  const counted = makeAccounts({
    store: accountStore(cloud.database),
    clock: cloud.clock,
    ids: seededIds('t'),
    secretHash: counting,
  })
  for (const name of ['nobody2', 'operator2'])
    await t.rejects(counted.signIn(name, 'x', 'here'), { code: 'SIGN_IN_WRONG' })
  t.equal(work.length, 2)
  t.equal(work[0], work[1], 'an unknown name costs one check of the same kind')
  for (let index = 0; index < 9; index += 1) await post('operator1', 'x')
  const locked = await post('operator1', password)
  t.equal(locked.statusCode, 429, 'the right password does not open a locked name')
  t.match(locked.json(), { code: 'SIGN_IN_LOCKED', says: { zh: /15 分钟/ }, retry_after_s: 900 })
  cloud.clock.advance(15 * 60_000 + 1)
  const right = await post('operator1', password)
  t.equal(right.statusCode, 200)
  t.match(right.headers['set-cookie'], /HttpOnly.*SameSite=Strict/)
  const cookie = String(right.headers['set-cookie']).split(';')[0] ?? ''
  t.equal((await cloud.app.inject({ url: '/v1/session', headers: { cookie } })).statusCode, 200)
  t.equal((await cloud.app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie } })).statusCode, 204)
  t.equal((await cloud.app.inject({ url: '/v1/session', headers: { cookie } })).statusCode, 401, 'signed out')
  const later = String((await post('operator1', password)).headers['set-cookie']).split(';')[0] ?? ''
  cloud.clock.advance(12 * 3_600_000)
  t.equal((await cloud.app.inject({ url: '/v1/session', headers: { cookie: later } })).statusCode, 401, 'ran out')
})

t.test('a write that another site starts is refused', async (t) => {
  const cloud = await cloudFor(t)
  const id = cloud.addLead()
  const cookie = await cloud.signIn('operator1')
  const claim = (origin: string, host = '127.0.0.1:8080') =>
    cloud.app.inject({
      method: 'POST',
      url: `/v1/leads/${id}/claim`,
      headers: { cookie, origin, host },
      payload: { version: 0 },
    })
  t.match((await claim('https://evil.example')).json(), { status: 403, code: 'ORIGIN_FOREIGN' })
  t.equal((await claim('null')).statusCode, 403)
  t.equal((await claim('http://127.0.0.1:8080')).statusCode, 200)
})

t.test('operators: a queue by grade and age, one holder, next, 409 with who changed what', async (t) => {
  const cloud = await cloudFor(t)
  const low = cloud.addLead({ grade: 1 })
  const strong = cloud.addLead({ grade: 4 })
  const older = cloud.addLead({ grade: 4, confirmed: '2026-03-02T05:00:00.000Z' })
  const list = body(await cloud.as('operator1', 'GET', '/v1/leads?state=L2'))
  t.same(
    list.items.map(({ id }) => id),
    [older, strong, low],
  )
  const first = body(await cloud.as('operator1', 'GET', '/v1/leads/next'))
  t.match(first, { id: older, state: 'L3', claim: { by: 'operator1' }, version: 1 })
  t.same(first.allowed, ['claim', 'release', 'accept', 'reject', 'merge', 'clip'])
  t.equal(body(await cloud.as('operator2', 'GET', '/v1/leads/next')).id, strong, 'never the same one')
  t.match(body(await cloud.as('operator2', 'POST', `/v1/leads/${older}/claim`, { version: 1 })), {
    status: 409,
    code: 'LEAD_CLAIMED',
  })
  const stale = body(await cloud.as('operator2', 'POST', `/v1/leads/${older}/accept`, { version: 0 }))
  t.match(stale, { status: 409, code: 'LEAD_CHANGED', changed: [{ by: 'operator1', action: 'claim', version: 1 }] })
  t.equal(
    body(await cloud.as('operator1', 'GET', `/v1/leads/next?skip=${low}`)),
    '' as never,
    '204 when nothing is left',
  )
  t.equal(
    body(await cloud.as('operator1', 'POST', `/v1/leads/${older}/reject`, { version: 1, code: 'RX03' })).state,
    'L10',
  )
  t.match(body(await cloud.as('operator1', 'GET', `/v1/leads/${older}`)), {
    decision: { code: 'RX03', by: 'operator1' },
  })
  cloud.clock.advance(10 * 60_000)
  const lapsed = body(await cloud.as('operator1', 'GET', '/v1/leads?state=L2'))
  t.same(
    lapsed.items.map(({ id }) => id),
    [strong, low],
    'a lapsed claim is back in the queue',
  )
  t.equal(body(await cloud.as('operator1', 'GET', '/v1/leads/next')).id, strong)
  const merged = body(await cloud.as('operator1', 'POST', `/v1/leads/${strong}/merge`, { version: 2, into: low }))
  t.match(merged, { state: 'L10', merged_into: low, decision: { code: 'RX02' } })
  t.same(
    cloud.commands.map(({ name }) => name),
    Array(cloud.commands.length).fill('clip.upload'),
  )
  t.match(body(await cloud.as('wall', 'GET', '/v1/counts')), { budget: { claimed_last_hour: 2, target: 6 } })
  t.same(cloud.errors, [])
})

t.test('pages: cursors walk the whole list without repetition; bounds are kept', async (t) => {
  const cloud = await cloudFor(t)
  const made = Array.from({ length: 7 }, (_, index) => cloud.addLead({ grade: index < 4 ? 2 : 3 }))
  const seen: string[] = []
  let url = '/v1/leads?limit=3'
  for (let guard = 0; guard < 9; guard += 1) {
    const page = body(await cloud.as('operator1', 'GET', url))
    seen.push(...page.items.map(({ id }) => id))
    if (page.next === null) break
    url = `/v1/leads?limit=3&cursor=${page.next}`
  }
  t.same([...seen].sort(), [...made].sort())
  t.equal((await cloud.as('operator1', 'GET', '/v1/leads?limit=201')).status, 400)
  t.match(body(await cloud.as('operator1', 'GET', '/v1/leads?cursor=bad')), { code: 'CURSOR_MALFORMED' })
  t.match(body(await cloud.as('operator1', 'POST', `/v1/leads/${seen[0] ?? ''}/claim`, { version: 'x', more: 1 })), {
    code: 'REQUEST_MALFORMED',
    issues: [{ path: 'body.version' }],
  })
})

t.test('roles: strangers get 401, others 403 with who may, unknown things 404', async (t) => {
  const cloud = await cloudFor(t)
  const id = cloud.addLead()
  for (const url of ['/v1/leads', `/v1/leads/${id}`, '/v1/cases', '/v1/devices', '/v1/stream', '/v1/counts'])
    t.equal((await cloud.app.inject({ url })).statusCode, 401, url)
  t.equal((await cloud.app.inject({ url: '/healthz' })).statusCode, 200)
  for (const [who, url] of [
    ['technician', '/v1/leads'],
    ['wall', `/v1/leads/${id}`],
    ['operator1', '/v1/cases'],
    ['operator1', '/v1/devices'],
  ] as const)
    t.match(body(await cloud.as(who, 'GET', url)), { status: 403, code: 'ROLE_WRONG', says: { zh: /由.+办理/ } })
  t.equal((await cloud.as('operator1', 'GET', '/v1/leads/01a2016a-2030-7e17-a546-297dc6b7647d')).status, 404)
  t.equal((await cloud.as('operator1', 'GET', '/v1/nothing')).status, 404)
  t.equal((await cloud.as('technician', 'GET', '/v1/alarms')).status, 200)
})

t.test('blind (U15): nothing another person can fetch or hear changes when the first verdict comes in', async (t) => {
  for (const verdict of ['confirm', 'reject'] as const) {
    const cloud = await cloudFor(t)
    const { id, version } = await acceptedLead(cloud)
    const heard: unknown[] = []
    const look = async (): Promise<string> => {
      const answers: unknown[] = []
      for (const who of ['officer_b', 'officer_c', 'operator1', 'operator2', 'head', 'legal_reviewer', 'supervisor'])
        for (const url of ['/v1/leads', '/v1/leads?state=L8', `/v1/leads/${id}`, '/v1/counts', '/v1/session'])
          answers.push((await cloud.as(who, 'GET', url)).body)
      answers.push((await cloud.as('head', 'POST', `/v1/leads/${id}/file`, { version, party })).body)
      return JSON.stringify(answers)
    }
    await look() // the first look of an officer may ask for the clip
    const before = await look()
    cloud.changes.subscribe((change) => heard.push(change))
    t.equal((await review(cloud, 'officer_a', id, version, verdict)).status, 201)
    t.equal(await look(), before, `${verdict}: all answers are the same`)
    t.same(heard, [], 'the stream is silent')
    t.match(body(await cloud.as('officer_a', 'GET', `/v1/leads/${id}`)), { my_review: { verdict }, reviews: [] })
    t.equal((await review(cloud, 'officer_a', id, version)).status, 403, 'not twice')
    t.match((await review(cloud, 'officer_b', id, version)).body, { both_in: true })
    t.not(await look(), before, 'after both it does change')
    const after = body(await cloud.as('supervisor', 'GET', `/v1/leads/${id}`))
    t.match(after, { state: verdict === 'confirm' ? 'L8' : 'L3', reviews: [{ by: 'officer_a' }, { by: 'officer_b' }] })
  }
})

t.test('head and legal reviewer: separation, case, notice with a gap-free number, link and code once', async (t) => {
  const cloud = await cloudFor(t)
  const { id, version } = await acceptedLead(cloud)
  t.match(
    cloud.commands.map(({ name }) => name),
    /ring\.hold/,
  )
  await review(cloud, 'officer_a', id, version)
  await review(cloud, 'all_in_one', id, version)
  t.match(body(await cloud.as('all_in_one', 'POST', `/v1/leads/${id}/file`, { version: version + 1, party })), {
    status: 403,
    code: 'FILE_SEPARATION',
    article: { zh: /./ },
    next: { en: /./ },
  })
  t.match(body(await cloud.as('officer_a', 'POST', `/v1/leads/${id}/file`, { version: version + 1, party })), {
    code: 'ROLE_WRONG',
  })
  t.equal((await cloud.as('head', 'POST', `/v1/leads/${id}/file`, { version, party })).status, 409, 'stale')
  const filed = body(await cloud.as('head', 'POST', `/v1/leads/${id}/file`, { version: version + 1, party }))
  t.match(filed, {
    state: 'C5',
    version: 1,
    operator: 'operator1',
    officers: ['all_in_one', 'officer_a'],
    head: 'head',
    number: '演示案〔2026〕0001 号',
  })
  t.match(body(await cloud.as('operator1', 'GET', `/v1/leads/${id}`)), { state: 'L9', case: filed.id })
  const issue = (who: string, change: object = {}) =>
    cloud.as(who, 'POST', `/v1/cases/${filed.id}/notice`, { version: 1, text_id: 'demo-notice-vending-1', ...change })
  t.match((await issue('all_in_one')).body, { status: 403, code: 'GATE_SD3', gate: 'SD3' })
  t.match((await issue('head')).body, { status: 403, code: 'ROLE_WRONG' })
  t.match((await issue('legal_reviewer', { text_id: 'demo-notice-dust-1' })).body, { status: 422, gate: 'G12-text' })
  t.match((await issue('legal_reviewer', { version: 0 })).body, { status: 409, code: 'CASE_CHANGED' })
  cloud.digests.hold = false
  t.match((await issue('legal_reviewer')).body, { status: 422, gate: 'G1' }, 'a changed file stops the notice')
  cloud.digests.hold = true
  const both = await Promise.all([issue('legal_reviewer'), issue('legal_reviewer')])
  t.same(both.map(({ status }) => status).sort(), [200, 409], 'two at once: one notice')
  const issued = both.find(({ status }) => status === 200)?.body
  t.match(issued, {
    number: '演示〔2026〕0001 号',
    link: /^http:\/\/127\.0\.0\.1:8080\/p\/[\w-]{22}$/,
    access_code: /^[0-9A-HJKMNP-TV-Z]{8}$/,
  })
  const second = await filedCase(cloud)
  const other = await cloud.as('legal_reviewer', 'POST', `/v1/cases/${second.id}/notice`, {
    version: 1,
    text_id: 'demo-notice-vending-1',
  })
  t.match(other.body, { number: '演示〔2026〕0002 号' }, 'refused and conflicting tries took no number')
  const stored =
    JSON.stringify(cloud.database.prepare('select * from link').all()) +
    JSON.stringify(cloud.database.prepare('select * from case_log').all())
  t.notOk(stored.includes((issued as unknown as { access_code: string }).access_code), 'the code is stored nowhere')
  t.throws(() => cloud.database.prepare('update case_log set by = ?').run('x'), /not edited/)
  t.throws(() => cloud.database.prepare('delete from notice').run(), /not deleted/)
  const page = body(await cloud.as('legal_reviewer', 'GET', '/v1/cases?state=C6'))
  t.equal(page.items.length, 2)
  const replaced = await cloud.as('legal_reviewer', 'POST', `/v1/cases/${second.id}/link`, { version: 2 })
  t.equal(replaced.status, 200)
  const oldToken = (other.body as unknown as { link: string }).link.split('/p/')[1] ?? ''
  t.equal((await cloud.app.inject({ url: `/p/${oldToken}` })).statusCode, 404, 'the old link is dead')
  t.same(cloud.errors, [])
})

t.test('LEAD_MODE refuses filing; an unsure time wants a note', async (t) => {
  const leadMode = await cloudFor(t, {
    policy: (demo) => ({ ...demo, modes: { ...demo.modes, vending: 'LEAD_MODE' } }),
  })
  const { id, version } = await confirmedLead(leadMode)
  t.match(body(await leadMode.as('head', 'POST', `/v1/leads/${id}/file`, { version, party })), {
    status: 422,
    code: 'FILE_LEAD_MODE',
    gate: 'G8',
    says: { zh: /线索模式/, en: /lead mode/ },
    article: { zh: /第四十一条/ },
  })
  t.equal(leadMode.cases.counts().length, 0)
  const cloud = await cloudFor(t)
  const unsure = cloud.addLead(
    {},
    { clock: { ...makeArrival(cloud.clock.wallMs()).clock, sync: 'unsynced', err_us: null } },
  )
  const claimed = body(await cloud.as('operator1', 'POST', `/v1/leads/${unsure}/claim`, { version: 0 }))
  t.match(claimed, { time_unsure: true, time_error_ms: null })
  await cloud.as('operator1', 'POST', `/v1/leads/${unsure}/accept`, { version: 1 })
  await review(cloud, 'officer_a', unsure, 2)
  await review(cloud, 'officer_b', unsure, 2)
  const filed = body(await cloud.as('head', 'POST', `/v1/leads/${unsure}/file`, { version: 3, party }))
  const issue = (note: object) =>
    cloud.as('legal_reviewer', 'POST', `/v1/cases/${filed.id}/notice`, {
      version: 1,
      text_id: 'demo-notice-vending-1',
      ...note,
    })
  t.match((await issue({})).body, { status: 422, gate: 'G1-time', says: { zh: /时间待核/ } })
  t.equal((await issue({ time_note: '现场检查笔录记载 14:31 到场。' })).status, 200)
})

t.test(
  'media: by the lead’s rights, ranges, originals only for officers and legal staff, looks are logged',
  async (t) => {
    const dir = t.testdir({ 'clip.mp4': 'abcdefghij', 'still.jpg': 'jpeg' })
    const cloud = await cloudFor(t, { clipFile: `${dir}/clip.mp4`, stillFile: `${dir}/still.jpg` })
    const id = cloud.addLead()
    const lead = (await cloud.as('operator1', 'GET', `/v1/leads/${id}`)).body as unknown as {
      stills: { url: string }[]
      clip: { url: string }
    }
    const still = lead.stills[0]?.url ?? ''
    t.equal((await cloud.as('operator1', 'GET', still)).headers['content-type'], 'image/jpeg')
    t.equal((await cloud.app.inject({ url: still })).statusCode, 401)
    t.equal((await cloud.as('wall', 'GET', still)).status, 403, 'no pictures on the wall')
    t.equal(
      (await cloud.as('operator1', 'GET', `/v1/stills/${'0'.repeat(64)}`)).status,
      404,
      'an object that no lead shows',
    )
    const cookie = await cloud.signIn('operator1')
    const part = (range: string) => cloud.app.inject({ url: lead.clip.url, headers: { cookie, range } })
    const middle = await part('bytes=2-4')
    t.match(middle, { statusCode: 206, payload: 'cde', headers: { 'content-range': 'bytes 2-4/10' } })
    t.equal((await part('bytes=-3')).payload, 'hij')
    t.equal((await part('bytes=99-')).statusCode, 416)
    t.equal((await part('bytes=0-')).statusCode, 206)
    t.equal((await cloud.as('operator1', 'GET', `${lead.clip.url}/frames`)).status, 200)
    const original = `/v1/originals/${'b'.repeat(64)}`
    t.equal((await cloud.as('operator1', 'GET', original)).status, 403)
    t.equal((await cloud.as('officer_a', 'GET', original)).status, 200)
    t.same(
      cloud.views.views(id).map(({ by, what }) => [by, what]),
      [
        ['operator1', 'clip'],
        ['officer_a', 'original'],
      ],
    )
  },
)

t.test('orders to a box: who may, the typed id, what is waiting, and the answer in words', async (t) => {
  const cloud = await cloudFor(t)
  const device = 'kwdev-0001'
  cloud.records.register(device, { keyid: 'a'.repeat(64), spki: 'x' }, '2026-03-02T06:00:00.000Z')
  cloud.cameras.replace(device, 'chain', 1, [{ cam: 'c01', place: '人民路', lat_e7: null, lon_e7: null, zones: [] }])
  const order = (who: string, payload: object, of = device) =>
    cloud.as(who, 'POST', `/v1/devices/${of}/orders`, payload)
  t.match(await order('operator1', { name: 'restart', confirm: device }), { status: 403, body: { gate: 'R04' } })
  t.match(await order('technician', { name: 'restart' }), { status: 422, body: { code: 'ORDER_NOT_CONFIRMED' } })
  t.match(await order('technician', { name: 'restart', confirm: 'kwdev-0002' }), { status: 422 })
  t.match(await order('technician', { name: 'time.check' }, 'kwdev-0404'), { status: 404 })
  t.match(await order('technician', { name: 'recapture', cam: 'c99' }), {
    status: 422,
    body: { code: 'CAMERA_NOT_FOUND' },
  })
  t.match(await order('technician', { name: 'release.apply' }), { status: 400 })
  t.same(cloud.records.devices().length, 1)

  const lead = cloud.addLead({ cam: 'c02' })
  t.match(await order('operator1', { name: 'recapture', cam: 'c01', incident: lead }), {
    status: 422,
    body: { code: 'LEAD_OF_OTHER_CAMERA' },
  })
  const sent = await order('technician', { name: 'time.check' })
  t.match(sent, { status: 202, body: { cseq: 1, by: 'technician', state: 'queued', result: null } })
  t.match(await order('technician', { name: 'time.check' }), { body: { cseq: 1 } }, 'the same wish is one command')
  t.match(await order('technician', { name: 'key.rotate', confirm: device }), { status: 202, body: { cseq: 2 } })
  const payload = cloud.database.prepare('select payload from command where cseq = 1').get() as { payload: string }
  cloud.database.transaction(() =>
    cloud.sender.applyResult(
      device,
      {
        cseq: 1,
        name: 'time.check',
        sha256: createHash('sha256').update(payload.payload).digest('hex'),
        status: 'ok',
        result: { sync: 'synced', src: 'sntp:x', off_us: -1_200, err_us: 8_500 },
      },
      '2026-03-02T06:30:05.000Z',
    ),
  )
  t.match(await order('operator1', { name: 'recapture', cam: 'c01' }), { status: 202, body: { by: 'operator1' } })
  const payloads = cloud.database.prepare('select payload from command order by cseq').all() as { payload: string }[]
  t.match(
    payloads.map((row) => readCommand(commandPayload.parse(JSON.parse(row.payload)).data)),
    [{ name: 'time.check' }, { name: 'key.rotate' }, { name: 'recapture', args: { cam: 'c01' } }],
    'a box understands each of them',
  )
  const list = await cloud.as('supervisor', 'GET', `/v1/devices/${device}/orders`)
  t.match(list.body, {
    items: [
      { name: 'recapture', state: 'queued' },
      { name: 'key.rotate', state: 'queued' },
      { name: 'time.check', state: 'ok', done_at: String, says: { zh: /已对时，偏差 -1\.2 ms，误差不超过 8\.5 ms/ } },
    ],
  })
  cloud.records.remove(device, '2026-03-02T06:31:00.000Z')
  t.match(await order('technician', { name: 'time.check' }), { status: 409, body: { code: 'DEVICE_REMOVED' } })
})

t.test(
  'a break of a clip is fetched by who may ask for the clip, within the act; what was not seen is told',
  async (t) => {
    const cloud = await cloudFor(t)
    const id = cloud.addLead()
    const { first_at: firstAt, last_at: lastAt } = cloud.leads.find(id)?.facts ?? { first_at: '', last_at: '' }
    const span = (fromS: number, toS: number) => ({
      from_at: new Date(Date.parse(firstAt) + fromS * 1_000).toISOString(),
      to_at: new Date(Date.parse(firstAt) + toS * 1_000).toISOString(),
    })
    const fetchIt = (who: string, payload: object) => cloud.as(who, 'POST', `/v1/leads/${id}/fetch`, payload)
    t.match(await fetchIt('head', span(20, 80)), { status: 403 })
    t.match(await fetchIt('operator1', span(-120, 10)), { status: 422, body: { code: 'FETCH_OUTSIDE' } })
    t.match(await fetchIt('operator1', span(80, 20)), { status: 422 })
    t.match(await fetchIt('operator1', span(0, 601)), { status: 422 })
    t.match(await fetchIt('operator1', { from_at: 'yesterday', to_at: 'now' }), { status: 400 })
    t.same(cloud.spans, [])
    t.match(await fetchIt('operator1', span(20, 80)), { status: 202, body: { id, version: 0 } })
    t.match(cloud.spans, [{ incident: id, by: 'operator1', fromMs: Date.parse(firstAt) + 20_000 }])
    t.match(await cloud.as('officer_a', 'GET', `/v1/leads/${id}/seen`), {
      status: 200,
      body: { first_at: firstAt, last_at: lastAt, unseen: [], unseen_s: null },
    })
  },
)

t.test('the stream says what changed by id, beats, and ends with the server', async (t) => {
  const cloud = await cloudFor(t)
  const address = await cloud.app.listen({ host: '127.0.0.1', port: 0 })
  const answer = await fetch(`${address}/v1/stream`, { headers: { cookie: await cloud.signIn('wall') } })
  t.match(answer.headers.get('content-type'), /text\/event-stream/)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (wanted: RegExp): Promise<void> => {
    while (!wanted.test(text)) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
      if (done) break
      text += value
    }
    t.match(text, wanted)
  }
  const id = cloud.addLead()
  await cloud.as('operator1', 'POST', `/v1/leads/${id}/claim`, { version: 0 })
  await until(new RegExp(`event: lead\\ndata: {"id":"${id}"}\\n\\n`))
  cloud.clock.advance(5_000)
  await until(/\n: \n/)
  await cloud.close()
  t.equal((await reader?.read())?.done, true)
})

t.test('headers: CSP with a fresh style nonce, no referrer, nothing kept', async (t) => {
  const cloud = await cloudFor(t)
  const [first, second] = [await cloud.app.inject({ url: '/healthz' }), await cloud.app.inject({ url: '/healthz' })]
  const csp = String(first.headers['content-security-policy'])
  t.match(csp, /script-src 'self';/)
  t.match(csp, /style-src 'self' 'nonce-[\w+/=]{24}'/)
  t.not(csp, second.headers['content-security-policy'])
  t.match(first.headers, {
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
})

t.test('the OpenAPI document names every route of DESIGN.md §9.6 and is the same each time', async (t) => {
  const text = await makeOpenApi()
  t.equal(text, await makeOpenApi())
  const { openapi, paths, components } = JSON.parse(text) as {
    openapi: string
    paths: Record<string, object>
    components: { schemas: object }
  }
  t.equal(openapi, '3.1.0')
  const wanted = [
    '/v1/session',
    '/v1/leads',
    '/v1/leads/next',
    '/v1/leads/{id}',
    ...['claim', 'release', 'accept', 'reject', 'merge', 'clip', 'reviews', 'file'].map(
      (step) => `/v1/leads/{id}/${step}`,
    ),
  ]
  for (const path of [
    ...wanted,
    '/v1/cases',
    '/v1/cases/{id}',
    '/v1/cases/{id}/notice',
    '/v1/clips/{sha256}',
    '/v1/clips/{sha256}/frames',
    '/v1/stills/{sha256}',
    '/v1/stream',
    '/v1/devices',
    '/v1/alarms',
    '/healthz',
  ])
    t.ok(path in paths, path)
  t.notMatch(Object.keys(components.schemas).join(), /Input/)
})
