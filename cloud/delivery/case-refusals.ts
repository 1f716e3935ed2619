import { apl, notYourRole, ownRule, reasoned, type CaseState, type ReasonedRefusal } from '../../contracts/api/index.js'
import {
  refusalsAgainst,
  road,
  type CaseActor,
  type CaseEvent,
  type GateFacts,
  type RoadAction,
} from '../cases/index.js'
import type { CaseLogRow } from '../store/cases.js'

/** Transition or event of `process.json` behind each step of the thin road. */
const ruleOf = { file: 't16', notice: 't25', link: 't25', open: 't25', state: 't27' } as const satisfies Record<
  RoadAction,
  string
>

/** Every reason against a step of the road, each with its source, its rule and the next step; empty when it may be taken. */
export function reasonsAgainst(
  action: RoadAction,
  state: CaseState | null,
  actor: CaseActor,
  facts: GateFacts,
): ReasonedRefusal[] {
  const role = road.find((step) => step.action === action)?.role ?? 'party'
  return refusalsAgainst(action, state, actor, facts).map((refusal) =>
    refusal.code === 'ROLE_WRONG' && role !== 'party' ? notYourRole([role]) : reasoned(refusal, ruleOf[action]),
  )
}

/** A party may add to a statement; this keeps a robot from filling the disk. */
export const statementsMax = 50

/** Refusals of the case desk that are no gate of the road. */
export const caseRefusals = {
  notFound: (): ReasonedRefusal => ({
    code: 'CASE_NOT_FOUND',
    status: 404,
    says: { zh: '没有这个案件。', en: 'There is no such case.' },
    gate: 't16',
    article: ownRule,
    next: { zh: '回到列表看现在有哪些。', en: 'Go back to the list.' },
  }),
  textNotFound: (): ReasonedRefusal => ({
    code: 'TEXT_NOT_FOUND',
    status: 404,
    says: { zh: '没有这个文本。', en: 'There is no such text.' },
    gate: 'G12',
    article: apl('三十四、四十四', '34, 44'),
    next: { zh: '从列表里选一个文本。', en: 'Choose a text from the list.' },
  }),
  tooMany: (): ReasonedRefusal => ({
    code: 'STATEMENT_TOO_MANY',
    status: 429,
    says: {
      zh: '这里收到的说明太多了，请打电话或到窗口。',
      en: 'Too many statements here. Please call or come to the counter.',
    },
    gate: 't27',
    article: apl('四十五', '45'),
    next: { zh: '打电话或到窗口，同样会记录。', en: 'Call or come to the counter; it is recorded all the same.' },
  }),
  /** Somebody else wrote to the case since the version that was sent. */
  changed: (entries: readonly CaseLogRow[]): ReasonedRefusal => {
    const last = entries.at(-1)
    return {
      code: 'CASE_CHANGED',
      status: 409,
      says: {
        zh:
          last === undefined ? '版本号不对。请看新内容再决定。' : `${last.by} 在 ${last.at} 已处理。请看新内容再决定。`,
        en:
          last === undefined
            ? 'The version does not match. Look again, then decide.'
            : `${last.by} acted on it at ${last.at}. Look again, then decide.`,
      },
      gate: 'version',
      article: ownRule,
      next: { zh: '重新读取这个案件。', en: 'Read the case again.' },
      details: {
        changed: entries.map(({ seq, at, by, event }) => ({ version: seq, at, by, action: (event as CaseEvent).kind })),
      },
    }
  },
} as const
