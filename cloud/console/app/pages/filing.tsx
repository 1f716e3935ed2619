import { useState } from 'react'
import type { CaseView, LeadView, Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { useLook } from '../lib/look.js'
import { Link, navigate } from '../lib/router.js'
import { useLive } from '../lib/stream.js'
import { useRead } from '../lib/use-read.js'
import { Findings } from '../parts/findings.js'
import { LeadRefusals } from '../parts/refusals.js'
import { LeadTitle } from '../parts/lead-title.js'
import { ProblemBox } from '../parts/problem-box.js'
import { Reading } from '../parts/reading.js'

/** `/filing/LEAD`: both findings, the party, and every reason why it cannot be filed. */
export function FilingPage({ id }: { readonly id: string }) {
  const { say } = useLook()
  const read = useRead<LeadView>(`/v1/leads/${id}`, (change) => change.id === id)
  const lead = read.data
  if (lead === null)
    return (
      <main id="main" className="page">
        <Reading read={read} />
      </main>
    )
  return (
    <main id="main" className="page">
      <LeadTitle lead={lead}>
        <span className="chip chip-warn">{say(`lead.mode.${lead.mode}`)}</span>
        <Link to={`/leads/${id}`} className="button">
          {say('case.toLead')}
        </Link>
      </LeadTitle>
      <div className="halves">
        <section className="stack">
          <h2>{say('filing.findings')}</h2>
          {lead.reviews.length < 2 ? <p>{say('filing.findingsMissing')}</p> : <Findings reviews={lead.reviews} />}
          <div className="still-row">
            {lead.stills.slice(0, 3).map(({ url, kind }) => (
              <img key={url} src={url} alt={kind} />
            ))}
          </div>
        </section>
        <section className="stack">
          <PartyForm lead={lead} onReload={read.reload} />
          {lead.refused.some(({ action }) => action === 'file') && (
            <>
              <h2>{say('filing.cannot')}</h2>
              <LeadRefusals lead={lead} action="file" />
            </>
          )}
        </section>
      </div>
    </main>
  )
}

function PartyForm({ lead, onReload }: { readonly lead: LeadView; readonly onReload: () => void }) {
  const { say } = useLook()
  const live = useLive()
  const [kind, setKind] = useState<'person' | 'organisation'>('person')
  const [name, setName] = useState('')
  const [contact, setContact] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const may = lead.allowed.includes('file') && live.connected && !busy
  const send = async (): Promise<void> => {
    setBusy(true)
    try {
      const body = { version: lead.version, party: { kind, name: name.trim(), contact: contact.trim() } }
      const filed = await call<CaseView>('POST', `/v1/leads/${lead.id}/file`, body)
      navigate(`/cases/${filed.id}`)
    } catch (error) {
      setProblem(problemOf(error))
      onReload()
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className="card stack"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <h2>{say('filing.party')}</h2>
      <div className="row" role="radiogroup" aria-label={say('filing.party')}>
        {(['person', 'organisation'] as const).map((one) => (
          <label key={one} className="row">
            <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />{' '}
            {say(`filing.${one}`)}
          </label>
        ))}
      </div>
      <label className="field">
        <span>{say('filing.name')}</span>
        <input name="party" required maxLength={120} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span>{say('filing.contact')}</span>
        <input name="contact" maxLength={200} value={contact} onChange={(event) => setContact(event.target.value)} />
      </label>
      <p className="note">{say('filing.plates')}</p>
      {problem !== null && <ProblemBox problem={problem} />}
      <div className="row">
        <button type="submit" className="main" disabled={!may || name.trim() === ''}>
          {say('filing.go')}
        </button>
      </div>
    </form>
  )
}
