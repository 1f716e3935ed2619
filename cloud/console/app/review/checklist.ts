import type { Bilingual, Cause } from '../contracts.js'

export interface CheckLine {
  readonly id: string
  readonly says: Bilingual
}
const line = (id: string, zh: string, en: string): CheckLine => ({ id, says: { zh, en } })

/** Lines that pictures and record can answer, of DOMAIN.md §3; those that need officers on the spot come with the full process. */
const common = [
  line('CK1', '地点在区域内', 'The place is inside the zone'),
  line('CK2', '起止时间可信', 'Start and end on a trusted clock'),
  line('CK3', '前后画面完整', 'Unbroken before, during, after'),
]
const byCause: Readonly<Record<Cause, readonly CheckLine[]>> = {
  vending: [
    line('CV1', '占用公共场所', 'A public place is occupied'),
    line('CV2', '经营性：陈列、价格或成交', 'For sale: display, price or hand-over'),
    line('CV3', '持续时间达到门槛', 'Duration reaches the threshold'),
    line('CV4', '经营者身份', 'Who sells'),
  ],
  grilling: [
    line('CG1', '露天', 'Open air'),
    line('CG2', '烧烤食品', 'Food grilled with heat'),
    line('CG4', '行为人或提供场地者', 'Who grills, or gives the place'),
  ],
  spillage: [
    line('CS1', '散装流体物料', 'Loose or liquid load'),
    line('CS2', '未密闭或实际遗撒', 'Not closed, or goods left the vehicle'),
    line('CS3', '同一车辆连续', 'One vehicle, before and after'),
  ],
  dust: [
    line('CD1', '作业或堆放正在发生', 'Work or a pile is there'),
    line('CD2', '缺失的措施', 'Which measure is missing'),
    line('CD3', '同画面无替代措施', 'No spray, net or fence in the same picture'),
    line('CD4', '工地及责任单位', 'The site and who answers for it'),
  ],
}
export function checkLines(cause: Cause): readonly CheckLine[] {
  return [...common, ...byCause[cause]]
}

export const answers = ['yes', 'no', 'unclear'] as const
export type Answer = (typeof answers)[number]

export interface ReviewDraft {
  readonly answers: Readonly<Record<string, Answer>>
  readonly note: string
  readonly favour: string
}
export const emptyDraft: ReviewDraft = { answers: {}, note: '', favour: '' }

/** A draft kept in this browser; whatever else stands there counts as none. */
export function readDraft(text: string | null): ReviewDraft {
  if (text === null) return emptyDraft
  try {
    const read = JSON.parse(text) as Partial<ReviewDraft> | null
    if (typeof read?.note !== 'string' || typeof read.favour !== 'string') return emptyDraft
    const kept = Object.entries(read.answers ?? {}).filter(([, answer]) => answers.includes(answer))
    return { answers: Object.fromEntries(kept), note: read.note, favour: read.favour }
  } catch {
    return emptyDraft
  }
}
