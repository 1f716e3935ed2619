import type { Bilingual } from '../terms.js'

/** Lead states of the thin road, a part of DOMAIN.md §5.2 (L0, L1, L4–L7, L11 come with the full process). */
export const leadStates = ['L2', 'L3', 'L8', 'L9', 'L10'] as const
export type LeadState = (typeof leadStates)[number]
export const leadStateTerms = {
  L2: { zh: '待研判', en: 'waiting for triage' },
  L3: { zh: '研判中', en: 'in triage' },
  L8: { zh: '待立案', en: 'ready for filing' },
  L9: { zh: '已转立案', en: 'filed (case exists)' },
  L10: { zh: '线索办结', en: 'closed without a case' },
} as const satisfies Record<LeadState, Bilingual>

/** Case states of the thin road, a part of DOMAIN.md §5.3. */
export const caseStates = ['C5', 'C6'] as const
export type CaseState = (typeof caseStates)[number]
export const caseStateTerms = {
  C5: { zh: '调查终结', en: 'investigation concluded' },
  C6: { zh: '告知待送达', en: 'prior notice to be served' },
} as const satisfies Record<CaseState, Bilingual>

/** Closing reasons of DOMAIN.md §5.2. */
export const closeCodes = [
  'RX01',
  'RX02',
  'RX03',
  'RX04',
  'RX05',
  'RX06',
  'RX07',
  'RX08',
  'RX09',
  'RX10',
  'RX11',
  'RX12',
] as const
export type CloseCode = (typeof closeCodes)[number]
export const closeTerms = {
  RX01: { zh: '记录不可用：看不清、缺段、时间不可信', en: 'Record unusable: unclear, gaps, time not trusted' },
  RX02: { zh: '重复，已并入', en: 'Duplicate, merged' },
  RX03: { zh: '误报：画面里没有这种行为', en: 'False alarm: the act is not in the picture' },
  RX04: { zh: '许可范围内：许可、疏导点或外摆位，时段也对', en: 'Permitted here and now' },
  RX05: { zh: '劝导后改正', en: 'Corrected after dissuasion' },
  RX06: { zh: '现场改正并教育', en: 'Corrected on site, educated' },
  RX07: { zh: '当事人无法查明', en: 'Party cannot be identified' },
  RX08: { zh: '不属本机关：请督察移送', en: 'Not ours: ask the supervisor to transfer' },
  RX09: { zh: '例外情形：自用、应急、活动、装卸等', en: 'Exception: own use, emergency, event, loading' },
  RX10: { zh: '已超过时效', en: 'Out of time' },
  RX11: { zh: '服务疏导解决', en: 'Settled by service or guidance' },
  RX12: { zh: '证据不足：看得到，但要件凑不齐', en: 'Not enough evidence for every element' },
} as const satisfies Record<CloseCode, Bilingual>

/** Reasons that need no earlier step, in the order of the keys 1–7 (EXPERIENCE.md §4.1). The others need one that this release lacks. */
export const rejectKeys = [
  'RX03',
  'RX04',
  'RX09',
  'RX01',
  'RX12',
  'RX08',
  'RX10',
] as const satisfies readonly CloseCode[]
export type RejectCode = (typeof rejectKeys)[number]

/** What a reason still lacks here; shown beside it, and said when it is used all the same. */
export const closeNeeds = {
  RX02: { zh: '用“并入”，并指明并入哪一条。', en: 'Use merge and name the lead it goes into.' },
  RX05: { zh: '先要有劝导记录。', en: 'A record of dissuasion comes first.' },
  RX06: { zh: '先要有现场检查笔录。', en: 'An on-site record comes first.' },
  RX07: { zh: '先要查找当事人。', en: 'A search for the party comes first.' },
  RX11: { zh: '先要有疏导记录。', en: 'A record of guidance comes first.' },
} as const satisfies Record<Exclude<CloseCode, RejectCode>, Bilingual>

/** The same modes as DOMAIN.md §4.3. */
export const modes = ['LEAD_MODE', 'EVIDENCE_MODE'] as const
export type Mode = (typeof modes)[number]
