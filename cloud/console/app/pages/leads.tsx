import { useState } from 'react'
import { causes, causeTerms, leadStates, leadStateTerms, type LeadView, type Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { useLook } from '../lib/look.js'
import { navigate } from '../lib/router.js'
import { useRead } from '../lib/use-read.js'
import { LeadTable } from '../parts/lead-table.js'
import { ProblemBox } from '../parts/problem-box.js'
import { Reading } from '../parts/reading.js'
import { StateCard } from '../parts/state-card.js'

interface Page {
  readonly items: LeadView[]
  readonly next: string | null
}
const filters = ['state', 'cause', 'cam'] as const

/** `/leads?state=&cause=&cam=`: filters live in the address, so that a list can be sent to a colleague. */
export function LeadsPage({ address }: { readonly address: URL }) {
  const { say, of } = useLook()
  const query = new URLSearchParams(
    filters.flatMap((name) => {
      const value = address.searchParams.get(name)
      return value === null || value === '' ? [] : [[name, value]]
    }),
  )
  const url = `/v1/leads?${query.toString()}`
  const read = useRead<Page>(url, ({ kind }) => kind === 'lead')
  const [more, setMore] = useState<{ url: string; page: Page } | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const extra = more?.url === url ? more.page : null
  const choose = (name: (typeof filters)[number], value: string): void => {
    const next = new URLSearchParams(query)
    if (value === '') next.delete(name)
    else next.set(name, value)
    const text = next.toString()
    navigate(text === '' ? '/leads' : `/leads?${text}`)
  }
  const cursor = extra === null ? (read.data?.next ?? null) : extra.next
  const readMore = (): void => {
    if (cursor === null) return
    call<Page>('GET', `${url}&cursor=${encodeURIComponent(cursor)}`).then(
      (page) => setMore({ url, page: { items: [...(extra?.items ?? []), ...page.items], next: page.next } }),
      (error: unknown) => setProblem(problemOf(error)),
    )
  }
  const first = read.data?.items ?? []
  const leads = [...first, ...(extra?.items ?? []).filter(({ id }) => !first.some((one) => one.id === id))]
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say('lead.list')}</h1>
        <label className="filter">
          {say('lead.state')}
          <select value={query.get('state') ?? ''} onChange={(event) => choose('state', event.target.value)}>
            <option value="">{say('any.all')}</option>
            {leadStates.map((state) => (
              <option key={state} value={state}>
                {of(leadStateTerms[state])}
              </option>
            ))}
          </select>
        </label>
        <label className="filter">
          {say('lead.cause')}
          <select value={query.get('cause') ?? ''} onChange={(event) => choose('cause', event.target.value)}>
            <option value="">{say('any.all')}</option>
            {causes.map((cause) => (
              <option key={cause} value={cause}>
                {of(causeTerms[cause])}
              </option>
            ))}
          </select>
        </label>
        <label className="filter">
          {say('lead.cam')}
          <input
            className="narrow"
            value={query.get('cam') ?? ''}
            maxLength={20}
            onChange={(event) => choose('cam', event.target.value.trim())}
          />
        </label>
      </header>
      {problem !== null && <ProblemBox problem={problem} />}
      {read.data === null ? (
        <Reading read={read} />
      ) : leads.length === 0 ? (
        <StateCard sign="○" title={say('lead.emptyList')} words={say('lead.emptyListWords')}>
          <button type="button" onClick={() => navigate('/leads')}>
            {say('any.all')}
          </button>
        </StateCard>
      ) : (
        <>
          <LeadTable leads={leads} addressOf={({ id }) => `/leads/${id}`} openWord={say('any.open')} />
          {cursor !== null && (
            <button type="button" onClick={readMore}>
              {say('any.more')}
            </button>
          )}
        </>
      )}
    </main>
  )
}
