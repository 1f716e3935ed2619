import { apl, notYourRole, ownRule, type ReasonedRefusal } from '../../contracts/api/index.js'
import type { Bilingual } from '../../contracts/terms.js'

/** Every reason why a step on a lead is refused: with its source, the rule of `process.json`, and the next step. */
export const leadRefusals = {
  notFound: (): ReasonedRefusal => ({
    code: 'LEAD_NOT_FOUND',
    status: 404,
    says: { zh: '没有这条线索。', en: 'There is no such lead.' },
    gate: 't1',
    article: ownRule,
    next: { zh: '回到列表看现在有哪些。', en: 'Go back to the list.' },
  }),
  notYourRole,
  wrongState: (stateZh: string, stateEn: string, rule: string): ReasonedRefusal => ({
    code: 'LEAD_STATE',
    status: 409,
    says: {
      zh: `线索现在是“${stateZh}”，这一步不在这里办。`,
      en: `The lead is "${stateEn}"; this step does not belong here.`,
    },
    gate: rule,
    article: ownRule,
    next: { zh: '请看最新内容。', en: 'Look at it again.' },
  }),
  claimedByOther: (name: string): ReasonedRefusal => ({
    code: 'LEAD_CLAIMED',
    status: 409,
    says: {
      zh: `${name} 正在看这一条。您可以旁观，或取下一条。`,
      en: `${name} has this lead. Watch along, or take the next.`,
    },
    gate: 't5',
    article: ownRule,
    next: { zh: '取下一条。', en: 'Take the next one.' },
    details: { claimed_by: name },
  }),
  notClaimed: (): ReasonedRefusal => ({
    code: 'LEAD_NOT_CLAIMED',
    status: 409,
    says: {
      zh: '您现在没有占用这条线索；占用满 10 分钟会自动交回。',
      en: 'You do not hold this lead; a claim lapses after 10 minutes.',
    },
    gate: 't5',
    article: ownRule,
    next: { zh: '再领一次，然后决定。', en: 'Claim it again, then decide.' },
  }),
  changed: (changed: readonly { version: number; by: string; action: string; at: string }[]): ReasonedRefusal => {
    const last = changed.at(-1)
    return {
      code: 'LEAD_CHANGED',
      status: 409,
      says: {
        zh:
          last === undefined
            ? '版本号不对。请看新内容再决定。'
            : `${last.by} 在 ${last.at} 已处理（${last.action}）。请看新内容再决定。`,
        en:
          last === undefined
            ? 'The version does not match. Look again, then decide.'
            : `${last.by} acted on it at ${last.at} (${last.action}). Look again, then decide.`,
      },
      gate: 'version',
      article: ownRule,
      next: { zh: '重新读取这条线索。', en: 'Read the lead again.' },
      details: { changed },
    }
  },
  spanOutside: (firstAt: string, lastAt: string, secondsMax: number): ReasonedRefusal => ({
    code: 'FETCH_OUTSIDE',
    status: 422,
    says: {
      zh: `只能调取 ${firstAt} 至 ${lastAt} 之间的录像，一次不超过 ${secondsMax / 60} 分钟。`,
      en: `Only footage from ${firstAt} to ${lastAt} can be fetched, at most ${secondsMax / 60} minutes at a time.`,
    },
    gate: 'D02',
    article: apl('四十六、五十四', '46, 54'),
    next: { zh: '选短一些的一段再调取。', en: 'Choose a shorter stretch.' },
  }),
  codeNeeds: (code: string, needs: Bilingual): ReasonedRefusal => ({
    code: 'CLOSE_REASON_NEEDS',
    status: 422,
    says: { zh: `${code} 现在不能用：${needs.zh}`, en: `${code} cannot be used now: ${needs.en}` },
    gate: 't12',
    article: apl('五十四', '54'),
    next: { zh: '选别的理由。', en: 'Choose another reason.' },
  }),
  mergeHost: (): ReasonedRefusal => ({
    code: 'LEAD_MERGE_HOST',
    status: 422,
    says: {
      zh: '只能并入另一条还没办结、同一类情形的线索。',
      en: 'It can only go into another lead of the same cause that is still open.',
    },
    gate: 'G2',
    article: apl('二十九', '29'),
    next: { zh: '在列表里另选一条。', en: 'Choose another lead from the list.' },
  }),
  triagedIt: (): ReasonedRefusal => ({
    code: 'REVIEW_TRIAGED',
    status: 403,
    says: {
      zh: '您是这条线索的研判员，不能再当复核人（SD9）。',
      en: 'You triaged this lead and cannot review it (SD9).',
    },
    gate: 'SD9',
    article: apl('四十二', '42'),
    next: { zh: '由另外两名执法人员办理。', en: 'Two other officers do this.' },
  }),
  reviewedIt: (): ReasonedRefusal => ({
    code: 'REVIEW_SAME_OFFICER',
    status: 403,
    says: {
      zh: '您已提交意见。第二份意见要由另一名执法人员给出。',
      en: 'Your verdict is in. The second one must come from another officer.',
    },
    gate: 'G7',
    article: apl('四十二', '42'),
    next: { zh: '两份意见都到齐后会同时公开。', en: 'Both verdicts are shown once both are in.' },
  }),
  reviewsDone: (): ReasonedRefusal => ({
    code: 'REVIEW_COMPLETE',
    status: 409,
    says: { zh: '两份意见已经到齐。', en: 'Both verdicts are in.' },
    gate: 'G7',
    article: apl('四十二', '42'),
    next: { zh: '由行政机关负责人决定是否立案。', en: 'The head decides on filing.' },
  }),
  reviewNote: (): ReasonedRefusal => ({
    code: 'REVIEW_NOTE_MISSING',
    status: 422,
    says: {
      zh: '还差一句话：看到了什么，有没有有利于当事人的情况。',
      en: 'A note is missing: what you saw, and what speaks for the party.',
    },
    gate: 'G10',
    article: apl('四十、五十四', '40, 54'),
    next: { zh: '写下说明再提交；“没有发现”也要写。', en: 'Write the note; "none found" counts.' },
  }),
  reviewsMissing: (): ReasonedRefusal => ({
    code: 'FILE_REVIEWS_MISSING',
    status: 422,
    says: { zh: '还没有两名不同执法人员的一致意见。', en: 'Two different officers have not both confirmed it yet.' },
    gate: 'G7',
    article: apl('四十二', '42'),
    next: { zh: '等两名执法人员分别复核。', en: 'Wait for the two reviews.' },
  }),
  headInvolved: (): ReasonedRefusal => ({
    code: 'FILE_SEPARATION',
    status: 403,
    says: {
      zh: '您研判或复核过这条线索，不能再批准立案（SD3、SD9）。',
      en: 'You triaged or reviewed this lead and cannot approve filing (SD3, SD9).',
    },
    gate: 'SD3',
    article: apl('五十七', '57'),
    next: { zh: '由没有参与过的负责人批准。', en: 'A head who took no part must decide.' },
  }),
  leadMode: (): ReasonedRefusal => ({
    code: 'FILE_LEAD_MODE',
    status: 422,
    says: {
      zh: '线索模式下，监控记录只是线索，不能单独据此立案或认定事实。还缺执法人员取得的证据：每一项要件。',
      en: 'In lead mode a camera record is only a lead; alone it founds no case and proves no fact. Missing officers’ evidence: every element.',
    },
    gate: 'G8',
    article: apl('四十一', '41'),
    next: {
      zh: '派执法人员到现场查明，或以 RX12 办结。',
      en: 'Send officers to establish the facts, or close with RX12.',
    },
  }),
} as const
