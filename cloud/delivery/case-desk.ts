import { createHash } from 'node:crypto'
import {
  RefusedError,
  type CaseState,
  type CaseView,
  type Party,
  type Place,
  type Refusal,
} from '../../contracts/api/index.js'
import { type Clock, type Ids, toRfc3339 } from '../../contracts/base/index.js'
import {
  caseOf,
  refusalsAgainst,
  type CaseActor,
  type CaseEntry,
  type CaseEvent,
  type CaseFile,
  type GateFacts,
  type RoadAction,
} from '../cases/index.js'
import { noticeData, numberText, yearOf, type NoticeData, type Policy } from '../documents/index.js'
import { leadRefusals, type Actor, type Changes, type LeadDesk } from '../leads/index.js'
import { caseStore, type CaseCursor, type CaseLogRow, type StatementRow } from '../store/cases.js'
import type { Database } from '../store/database.js'
import type { LeadRow } from '../store/leads.js'
import { toCaseView } from './case-view.js'
import type { Links } from './links.js'

export interface CaseDeskDeps {
  readonly database: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly leads: LeadDesk
  readonly links: Links
  readonly changes: Changes
  readonly policy: Policy
  readonly placeOf: (device: string, cam: string) => Place
  /** Without a slash at the end. */
  readonly publicUrl: string
  /** Recomputes the digests of what the lead shows; false when any object differs from its record, null when nothing is here. */
  readonly digestsHold: (lead: LeadRow) => Promise<boolean | null>
}

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

const caseNotFound: Refusal = {
  code: 'CASE_NOT_FOUND',
  status: 404,
  says: { zh: '没有这个案件。', en: 'There is no such case.' },
  next: { zh: '回到列表看现在有哪些。', en: 'Go back to the list.' },
}

