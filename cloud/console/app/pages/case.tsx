import { caseStateTerms, causeTerms, type CaseView, type LeadView } from '../contracts.js'
import { dayClockText, spanText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { Link } from '../lib/router.js'
import { useRead } from '../lib/use-read.js'
import { CauseMark } from '../parts/cause-mark.js'
import { CaseRefusals } from '../parts/refusals.js'
import { Reading } from '../parts/reading.js'
import { Road } from '../parts/road.js'

/** `/cases/ID`: where it stands, what happened, what is possible, what is not and why (picture 04). */
export function CasePage({ id }: { readonly id: string }) {
  const read = useRead<CaseView>(`/v1/cases/${id}`, (change) => change.kind === 'case' && change.id === id)
  return (
    <main id="main" className="page">
      {read.data === null ? <Reading read={read} /> : <CaseBody file={read.data} />}
    </main>
  )
}

function CaseBody({ file }: { readonly file: CaseView }) {
  const { say, of, lang } = useLook()
  return (
    <>
      <header className="case-head">
        <div className="row">
          <h1>{file.number}</h1>
          <CauseMark cause={file.cause} />
          <strong>{of(causeTerms[file.cause])}</strong>
          <span className="chip">
            {of(caseStateTerms[file.state])} {file.state}
          </span>
          <span className="chip chip-warn">{say(`lead.mode.${file.mode}`)}</span>
          {file.time_unsure && <span className="chip chip-warn">◷ {say('lead.timeUnsure')}</span>}
          <span className="grow" />
          <button type="button" onClick={() => window.print()}>
            {say('any.print')}
          </button>
        </div>
        <p className="quiet">
          {say('case.party')} {file.party.name} · {file.place.name} · {spanText(file.first_at, file.last_at, lang)} ·{' '}
          {say('case.officers')} {file.officers.join(lang === 'zh' ? '、' : ', ')} · {say('case.head')} {file.head}
        </p>
        <Road state={file.state} />
      </header>
      <div className="case">
        <section className="card stack">
          <h2 className="spread">
            {say('case.log')} <span className="note">{say('case.logNote', { n: file.log.length })}</span>
          </h2>
          <ol className="timeline">
            {[...file.log].reverse().map(({ seq, at, by, says }) => (
              <li key={seq}>
                <span className="note timeline-at">{dayClockText(at, lang)}</span>
                <span>
                  {of(says)}
                  <span className="note"> {by}</span>
                </span>
              </li>
            ))}
          </ol>
        </section>
        <section className="card stack">
          <h2>{say('case.can')}</h2>
          <div className="row">
            {file.allowed.includes('notice') && (
              <Link to={`/cases/${file.id}/notice`} className="button main">
                {say('case.notice')}
              </Link>
            )}
            {file.allowed.includes('link') && (
              <Link to={`/cases/${file.id}/notice`} className="button">
                {say('case.link')}
              </Link>
            )}
            {file.allowed.length === 0 && <p className="quiet">{say('case.canNothing')}</p>}
          </div>
          <h2>{say('case.cannot')}</h2>
          <CaseRefusals file={file} action="notice" />
          <CaseRefusals file={file} action="link" />
          {file.held.length > 0 && (
            <p className="note">
              {say('case.held')}{' '}
              {file.held.map(({ gate, name }) => `✓ ${of(name)} ${gate}`).join(lang === 'zh' ? '；' : '; ')}
            </p>
          )}
          <p className="note dashed">{say('road.later')}</p>
          <h2>{say('case.statements')}</h2>
          {file.statements.length === 0 && <p className="quiet">{say('case.noStatements')}</p>}
          {file.statements.map((one) => (
            <section key={one.n} className="statement">
              <p>
                <strong>{one.name}</strong>{' '}
                <span className="note">
                  {say('case.receipt', { n: one.receipt })} · {dayClockText(one.at, lang)}
                </span>
              </p>
              <p className="as-written">{one.words}</p>
              {one.contact !== '' && <p className="note">{one.contact}</p>}
            </section>
          ))}
        </section>
        <div className="stack">
          <section className="card stack">
            <h2>{say('case.period')}</h2>
            <p>{say('case.noPeriod')}</p>
            {file.notice !== null && (
              <p className="note">
                {file.notice.number} ·{' '}
                {file.notice.opened_at === null
                  ? say('case.notOpened')
                  : `${say('case.opened')} ${dayClockText(file.notice.opened_at, lang)}`}
              </p>
            )}
          </section>
          <Evidence lead={file.lead} caseId={file.id} />
        </div>
      </div>
    </>
  )
}

function Evidence({ lead, caseId }: { readonly lead: string; readonly caseId: string }) {
  const { say } = useLook()
  const read = useRead<LeadView>(`/v1/leads/${lead}`)
  return (
    <section className="card stack">
      <h2>{say('case.evidence')}</h2>
      <div className="still-row">
        {(read.data?.stills ?? []).slice(0, 2).map(({ url, kind }) => (
          <img key={url} src={url} alt={kind} />
        ))}
      </div>
      <div className="row">
        <Link to={`/leads/${lead}`}>{say('case.toLead')}</Link>
        <a href={`/p/${caseId}?preview=1`} target="_blank" rel="noopener">
          {say('case.partyPage')}
        </a>
      </div>
    </section>
  )
}
