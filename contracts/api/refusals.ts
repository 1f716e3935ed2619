import type { z } from 'zod'
import type { Bilingual } from '../terms.js'
import type { reason, Refusal } from './problem.js'
import { roleTerms, type Role } from './roles.js'

/**
 * A refusal as the lead and case API gives it: never without its source, its rule and what to do next (EXPERIENCE.md §1, 4).
 * `gate` names the rule: a gate (`G8`), a separation rule (`SD9`), a transition (`t5`) or a role (`R12`) of `process.json`.
 */
export interface ReasonedRefusal extends Refusal {
  readonly gate: string
  readonly article: Bilingual
  readonly next: Bilingual
}

/** Administrative Penalty Law (2021). */
export const apl = (zh: string, en: string): Bilingual => ({ zh: `行政处罚法第${zh}条`, en: `APL Art. ${en}` })

/** Source of a refusal that no statute demands. Said, so that nobody looks for the article. */
export const ownRule: Bilingual = { zh: '办理规则（没有法条）', en: 'Working rule (no statute)' }

/** Number of each role in `process.json`, and the article that gives the step to it where there is one. */
const roleSources: Readonly<Record<Role, { readonly id: string; readonly article: Bilingual }>> = {
  operator: { id: 'R03', article: ownRule },
  technician: { id: 'R04', article: ownRule },
  officer_a: { id: 'R06', article: apl('四十二', '42') },
  officer_b: { id: 'R07', article: apl('四十二', '42') },
  legal_reviewer: { id: 'R09', article: apl('五十八', '58') },
  head: { id: 'R12', article: apl('五十七', '57') },
  supervisor: { id: 'R13', article: ownRule },
  tech_reviewer: { id: 'R05', article: apl('四十一', '41') },
  team_leader: { id: 'R08', article: ownRule },
  case_reviewer: { id: 'R10', article: ownRule },
  hearing_chair: { id: 'R11', article: apl('六十四', '64') },
  publicity_officer: { id: 'R14', article: apl('四十八', '48') },
  finance: { id: 'R15', article: apl('六十七', '67') },
  archivist: { id: 'R16', article: ownRule },
  sysadmin: { id: 'R17', article: ownRule },
  wall: { id: 'R-wall', article: ownRule },
}

/** Somebody else's step: whose, and by which rule. */
export function notYourRole(roles: readonly Role[]): ReasonedRefusal {
  const [first] = roles
  return {
    code: 'ROLE_WRONG',
    status: 403,
    says: {
      zh: `这一步由${roles.map((role) => roleTerms[role].zh).join('、')}办理。`,
      en: `This step belongs to: ${roles.map((role) => roleTerms[role].en).join(', ')}.`,
    },
    gate: roles.map((role) => roleSources[role].id).join(', '),
    article: first === undefined ? ownRule : roleSources[first].article,
    next: { zh: '请有这个角色的人办理。', en: 'Ask somebody who has that role.' },
  }
}

/** What of a refusal stands in a lead's or a case's list. */
export function reasonView({ code, says, gate, article, next }: ReasonedRefusal): z.infer<typeof reason> {
  return { code, says: { ...says }, gate, article: { ...article }, next: { ...next } }
}

/** Gives a refusal of the road what it may lack: a refusal without a statute says that it has none. */
export function reasoned(refusal: Refusal, rule: string): ReasonedRefusal {
  return {
    ...refusal,
    gate: refusal.gate ?? rule,
    article: refusal.article ?? ownRule,
    next: refusal.next ?? { zh: '请看最新内容。', en: 'Look at it again.' },
  }
}
