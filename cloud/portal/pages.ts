import { createHash } from 'node:crypto'
import { fromRfc3339 } from '../../contracts/base/index.js'
import type { ClipFrames } from '../../contracts/api/index.js'
import {
  dayText,
  noticeParagraphs,
  spanText,
  timeSentence,
  timeText,
  type Lang,
  type NoticeData,
  type Policy,
} from '../documents/index.js'
import type { StatementRow } from '../store/cases.js'
import { html, type Html, type HtmlPart } from './html.js'
import { portalCssVersion } from './style.js'
import { actings, grounds, say, type Acting, type Ground, type TextKey } from './texts.js'

/** What every page needs: where it lives, how it is read, whose it is. */
export interface PageContext {
  /** `/p/<token>`, or `/p/<case>` in the staff preview. */
  readonly base: string
  readonly lang: Lang
  readonly large: boolean
  /** Query that links keep in the preview, else empty. */
  readonly keep: Readonly<Record<string, string>>
  readonly policy: Policy
}

export function pageUrl(context: PageContext, path: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams({ ...context.keep, ...query }).toString()
  return `${context.base}${path}${search === '' ? '' : `?${search}`}`
}

function speak(context: PageContext): (key: TextKey, values?: Record<string, string | number>) => string {
  const { authority } = context.policy
  const own = { hotline: authority.hotline, counter: authority.counter[context.lang] }
  return (key, values) => say(context.lang, key, { ...own, ...values })
}

/** The frame of every page: authority, demo mark, content, large print, language, telephone. `path` is the page's own. */
export function layout(context: PageContext, path: string, title: string, body: HtmlPart): string {
  const t = speak(context)
  const { policy, lang, large } = context
  const size = large ? 'normal' : 'large'
  return html`<!doctype html>
    <html lang="${lang === 'zh' ? 'zh-CN' : 'en'}" ${large ? html` class="large"` : null}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <title>${title} · ${policy.authority.name[lang]}</title>
        <link rel="stylesheet" href="/p/style-${portalCssVersion}.css" />
      </head>
      <body>
        <div class="sheet">
          <header>
            <div class="bar">
              <span>${policy.authority.name[lang]}</span
              >${policy.demo ? html`<span class="mark">${t('mark.demo')}</span>` : null}
            </div>
            ${policy.demo ? html`<p class="demo">${t('demo.note')}</p>` : null}
          </header>
          <main>${body}</main>
          <footer>
            <a href="${pageUrl(context, path, { size })}">${t(large ? 'foot.normal' : 'foot.large')}</a
            ><a
              href="${pageUrl(context, path, { lang: lang === 'zh' ? 'en' : 'zh' })}"
              lang="${lang === 'zh' ? 'en' : 'zh-CN'}"
              >${t('foot.lang')}</a
            ><a href="tel:${policy.authority.hotline}">${t('foot.phone')}</a>
          </footer>
        </div>
      </body>
    </html> `.text
}

const back = (context: PageContext): Html =>
  html`<a class="back" href="${pageUrl(context, '')}">‹ ${speak(context)('nav.back')}</a>`

/** What a person had written when the 30 minutes ran out, or wants to check. */
export interface Draft {
  readonly key: string
  readonly acting: Acting
  readonly name: string
  readonly contact: string
  readonly grounds: readonly Ground[]
  readonly words: string
}

const draftFields = (draft: Draft): Html =>
  html`<input type="hidden" name="key" value="${draft.key}" /><input
      type="hidden"
      name="acting"
      value="${draft.acting}"
    /><input type="hidden" name="name" value="${draft.name}" /><input
      type="hidden"
      name="contact"
      value="${draft.contact}"
    />${draft.grounds.map((ground) => html`<input type="hidden" name="grounds" value="${ground}" />`)}<input
      type="hidden"
      name="words"
      value="${draft.words}"
    />`

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

