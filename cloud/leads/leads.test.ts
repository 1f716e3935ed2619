import fc from 'fast-check'
import t from 'tap'
import {
  leadActions,
  leadStates,
  rejectKeys,
  roles,
  type ReasonedRefusal,
  type Role,
} from '../../contracts/api/index.js'
import { type EpochMs, fromRfc3339, toRfc3339 } from '../../contracts/base/index.js'
import { makeArrival } from '../api/cloud.fixture.js'
import type { LeadFlow, ReviewRow } from '../store/leads.js'
import { foldEvent, type EventArrival } from './fold-event.js'
import { claimMs, leadNow, refusalsOf, stepLead, type Actor, type LeadCommand, type LeadContext } from './life-cycle.js'

const t0 = Date.UTC(2026, 2, 2, 6) as EpochMs
const fresh: LeadFlow = {
  state: 'L2',
  version: 0,
  round: 1,
  claim_by: null,
  claim_until_at: null,
  decision: null,
  merged_into: null,
  case_id: null,
  confirmed: false,
}
const someone = (name: string, ...held: Role[]): Actor => ({ name, roles: held })
const op1 = someone('op1', 'operator')
const op2 = someone('op2', 'operator')

/** A lead with its reviews and log, stepped like the desk steps it. */
class Model {
  flow = fresh
  nowMs: number = t0
  reviews: { round: number; row: ReviewRow }[] = []
  acceptedBy: string[] = []
  mode: 'LEAD_MODE' | 'EVIDENCE_MODE' = 'EVIDENCE_MODE'
  context(actor: Actor): LeadContext {
    const nowMs = this.nowMs as EpochMs
    return {
      lead: leadNow(this.flow, nowMs),
      actor,
      nowMs,
      reviews: this.reviews.filter(({ round }) => round === this.flow.round).map(({ row }) => row),
      acceptedBy: this.acceptedBy,
      mode: this.mode,
    }
  }
  /** Codes of the refusals, empty when the step was taken. */
  do(actor: Actor, command: LeadCommand): string[] {
    const { round } = this.flow
    const result = stepLead(command, this.context(actor))
    if ('refusals' in result) return result.refusals.map(({ code }) => code)
    if (result.review !== undefined) this.reviews.push({ round, row: result.review })
    if (command.action === 'accept') this.acceptedBy.push(actor.name)
    this.flow = result.next
    return []
  }
}
const accept: LeadCommand = { action: 'accept', note: '' }
const claim: LeadCommand = { action: 'claim' }
const verdict = (word: 'confirm' | 'reject'): LeadCommand => ({ action: 'review', verdict: word, note: 'seen' })
const officerA = someone('oa', 'officer_a')
const officerB = someone('ob', 'officer_b')
const head = someone('head', 'head')
const file: LeadCommand = { action: 'file', caseId: 'case-1' }

