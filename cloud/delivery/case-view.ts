import { reasonView, type CaseView, type Place } from '../../contracts/api/index.js'
import type { Bilingual } from '../../contracts/terms.js'
import { gates, type CaseActor, type CaseEvent, type CaseFile, type GateFacts } from '../cases/index.js'
import type { CaseLogRow, StatementRow } from '../store/cases.js'
import { reasonsAgainst } from './case-refusals.js'
import type { LeadFacts } from '../store/leads.js'

/** A case as staff see it: log, what may be done, and every failing gate of what may not. */
export function toCaseView(input: {
  readonly file: CaseFile
  readonly log: readonly CaseLogRow[]
  readonly statements: readonly StatementRow[]
  readonly facts: LeadFacts
  readonly place: Place
  readonly actor: CaseActor
  readonly gateFacts: GateFacts
}): CaseView {
  const { file, log, statements, facts, place, actor, gateFacts } = input
  const { filed, notice } = file
  const actions = ['notice', 'link'] as const
  // Text and time note are chosen in the form itself: they are no reason to hide the action.
  const open: GateFacts = { ...gateFacts, textFits: true, timeNote: 'to be written' }
  const against = actions.map((action) => ({ action, refusals: reasonsAgainst(action, file.state, actor, open) }))
  return {
    id: file.id,
    number: filed.number,
    lead: filed.lead,
    cause: filed.cause,
    state: file.state,
    version: file.version,
    mode: filed.mode,
    place,
    first_at: facts.first_at,
    last_at: facts.last_at,
    filed_at: file.filedAt,
    party: filed.party,
    operator: filed.operator,
    officers: [...filed.officers],
    head: filed.head,
    legal_reviewer: notice?.legal_reviewer ?? null,
    time_unsure: filed.time_unsure,
    notice:
      notice === null
        ? null
        : {
            id: notice.notice,
            number: notice.number,
            text_id: notice.text_id,
            issued_at: notice.issuedAt,
            opened_at: file.openedAt,
          },
    statements: statements.map((row) => ({ ...row, grounds: [...row.grounds] })),
    log: log.map(({ seq, at, by, event }) => {
      const said = event as CaseEvent
      return { seq, at, by, kind: said.kind, says: saysOf(said) }
    }),
    allowed: against.filter(({ refusals }) => refusals.length === 0).map(({ action }) => action),
    refused: against.flatMap(({ action, refusals }) => refusals.map((refusal) => ({ action, ...reasonView(refusal) }))),
    held: gatesHeld(gateFacts),
  }
}

/** Gates that are decided before a form is open: digests are computed and texts are chosen when the step is taken. */
const standing = ['G7', 'G8', 'G10', 'SD'] as const

function gatesHeld(facts: GateFacts): CaseView['held'] {
  return standing
    .map((key) => gates[key])
    .filter((gate) => gate.holds(facts))
    .map(({ id, name }) => ({ gate: id, name: { ...name } }))
}

function saysOf(event: CaseEvent): Bilingual {
  switch (event.kind) {
    case 'filed':
      return {
        zh: `立案（${event.number}）。两名执法人员：${event.officers.join('、')}；负责人：${event.head}。`,
        en: `Filed (${event.number}). Officers: ${event.officers.join(', ')}; head: ${event.head}.`,
      }
    case 'notice_issued':
      return {
        zh: `签发通知（${event.number}），文本 ${event.text_id}。`,
        en: `Notice issued (${event.number}), text ${event.text_id}.`,
      }
    case 'link_replaced':
      return { zh: '换了新的链接和查看码，旧链接失效。', en: 'New link and code; the old link is dead.' }
    case 'link_opened':
      return { zh: '当事人打开了链接。打开不算送达。', en: 'The party opened the link. That is no service.' }
    case 'statement_received':
      return { zh: `收到当事人说明（回执 ${event.receipt}）。`, en: `Statement received (receipt ${event.receipt}).` }
  }
}
