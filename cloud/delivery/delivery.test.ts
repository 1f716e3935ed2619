// Goal: whoever tries whatever in whichever order over real SQLite, nothing is filed or issued without an operator, two officers,
// a head and a legal reviewer who are five people; a stale version never writes; numbers have no gap.
import fc from 'fast-check'
import t from 'tap'
import { RefusedError, roles, type Party } from '../../contracts/api/index.js'
import { ManualClock } from '../../contracts/base/manual-clock.js'
import { makeArrival, seededIds } from '../api/cloud.fixture.js'
import { caseOf, gates, refusalsAgainst, road, type CaseEntry, type GateFacts } from '../cases/index.js'
import { loadPolicy } from '../documents/index.js'
import { leadDesk, makeChanges, type Actor, type LeadWish } from '../leads/index.js'
import { caseStore } from '../store/cases.js'
import { openDatabase } from '../store/database.js'
import { stationMigrations } from '../store/migrations.js'
import { portalStore } from '../store/portal.js'
import { caseDesk } from './case-desk.js'
import { makeLinks } from './links.js'

const policy = loadPolicy(new URL('../../policy/demo', import.meta.url).pathname)
const party: Party = { kind: 'person', name: '王某', contact: '' }

function openDesks(seed: string) {
  const clock = new ManualClock()
  const ids = seededIds(seed)
  const database = openDatabase({ file: ':memory:', migrations: stationMigrations })
  const changes = makeChanges()
  const placeOf = () => ({ name: 'x' })
  const nothing = (): void => undefined
  const clips = {
    requestClip: nothing,
    requestSpan: nothing,
    hold: nothing,
    clipOf: () => ({ state: 'none', sha256: null, missingS: 0, percent: 0 }) as const,
  }
  const leads = leadDesk({ database, clock, clips, changes, modeOf: (cause) => policy.modes[cause], placeOf })
  const codeHash = { hash: (code: string) => Promise.resolve(`$argon2id$${code}`), verify: () => Promise.resolve(true) }
  const links = makeLinks({ store: portalStore(database), clock, ids, codeHash })
  const base = { database, clock, ids, leads, links, changes, policy, placeOf, publicUrl: 'http://x' }
  const cases = caseDesk({ ...base, digestsHold: () => Promise.resolve(null) })
  return { clock, ids, database, leads, cases, store: caseStore(database) }
}

const people: Actor[] = [
  { name: 'op1', roles: ['operator'] },
  { name: 'op2', roles: ['operator'] },
  { name: 'oa', roles: ['officer_a'] },
  { name: 'ob', roles: ['officer_b'] },
  { name: 'hd', roles: ['head'] },
  { name: 'lr', roles: ['legal_reviewer'] },
  { name: 'all', roles: ['operator', 'officer_a', 'officer_b', 'head', 'legal_reviewer'] },
  { name: 'sup', roles: ['supervisor', 'technician', 'wall'] },
]
type Try = { who: number; what: number; lead: number; stale: boolean }
const acts = ['claim', 'accept', 'confirm', 'reject_review', 'file', 'notice', 'link'] as const
const turn = fc.record({
  who: fc.nat(people.length - 1),
  what: fc.nat(acts.length - 1),
  lead: fc.nat(1),
  stale: fc.boolean(),
})
/** The road of one lead by the right people, so that the end is reached often. */
const rightWay = (lead: number): Try[] =>
  [
    [0, 0],
    [0, 1],
    [2, 2],
    [3, 2],
    [4, 4],
    [5, 5],
  ].map(([who = 0, what = 0]) => ({ who, what, lead, stale: false }))

t.test('five people behind every notice, whatever is tried', async (t) => {
  const seed = Number(process.env['KW_SEED'] ?? 20261122)
  t.comment(`seed ${seed}`)
  let noticeCount = 0
  let staleCount = 0
  const walk = fc.tuple(
    fc.array(turn, { maxLength: 25 }),
    fc.constantFrom<number[]>([], [0], [1], [0, 1]),
    fc.array(turn, { maxLength: 25 }),
  )
  await fc.assert(
    fc.asyncProperty(walk, async ([before, ways, after]) => {
      const { database, leads, cases, store, ids, clock } = openDesks('walk')
      const leadIds = [0, 1].map(() => {
        const incident = ids.uuidv7(clock.wallMs())
        leads.applyEvent(makeArrival(clock.wallMs(), { incident }))
        return incident
      })
      const logs = (): string => JSON.stringify(database.prepare('select * from case_log').all())
      for (const { who, what, lead, stale } of [...before, ...ways.flatMap(rightWay), ...after]) {
        const actor = people[who]
        const row = leads.find(leadIds[lead] ?? '')
        const act = acts[what]
        if (actor === undefined || row === null || act === undefined) continue
        const log = row.case_id === null ? [] : store.log(row.case_id)
        const version = (act === 'notice' || act === 'link' ? log.length : row.version) - (stale ? 1 : 0)
        const untouched = JSON.stringify(leads.find(row.id)) + logs()
        try {
          if (act === 'file') cases.file(actor, row.id, version, party)
          else if (act === 'notice')
            await cases.issue(actor, row.case_id ?? '', { version, textId: 'demo-notice-vending-1', timeNote: null })
          else if (act === 'link') await cases.replaceLink(actor, row.case_id ?? '', version)
          else leads.act(actor, row.id, version, wishes[act])
          if (stale) return false
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error
          if (stale) staleCount += 1
          if (JSON.stringify(leads.find(row.id)) + logs() !== untouched) return false
        }
      }
      const numbers: string[] = []
      for (const id of leadIds) {
        const row = leads.find(id)
        if (row?.case_id == null) continue
        const file = caseOf(row.case_id, store.log(row.case_id) as unknown as CaseEntry[])
        const { operator, officers, head } = file.filed
        const team = [operator, ...officers, head, ...(file.notice === null ? [] : [file.notice.legal_reviewer])]
        if (officers.length !== 2 || new Set(team).size !== team.length || team.includes('')) return false
        if (file.notice !== null) numbers.push(file.notice.number)
      }
      noticeCount += numbers.length
      const wanted = numbers.map((_, index) => `演示〔2026〕000${index + 1} 号`)
      database.close()
      return JSON.stringify(numbers.sort()) === JSON.stringify(wanted)
    }),
    { seed, numRuns: 150 },
  )
  t.ok(noticeCount > 30, `${noticeCount} notices were reached`)
  t.ok(staleCount > 100, `${staleCount} stale tries were refused`)
})