export function caseDesk(deps: CaseDeskDeps): CaseDesk {
  const { database, clock, ids, leads, links, changes, policy } = deps
  const store = caseStore(database)
  const now = (): string => toRfc3339(clock.wallMs())

  function read(caseId: string): { file: CaseFile; log: CaseLogRow[]; lead: LeadRow } {
    const log = store.log(caseId)
    if (log.length === 0) throw new RefusedError(caseNotFound)
    const file = caseOf(caseId, log as readonly (CaseLogRow & CaseEntry)[])
    const lead = leads.find(file.filed.lead)
    if (lead === null) throw new Error(`case ${caseId} has no lead ${file.filed.lead}`)
    return { file, log, lead }
  }
  function gateFacts(file: CaseFile, lead: LeadRow, actor: string, more: Partial<GateFacts> = {}): GateFacts {
    return {
      reviewsConfirm: lead.confirmed,
      officers: file.filed.officers,
      operators: leads.store.acceptedBy(lead.id),
      head: file.filed.head,
      actor,
      mode: policy.modes[file.filed.cause],
      lawBasis: policy.law_basis?.zh ?? null,
      timeUnsure: file.filed.time_unsure,
      timeNote: null,
      textFits: false,
      digestsHold: null,
      ...more,
    }
  }
  function demand(action: RoadAction, state: CaseState | null, actor: CaseActor, facts: GateFacts): void {
    const [first, ...others] = refusalsAgainst(action, state, actor, facts)
    if (first !== undefined) throw new RefusedError(first, ...others)
  }
  function append(file: CaseFile, version: number, state: CaseState, by: string, event: CaseEvent): void {
    if (file.version !== version || !store.append(file.id, version, state, { at: now(), by, event }))
      throw stale(file.id, version)
  }
  function stale(caseId: string, version: number): RefusedError {
    return new RefusedError(changed(store.log(caseId).filter(({ seq }) => seq > version)))
  }
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
  function draftData(caseId: string, textId: string, number: string, timeNote: string | null): NoticeData {
    const { file, lead } = read(caseId)
    const text = policy.texts.find(({ text_id }) => text_id === textId)
    if (text === undefined || text.cause !== file.filed.cause || text.mode !== file.filed.mode)
      throw new RefusedError({
        code: 'TEXT_NOT_FOUND',
        status: 404,
        says: { zh: '没有这个文本。', en: 'There is no such text.' },
      })
    const place = deps.placeOf(lead.facts.device, lead.facts.cam)
    return noticeData({ policy, file, text, number, issuedAt: now(), timeNote, place, facts: lead.facts })
  }
  const linkOf = (token: string): string => `${deps.publicUrl}/p/${token}`

  return {
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
    async issue(actor, caseId, { version, textId, timeNote }) {
      const before = read(caseId)
      const text = policy.texts.find(({ text_id }) => text_id === textId)
      const { cause, mode } = before.file.filed
      const facts: Partial<GateFacts> = {
        timeNote,
        textFits: text?.cause === cause && text.mode === mode,
        digestsHold: await deps.digestsHold(before.lead),
      }
      // Refused before the slow hash, and again inside the transaction.
      demand('notice', before.file.state, actor, gateFacts(before.file, before.lead, actor.name, facts))
      const link = await links.make()
      const answer = database.transaction(() => {
        const { file, lead } = read(caseId)
        if (file.version !== version) throw stale(caseId, version)
        demand('notice', file.state, actor, gateFacts(file, lead, actor.name, facts))
        const year = yearOf(clock.wallMs(), policy.tz)
        const series = `${policy.organ}/notice`
        const n = store.nextNumber(series, year)
        const number = numberText(policy.numbers.notice, year, n)
        const data = JSON.stringify(draftData(caseId, textId, number, timeNote))
        const notice = ids.uuidv7(clock.wallMs())
        const sha256 = createHash('sha256').update(data).digest('hex')
        append(file, version, 'C6', actor.name, {
          kind: 'notice_issued',
          notice,
          number,
          text_id: textId,
          time_note: timeNote,
          legal_reviewer: actor.name,
          sha256,
        })
        store.addNotice({
          id: notice,
          case_id: caseId,
          series,
          year,
          n,
          number,
          text_id: textId,
          issued_at: now(),
          data,
        })
        links.put(caseId, link)
        return { notice, number }
      })
      changes.publish({ kind: 'case', id: caseId })
      return { ...answer, link: linkOf(link.token), access_code: link.code }
    },
    async replaceLink(actor, caseId, version) {
      const link = await links.make()
      database.transaction(() => {
        const { file, lead } = read(caseId)
        demand('link', file.state, actor, gateFacts(file, lead, actor.name))
        append(file, version, file.state, actor.name, { kind: 'link_replaced', notice: file.notice?.notice ?? '' })
        links.put(caseId, link)
      })
      changes.publish({ kind: 'case', id: caseId })
      return { link: linkOf(link.token), access_code: link.code }
    },
    list: (actor, state, after, limit) => store.list(state, after, limit).map(({ id }) => viewOf(id, actor)),
    open: (actor, caseId) => viewOf(caseId, actor),
    recordOpening(caseId) {
      const first = database.transaction(() => {
        const { file, lead } = read(caseId)
        if (file.openedAt !== null) return false
        demand('open', file.state, { name: 'party', roles: 'party' }, gateFacts(file, lead, 'party'))
        append(file, file.version, 'C6', 'party', { kind: 'link_opened', notice: file.notice?.notice ?? '' })
        return true
      })
      if (first) changes.publish({ kind: 'case', id: caseId })
    },
    recordStatement(caseId, formKey, statement) {
      const row = database.transaction(() => {
        const known = store.statementOfForm(caseId, formKey)
        if (known !== null) return known
        const { file, lead } = read(caseId)
        demand('state', file.state, { name: 'party', roles: 'party' }, gateFacts(file, lead, 'party'))
        const n = file.statements + 1
        if (n > statementsMax) throw new RefusedError(tooMany)
        const receipt = `${digitsOf(file.notice?.number ?? '')}-${String(n).padStart(2, '0')}`
        const made: StatementRow = { n, receipt, at: now(), ...statement, grounds: [...statement.grounds] }
        store.addStatement(caseId, formKey, made)
        const sha256 = createHash('sha256').update(JSON.stringify(made)).digest('hex')
        append(file, file.version, 'C6', 'party', { kind: 'statement_received', n, receipt, sha256 })
        return made
      })
      changes.publish({ kind: 'case', id: caseId })
      return row
    },
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

/** A party may add to a statement; this keeps a robot from filling the disk. */
export const statementsMax = 50
const tooMany: Refusal = {
  code: 'STATEMENT_TOO_MANY',
  status: 429,
  says: {
    zh: '这里收到的说明太多了，请打电话或到窗口。',
    en: 'Too many statements here. Please call or come to the counter.',
  },
}

/** `演示〔2026〕0042 号` -> `2026-0042` */
function digitsOf(number: string): string {
  return (number.match(/\d+/g) ?? []).join('-')
}

function changed(entries: readonly CaseLogRow[]): Refusal {
  const last = entries.at(-1)
  return {
    code: 'CASE_CHANGED',
    status: 409,
    says: {
      zh: last === undefined ? '版本号不对。请看新内容再决定。' : `${last.by} 在 ${last.at} 已处理。请看新内容再决定。`,
      en:
        last === undefined
          ? 'The version does not match. Look again, then decide.'
          : `${last.by} acted on it at ${last.at}. Look again, then decide.`,
    },
    next: { zh: '重新读取这个案件。', en: 'Read the case again.' },
    details: {
      changed: entries.map(({ seq, at, by, event }) => ({ version: seq, at, by, action: (event as CaseEvent).kind })),
    },
  }
}
