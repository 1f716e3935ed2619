import { createHash } from 'node:crypto'
import { RefusedError } from '../../contracts/api/index.js'
import type { StatementRow } from '../store/cases.js'
import type { CaseBook, CaseDeskDeps } from './case-book.js'
import type { CaseDesk } from './case-desk.js'
import { caseRefusals, statementsMax } from './case-refusals.js'

const party = { name: 'party', roles: 'party' } as const

/** What the party does through the link: opens it, states. */
export function partyActs(
  { database, changes }: CaseDeskDeps,
  { store, now, read, gateFacts, demand, append }: CaseBook,
): Pick<CaseDesk, 'recordOpening' | 'recordStatement'> {
  return {
    recordOpening(caseId) {
      const first = database.transaction(() => {
        const { file, lead } = read(caseId)
        if (file.openedAt !== null) return false
        demand('open', file.state, party, gateFacts(file, lead, 'party'))
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
        demand('state', file.state, party, gateFacts(file, lead, 'party'))
        const n = file.statements + 1
        if (n > statementsMax) throw new RefusedError(caseRefusals.tooMany())
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
  }
}

/** `演示〔2026〕0042 号` -> `2026-0042` */
function digitsOf(number: string): string {
  return (number.match(/\d+/g) ?? []).join('-')
}