/** What is known of the clip when a page is made. */
export interface ClipFacts {
  readonly bytes: number
  readonly frames: ClipFrames | null
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

/** ③ Clip with its breaks, numbered stills, what makes it reliable. */
export function evidencePage(
  context: PageContext,
  notice: NoticeData,
  clip: ClipFacts | null,
  viewCount: number,
): string {
  const t = speak(context)
  return layout(
    context,
    '/evidence',
    t('evidence.title'),
    html`${back(context)}
      <h1>${t('evidence.title')}</h1>
      ${clip === null ? html`<p class="note">${t('evidence.none')}</p>` : clipPart(context, notice, clip)}
      <h2>${t('evidence.stills')}</h2>
      ${notice.stills.map(
        (_still, index) =>
          html`${stillFigure(context, notice, index)}
            <p class="noprint">
              <a class="alone" href="${pageUrl(context, '/statement', { about: String(index + 1) })}"
                >${t('still.comment', { n: index + 1 })}</a
              >
            </p>`,
      )}
      <h2>${t('evidence.trust')}</h2>
      <ul>
        <li>
          ${t('trust.digest')}
          <details>
            <summary>${t('trust.digest.show')}</summary>
            <ol>
              ${notice.stills.map(({ sha256 }) => html`<li class="digest">${sha256}</li>`)}
            </ol>
          </details>
        </li>
        <li>
          ${notice.time_unsure || notice.time_error_ms === null ? timeSentence(notice, context.lang) : t('trust.time', { x: (Math.ceil(Math.max(1, notice.time_error_ms) / 100) / 10).toFixed(1) })}
        </li>
        <li>${t('trust.device', { device: notice.device, cam: notice.cam, rule: notice.rule })}</li>
        ${notice.law_basis === null ? null : html`<li>${t('trust.basis', { basis: notice.law_basis[context.lang] })}</li>`}
        <li>${t('trust.views', { n: viewCount })}</li>
      </ul>
      <a class="button" href="${pageUrl(context, '/statement')}">${t('door.state')}</a>`,
  )
}

function clipPart(context: PageContext, notice: NoticeData, { bytes, frames }: ClipFacts): Html {
  const t = speak(context)
  const poster =
    notice.stills.length === 0
      ? null
      : html` poster="${pageUrl(context, `/still/${Math.min(2, notice.stills.length)}`)}"`
  const time = (at: string): string => timeText(fromRfc3339(at), notice.tz)
  const parts = (frames?.windows ?? []).map((span) => ({ key: span.from_at, line: span, kind: 'window' as const }))
  const breaks = (frames?.breaks ?? []).map((span) => ({ key: span.from_at, line: span, kind: 'break' as const }))
  let count = 0
  const lines = [...parts, ...breaks]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ line, kind }) => {
      if (kind === 'break')
        return html`<li class="break">
          ${t('evidence.break', { t: spanText(fromRfc3339(line.to_at) - fromRfc3339(line.from_at), context.lang) })}
        </li>`
      count += 1
      return html`<li>${t('evidence.window', { n: count, from: time(line.from_at), to: time(line.to_at) })}</li>`
    })
  return html`<video
      controls
      preload="none"
      ${poster}
      aria-label="${t('evidence.video')}"
      src="${pageUrl(context, '/clip')}"
    ></video>
    <p class="small">${t('evidence.same')}</p>
    ${
      lines.length === 0
        ? null
        : html`<p>${t('evidence.windows', { n: count })}</p>
            <ul class="plain">
              ${lines}
            </ul>`
    }
    <p class="noprint">
      <a class="alone" href="${pageUrl(context, '/clip', { download: '1' })}">${t('evidence.download')}</a>
      (${megabytes(bytes)} MB)
    </p>`
}

function stillFigure(context: PageContext, notice: NoticeData, index: number): Html {
  const t = speak(context)
  const still = notice.stills[index]
  if (still === undefined) return html``
  const n = index + 1
  const time = timeText(fromRfc3339(still.at), notice.tz)
  return html`<figure>
    <img src="${pageUrl(context, `/still/${n}`)}" width="960" height="540" alt="${t('still.alt', { n, time })}" />
    <figcaption>${t('still.caption', { n, of: notice.stills.length, time })} · ${t('still.masked')}</figcaption>
  </figure>`
}

/** The paper, on a page: the same data and text. */
export function noticePage(context: PageContext, notice: NoticeData, partyName: string): string {
  const t = speak(context)
  const { lang } = context
  return layout(
    context,
    '/notice',
    notice.text.title[lang],
    html`${back(context)}
      <div class="paper">
        <h1>${notice.text.title[lang]}</h1>
        <p class="plainly">${t('notice.number')} ${notice.number}</p>
        <p class="plainly">${t('notice.to', { name: partyName })}</p>
        ${noticeParagraphs(notice, lang).map((line) => html`<p>${line}</p>`)}
        <p class="plainly">${t('notice.officers', { names: notice.officers.join(lang === 'zh' ? '、' : ', ') })}</p>
        <p class="plainly">${t('notice.phone')}</p>
        <p class="sign">
          ${notice.authority.name[lang]}<br />${dayText(fromRfc3339(notice.issued_at), notice.tz, lang)}
        </p>
      </div>
      <p class="hint noprint">${t('notice.print')}</p>`,
  )
}

/** Pieces that a form still lacks. */
export type StatementFault = 'state.need.name' | 'state.need.something'

