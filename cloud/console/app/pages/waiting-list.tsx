import type { LeadView } from '../contracts.js'
import { useLook } from '../lib/look.js'
import { useRead } from '../lib/use-read.js'
import { LeadTable } from '../parts/lead-table.js'
import { Reading } from '../parts/reading.js'
import { StateCard } from '../parts/state-card.js'
import type { TextKey } from '../texts.js'

interface WaitingListProps {
  readonly title: TextKey
  readonly empty: TextKey
  readonly emptyWords: TextKey
  readonly open: TextKey
  readonly base: string
  /** Of the leads that are ready for filing: which wait for the reader. */
  readonly mine: (lead: LeadView) => boolean
}

/** Leads in L8 that wait for an officer or the head. */
export function WaitingList({ title, empty, emptyWords, open, base, mine }: WaitingListProps) {
  const { say } = useLook()
  const read = useRead<{ items: LeadView[] }>('/v1/leads?state=L8&limit=200', ({ kind }) => kind === 'lead')
  const leads = (read.data?.items ?? []).filter(mine)
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say(title)}</h1>
      </header>
      {read.data === null ? (
        <Reading read={read} />
      ) : leads.length === 0 ? (
        <StateCard sign="○" title={say(empty)} words={say(emptyWords)} />
      ) : (
        <LeadTable leads={leads} addressOf={({ id }) => `${base}/${id}`} openWord={say(open)} />
      )}
    </main>
  )
}
