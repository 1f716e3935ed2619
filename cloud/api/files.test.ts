import t from 'tap'
import { openCloud } from './cloud.fixture.js'
import {
  decisionFields,
  exemption,
  FileWalk,
  openFile,
  papers,
  party,
  patrolBegins,
  stateOf,
  testLaw,
  toDecision,
  toInvestigation,
  toNotice,
  type Move,
  type Reply,
} from './files.fixture.js'

const dayMs = 86_400_000
const until = (road: readonly Move[], id: string): Move[] =>
  [...road].slice(
    0,
    road.findIndex((one) => one.do === id),
  )

/** The pack asks legal review for every case on the non-site road. */
const onNonsiteRoad = (move: Move): Move =>
  move.do === 't11' ? { ...move, set: { ...move.set, 'case.road': 'nonsite' } } : move

/** Goal: a first offence ends without penalty through the public API alone, each step by its own person, and its log is the file. */
t.test('the first-offence exemption, from the lead of a box to the archive', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const first = await walk.read('operator1')
  t.same(
    first.log.map(({ did, by }) => [did, by[0]?.person]),
    [
      ['t1', 'edge:kwdev-0001'],
      ['t2', 'system'],
    ],
  )
  const decided = await walk.go(until(exemption, 't38').slice(0, -2))
  t.equal(stateOf(decided, 'case'), 'C18')
  t.equal(decided.timers.find(({ key }) => key === 'T07')?.phase, 'off')
  t.equal(decided.timers.find(({ key }) => key === 'T14')?.due_at, '2026-03-11T16:00:00.000Z', 'seven working days')
  const last = await walk.go(exemption.slice(exemption.findIndex(({ do: id }) => id === 't36') + 1))
  t.equal(stateOf(last, 'case'), 'C22', 'archived')
  t.equal(last.inputs['case.outcome'], 'no_penalty')
  t.equal(last.log.find(({ did }) => did === 'EV09')?.by[0]?.person, 'system', 'the served notice of facts stopped T06')
  t.same(walk.cloud.errors, [])
})

t.test('a penalty: told, heard, reviewed, decided; the window is over only when it is', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const told = await walk.go(toNotice.map(onNonsiteRoad))
  t.equal(stateOf(told, 'case'), 'C7', 'the system noted the service')
  t.equal(told.timers.find(({ key }) => key === 'T10')?.due_at, '2026-03-09T16:00:00.000Z', 'five working days')
  const [draft, review, decide] = toDecision
  if (draft === undefined || review === undefined || decide === undefined) throw new Error('the road changed')
  const early = await walk.attempt(draft)
  t.match(early, { status: 422, body: { code: 'GATE_G13' } }, 'nobody decides before the party was heard')
  await walk.pass(8 * dayMs)
  await walk.take(draft)
  const other = { ...review, particulars: { draft_sha256: '0'.repeat(64) } }
  t.match(await walk.attempt(other), { status: 422, body: { code: 'GATE_G16' } }, 'another draft was read')
  await walk.take(review)
  const heavier = await walk.attempt({ ...decide, set: { 'decision.fine': 20_001 } })
  t.match(heavier, { status: 422, body: { code: 'GATE_G14' } }, 'never heavier than notified')
  const changed = { ...decisionFields, facts: 'other facts' }
  const redrafted = await walk.attempt({ ...decide, documents: [...papers('D25'), { id: 'D26', fields: changed }] })
  t.match(redrafted, { status: 422, body: { code: 'GATE_G16' } }, 'the decision is the draft that was reviewed')
  const decided = await walk.go(toDecision.slice(2))
  t.equal(stateOf(decided, 'case'), 'C13')
  t.equal(
    decided.runs.find(({ doc }) => doc === 'D26')?.state,
    'SV5',
    'served; without a treasury there is no payment code (D31), so the performance period does not begin',
  )
  t.same(walk.cloud.errors, [])
})

t.test('a period that is over counts as over at once, even when no clock has looked', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  await walk.go(toNotice)
  walk.cloud.clock.advance(100 * dayMs)
  const [draft] = toDecision
  const late = await walk.attempt(draft as Move)
  t.equal(late.status, 409, 'the ends were entered first, so the writer saw an old file')
  const now = await walk.go(toDecision.slice(0, 2))
  t.equal(now.timers.find(({ key }) => key === 'T07')?.phase, 'over')
  const decide = await walk.attempt(toDecision[2] as Move)
  t.match(decide, { status: 422, body: { code: 'GATE_G18' } }, 'the decision period is over')
})