const wishes: Record<'claim' | 'accept' | 'confirm' | 'reject_review', LeadWish> = {
  claim: { action: 'claim' },
  accept: { action: 'accept', note: '' },
  confirm: { action: 'review', verdict: 'confirm', note: 'seen' },
  reject_review: { action: 'review', verdict: 'reject', note: 'not seen' },
}

t.test('each gate of the road can fail, and says sentence, article and next step in both languages', async (t) => {
  const good: GateFacts = {
    reviewsConfirm: true,
    officers: ['oa', 'ob'],
    operators: ['op'],
    head: 'hd',
    actor: 'lr',
    mode: 'EVIDENCE_MODE',
    lawBasis: 'basis',
    timeUnsure: false,
    timeNote: null,
    textFits: true,
    digestsHold: true,
  }
  const bad: Record<keyof typeof gates, Partial<GateFacts>[]> = {
    G1: [{ digestsHold: false }],
    TIME: [{ timeUnsure: true }, { timeUnsure: true, timeNote: ' ' }],
    G7: [{ officers: ['oa'] }, { officers: ['oa', 'oa'] }, { officers: [] }],
    G8: [{ mode: 'LEAD_MODE' }, { lawBasis: null }],
    G10: [{ reviewsConfirm: false }],
    SD: [{ actor: 'oa' }, { actor: 'op' }, { actor: 'hd' }, { head: 'ob' }],
    TEXT: [{ textFits: false }],
  }
  for (const [id, gate] of Object.entries(gates)) {
    t.ok(gate.holds(good), `${id} holds`)
    for (const change of bad[id as keyof typeof gates])
      t.notOk(gate.holds({ ...good, ...change }), `${id} fails: ${JSON.stringify(change)}`)
    const { says, article, next } = gate.refusal
    for (const text of [says, article, next]) t.ok(text.zh !== '' && text.en !== '', id)
  }
  for (const { action, from, role } of road) {
    for (const other of [...roles, 'party' as const])
      if (other !== role) {
        const actor = { name: 'x', roles: other === 'party' ? ('party' as const) : [other] }
        t.match(refusalsAgainst(action, from, actor, good), [{ code: 'ROLE_WRONG' }], `${action} is not for ${other}`)
      }
    const right = { name: 'lr', roles: role === 'party' ? ('party' as const) : [role] }
    t.same(refusalsAgainst(action, from, right, good), [], action)
    t.match(
      refusalsAgainst(action, from === 'C6' ? 'C5' : 'C6', right, good),
      [{ code: 'CASE_STATE' }],
      `${action} from elsewhere`,
    )
  }
  const all = refusalsAgainst(
    'notice',
    'C5',
    { name: 'oa', roles: ['legal_reviewer'] },
    { ...good, actor: 'oa', textFits: false, timeUnsure: true },
  )
  t.same(
    all.map(({ gate }) => gate),
    ['SD3', 'G1-time', 'G12-text'],
    'all failing gates are said at once',
  )
})

t.test('a log that cannot have come about is not read', async (t) => {
  const filed = {
    kind: 'filed',
    lead: 'l',
    number: 'n',
    cause: 'dust',
    mode: 'EVIDENCE_MODE',
    policy: 'p',
    operator: 'o',
    officers: ['a', 'b'],
    head: 'h',
    party,
    time_unsure: false,
  } as const
  const at = '2026-03-02T06:00:00.000Z'
  const entry = (seq: number, event: CaseEntry['event']): CaseEntry => ({ seq, at, by: 'x', event })
  const notice = {
    kind: 'notice_issued',
    notice: 'i',
    number: 'n',
    text_id: 't',
    time_note: null,
    legal_reviewer: 'l',
    sha256: 's',
  } as const
  t.match(caseOf('c', [entry(1, filed), entry(2, notice)]), { state: 'C6', version: 2 })
  for (const log of [
    [],
    [entry(1, notice)],
    [entry(1, filed), entry(3, notice)],
    [entry(1, filed), entry(2, filed)],
    [entry(1, filed), entry(2, notice), entry(3, notice)],
  ])
    t.throws(() => caseOf('c', log), { code: 'CASE_LOG_BROKEN' })
})
