import { causeTerms, closeTerms, leadStateTerms, type LeadView } from '../contracts.js'
import { clockText, dayText, spanText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { CauseMark } from './cause-mark.js'

interface LeadTableProps {
  readonly leads: readonly LeadView[]
  readonly addressOf: (lead: LeadView) => string
  readonly openWord: string
  /** For the duty room: larger, and without names. */
  readonly large?: boolean
}

/** Rows of leads; each row is a link with an address of its own. */
export function LeadTable({ leads, addressOf, openWord, large = false }: LeadTableProps) {
  const { say, of, lang } = useLook()
  return (
    <ul className={large ? 'lead-rows lead-rows-large' : 'lead-rows'}>
      {leads.map((lead) => (
        <li key={lead.id}>
          <Link to={addressOf(lead)} className="lead-row card">
            <CauseMark cause={lead.cause} size={large ? 40 : 24} />
            <span className="lead-row-main">
              <strong>{say('lead.suspected', { cause: of(causeTerms[lead.cause]) })}</strong>
              <span>
                {lead.place.name} · {lead.cam}
              </span>
            </span>
            <span className="lead-row-time">
              {dayText(lead.first_at, lang)}
              <span className="quiet">{spanText(lead.first_at, lead.last_at, lang)}</span>
            </span>
            <span className="lead-row-state">
              <span className="chip">{of(leadStateTerms[lead.state])}</span>
              {!large && lead.claim !== null && (
                <span className="note">{say('lead.claimedBy', { name: lead.claim.by })}</span>
              )}
              {!large && lead.decision !== null && (
                <span className="note">
                  {lead.decision.by} {clockText(lead.decision.at)}{' '}
                  {lead.decision.code !== null && of(closeTerms[lead.decision.code])}
                </span>
              )}
            </span>
            <span className="lead-row-open">{openWord} ›</span>
          </Link>
        </li>
      ))}
    </ul>
  )
}
