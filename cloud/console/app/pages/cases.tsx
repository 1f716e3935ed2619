import { caseStates, caseStateTerms, causeTerms, type CaseView } from '../contracts.js'
import { dayText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { Link, navigate } from '../lib/router.js'
import { useRead } from '../lib/use-read.js'
import { CauseMark } from '../parts/cause-mark.js'
import { Reading } from '../parts/reading.js'
import { StateCard } from '../parts/state-card.js'

/** `/cases?state=`: newest first. */
export function CasesPage({ address }: { readonly address: URL }) {
  const { say, of, lang } = useLook()
  const state = address.searchParams.get('state') ?? ''
  const read = useRead<{ items: CaseView[] }>(
    `/v1/cases?limit=200${state === '' ? '' : `&state=${encodeURIComponent(state)}`}`,
    ({ kind }) => kind === 'case',
  )
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say('case.title')}</h1>
        <label className="filter">
          {say('lead.state')}
          <select
            value={state}
            onChange={(event) => navigate(event.target.value === '' ? '/cases' : `/cases?state=${event.target.value}`)}
          >
            <option value="">{say('any.all')}</option>
            {caseStates.map((one) => (
              <option key={one} value={one}>
                {of(caseStateTerms[one])}
              </option>
            ))}
          </select>
        </label>
      </header>
      {read.data === null ? (
        <Reading read={read} />
      ) : read.data.items.length === 0 ? (
        <StateCard sign="○" title={say('case.empty')} words={say('case.emptyWords')} />
      ) : (
        <ul className="lead-rows">
          {read.data.items.map((one) => (
            <li key={one.id}>
              <Link to={`/cases/${one.id}`} className="lead-row card">
                <CauseMark cause={one.cause} />
                <span className="lead-row-main">
                  <strong>{one.number}</strong>
                  <span>
                    {of(causeTerms[one.cause])} · {one.place.name}
                  </span>
                </span>
                <span className="lead-row-time">
                  <span className="quiet">{say('case.filed')}</span>
                  {dayText(one.filed_at, lang)}
                </span>
                <span className="lead-row-state">
                  <span className="chip">{of(caseStateTerms[one.state])}</span>
                  {one.statements.length > 0 && (
                    <span className="note">
                      {say('case.statements')} {one.statements.length}
                    </span>
                  )}
                </span>
                <span className="lead-row-open">{say('any.open')} ›</span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </main>
  )
}
