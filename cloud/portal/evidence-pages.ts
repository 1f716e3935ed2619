import type { BreakReason, ClipFrames } from '../../contracts/api/index.js'
import { fromRfc3339 } from '../../contracts/base/index.js'
import { dayText, noticeParagraphs, spanText, timeSentence, timeText, type NoticeData } from '../documents/index.js'
import { back, layout, megabytes, pageUrl, speak, type PageContext } from './frame.js'
import { html, type Html } from './html.js'
import type { TextKey } from './texts.js'

/** What is known of the clip when a page is made. */
export interface ClipFacts {
  readonly bytes: number
  readonly frames: ClipFrames | null
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

const breakTexts = {
  not_fetched: 'evidence.break',
  fetching: 'evidence.break',
  overwritten: 'evidence.break.overwritten',
  gap: 'evidence.break.gap',
} as const satisfies Record<BreakReason, TextKey>

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
    .map((piece) => {
      const { line } = piece
      if (piece.kind === 'break')
        return html`<li class="break">
          ${t(breakTexts[piece.line.reason], { t: spanText(fromRfc3339(line.to_at) - fromRfc3339(line.from_at), context.lang) })}
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

/** One numbered still; nothing when there is none of that number. */
export function stillFigure(context: PageContext, notice: NoticeData, index: number): Html {
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