t.test('blind verdicts: nobody sees one half before both are in', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const [first, second] = toNotice.filter(({ do: id }) => id === 'EV16')
  await walk.go([...until(toNotice, 'EV16'), first as Move])
  for (const reader of ['officer_a', 'officer_b', 'head', 'legal_reviewer']) {
    const half = await walk.read(reader)
    t.equal(half.inputs['finding.a'], undefined, `${reader} sees no half`)
    t.same(
      half.log.filter(({ did }) => did === 'EV16').map(({ set }) => set),
      [null],
    )
    t.notMatch(JSON.stringify(half.inputs), 'elements.cited_all')
  }
  const whole = await walk.take(second as Move)
  t.match(whole.inputs, { 'finding.a': 'proved', 'finding.b': 'proved' })
})

t.test('separation and registers: the wrong person is refused with the rule', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  await walk.go(until(toInvestigation, 't10'))
  const by = (as: string): Move => ({ as, do: 't10', particulars: { no_conflict: [as] } })
  t.match(await walk.attempt(by('operator1')), { status: 403, body: { code: 'ROLE_WRONG' } })
  t.match(await walk.attempt(by('sysadmin')), { status: 403 })
  t.match(await walk.attempt({ ...by('officer_b'), role: 'officer_a' }), { status: 403, body: { code: 'ROLE_WRONG' } })
  await walk.take(by('officer_c')) // his certificate ended in 2025
  const two = await walk.attempt({ ...by('officer_b'), documents: papers('D05') })
  t.match(two, { status: 422, body: { code: 'GATE_G7' } }, 'an expired certificate')
  const lapsed = await walk.read('team_leader')
  t.equal(stateOf(lapsed, 'lead'), 'L6')
})

t.test('one act, one fine: a second file of the same party, place and time is not filed', async (t) => {
  const walk = await openFile()
  const { cloud } = walk
  t.teardown(() => cloud.close())
  await walk.go(toInvestigation)
  const again = cloud.addLead({ phase: 'over' })
  await cloud.files?.clock.tick('test')
  const second = new FileWalk(cloud, again)
  await second.go(until(toInvestigation, 't16'))
  const refused = await second.attempt({ as: 'head', do: 't16', documents: papers('D08') })
  t.match(refused, { status: 422, body: { code: 'GATE_G2' } })
})

t.test('two parties: each becomes a case with its own log and gate report', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const two = toInvestigation.map((move) =>
    move.do === 'EV22'
      ? { ...move, particulars: { parties: [party, { ...party, id_number: '1', name: '李四' }] } }
      : move,
  )
  const filed = await walk.go(two)
  t.same(filed.inputs['case.parties'], ['张三', '李四'])
  t.equal(filed.siblings.length, 1)
  const { body } = (await walk.cloud.as('head', 'GET', `/v1/files/${filed.siblings[0] ?? ''}`)) as Reply
  t.equal(stateOf(body, 'case'), 'C0', 'the other case waits for its officers')
  t.equal(body.party, 1)
  t.same(
    body.log.map(({ did }) => did),
    filed.log.slice(0, body.log.length).map(({ did }) => did),
  )
})