t.test('the thin road, step by step, with what is refused on the way', async (t) => {
  const lead = new Model()
  const table: [string, Actor, LeadCommand, string[], string][] = [
    ['nobody decides without a claim', op1, accept, ['LEAD_NOT_CLAIMED'], 'L2'],
    ['an officer does not claim', officerA, claim, ['ROLE_WRONG'], 'L2'],
    ['an operator claims', op1, claim, [], 'L3'],
    ['a second one cannot', op2, claim, ['LEAD_CLAIMED'], 'L3'],
    ['nor decide', op2, accept, ['LEAD_NOT_CLAIMED'], 'L3'],
    ['the holder claims again', op1, claim, [], 'L3'],
    [
      'a reason that needs an earlier step',
      op1,
      { action: 'reject', code: 'RX05', note: '' },
      ['CLOSE_REASON_NEEDS'],
      'L3',
    ],
    [
      'merge without a fitting host',
      op1,
      { action: 'merge', into: 'x', note: '', hostFits: false },
      ['LEAD_MERGE_HOST'],
      'L3',
    ],
    ['accept', op1, accept, [], 'L8'],
    ['the head waits for both', head, file, ['FILE_REVIEWS_MISSING'], 'L8'],
    ['the operator does not review', someone('op1', 'officer_a'), verdict('confirm'), ['REVIEW_TRIAGED'], 'L8'],
    [
      'a review without a word',
      officerA,
      { action: 'review', verdict: 'confirm', note: ' ' },
      ['REVIEW_NOTE_MISSING'],
      'L8',
    ],
    ['first review', officerA, verdict('confirm'), [], 'L8'],
    ['the same officer again', officerA, verdict('confirm'), ['REVIEW_SAME_OFFICER'], 'L8'],
    ['still not for the head', head, file, ['FILE_REVIEWS_MISSING'], 'L8'],
    ['second review', officerB, verdict('confirm'), [], 'L8'],
    ['a third one', someone('oc', 'officer_a'), verdict('confirm'), ['REVIEW_COMPLETE'], 'L8'],
    ['an officer who is also head', someone('oa', 'head'), file, ['FILE_SEPARATION'], 'L8'],
    ['the head files', head, file, [], 'L9'],
    ['never twice', head, file, ['LEAD_STATE'], 'L9'],
  ]
  for (const [name, actor, command, refused, state] of table) {
    t.same(lead.do(actor, command), refused, name)
    t.equal(lead.flow.state, state, `${name}: ${state}`)
  }
})

t.test('one rejection returns the lead to the operator, and the next round starts blind', async (t) => {
  const lead = new Model()
  lead.do(op1, claim)
  lead.do(op1, accept)
  const before = lead.flow
  lead.do(officerA, verdict('reject'))
  t.same(lead.flow, before, 'a first verdict changes nothing that can be read, whatever it says')
  lead.do(officerB, verdict('confirm'))
  t.match(lead.flow, { state: 'L3', claim_by: 'op1', round: 2, decision: null, confirmed: false })
  t.same(lead.do(op1, accept), [])
  t.same(lead.do(officerA, verdict('confirm')), [], 'the same officers may review the new round')
})

t.test('every refusal says reason, source, rule and next step in both languages (U14)', async (t) => {
  const parts = ({ says, article, next }: ReasonedRefusal): string[] =>
    [says, article, next].flatMap(({ zh, en }) => [zh, en])
  const met = new Set<string>()
  const walk = (
    mode: 'LEAD_MODE' | 'EVIDENCE_MODE',
    state: (typeof leadStates)[number],
    holder: string | null,
  ): void => {
    for (const action of leadActions)
      for (const name of ['op1', 'oa'])
        for (const role of roles) {
          const lead = {
            ...fresh,
            state,
            claim_by: holder,
            claim_until_at: holder === null ? null : toRfc3339((t0 + claimMs) as EpochMs),
          }
          const row: ReviewRow = { officer: 'oa', verdict: 'confirm', note: 'x', at: '' }
          const context = { lead, actor: someone(name, role), nowMs: t0, reviews: [row], acceptedBy: ['op1'], mode }
          for (const refusal of refusalsOf(action, context)) {
            met.add(refusal.code)
            if (refusal.gate === '' || parts(refusal).some((text) => text.length < 3))
              t.fail(`${refusal.code}: ${JSON.stringify(refusal)}`)
          }
        }
  }
  for (const mode of ['LEAD_MODE', 'EVIDENCE_MODE'] as const)
    for (const state of leadStates) for (const holder of ['op1', 'op2', null]) walk(mode, state, holder)
  t.same([...met].sort(), [
    'FILE_LEAD_MODE',
    'FILE_REVIEWS_MISSING',
    'FILE_SEPARATION',
    'LEAD_CLAIMED',
    'LEAD_NOT_CLAIMED',
    'LEAD_STATE',
    'REVIEW_SAME_OFFICER',
    'REVIEW_TRIAGED',
    'ROLE_WRONG',
  ])
})