/** ④ One form: who, grounds, own words. */
export function statementPage(context: PageContext, draft: Draft, faults: readonly StatementFault[]): string {
  const t = speak(context)
  const nameFault = faults.includes('state.need.name')
  return layout(
    context,
    '/statement',
    t('state.title'),
    html`${back(context)}
      <h1>${t('state.title')}</h1>
      ${
        faults.length === 0
          ? null
          : html`<div class="wrong" role="alert">
              <p><strong>${t('state.fix')}</strong></p>
              <ul>
                ${faults.map((fault) => html`<li><a href="#${fault === 'state.need.name' ? 'name' : 'words'}">${t(fault)}</a></li>`)}
              </ul>
            </div>`
      }
      <p>${t('state.term')}${gap(context)}${t('not.heavier')}</p>
      <form method="post" action="${pageUrl(context, '/statement')}">
        <input type="hidden" name="key" value="${draft.key}" /><input type="hidden" name="step" value="check" />
        <fieldset>
          <legend>${t('state.who')}</legend>
          ${actings.map((acting) => html`<label class="tick"><input type="radio" name="acting" value="${acting}" ${draft.acting === acting ? html` checked` : null} /><span>${t(`acting.${acting}`)}</span></label>`)}
        </fieldset>
        <label for="name">${t('state.name')}</label
        ><input
          type="text"
          id="name"
          name="name"
          maxlength="120"
          autocomplete="name"
          value="${draft.name}"
          ${nameFault ? html` aria-invalid="true"` : null}
        />
        <label for="contact">${t('state.contact')}</label
        ><input type="text" id="contact" name="contact" maxlength="200" value="${draft.contact}" />
        <fieldset>
          <legend>${t('state.grounds')}</legend>
          <p class="hint">${t('state.grounds.hint')}</p>
          ${grounds.map((ground) => html`<label class="tick"><input type="checkbox" name="grounds" value="${ground}" ${draft.grounds.includes(ground) ? html` checked` : null} /><span>${t(`ground.${ground}`)}${ground === 'not_me' ? html`<span class="hint">${t('ground.not_me.hint')}</span>` : null}</span></label>`)}
        </fieldset>
        <label for="words">${t('state.words')}</label>
        <p class="hint" id="words-hint">${t('state.words.hint')}</p>
        <textarea id="words" name="words" maxlength="4000" aria-describedby="words-hint">${draft.words}</textarea>
        <button class="main" type="submit">${t('state.next')}</button>
      </form>`,
  )
}

/** The same answers once more, before they are sent. */
export function checkPage(context: PageContext, draft: Draft): string {
  const t = speak(context)
  return layout(
    context,
    '/statement',
    t('check.title'),
    html`<h1>${t('check.title')}</h1>
      ${answers(context, draft)}
      <form method="post" action="${pageUrl(context, '/statement')}">
        ${draftFields(draft)}<button class="main" type="submit" name="step" value="send">${t('check.send')}</button
        ><button type="submit" name="step" value="edit">${t('check.edit')}</button>
      </form>`,
  )
}

/** ⑥ Number, time, what happens next; prints. */
export function receiptPage(context: PageContext, row: StatementRow, tz: string): string {
  const t = speak(context)
  const at = fromRfc3339(row.at)
  const draft = { ...row, key: '', acting: row.acting as Acting, grounds: row.grounds as readonly Ground[] }
  return layout(
    context,
    `/receipts/${row.n}`,
    t('receipt.title'),
    html`<h1>${t('receipt.title')}</h1>
      <p>
        ${t('receipt.number')}<br /><span class="big">${row.receipt}</span><br />${dayText(at, tz, context.lang)}
        ${timeText(at, tz)}
      </p>
      <p class="note">${t('receipt.next')}${gap(context)}<strong>${t('not.heavier')}</strong></p>
      <p class="hint noprint">${t('notice.print')}</p>
      <a class="button" href="${pageUrl(context, '/statement')}">${t('receipt.more')}</a
      ><a class="button" href="${pageUrl(context, '')}">${t('receipt.home')}</a>
      <h2>${t('receipt.said')}</h2>
      ${answers(context, draft)}`,
  )
}

function answers(context: PageContext, draft: Draft): Html {
  const t = speak(context)
  return html`<dl class="rows">
    <dt>${t('state.who')}</dt>
    <dd>${t(`acting.${draft.acting}`)}</dd>
    <dt>${t('state.name')}</dt>
    <dd>${draft.name}</dd>
    ${
      draft.contact === ''
        ? null
        : html`<dt>${t('state.contact')}</dt>
            <dd>${draft.contact}</dd>`
    }
    <dt>${t('state.grounds')}</dt>
    ${draft.grounds.length === 0 ? html`<dd>${t('check.none')}</dd>` : draft.grounds.map((ground) => html`<dd>${t(`ground.${ground}`)}</dd>`)}
    <dt>${t('state.words')}</dt>
    <dd>${draft.words === '' ? t('check.nothing') : draft.words}</dd>
  </dl>`
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

/** Between two sentences: a space in English, nothing in Chinese. */
const gap = ({ lang }: PageContext): string => (lang === 'en' ? ' ' : '')

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(bytes < 950_000 ? 1 : 0)
}

/** A key that makes one form one receipt. */
export function formKeyOf(random: Uint8Array): string {
  return createHash('sha256').update(random).digest('base64url').slice(0, 22)
}