t.test('a request that is not right is answered with every field, and nothing is written', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const before = await walk.read()
  const good = toInvestigation[0] as Move
  const rows: { name: string; move: Move; status: number; code: string; paths: string[] }[] = [
    { name: 'no such step', move: { ...good, do: 't999' }, status: 400, code: 'REQUEST_MALFORMED', paths: ['body.do'] },
    {
      name: 'a step that runs inside others',
      move: { ...good, do: 'py1' },
      status: 400,
      code: 'REQUEST_MALFORMED',
      paths: ['body.do'],
    },
    {
      name: 'an input that does not exist',
      move: { ...good, set: { 'finding.c': true } },
      status: 400,
      code: 'REQUEST_MALFORMED',
      paths: ['body.set'],
    },
    {
      name: 'a derived input',
      move: { ...good, set: { 'officers.distinct': true } },
      status: 400,
      code: 'REQUEST_MALFORMED',
      paths: ['body.set'],
    },
    {
      name: 'a fact of the system',
      move: { ...good, set: { 'qs2.drawn': false } },
      status: 422,
      code: 'INPUT_NOT_HERE',
      paths: ['body.set.qs2.drawn', 'body.set.qs2.drawn'],
    },
    {
      name: 'a paper with an empty field and one without',
      move: { ...good, documents: [{ id: 'D03', fields: { elements_seen: ' ' } }] },
      status: 422,
      code: 'DOCUMENT_INCOMPLETE',
      paths: ['elements_seen', 'exceptions_asked', 'result', 'reason_code', 'time_spent', 'operator'].map(
        (name) => `body.documents.D03.fields.${name}`,
      ),
    },
    {
      name: 'a particular that belongs elsewhere',
      move: { ...good, particulars: { item: 'SH-SR-21-1' } },
      status: 422,
      code: 'PARTICULAR_NOT_HERE',
      paths: ['body.particulars.item'],
    },
    {
      name: 'a day for what has none',
      move: { ...good, effective_at: '2026-03-01T00:00:00Z' },
      status: 422,
      code: 'EFFECTIVE_AT',
      paths: ['body.effective_at'],
    },
  ]
  for (const { name, move, status, code, paths } of rows) {
    const reply = await walk.attempt(move)
    t.match(reply, { status, body: { code } }, name)
    t.same(reply.body.issues?.map(({ path }) => path) ?? [], paths, `${name}: fields`)
  }
  t.same(await walk.read(), before, 'nothing was written')
})

t.test('closing a lead needs its paper, its reason and its code, all said at once', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  await walk.go(toInvestigation.slice(0, 1))
  const bare = await walk.attempt({ as: 'operator1', do: 't12' })
  t.equal(bare.status, 422)
  t.same(bare.body.issues?.map(({ path }) => path).sort(), ['body.reason', 'body.set.lead.close_code'])
  const closed = await walk.take({
    as: 'operator1',
    do: 't12',
    reason: '画面里没有摆卖',
    set: { 'lead.close_code': 'RX03' },
  })
  t.equal(stateOf(closed, 'lead'), 'L10')
})

t.test('a lost race: one of two writers is told who was faster', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  await walk.read()
  const move = toInvestigation[0] as Move
  const { version } = walk
  const replies = await Promise.all(['operator1', 'operator2'].map((as) => walk.attempt({ ...move, as, version })))
  t.same(replies.map(({ status }) => status).sort(), [200, 409])
  const lost = replies.find(({ status }) => status === 409)
  t.match(lost?.body, { code: 'FILE_CHANGED', changed: [{ version: 3, action: 't5' }] })
  t.same(
    lost?.body.issues?.map(({ path }) => path),
    ['body.version'],
  )
})

t.test('the list: newest first, by state, in pages, with the next end', async (t) => {
  const walk = await openFile()
  const { cloud } = walk
  t.teardown(() => cloud.close())
  await walk.go(toInvestigation.slice(0, 1))
  cloud.clock.advance(60_000)
  const second = cloud.addLead()
  await cloud.files?.clock.tick('test')
  type Page = { body: { items: { id: string; state: string; next_due_at: string }[]; next: string | null } }
  const list = async (query: string): Promise<Page['body']> =>
    ((await cloud.as('head', 'GET', `/v1/files?${query}`)) as Page).body
  const first = await list('limit=1')
  t.same(
    first.items.map(({ id, state }) => [id, state]),
    [[second, 'L2']],
  )
  t.equal(first.items[0]?.next_due_at, '2026-03-02T07:01:00.000Z', 'half an hour to triage')
  const rest = await list(`limit=1&cursor=${first.next ?? ''}`)
  t.same([rest.items.map(({ id }) => id), rest.next], [[walk.id], null])
  t.same(
    (await list('state=L3')).items.map(({ id }) => id),
    [walk.id],
  )
})

t.test('intake waits for footage, and a digest that differs puts the lead in quarantine', async (t) => {
  const cloud = await openCloud({ law: testLaw() })
  t.teardown(() => cloud.close())
  cloud.digests.hold = null
  const walk = new FileWalk(cloud, cloud.addLead())
  await cloud.files?.clock.tick('test')
  t.equal(stateOf(await walk.read(), 'lead'), 'L0', 'nothing is here to check')
  cloud.digests.hold = false
  await cloud.files?.clock.tick('test')
  const held = await walk.read('technician')
  t.equal(stateOf(held, 'lead'), 'L1')
  t.equal((await walk.read('head')).inputs['lead.fault_kind'], 'digest')
  const clear = { as: 'technician', do: 't4', reason: 'checked' }
  t.match(await walk.attempt(clear), { status: 422, body: { code: 'STEP_CONDITION' } }, 'nobody clears a wrong digest')
})

