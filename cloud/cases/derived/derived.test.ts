import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Proposal } from '../../../contracts/api/index.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import { emptyFile, inputOf, type FileView } from '../engine/index.js'
import { joinLayers, parseLayer, type PolicyPack } from '../pack/index.js'
import { checklists, commonChecklist, exceptions, process as law, type InputId, type Value } from '../process/index.js'
import {
  addTo,
  derivations,
  deriveInputs,
  lackingParticulars,
  listsOf,
  misplaced,
  noMatter,
  parseRegisters,
  type Look,
  type Matter,
  type OtherAct,
} from './index.js'

const layer = (name: string): NonNullable<ReturnType<typeof parseLayer>['layer']> => {
  const path = new URL(`../../../policy/${name}/pack.yaml`, import.meta.url)
  const { layer: found } = parseLayer(readFileSync(path, 'utf8'), name)
  if (found === null) throw new Error(name)
  return found
}
const pack: PolicyPack = { ...joinLayers(layer('base'), layer('shanghai')), demo: true }
const unread: PolicyPack = { ...pack, demo: false }
const nowMs = Date.parse('2026-03-02T06:30:00Z') as EpochMs

const { registers } = parseRegisters(
  `
version: test
areas:
  - { name: a, polygon: [[121, 31], [122, 31], [122, 32], [121, 32]], source: s, valid_from: '2020-01-01', valid_to: null }
grants: [ { item: SH-SR-21-1, source: s, valid_from: '2022-12-01', valid_to: '2026-12-31' } ]
officers:
  - { account: li, certificate: '1', valid_from: '2024-01-01', valid_to: '2026-06-30' }
  - { account: wang, certificate: '2', valid_from: '2024-01-01', valid_to: null }
  - { account: aux, certificate: null, valid_from: '2024-01-01', valid_to: null }
  - { account: law, certificate: null, legal_review: true, valid_from: '2024-01-01', valid_to: null }
`,
  'registers.yaml',
)
const place = { name: 'x', lat_deg: 31.5, lon_deg: 121.5 }
const party = { kind: 'person', name: 'n', id_type: 'i', id_number: '1', source: 's' } as const
const fine: Proposal = { kinds: ['fine'], benchmark: null, complex: false, mitigation: false, transfer: false }
const proposal = (fineFen: number | null, more: Partial<Proposal> = {}): Matter['proposal'] => ({
  ...fine,
  ...more,
  item: 'SH-SR-21-1',
  fineFen,
})
const other: OtherAct = {
  file: 'f',
  hasCase: true,
  outcome: 'open',
  cause: 'vending',
  place,
  from: '2026-03-02T05:00:00.000Z',
  end: null,
}
const act = (
  role: Matter['acts'][number]['role'],
  person: string,
  did: string,
  day = '2026-03-02',
): Matter['acts'][number] => ({
  role,
  person,
  did,
  atMs: Date.parse(`${day}T06:00:00Z`) as EpochMs,
})

interface Case {
  readonly matter?: Partial<Matter>
  readonly inputs?: FileView['inputs']
  readonly documents?: FileView['documents']
  readonly others?: readonly OtherAct[]
  readonly pack?: PolicyPack
  readonly evidence?: Partial<Look['around']['evidence']>
  readonly did?: string
}
function look(one: Case): Look {
  if (registers === null) throw new Error('registers')
  const inputs = {
    'act.end_at': '2026-03-02T06:10:00.000Z',
    'act.discovered_at': '2026-03-02T06:20:00.000Z',
    ...one.inputs,
  }
  const view: FileView = { ...emptyFile, inputs, documents: one.documents ?? [] }
  return {
    view,
    party: 0,
    did: one.did ?? '',
    matter: {
      ...noMatter,
      cause: 'vending',
      place,
      from: '2026-03-02T06:00:00.000Z',
      item: 'SH-SR-21-1',
      parties: [party],
      officers: { a: 'li', b: 'wang' },
      noConflict: ['li', 'wang'],
      ...one.matter,
    },
    around: {
      nowMs,
      pack: one.pack ?? pack,
      registers,
      others: one.others ?? [],
      evidence: {
        fromBox: true,
        signatures: true,
        digests: true,
        chain: true,
        clockErrorMs: 900,
        clockNamed: true,
        ...one.evidence,
      },
    },
    input: (id: InputId): Value | undefined => inputOf(law, view, id),
  }
}