t.test('LEAD_MODE refuses filing with its reason, article and next step', async (t) => {
  const lead = new Model()
  lead.mode = 'LEAD_MODE'
  lead.do(op1, claim)
  lead.do(op1, accept)
  lead.do(officerA, verdict('confirm'))
  lead.do(officerB, verdict('confirm'))
  t.same(lead.do(head, file), ['FILE_LEAD_MODE'])
  const [refusal] = refusalsOf('file', lead.context(head))
  t.match(refusal, {
    gate: 'G8',
    says: { zh: /线索模式/, en: /lead mode/ },
    article: { zh: /第四十一条/ },
    next: { zh: /./ },
  })
})

t.test('a claim lapses after ten minutes', async (t) => {
  const lead = new Model()
  lead.do(op1, claim)
  lead.nowMs += claimMs - 1
  t.same(lead.do(op2, claim), ['LEAD_CLAIMED'])
  lead.nowMs += 1
  t.same(lead.do(op1, accept), ['LEAD_NOT_CLAIMED'], 'the first one lost it')
  t.same(lead.do(op2, claim), [])
  t.equal(lead.flow.claim_by, 'op2')
})

t.test('every refusal has a sentence in both languages, a code and a next step', async (t) => {
  for (const action of leadActions)
    for (const state of ['L2', 'L3', 'L8', 'L9', 'L10'] as const)
      for (const role of roles) {
        const lead = new Model()
        lead.flow = {
          ...fresh,
          state,
          claim_by: state === 'L3' ? 'op9' : null,
          claim_until_at: state === 'L3' ? '2027-01-01T00:00:00.000Z' : null,
        }
        for (const { says, next, code } of refusalsOf(action, lead.context(someone('x', role))))
          if (says.zh === '' || says.en === '' || next.zh === '' || !/^[A-Z_]+$/.test(code))
            t.fail(`${action} ${state} ${role}`)
      }
  t.pass('walked')
})

t.test('whatever people try: one holder, two different reviewers before a case, never a lower version', async (t) => {
  const people = [op1, op2, officerA, officerB, head, someone('all', 'operator', 'officer_a', 'officer_b', 'head')]
  const commands: fc.Arbitrary<LeadCommand> = fc.oneof(
    fc.constantFrom<LeadCommand>(claim, { action: 'release' }, accept, { action: 'clip' }, file),
    fc.constantFrom(...rejectKeys).map((code): LeadCommand => ({ action: 'reject', code, note: '' })),
    fc.constantFrom(verdict('confirm'), verdict('reject')),
    fc.record({
      action: fc.constant('merge' as const),
      into: fc.constant('other'),
      note: fc.constant(''),
      hostFits: fc.boolean(),
    }),
  )
  const turn = fc.record({
    who: fc.constantFrom(...people),
    command: commands,
    waitMs: fc.constantFrom(0, 1_000, claimMs),
  })
  // A road that mostly goes on, so that the end is really reached.
  const road: { who: Actor; command: LeadCommand; waitMs: number }[] = [
    { who: op1, command: claim, waitMs: 0 },
    { who: op1, command: accept, waitMs: 0 },
    { who: officerA, command: verdict('confirm'), waitMs: 0 },
    { who: officerB, command: verdict('confirm'), waitMs: 0 },
    { who: head, command: file, waitMs: 0 },
  ]
  const turns = fc.tuple(
    fc.array(turn, { maxLength: 30 }),
    fc.integer({ min: 0, max: road.length }),
    fc.array(turn, { maxLength: 10 }),
  )
  let filed = 0
  const seed = Number(process.env['KW_SEED'] ?? 20261122)
  t.comment(`seed ${seed}`)
  fc.assert(
    fc.property(turns, ([some, upTo, more]) => {
      const lead = new Model()
      for (const { who, command, waitMs } of [
        ...some.slice(0, 12),
        ...road.slice(0, upTo),
        ...more,
        ...some.slice(12),
      ]) {
        lead.nowMs += waitMs
        const before = leadNow(lead.flow, lead.nowMs as EpochMs)
        const refused = lead.do(who, command)
        const after = lead.flow
        if (refused.length > 0) continue
        if (after.version < before.version) return false
        if (before.claim_by !== null && before.claim_by !== who.name && after.claim_by === who.name) return false
        if (['accept', 'reject', 'merge'].includes(command.action) && before.claim_by !== who.name) return false
        if (command.action === 'file') {
          filed += 1
          const round = lead.reviews.filter((one) => one.round === after.round).map(({ row }) => row)
          const names = new Set(round.map(({ officer }) => officer))
          if (names.size !== 2 || round.some((row) => row.verdict === 'reject')) return false
          if (names.has(who.name) || lead.acceptedBy.some((name) => names.has(name) || name === who.name)) return false
        }
        if (before.state === 'L10') return false // closed stays closed
      }
      return true
    }),
    { seed, numRuns: 600 },
  )
  t.ok(filed > 20, `the end was reached ${filed} times`)
})