t.test('with a pack the thin road files nothing', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  t.equal(walk.cloud.leads.open({ name: 'head', roles: ['head'] }, walk.id).mode, 'LEAD_MODE')
})

t.test('strangers, other roles, unknown files, and a cloud without a pack', async (t) => {
  const walk = await openFile()
  t.teardown(() => walk.cloud.close())
  const { cloud, id } = walk
  const url = `/v1/files/${id}`
  t.equal((await cloud.app.inject({ method: 'GET', url })).statusCode, 401)
  t.match(await cloud.as('wall', 'GET', url), { status: 403 })
  t.match(await cloud.as('sysadmin', 'GET', url), { status: 403 })
  const none = '/v1/files/01a2016a-2030-7e17-a546-297dc6b76479'
  t.match(await cloud.as('head', 'GET', none), { status: 404, body: { code: 'FILE_NOT_FOUND' } })
  t.match(await cloud.as('operator1', 'POST', `${none}/steps`, { do: 't5', version: 0 }), { status: 404 })
  const technician = await walk.read('technician')
  t.ok(
    technician.papers.every(({ fields }) => fields === null),
    'a technician reads no papers',
  )
  const thin = await openCloud()
  t.teardown(() => thin.close())
  const lead = thin.addLead()
  t.match(await thin.as('head', 'GET', `/v1/files/${lead}`), { status: 404, body: { code: 'PACK_MISSING' } })
})

t.test('what the box says later of the act is noted, until an officer says it', async (t) => {
  const cloud = await openCloud({ law: testLaw() })
  t.teardown(() => cloud.close())
  const incident = cloud.addLead()
  const walk = new FileWalk(cloud, incident)
  await cloud.files?.clock.tick('test')
  const ends = async (): Promise<unknown[]> =>
    (await walk.read()).log.filter(({ did }) => did === 'EV25').map(({ set }) => set?.['act.end_at'])
  t.equal((await walk.read()).inputs['act.end_at'], null, 'it goes on')
  cloud.clock.advance(60_000)
  cloud.addLead({ incident, phase: 'over', to: '2026-03-02T06:30:30.000Z' })
  t.same(await ends(), ['2026-03-02T06:30:30.000Z'])
  cloud.addLead({ incident, phase: 'over', to: '2026-03-02T06:30:30.000Z' })
  t.same(await ends(), ['2026-03-02T06:30:30.000Z'], 'the same record twice is noted once')
  await walk.take({ as: 'officer_a', do: 'EV25', set: { 'act.end_at': '2026-03-02T06:29:00.000Z' } })
  cloud.clock.advance(60_000)
  cloud.addLead({ incident, phase: 'over', to: '2026-03-02T06:31:30.000Z' })
  t.equal((await walk.read()).inputs['act.end_at'], '2026-03-02T06:29:00.000Z')
})

t.test('a patrol begins a file by itself, and the box is not asked', async (t) => {
  const cloud = await openCloud({ law: testLaw() })
  t.teardown(() => cloud.close())
  const { url, payload: begin } = patrolBegins()
  const wrong = await cloud.as('operator1', 'POST', url, { ...begin, set: { 'lead.source': 'edge' } })
  t.match(wrong, { status: 403, body: { code: 'ROLE_CONDITION' } }, 'a person is no box')
  const ended = await cloud.as('operator1', 'POST', url, {
    ...begin,
    set: { ...begin.set, 'act.end_at': '2026-03-02T06:10:00.000Z' },
  })
  t.match(ended, { status: 403, body: { code: 'INPUT_NOT_YOURS' } }, 'the end of an act is for box and officer')
  const { status, body } = (await cloud.as('operator1', 'POST', url, begin)) as Reply
  t.equal(status, 200)
  t.equal(stateOf(body, 'lead'), 'L2')
  t.equal(body.inputs['lead.dissuasion_allowed'], true)
})
