import { closeTerms, leadStateTerms, type LeadView } from '../contracts.js'
import { dayClockText } from '../lib/format.js'
import { useKeys } from '../lib/keys.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { hasAny, useSession } from '../lib/session.js'
import { useRead } from '../lib/use-read.js'
import { Findings } from '../parts/findings.js'
import { LeadTitle } from '../parts/lead-title.js'
import { Reading } from '../parts/reading.js'
import { Controls, Screen } from '../player/player.js'
import { Stills } from '../player/stills.js'
import { usePlayer } from '../player/use-player.js'
import { isTextKey } from '../texts.js'
import { WhyColumn } from '../triage/why-column.js'

/** `/leads/LEAD`: everything to see, nothing to decide. */
export function LeadPage({ id }: { readonly id: string }) {
  const read = useRead<LeadView>(`/v1/leads/${id}`, (change) => change.id === id || change.kind === 'clip')
  return (
    <main id="main" className="page">
      {read.data === null ? <Reading read={read} /> : <ReadOnlyLead key={id} lead={read.data} />}
    </main>
  )
}

function ReadOnlyLead({ lead }: { readonly lead: LeadView }) {
  const { say, of, lang } = useLook()
  const { session } = useSession()
  const player = usePlayer(lead, false)
  useKeys(player.keys)
  const { decision } = lead
  const stepKey = `step.${decision?.kind ?? ''}`
  return (
    <>
      <LeadTitle lead={lead}>
        <span className="chip">{of(leadStateTerms[lead.state])}</span>
        <span className="chip">{say('lead.readOnly')}</span>
        {lead.claim !== null && <span className="note">{say('lead.claimedBy', { name: lead.claim.by })}</span>}
        {hasAny(session, ['operator']) && (lead.state === 'L2' || lead.state === 'L3') && (
          <Link to={`/triage/${lead.id}`} className="button">
            {say('lead.toTriage')}
          </Link>
        )}
        {lead.allowed.includes('review') && (
          <Link to={`/reviews/${lead.id}`} className="button">
            {say('review.open')}
          </Link>
        )}
        {lead.case !== null && (
          <Link to={`/cases/${lead.case}`} className="button">
            {say('lead.hasCase')}
          </Link>
        )}
        {lead.merged_into !== null && (
          <Link to={`/leads/${lead.merged_into}`} className="button">
            {say('lead.mergedInto')}
          </Link>
        )}
      </LeadTitle>
      <div className="workplace">
        <div className="left">
          <Screen player={player} />
          <Controls player={player} />
          {decision !== null && (
            <p>
              {say('lead.decided', {
                by: decision.by,
                at: dayClockText(decision.at, lang),
                what: `${isTextKey(stepKey) ? say(stepKey) : decision.kind} ${decision.code === null ? '' : of(closeTerms[decision.code])} ${decision.note}`,
              })}
            </p>
          )}
          <Findings reviews={lead.reviews} />
        </div>
        <Stills stills={lead.stills} shown={player.still} onShow={player.showStill} />
        <WhyColumn lead={lead} zones={player.zones} />
      </div>
    </>
  )
}
