import type { Bilingual } from '../../contracts/terms.js'
import type { Refusal } from '../../contracts/api/index.js'

/** What the gates of the thin road ask. Filled in by the shell; a gate never looks anywhere else. */
export interface GateFacts {
  /** Two confirming, blind reviews by different officers are in. */
  readonly reviewsConfirm: boolean
  readonly officers: readonly string[]
  readonly operators: readonly string[]
  readonly head: string | null
  readonly actor: string
  readonly mode: 'LEAD_MODE' | 'EVIDENCE_MODE'
  readonly lawBasis: string | null
  readonly timeUnsure: boolean
  readonly timeNote: string | null
  /** The text exists in the pack, for this cause and mode. */
  readonly textFits: boolean
  /** Every still and segment that the notice shows has the digest of its record; null when there is nothing to check yet. */
  readonly digestsHold: boolean | null
}

export interface Gate {
  readonly id: string
  readonly name: Bilingual
  readonly holds: (facts: GateFacts) => boolean
  readonly refusal: Omit<Refusal, 'code' | 'status' | 'gate'>
}

const apl = (zh: string, en: string): Bilingual => ({ zh: `行政处罚法第${zh}条`, en: `APL Art. ${en}` })

/** The gates that the thin road passes (DOMAIN.md §5.5), each with the sentence, the article and the next step of its refusal. */
export const gates = {
  G1: {
    id: 'G1',
    name: { zh: '记录完整', en: 'record intact' },
    holds: ({ digestsHold }) => digestsHold !== false,
    refusal: {
      says: {
        zh: '文件与封存时不一致，不能作证据。已交技术员核查。',
        en: 'The file differs from its seal; it is no evidence. A technician has it.',
      },
      article: apl('四十一、四十六', '41, 46'),
      next: { zh: '等技术员核查。', en: 'Wait for the technician.' },
    },
  },
  TIME: {
    id: 'G1-time',
    name: { zh: '时间已说明', en: 'time explained' },
    holds: ({ timeUnsure, timeNote }) => !timeUnsure || (timeNote !== null && timeNote.trim() !== ''),
    refusal: {
      says: {
        zh: '设备没有对时，时间待核。签发前要写明时间怎样核实，这句话会原样告诉当事人。',
        en: 'The device clock was not synchronised. Say how the time was checked before issuing; the party reads it unchanged.',
      },
      article: apl('四十一', '41'),
      next: { zh: '填写“时间怎样核实”。', en: 'Fill in how the time was checked.' },
    },
  },
  G7: {
    id: 'G7',
    name: { zh: '两名不同的执法人员', en: 'two different officers' },
    holds: ({ officers }) => officers.length >= 2 && new Set(officers).size === officers.length,
    refusal: {
      says: { zh: '要两名不同的执法人员。', en: 'Two different officers are needed.' },
      article: apl('四十二', '42'),
      next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
    },
  },
  G8: {
    id: 'G8',
    name: { zh: '模式门', en: 'mode gate' },
    holds: ({ mode, lawBasis }) => mode === 'EVIDENCE_MODE' && lawBasis !== null,
    refusal: {
      says: {
        zh: '线索模式下，监控记录只是线索，不能单独据此立案或认定事实。还缺执法人员取得的证据：每一项要件。',
        en: 'In lead mode a camera record is only a lead; alone it founds no case and proves no fact. Missing officers’ evidence: every element.',
      },
      article: apl('四十一', '41'),
      next: {
        zh: '派执法人员到现场查明，或以 RX12 办结。',
        en: 'Send officers to establish the facts, or close with RX12.',
      },
    },
  },
  G10: {
    id: 'G10',
    name: { zh: '两份意见一致', en: 'both findings agree' },
    holds: ({ reviewsConfirm }) => reviewsConfirm,
    refusal: {
      says: { zh: '两名执法人员的意见不一致，或还没有到齐。', en: 'The two findings differ, or are not both in.' },
      article: apl('四十、五十四', '40, 54'),
      next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
    },
  },
  SD: {
    id: 'SD3',
    name: { zh: '各办各的', en: 'different people' },
    holds: ({ actor, officers, operators, head }) =>
      !officers.includes(actor) &&
      !operators.includes(actor) &&
      actor !== head &&
      (head === null || !officers.includes(head)),
    refusal: {
      says: {
        zh: '您已经以别的身份办过这件事，这一步要由另一个人办理（SD3、SD9）。',
        en: 'You already acted in this matter in another role; somebody else must do this step (SD3, SD9).',
      },
      article: apl('五十七、五十八', '57, 58'),
      next: { zh: '请没有参与过的同事办理。', en: 'Ask a colleague who took no part.' },
    },
  },
  TEXT: {
    id: 'G12-text',
    name: { zh: '文本在用', en: 'text in force' },
    holds: ({ textFits }) => textFits,
    refusal: {
      says: {
        zh: '这个文本不在政策包里，或不是这类情形、这种模式的文本。',
        en: 'That text is not in the policy pack, or is for another cause or mode.',
      },
      article: apl('三十四、四十四', '34, 44'),
      next: { zh: '从列表里选一个文本。', en: 'Choose a text from the list.' },
    },
  },
} as const satisfies Record<string, Gate>
export type GateId = keyof typeof gates