const far = { lat_deg: 31.6, lon_deg: 121.5 }
/** Each derived input with what makes it so; `undefined`: not known, so the gate that asks it says so. */
const rows: readonly [InputId, Value | undefined, string, Case][] = [
  ['evidence.has_electronic', true, 'a lead of a box', {}],
  ['evidence.has_electronic', false, 'a complaint', { evidence: { fromBox: false } }],
  ['evidence.has_electronic', true, 'a fixing list', { evidence: { fromBox: false }, documents: ['D02'] }],
  ['evidence.digests_ok', undefined, 'nothing here to check', { evidence: { digests: null } }],
  ['evidence.digests_ok', false, 'one object differs', { evidence: { digests: false } }],
  ['evidence.chain_ok', false, 'a hole in the chain', { evidence: { chain: false } }],
  ['evidence.clock_ok', true, 'within the bound', { evidence: { clockErrorMs: 1_000 } }],
  ['evidence.clock_ok', false, 'over the bound', { evidence: { clockErrorMs: 1_001 } }],
  ['evidence.clock_ok', false, 'no error known', { evidence: { clockErrorMs: null } }],
  ['evidence.clock_ok', undefined, 'the bound is not usable', { pack: unread }],
  ['evidence.none_lead_only', false, 'cleared as lead only', { inputs: { 'lead.evidence_grade': 'LEAD_ONLY' } }],
  ['act.no_prior_case', true, 'no other file', {}],
  ['act.no_prior_case', false, 'same party, place and time', { others: [other] }],
  ['act.no_prior_case', true, 'another street', { others: [{ ...other, place: far }] }],
  ['act.no_prior_case', false, 'a place that nobody knows', { others: [{ ...other, place: null }] }],
  ['act.no_prior_case', true, 'another time', { others: [{ ...other, end: '2026-03-02T05:59:59.999Z' }] }],
  ['act.no_prior_case', true, 'withdrawn', { others: [{ ...other, outcome: 'withdrawn' }] }],
  ['act.no_prior_case', true, 'a lead without a case', { others: [{ ...other, hasCase: false }] }],
  ['act.no_prior_case', undefined, 'no party yet', { matter: { parties: [] } }],
  ['act.no_previous_fine', true, 'an open case is no fine', { others: [other] }],
  ['act.no_previous_fine', false, 'a penalty', { others: [{ ...other, outcome: 'penalty' }] }],
  ['act.no_previous_fine', false, 'another authority fined', { inputs: { 'act.other_fine': true } }],
  ['limitation.open', true, 'found at once', {}],
  ['limitation.open', true, 'it goes on', { inputs: { 'act.end_at': null } }],
  ['limitation.open', true, 'the last day', { inputs: { 'act.end_at': '2024-03-02T01:00:00Z' } }],
  ['limitation.open', false, 'a day over two years', { inputs: { 'act.end_at': '2024-03-01T01:00:00Z' } }],
  [
    'limitation.open',
    true,
    'five years with harm',
    { inputs: { 'act.end_at': '2024-03-01T01:00:00Z' }, matter: { grave: true } },
  ],
  ['place.in_area', true, 'inside', {}],
  ['place.in_area', false, 'outside', { matter: { place: { ...place, lat_deg: 32.5 } } }],
  ['place.in_area', undefined, 'not surveyed', { matter: { place: { name: 'x', lat_deg: null, lon_deg: null } } }],
  ['item.granted', true, 'on the list', {}],
  ['item.granted', false, 'another item', { matter: { item: 'NONE' } }],
  ['item.granted', false, 'before the grant', { inputs: { 'act.end_at': '2022-11-30T01:00:00Z' } }],
  ['item.nonsite_listed', false, 'the list is empty', {}],
  [
    'checklist.missing',
    commonChecklist.length + checklists.vending.filter(({ obligatory }) => obligatory).length,
    'nothing answered',
    {},
  ],
  ['checklist.missing', undefined, 'no cause', { matter: { cause: null } }],
  ['exceptions.unanswered', exceptions.vending.length, 'nothing asked', {}],
  [
    'exceptions.hit',
    1,
    'one holds',
    { matter: { exceptions: { CXV1: { query: 'CXV1', answer: 'yes', source: 's', asked_at: 'x' } } } },
  ],
  ['officers.distinct', true, 'two', {}],
  ['officers.distinct', false, 'one in both places', { matter: { officers: { a: 'li', b: 'li' } } }],
  ['officers.valid_today', true, 'both certified', {}],
  ['officers.valid_today', false, 'an auxiliary', { matter: { officers: { a: 'li', b: 'aux' } } }],
  ['officers.valid_at_acts', true, 'the day of the act', { matter: { acts: [act('officer_a', 'li', 't10')] } }],
  [
    'officers.valid_at_acts',
    false,
    'after the end',
    { matter: { acts: [act('officer_a', 'li', 't10', '2026-07-01')] } },
  ],
  ['officers.no_conflict', true, 'both declared', {}],
  ['officers.no_conflict', false, 'one did not', { matter: { noConflict: ['li'] } }],
  ['officers.no_conflict', false, 'a recusal was granted', { matter: { recused: ['wang'] } }],
  [
    'audit.not_investigators',
    true,
    'two others',
    { matter: { acts: [act('tech_reviewer', 'x', 'EV17'), act('legal_reviewer', 'y', 'EV17')] } },
  ],
  [
    'audit.not_investigators',
    false,
    'an officer of the case',
    {
      matter: {
        acts: [act('officer_a', 'x', 't19'), act('tech_reviewer', 'x', 'EV17'), act('legal_reviewer', 'y', 'EV17')],
      },
    },
  ],
  ['item.version_ok', true, 'a demonstration', {}],
  ['item.version_ok', false, 'nobody verified it', { pack: unread }],
  ['amount.in_band', undefined, 'no proposal', {}],
  ['amount.in_band', true, 'the lower end', { matter: { proposal: proposal(10_000) } }],
  ['amount.in_band', true, 'the upper end', { matter: { proposal: proposal(100_000) } }],
  ['amount.in_band', false, 'above it', { matter: { proposal: proposal(100_001) } }],
  [
    'amount.in_band',
    false,
    'above it, whoever approves',
    { matter: { proposal: proposal(100_001) }, inputs: { 'deviation.approved': true } },
  ],
  [
    'amount.in_band',
    false,
    'a kind that the law does not know',
    { matter: { proposal: proposal(10_000, { kinds: ['suspend_work'] }) } },
  ],
  ['hearing.right', false, 'below', { matter: { proposal: proposal(499_999) } }],
  ['hearing.right', true, '以上 includes the figure', { matter: { proposal: proposal(500_000) } }],
  ['hearing.right', true, 'suspension of work', { matter: { proposal: proposal(0, { kinds: ['suspend_work'] }) } }],
  ['hearing.right', undefined, 'the threshold is not usable', { pack: unread, matter: { proposal: proposal(1) } }],
  ['review.required', true, 'the non-site road', { inputs: { 'case.road': 'nonsite' } }],
  [
    'review.required',
    false,
    'a small matter on site',
    { inputs: { 'case.road': 'onsite' }, matter: { proposal: proposal(20_000) } },
  ],
  ['collective.required', true, 'a complex matter', { matter: { proposal: proposal(1, { complex: true }) } }],
  ['collective.required', undefined, 'no figure in the pack', { matter: { proposal: proposal(1) } }],
  ['notice.covers_proposal', true, 'the same', { matter: { proposal: proposal(2), notified: proposal(1) } }],
  [
    'notice.covers_proposal',
    false,
    'another kind',
    { matter: { proposal: proposal(1, { kinds: ['confiscate_goods'] }), notified: proposal(1) } },
  ],
  ['proposal.not_heavier', true, 'lowered', { matter: { proposal: proposal(1), notified: proposal(2) } }],
  ['proposal.not_heavier', false, 'raised', { matter: { proposal: proposal(3), notified: proposal(2) } }],
  [
    'proposal.not_heavier',
    false,
    'raised at the decision',
    { did: 't35', inputs: { 'decision.fine': 3 }, matter: { proposal: proposal(2), notified: proposal(2) } },
  ],
  ['review.reviewer_ok', true, 'qualified', { matter: { reviewed: { sha256: 'x', by: 'law' } } }],
  ['review.reviewer_ok', false, 'not qualified', { matter: { reviewed: { sha256: 'x', by: 'wang' } } }],
  [
    'review.reviewer_ok',
    false,
    'an officer of the case',
    { matter: { reviewed: { sha256: 'x', by: 'law' }, acts: [act('officer_a', 'law', 't19')] } },
  ],
  ['review.same_draft', true, 'the draft', { matter: { reviewed: { sha256: 'x', by: 'law' }, draftSha256: 'x' } }],
  [
    'review.same_draft',
    false,
    'another paper is signed',
    { did: 't35', matter: { reviewed: { sha256: 'x', by: 'law' }, draftSha256: 'x', papers: { D26: 'y' } } },
  ],
  ['file.missing', 1, 'a paper without its words', { documents: ['D05', 'D08'], matter: { papers: { D05: 'x' } } }],
]

