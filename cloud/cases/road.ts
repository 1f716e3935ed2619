import type { CaseAction, CaseState, Role } from '../../contracts/api/index.js'
import { process as law, type Gate, type Process, type Transition, type TransitionId } from './process/index.js'

const apl = (zh: string, en: string): Gate['article'] => ({ zh: `行政处罚法第${zh}条`, en: `APL Art. ${en}` })

/** Gates of the thin road, in the form of DOMAIN.md §5.5; sentences are those that the pages of this release show. */
const roadGates: readonly Gate[] = [
  {
    id: 'G1',
    name: { zh: '记录完整', en: 'record intact' },
    predicate: 'every still and segment that the notice shows has the digest of its record',
    source: 'APL Art. 41(2), 46',
    article: apl('四十一、四十六', '41, 46'),
    mark: 'L',
    refusal: {
      zh: '文件与封存时不一致，不能作证据。已交技术员核查。',
      en: 'The file differs from its seal; it is no evidence. A technician has it.',
    },
    next: { zh: '等技术员核查。', en: 'Wait for the technician.' },
    expr: ['or', ['not', 'evidence.has_electronic'], 'evidence.digests_ok'],
  },
  {
    id: 'G1-time',
    name: { zh: '时间已说明', en: 'time explained' },
    predicate: 'the clock was synchronised, or the notice says how the time was checked',
    source: 'APL Art. 41',
    article: apl('四十一', '41'),
    mark: 'L',
    refusal: {
      zh: '设备没有对时，时间待核。签发前要写明时间怎样核实，这句话会原样告诉当事人。',
      en: 'The device clock was not synchronised. Say how the time was checked before issuing; the party reads it unchanged.',
    },
    next: { zh: '填写“时间怎样核实”。', en: 'Fill in how the time was checked.' },
    expr: ['or', 'evidence.clock_ok', 'time.explained'],
  },
  {
    id: 'G7',
    name: { zh: '两名不同的执法人员', en: 'two different officers' },
    predicate: 'two officers, two persons',
    source: 'APL Art. 42',
    article: apl('四十二', '42'),
    mark: 'L',
    refusal: { zh: '要两名不同的执法人员。', en: 'Two different officers are needed.' },
    next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
    expr: 'officers.distinct',
  },
  {
    id: 'G8',
    name: { zh: '模式门', en: 'mode gate' },
    predicate: 'EVIDENCE_MODE with a basis in law; this release takes no officers’ evidence yet',
    source: 'APL Art. 41(1)',
    article: apl('四十一', '41'),
    mark: 'L',
    refusal: {
      zh: '线索模式下，监控记录只是线索，不能单独据此立案或认定事实。还缺执法人员取得的证据：每一项要件。',
      en: 'In lead mode a camera record is only a lead; alone it founds no case and proves no fact. Missing officers’ evidence: every element.',
    },
    next: {
      zh: '派执法人员到现场查明，或以 RX12 办结。',
      en: 'Send officers to establish the facts, or close with RX12.',
    },
    expr: ['and', ['==', 'item.mode', 'EVIDENCE_MODE'], 'item.law_basis_named'],
  },
  {
    id: 'G10',
    name: { zh: '两份意见一致', en: 'both findings agree' },
    predicate: 'two confirming, blind reviews by different officers',
    source: 'APL Art. 40, 54',
    article: apl('四十、五十四', '40, 54'),
    mark: 'L',
    refusal: { zh: '两名执法人员的意见不一致，或还没有到齐。', en: 'The two findings differ, or are not both in.' },
    next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
    expr: ['and', ['==', 'finding.a', 'proved'], ['==', 'finding.b', 'proved']],
  },
  {
    id: 'G12-text',
    name: { zh: '文本在用', en: 'text in force' },
    predicate: 'the text stands in the pack, for this cause and mode',
    source: 'APL Art. 34, 44',
    article: apl('三十四、四十四', '34, 44'),
    mark: 'L',
    refusal: {
      zh: '这个文本不在政策包里，或不是这类情形、这种模式的文本。',
      en: 'That text is not in the policy pack, or is for another cause or mode.',
    },
    next: { zh: '从列表里选一个文本。', en: 'Choose a text from the list.' },
    expr: 'notice.text_fits',
  },
]

const step = (
  id: TransitionId,
  command: string,
  from: readonly CaseState[],
  to: CaseState,
  by: Transition['by'],
  gates: NonNullable<Transition['gates']>,
  name: Transition['name'],
): Transition => ({ id, machine: 'case', from, to, name, command, event: command, by, gates })

/**
 * The thin road of DESIGN.md §9.6 in the form of the whole process, for the same interpreter: filing ends in C5 because both reviews lie
 * before it, the legal reviewer issues, and the case stays in C6: the link is a courtesy and no service, so no period runs.
 */
export const roadProcess: Process = {
  ...law,
  version: 'thin-1',
  machines: law.machines.filter(({ id }) => id === 'case'),
  transitions: [
    step('t16', 'file', [], 'C5', ['head'], ['G8', 'G7', 'G10'], { zh: '批准立案', en: 'file' }),
    step('t25', 'notice', ['C5'], 'C6', ['legal_reviewer'], ['G8', 'G7', 'G1', 'G1-time', 'G12-text'], {
      zh: '签发通知',
      en: 'issue the notice',
    }),
    step('t901', 'link', ['C6'], 'C6', ['legal_reviewer'], [], { zh: '换链接', en: 'replace the link' }),
    step('t902', 'open', ['C6'], 'C6', ['party'], [], { zh: '打开链接', en: 'open the link' }),
    step('t27', 'state', ['C6'], 'C6', ['party'], [], { zh: '陈述申辩', en: 'state' }),
  ],
  gates: roadGates,
  facts: [],
  timers: [],
}

/** A step of the road as the rest of the cloud names it. */
export interface RoadStep {
  readonly action: 'file' | CaseAction | 'open' | 'state'
  readonly role: Role | 'party'
  readonly from: CaseState | null
  readonly id: TransitionId
}

/** Who may take which step from where; computed from the road's own rows. */
export const road = [
  { action: 'file', role: 'head', from: null, id: 't16' },
  { action: 'notice', role: 'legal_reviewer', from: 'C5', id: 't25' },
  { action: 'link', role: 'legal_reviewer', from: 'C6', id: 't901' },
  { action: 'open', role: 'party', from: 'C6', id: 't902' },
  { action: 'state', role: 'party', from: 'C6', id: 't27' },
] as const satisfies readonly RoadStep[]
export type RoadAction = (typeof road)[number]['action']
