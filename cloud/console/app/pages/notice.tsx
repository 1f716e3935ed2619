import { useEffect, useState } from 'react'
import { causeTerms, type CaseView, type Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { dayClockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { setLeaveGuard } from '../lib/router.js'
import { useLive } from '../lib/stream.js'
import { useRead } from '../lib/use-read.js'
import { CauseMark } from '../parts/cause-mark.js'
import { IssuedLink, type Issued } from '../parts/issued-link.js'
import { CaseRefusals } from '../parts/refusals.js'
import { ProblemBox } from '../parts/problem-box.js'
import { Reading } from '../parts/reading.js'

interface PolicyTexts {
  readonly texts: readonly { text_id: string; cause: string; mode: string; title: { zh: string; en: string } }[]
}

/** `/cases/ID/notice`: checks left, the party's own page beside them, the paper at the right (picture 05). */
export function NoticePage({ id }: { readonly id: string }) {
  const file = useRead<CaseView>(`/v1/cases/${id}`, (change) => change.kind === 'case' && change.id === id)
  const policy = useRead<PolicyTexts>('/v1/policy')
  return (
    <main id="main" className="page">
      {file.data === null || policy.data === null ? (
        <Reading read={file.data === null ? file : policy} />
      ) : (
        <IssueForm file={file.data} texts={policy.data.texts} reload={file.reload} />
      )}
    </main>
  )
}

interface IssueFormProps {
  readonly file: CaseView
  readonly texts: PolicyTexts['texts']
  readonly reload: () => void
}

function IssueForm({ file, texts, reload }: IssueFormProps) {
  const { say, of, lang } = useLook()
  const live = useLive()
  const fitting = texts.filter(({ cause, mode }) => cause === file.cause && mode === file.mode)
  const [textId, setTextId] = useState(fitting[0]?.text_id ?? '')
  const [timeNote, setTimeNote] = useState('')
  const [issued, setIssued] = useState<Issued | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (issued === null) return undefined
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    setLeaveGuard(() => window.confirm(say('notice.leave')))
    return () => {
      window.removeEventListener('beforeunload', ask)
      setLeaveGuard(null)
    }
  }, [issued, say])

  const replaces = file.notice !== null
  const may = file.allowed.includes(replaces ? 'link' : 'notice') && live.connected && !busy
  const ready = replaces || (textId !== '' && (!file.time_unsure || timeNote.trim() !== ''))
  const send = async (): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      const note = file.time_unsure ? { time_note: timeNote.trim() } : {}
      const answer = replaces
        ? await call<Issued>('POST', `/v1/cases/${file.id}/link`, { version: file.version })
        : await call<Issued>('POST', `/v1/cases/${file.id}/notice`, { version: file.version, text_id: textId, ...note })
      setIssued(answer)
      reload()
    } catch (error) {
      setProblem(problemOf(error))
      reload()
    } finally {
      setBusy(false)
    }
  }
  const query = new URLSearchParams({
    preview: '1',
    lang,
    text_id: textId,
    ...(timeNote.trim() === '' ? {} : { time_note: timeNote.trim() }),
  })
  return (
    <>
      <header className="page-head">
        <h1>{say('notice.title')}</h1>
        <span className="quiet">{file.number}</span>
        <CauseMark cause={file.cause} />
        <strong>{of(causeTerms[file.cause])}</strong>
        <span className="grow" />
        <span className="note">{say('notice.only')}</span>
      </header>
      <div className="notice">
        <section className="card stack">
          {issued !== null ? (
            <IssuedLink issued={issued} onKept={() => setIssued(null)} />
          ) : (
            <>
              <h2>{say('notice.checks')}</h2>
              <Checks file={file} />
              {!replaces && file.time_unsure && (
                <label className="field">
                  <span>
                    {say('notice.timeNote')} <span className="chip chip-warn">{say('any.required')}</span>
                  </span>
                  <span className="note">{say('notice.timeSays')}</span>
                  <textarea
                    name="time_note"
                    rows={3}
                    maxLength={500}
                    value={timeNote}
                    onChange={(event) => setTimeNote(event.target.value)}
                  />
                </label>
              )}
              {replaces ? (
                <p>{say('notice.already')}</p>
              ) : (
                <label className="field">
                  <span>{say('notice.text')}</span>
                  <select name="text_id" value={textId} onChange={(event) => setTextId(event.target.value)}>
                    {fitting.map(({ text_id, title }) => (
                      <option key={text_id} value={text_id}>
                        {of(title)}
                      </option>
                    ))}
                  </select>
                  <span className="note">{say(fitting.length === 0 ? 'notice.noText' : 'notice.textNote')}</span>
                </label>
              )}
              <CaseRefusals file={file} action={replaces ? 'link' : 'notice'} />
              {problem !== null && <ProblemBox problem={problem} />}
              <div className="row">
                <button type="button" className="main" disabled={!may || !ready} onClick={() => void send()}>
                  {say(replaces ? 'case.link' : 'notice.issue')}
                </button>
              </div>
              <p className="note">{say('notice.once')}</p>
            </>
          )}
        </section>
        <Preview key={`page ${file.version}`} label={say('notice.preview')} src={`/p/${file.id}?${query.toString()}`} />
        <Preview
          key={`paper ${file.version}`}
          label={say('notice.paper')}
          src={`/p/${file.id}/notice?${query.toString()}`}
        />
      </div>
    </>
  )
}

/** The party's page itself in a frame, not a likeness (U9). Typing a note does not reload it at each letter. */
function Preview({ label, src }: { readonly label: string; readonly src: string }) {
  const [settled, setSettled] = useState(src)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(src), 600)
    return () => clearTimeout(timer)
  }, [src])
  return (
    <section className="stack">
      <h2>{label}</h2>
      <iframe title={label} src={settled} className="preview" />
    </section>
  )
}

function Checks({ file }: { readonly file: CaseView }) {
  const { say, lang } = useLook()
  const row = (good: boolean, title: string, words: string) => (
    <li>
      <span className={good ? 'sign-good' : 'sign-warn'} aria-hidden="true">
        {good ? '✓' : '!'}
      </span>
      <span>
        {title}
        <span className="note"> {words}</span>
      </span>
    </li>
  )
  return (
    <ul className="checks">
      {row(file.officers.length === 2, say('notice.checkReviews'), file.officers.join(lang === 'zh' ? '、' : ', '))}
      {row(true, say('notice.checkHead'), `${file.head} ${dayClockText(file.filed_at, lang)}`)}
      {row(!file.refused.some(({ gate }) => gate === 'G1'), say('notice.checkDigest'), say('notice.checkDigestWhen'))}
      {row(!file.time_unsure, say(file.time_unsure ? 'notice.checkTimeUnsure' : 'notice.checkTime'), '')}
    </ul>
  )
}
