import { createHash } from 'node:crypto'
import type { GateFacts } from '../cases/index.js'
import { numberText, yearOf } from '../documents/index.js'
import type { CaseBook, CaseDeskDeps } from './case-book.js'
import type { CaseDesk } from './case-desk.js'

/** The legal reviewer's steps: the notice with its link and code, and a new link for a lost one. */
export function issueDesk(deps: CaseDeskDeps, book: CaseBook): Pick<CaseDesk, 'issue' | 'replaceLink'> {
  const { database, clock, ids, links, changes, policy } = deps
  const { store, now, read, gateFacts, demand, append, stale, draftData } = book
  const linkOf = (token: string): string => `${deps.publicUrl}/p/${token}`
  return {
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
  }
}