t.test('phases in any order and any repetition give one and the same lead', async (t) => {
  const base = makeArrival(t0)
  const phase = fc.record({
    seq: fc.integer({ min: 1, max: 40 }),
    phase: fc.constantFrom('confirmed' as const, 'updated' as const, 'over' as const),
    lastS: fc.integer({ min: 0, max: 900 }),
    grade: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
    stills: fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 5 }),
    sync: fc.constantFrom('synced' as const, 'unsynced' as const),
    errUs: fc.option(fc.integer({ min: 0, max: 3_000_000 }), { nil: null }),
  })
  const toArrival = (p: typeof phase extends fc.Arbitrary<infer T> ? T : never): EventArrival => {
    const lastAt = toRfc3339((t0 + p.lastS * 1_000) as EpochMs)
    const stills = p.stills.map((n) => ({
      kind: 'act' as const,
      at: lastAt,
      sha256: String(n).padStart(64, '0'),
      bytes: 1,
      w_px: 2,
      h_px: 2,
      idx: 1,
      pts_ms: 0,
    }))
    const time = toRfc3339((t0 + p.seq * 1_000) as EpochMs)
    return {
      ...base,
      seq: p.seq,
      time,
      clock: { ...base.clock, sync: p.sync, err_us: p.errUs },
      body: { ...base.body, phase: p.phase, to: lastAt, grade: p.grade, stills },
    }
  }
  const fold = (arrivals: readonly EventArrival[]) =>
    arrivals.reduce<ReturnType<typeof foldEvent> | null>(foldEvent, null)
  // One record a sequence number: the chain has no two.
  const records = fc
    .uniqueArray(phase, { selector: ({ seq }) => seq, minLength: 1, maxLength: 8 })
    .map((list) => list.map(toArrival))
  const shuffled = records.chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.shuffledSubarray([...list, ...list], { minLength: list.length, maxLength: list.length * 2 }),
    ),
  )
  fc.assert(
    fc.property(shuffled, ([list, some]) => {
      const again = [...some, ...list] // everything at least once, in another order, partly twice
      return JSON.stringify(fold(again)) === JSON.stringify(fold(list))
    }),
    { seed: 20261122, numRuns: 200 },
  )
  const one = fold([
    toArrival({ seq: 1, phase: 'confirmed', lastS: 5, grade: 2, stills: [1], sync: 'synced', errUs: 10 }),
    toArrival({ seq: 2, phase: 'over', lastS: 9, grade: 4, stills: [2], sync: 'synced', errUs: 20 }),
  ])
  t.match(one, { over: true, grade: 4, time_unsure: false, stills: [{}, {}] })
  t.equal(fromRfc3339(one?.last_at ?? ''), t0 + 9_000)
})
