import {
  caseStateTerms,
  causes,
  causeTerms,
  leadStates,
  leadStateTerms,
  type CaseView,
  type Counts,
} from '../contracts.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { CauseMark } from '../parts/cause-mark.js'

/** `/figures`: plain counts; each opens its rows (U8). No fine, no count of penalties (U20). */
export function FiguresPage({ counts }: { readonly counts: Counts | null }) {
  const { say, of } = useLook()
  if (counts === null)
    return (
      <main id="main" className="page">
        <h1>{say('figures.title')}</h1>
      </main>
    )
  const { budget } = counts
  const count = (cause: string | null, state: string | null): number =>
    counts.leads
      .filter((one) => (cause === null || one.cause === cause) && (state === null || one.state === state))
      .reduce((sum, { n }) => sum + n, 0)
  const cell = (cause: string | null, state: string | null) => {
    const query = new URLSearchParams({ ...(state === null ? {} : { state }), ...(cause === null ? {} : { cause }) })
    return <Link to={`/leads?${query.toString()}`}>{count(cause, state)}</Link>
  }
  return (
    <main id="main" className="page">
      <header className="page-head">
        <h1>{say('figures.title')}</h1>
        <span className="note">{say('figures.note')}</span>
      </header>
      <section className="card stack">
        <h2>{say('figures.leads')}</h2>
        <div className="scroll">
          <table className="figures">
            <thead>
              <tr>
                <th scope="col">{say('lead.cause')}</th>
                {leadStates.map((state) => (
                  <th key={state} scope="col">
                    {of(leadStateTerms[state])}
                  </th>
                ))}
                <th scope="col">{say('figures.sum')}</th>
              </tr>
            </thead>
            <tbody>
              {causes.map((cause) => (
                <tr key={cause}>
                  <th scope="row">
                    <CauseMark cause={cause} /> <span className="cause-name">{of(causeTerms[cause])}</span>
                  </th>
                  {leadStates.map((state) => (
                    <td key={state}>{cell(cause, state)}</td>
                  ))}
                  <td>{cell(cause, null)}</td>
                </tr>
              ))}
              <tr>
                <th scope="row">{say('figures.sum')}</th>
                {leadStates.map((state) => (
                  <td key={state}>{cell(null, state)}</td>
                ))}
                <td>{cell(null, null)}</td>
              </tr>
            </tbody>
          </table>
        </div>
      </section>
      <div className="halves">
        <section className="card stack">
          <h2>{say('figures.cases')}</h2>
          {counts.cases.length === 0 && <p>{say('figures.noCases')}</p>}
          {counts.cases.map(({ state, n }) => (
            <p key={state} className="spread">
              {of(caseStateTerms[state as CaseView['state']])} <Link to={`/cases?state=${state}`}>{n}</Link>
            </p>
          ))}
        </section>
        <section className="card stack">
          <h2>{say('figures.budget')}</h2>
          <p className="spread">
            {say('figures.claimed')} <strong>{budget.claimed_last_hour}</strong>
          </p>
          <p className="spread">
            {say('figures.operators')} <strong>{budget.operators_active}</strong>
          </p>
          <p className="spread">
            {say('figures.per', { n: budget.target })}
            <strong className={budget.per_operator > budget.target ? 'sign-bad' : ''}>
              {Math.round(budget.per_operator * 10) / 10}
            </strong>
          </p>
        </section>
      </div>
    </main>
  )
}
