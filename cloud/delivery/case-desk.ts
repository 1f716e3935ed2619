import { RefusedError, type CaseState, type CaseView, type Party } from '../../contracts/api/index.js'
import { caseOf, type CaseEvent } from '../cases/index.js'
import { numberText, yearOf, type NoticeData } from '../documents/index.js'
import { leadRefusals, type Actor } from '../leads/index.js'
import type { CaseCursor, StatementRow } from '../store/cases.js'
import type { LeadRow } from '../store/leads.js'
import { caseBook, type CaseDeskDeps } from './case-book.js'
import { toCaseView } from './case-view.js'
import { issueDesk } from './issue.js'
import { partyActs } from './party-acts.js'

export interface Statement {
  readonly acting: 'party' | 'agent' | 'keeper'
  readonly name: string
  readonly contact: string
  readonly grounds: readonly string[]
  readonly words: string
}

/** Cases for people; every call that writes is one transaction with its log entry. */
export interface CaseDesk {
  /** @throws RefusedError with every failing gate. */
  file(actor: Actor, leadId: string, version: number, party: Party): CaseView
  issue(
    actor: Actor,
    caseId: string,
    wish: { readonly version: number; readonly textId: string; readonly timeNote: string | null },
  ): Promise<{ notice: string; number: string; link: string; access_code: string }>
  /** New link and code for a lost one; the old link dies. */
  replaceLink(actor: Actor, caseId: string, version: number): Promise<{ link: string; access_code: string }>
  list(actor: Actor, state: CaseState | null, after: CaseCursor | null, limit: number): CaseView[]
  open(actor: Actor, caseId: string): CaseView
  /** The party entered the code for the first time. Recorded; no period starts. Later openings add nothing. */
  recordOpening(caseId: string): void
  /** One form gives one receipt, however often it is sent. */
  recordStatement(caseId: string, formKey: string, statement: Statement): StatementRow
  statement(caseId: string, n: number): StatementRow | null
  /** What was issued; null before. */
  noticeOf(caseId: string): NoticeData | null
  /** What would be issued with this text: for the preview. @throws RefusedError */
  draft(caseId: string, textId: string, timeNote: string | null): NoticeData
  leadOf(caseId: string): LeadRow
  /** Whom the notice addresses. */
  partyName(caseId: string): string
  counts(): { state: string; n: number }[]
}

export function caseDesk(deps: CaseDeskDeps): CaseDesk {
  const { database, clock, ids, leads, changes, policy } = deps
  const book = caseBook(deps)
  const { store, now, read, gateFacts, demand, draftData } = book
  function viewOf(caseId: string, actor: Actor): CaseView {
    const { file, log, lead } = read(caseId)
    return toCaseView({
      file,
      log,
      statements: store.statements(caseId),
      facts: lead.facts,
      place: deps.placeOf(lead.facts.device, lead.facts.cam),
      actor,
      gateFacts: gateFacts(file, lead, actor.name),
    })
  }

  return {
    ...issueDesk(deps, book),
    ...partyActs(deps, book),
    file(actor, leadId, version, party) {
      const id = database.transaction(() => {
        const lead = leads.find(leadId)
        if (lead === null) throw new RefusedError(leadRefusals.notFound())
        const caseId = ids.uuidv7(clock.wallMs())
        const officers = leads.store.reviews(leadId, lead.round).map(({ officer }) => officer)
        // The life cycle refuses first (role, state, version, reviews, mode); the gates of the road are asked all the same.
        leads.act(actor, leadId, version, { action: 'file', caseId })
        const filedAt = now()
        const number = numberText(
          policy.numbers.case,
          yearOf(clock.wallMs(), policy.tz),
          store.nextNumber(`${policy.organ}/case`, yearOf(clock.wallMs(), policy.tz)),
        )
        const filed: CaseEvent = {
          kind: 'filed',
          lead: leadId,
          number,
          cause: lead.facts.cause,
          mode: policy.modes[lead.facts.cause],
          policy: policy.version,
          operator: lead.decision?.by ?? '',
          officers,
          head: actor.name,
          party,
          time_unsure: lead.facts.time_unsure,
        }
        const file = caseOf(caseId, [{ seq: 1, at: filedAt, by: actor.name, event: filed }])
        demand('file', null, actor, { ...gateFacts(file, lead, actor.name), head: null })
        store.create(
          { id: caseId, lead_id: leadId, number, filed_at: filedAt },
          { at: filedAt, by: actor.name, event: filed },
        )
        return caseId
      })
      changes.publish({ kind: 'case', id })
      return viewOf(id, actor)
    },
    list: (actor, state, after, limit) => store.list(state, after, limit).map(({ id }) => viewOf(id, actor)),
    open: (actor, caseId) => viewOf(caseId, actor),
    statement: (caseId, n) => store.statements(caseId).find((row) => row.n === n) ?? null,
    noticeOf(caseId) {
      const row = store.noticeOf(caseId)
      return row === null ? null : (JSON.parse(row.data) as NoticeData)
    },
    draft: (caseId, textId, timeNote) =>
      draftData(caseId, textId, numberText(policy.numbers.notice, yearOf(clock.wallMs(), policy.tz), 0), timeNote),
    leadOf: (caseId) => read(caseId).lead,
    partyName: (caseId) => read(caseId).file.filed.party.name,
    counts: () => store.counts(),
  }
}