t.test('each derived input: what makes it true, false, or unknown', async (t) => {
  for (const [id, want, why, one] of rows) t.equal(derivations[id]?.(look(one)), want, `${id}: ${why}`)
  const untested = Object.keys(derivations).filter((id) => !rows.some(([tested]) => tested === id))
  t.same(
    untested,
    [
      'evidence.signatures_ok',
      'findings.blind',
      'item.law_basis_named',
      'amount.summary_ok',
      'notice.complete',
      'publicity.scope_met',
    ],
    'the rest is asked by the scenarios',
  )
})

t.test('only derived inputs are computed, and each of them is one of the process', async (t) => {
  const kinds = Object.keys(deriveInputs(look({}))).map((id) => law.inputs.find((one) => one.id === id)?.kind)
  t.same([...new Set(kinds)], ['derived'])
})

t.test('what a refusal lists', async (t) => {
  t.match(listsOf(look({})), { lines: /^CK1、CK2.*CXV8$/, list: '' })
})

t.test('particulars stand with their steps alone', async (t) => {
  t.same(misplaced('t11', { item: 'x' }), [])
  t.match(misplaced('t5', { item: 'x' }), [{ code: 'PARTICULAR_NOT_HERE', details: { field: 'particulars.item' } }])
  t.match(lackingParticulars('EV22', {}), [{ code: 'PARTICULAR_MISSING' }])
})

t.test('the newest notice is what the party was told; a later draft does not change it', async (t) => {
  const base = { by: [], atMs: nowMs, papers: [], sets: {}, draftSha256: null }
  const told = addTo(noMatter, {
    ...base,
    did: 't25',
    particulars: { proposal: fine },
    sets: { 'proposal.amount': 20_000 },
    papers: [{ id: 'D17', sha256: 'x' }],
  })
  const later = addTo(told, { ...base, did: 't29', particulars: {}, sets: { 'proposal.amount': 30_000 } })
  t.match(later, { notified: { fineFen: 20_000 }, proposal: { fineFen: 30_000 } })
})

t.test('registers: every fault with its line', async (t) => {
  const { registers: none, faults } = parseRegisters(
    'version: x\nareas: []\ngrants: []\nofficers:\n  - { account: "Li" }\n',
    'r.yaml',
  )
  t.equal(none, null)
  t.ok(faults.some(({ line, key }) => line === 5 && key === 'officers[0].account'))
})
