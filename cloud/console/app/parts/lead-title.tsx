import type { ReactNode } from 'react'
import { causeTerms, type LeadView } from '../contracts.js'
import { spanText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { CauseMark } from './cause-mark.js'

/** Head of every page about one lead: what is suspected, where, when; never a score. */
export function LeadTitle({ lead, children }: { readonly lead: LeadView; readonly children?: ReactNode }) {
  const { say, of, lang } = useLook()
  return (
    <header className="lead-head">
      <CauseMark cause={lead.cause} />
      <h1>{say('lead.suspected', { cause: of(causeTerms[lead.cause]) })}</h1>
      <span className="lead-place">{lead.place.name}</span>
      <span className="quiet">{lead.cam}</span>
      <span className="quiet">{spanText(lead.first_at, lead.last_at, lang)}</span>
      <span className="chip">{say('lead.grade', { n: lead.grade })}</span>
      {lead.time_unsure && <span className="chip chip-warn">◷ {say('lead.timeUnsure')}</span>}
      {lead.reopened && <span className="chip">{say('lead.reopened')}</span>}
      {lead.audit && <span className="chip">{say('lead.audit')}</span>}
      <span className="grow" />
      {children}
    </header>
  )
}
