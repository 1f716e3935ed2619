import { fromRfc3339 } from '../../contracts/base/index.js'
import { dayText, timeSentence, timeText, type Lang, type NoticeData } from '../documents/index.js'
import { draftFields, type Draft } from './draft.js'
import { stillFigure, type ClipFacts } from './evidence-pages.js'
import { back, gap, layout, megabytes, pageUrl, speak, type PageContext } from './frame.js'
import { html } from './html.js'
import type { TextKey } from './texts.js'

export type CodeFault = { readonly kind: 'wrong'; readonly triesLeft: number } | { readonly kind: 'wait' } | null

/** ① Says only that there is a matter. */
export function codePage(context: PageContext, fault: CodeFault, draft: Draft | null): string {
  const t = speak(context)
  const message =
    fault === null ? null : fault.kind === 'wait' ? t('code.wait') : t('code.wrong', { n: fault.triesLeft })
  return layout(
    context,
    '',
    t('code.title'),
    html`<h1>${t('code.title')}</h1>
      ${message === null ? null : html`<p class="wrong" role="alert" id="fault">${message}</p>`}
      ${draft === null ? null : html`<p class="note">${t('code.again')}</p>`}
      <p>${t('code.lead')}</p>
      <form method="post" action="${pageUrl(context, '')}">
        ${draft === null ? null : html`<input type="hidden" name="resume" value="1" />${draftFields(draft)}`}
        <label for="code">${t('code.label')}</label>
        <input
          class="code"
          type="text"
          id="code"
          name="code"
          required
          maxlength="24"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck="false"
          aria-describedby="hint${message === null ? '' : ' fault'}"
        />
        <p class="hint" id="hint">${t('code.hint')}</p>
        <button class="main" type="submit">${t('code.button')}</button>
      </form>
      <div class="box">
        <p><strong>${t('code.lost')}</strong></p>
        <p>${t('code.lost.how')}</p>
      </div>
      <p class="small">${t('code.safe')}</p>`,
  )
}

/** For links that are malformed, unknown or replaced: the same words for all of them. */
export function gonePage(context: PageContext): string {
  const t = speak(context)
  return layout(
    context,
    '',
    t('gone.title'),
    html`<h1>${t('gone.title')}</h1>
      <p>${t('gone.text')}</p>`,
  )
}

/** A post that could not be taken, in the same frame. */
export function faultPage(context: PageContext, message: TextKey): string {
  const t = speak(context)
  return layout(
    context,
    '',
    t('fault.title'),
    html`${back(context)}
      <h1>${t('fault.title')}</h1>
      <p>${t(message)}</p>`,
  )
}

/** ② One sentence, no decision, the picture, three doors, no deadline. */
export function firstPage(context: PageContext, notice: NoticeData, clip: ClipFacts | null): string {
  const t = speak(context)
  const values = whenWhere(notice, context.lang)
  const evidence = notice.text.mode === 'EVIDENCE_MODE'
  const main = Math.min(1, notice.stills.length - 1)
  const lengthS =
    clip?.frames === null || clip === null ? null : Math.round((clip.frames.frames_ms.at(-1) ?? 0) / 1_000)
  return layout(
    context,
    '',
    t('first.title'),
    html`<h1>${t('first.title')}</h1>
      <p>${t(evidence ? 'first.evidence' : 'first.lead', values)}</p>
      <p>${t(evidence ? 'first.reviewed' : 'first.lead.only')}</p>
      <p class="note"><strong>${t('no.decision')}</strong>${gap(context)}${t('no.decision.how')}</p>
      ${notice.stills.length === 0 ? null : stillFigure(context, notice, main)}
      <a class="button main" href="${pageUrl(context, '/evidence')}"
        >${lengthS === null || clip === null ? t('door.look') : t('door.look.size', { s: lengthS, mb: megabytes(clip.bytes) })}</a
      >
      <a class="button" href="${pageUrl(context, '/statement')}">${t('door.state')}</a>
      <a class="button" href="${pageUrl(context, '/statement', { ground: 'not_me' })}">${t('door.not.me')}</a>
      <p><strong>${t('no.period')}</strong></p>
      <p>${t('silence')}${gap(context)}${t('not.heavier')}</p>
      ${notice.time_unsure ? html`<p>${timeSentence(notice, context.lang)}</p>` : null}
      <p><a class="alone" href="${pageUrl(context, '/notice')}">${t('door.notice')}</a></p>`,
  )
}

function whenWhere(notice: NoticeData, lang: Lang): Record<string, string> {
  const from = fromRfc3339(notice.first_at)
  return {
    date: dayText(from, notice.tz, lang),
    from: timeText(from, notice.tz),
    to: timeText(fromRfc3339(notice.last_at), notice.tz),
    place: notice.place.name,
    act: notice.text.act[lang],
  }
}
