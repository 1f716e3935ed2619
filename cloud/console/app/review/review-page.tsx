import { useEffect, useState } from 'react'
import type { LeadView, Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { keep, readKept } from '../lib/kept.js'
import { useKeys, useSettled } from '../lib/keys.js'
import { useLook } from '../lib/look.js'
import { Link, navigate } from '../lib/router.js'
import { useLive } from '../lib/stream.js'
import { useRead } from '../lib/use-read.js'
import { KeyButton } from '../parts/key-button.js'
import { LeadTitle } from '../parts/lead-title.js'
import { ProblemBox } from '../parts/problem-box.js'
import { Reading } from '../parts/reading.js'
import { LeadRefusals } from '../parts/refusals.js'
import { StateCard } from '../parts/state-card.js'
import { Controls, Screen } from '../player/player.js'
import { usePlayer } from '../player/use-player.js'
import { Checklist } from './checklist-form.js'
import { checkLines, readDraft, type ReviewDraft } from './checklist.js'

/** `/reviews/LEAD`: blind; nothing of the other officer is on the page, because the server sends nothing of it. */
export function ReviewPage({ id }: { readonly id: string }) {
  const { say } = useLook()
  const read = useRead<LeadView>(`/v1/leads/${id}`, (change) => change.id === id || change.kind === 'clip')
  return (
    <>
      <section className="blind" aria-label={say('review.title')}>
        <strong>{say('review.title')}</strong> {say('review.blind')}
        <span className="grow" />
        <span className="note">{say('review.article')}</span>
      </section>
      <main id="main" className="page">
        {read.data === null ? <Reading read={read} /> : <ReviewLead key={id} lead={read.data} reload={read.reload} />}
      </main>
    </>
  )
}

function ReviewLead({ lead, reload }: { readonly lead: LeadView; readonly reload: () => void }) {
  const { say, of, lang } = useLook()
  const live = useLive()
  const player = usePlayer(lead, false)
  const settled = useSettled(lead.id)
  const [draft, setDraft] = useState<ReviewDraft>(() => readDraft(readKept(`review_${lead.id}`)))
  const [problem, setProblem] = useState<Problem | null>(null)
  const [done, setDone] = useState(false)
  const [busy, setBusy] = useState(false)
  useEffect(() => keep(`review_${lead.id}`, done ? null : JSON.stringify(draft)), [lead.id, draft, done])

  const lines = checkLines(lead.cause)
  const { unseenS } = player.desk.state
  const noClip = lead.clip.state !== 'present' || unseenS === null
  const missing = [
    noClip ? say('review.missClip') : unseenS > 0.25 ? say('review.missSeen', { s: Math.ceil(unseenS) }) : null,
    ...lines
      .filter((line) => draft.answers[line.id] === undefined)
      .slice(0, 2)
      .map((line) => say('review.missLine', { line: `“${of(line.says)}”` })),
    draft.favour.trim() === '' ? say('review.missFavour') : null,
  ].filter((text) => text !== null)
  const may = lead.allowed.includes('review') && live.connected && !busy
  const canReject = may && draft.note.trim() !== ''
  const canConfirm = may && missing.length === 0

  const send = async (verdict: 'confirm' | 'reject'): Promise<void> => {
    if (!(verdict === 'confirm' ? canConfirm : canReject) || !settled()) return
    const answered = lines.flatMap((line) => {
      const answer = draft.answers[line.id]
      return answer === undefined ? [] : [`${line.id} ${of(line.says)}: ${say(`review.${answer}`)}`]
    })
    const parts = [
      answered.join('; '),
      `${say('review.note')}: ${draft.note.trim()}`,
      `${say('review.favour')}: ${draft.favour.trim()}`,
    ]
    setBusy(true)
    try {
      await call('POST', `/v1/leads/${lead.id}/reviews`, {
        version: lead.version,
        verdict,
        note: parts.join('\n').slice(0, 2_000),
      })
      setDone(true)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  const { Digit1: _one, Digit2: _two, Digit3: _three, ...keys } = player.keys
  useKeys({ ...keys, KeyA: () => void send('confirm'), KeyR: () => void send('reject') })
  if (done || lead.my_review !== null)
    return (
      <StateCard sign="✓" title={say('review.done')} words={say('review.doneWords')}>
        <Link to="/reviews" className="button">
          {say('nav.reviews')}
        </Link>
      </StateCard>
    )
  return (
    <>
      <LeadTitle lead={lead}>
        <span className="note">{say('review.ask')}</span>
      </LeadTitle>
      {problem !== null && (
        <ProblemBox problem={problem}>
          <button
            type="button"
            onClick={() => {
              setProblem(null)
              reload()
            }}
          >
            {say('any.reload')}
          </button>
        </ProblemBox>
      )}
      <LeadRefusals lead={lead} action="review" />
      <div className="review">
        <div className="left">
          <Screen player={player} />
          <Controls player={player} />
          <SeenLine unseenS={unseenS} durationS={player.desk.state.durationS} />
          <section className="card two-fields">
            <label className="field">
              <span>
                {say('review.favour')} <span className="chip chip-warn">{say('any.required')}</span>
              </span>
              <textarea
                name="favour"
                placeholder={say('review.favourHint')}
                rows={2}
                maxLength={500}
                value={draft.favour}
                onChange={(event) => setDraft({ ...draft, favour: event.target.value })}
              />
            </label>
            <label className="field">
              <span>{say('review.note')}</span>
              <textarea
                name="note"
                rows={2}
                maxLength={800}
                value={draft.note}
                onChange={(event) => setDraft({ ...draft, note: event.target.value })}
              />
            </label>
          </section>
        </div>
        <section className="card check">
          <h2>{say('review.lines')}</h2>
          <Checklist lines={lines} draft={draft} onDraft={setDraft} />
          <div className="row">
            <KeyButton keys="A" disabled={!canConfirm} onClick={() => void send('confirm')}>
              {say('review.confirm')}
            </KeyButton>
            <KeyButton keys="R" disabled={!canReject} onClick={() => void send('reject')}>
              {say('review.reject')}
            </KeyButton>
          </div>
          {may && missing.length > 0 && (
            <p className="note" role="status">
              <strong>{say('review.cannot')}</strong>
              {missing.join(lang === 'zh' ? '；' : '; ')}
              {lang === 'zh' ? '。' : '.'} {say(canReject ? 'review.always' : 'review.missReason')}
            </p>
          )}
          {!live.connected && <p className="note">{say('triage.offline')}</p>}
          <button type="button" className="link" onClick={() => navigate('/reviews')}>
            {say('any.back')}
          </button>
        </section>
      </div>
    </>
  )
}

function SeenLine({ unseenS, durationS }: { readonly unseenS: number | null; readonly durationS: number }) {
  const { say } = useLook()
  if (unseenS === null || durationS === 0) return null
  const percent = Math.round(((durationS - unseenS) / durationS) * 100)
  return (
    <p className="seen note">
      <progress max={100} value={percent} aria-label={say('review.seen', { p: percent })} />
      <strong>{say('review.seen', { p: percent })}</strong>
      {unseenS > 0.25 && <span>{say('review.left', { s: Math.ceil(unseenS) })}</span>}
    </p>
  )
}
