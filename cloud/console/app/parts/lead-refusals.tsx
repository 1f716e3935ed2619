import type { Bilingual, LeadAction, LeadView } from '../contracts.js'
import { Refused } from './problem-box.js'

interface Help {
  readonly gate: string
  readonly article: Bilingual
  readonly next: Bilingual
}
const apl = (zh: string, en: string): Bilingual => ({ zh: `行政处罚法第${zh}条`, en: `APL Art. ${en}` })

/** A lead's list of refusals carries the reason only; article and next step of the same gates (DOMAIN.md §5.5). */
const help: Readonly<Record<string, Help>> = {
  REVIEW_TRIAGED: {
    gate: 'SD9',
    article: apl('四十二', '42'),
    next: { zh: '由另外两名执法人员办理。', en: 'Two other officers do this.' },
  },
  REVIEW_SAME_OFFICER: {
    gate: 'G7',
    article: apl('四十二', '42'),
    next: { zh: '两份意见都到齐后会同时公开。', en: 'Both verdicts are shown once both are in.' },
  },
  FILE_REVIEWS_MISSING: {
    gate: 'G7',
    article: apl('四十二', '42'),
    next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
  },
  FILE_SEPARATION: {
    gate: 'SD3',
    article: apl('五十七', '57'),
    next: { zh: '由没有参与过的负责人批准。', en: 'A head who took no part must decide.' },
  },
  FILE_LEAD_MODE: {
    gate: 'G8',
    article: apl('四十一', '41'),
    next: {
      zh: '派执法人员到现场查明，或以 RX12 办结。',
      en: 'Send officers to establish the facts, or close with RX12.',
    },
  },
}
const elsewhere: Bilingual = {
  zh: '看线索现在的状态，或回到列表。',
  en: 'See where the lead stands, or go back to the list.',
}

/** Why an action of the reader's role is not in force: every reason, its article and a next step. */
export function LeadRefusals({ lead, action }: { readonly lead: LeadView; readonly action: LeadAction }) {
  const against = lead.refused.filter((one) => one.action === action)
  if (against.length === 0) return null
  return (
    <section className="problem problem-warn">
      {against.map(({ code, zh, en }) => (
        <Refused key={code} reason={{ code, says: { zh, en }, next: elsewhere, ...help[code] }} />
      ))}
    </section>
  )
}
