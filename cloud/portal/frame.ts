import type { Lang, Policy } from '../documents/index.js'
import { html, type Html, type HtmlPart } from './html.js'
import { portalCssVersion } from './style.js'
import { say, type TextKey } from './texts.js'

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

/** Texts of a page, with the authority's telephone and counter filled in. */
export function speak(context: PageContext): (key: TextKey, values?: Record<string, string | number>) => string {
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

/** Link to the first screen. */
export const back = (context: PageContext): Html =>
  html`<a class="back" href="${pageUrl(context, '')}">‹ ${speak(context)('nav.back')}</a>`

/** Between two sentences: a space in English, nothing in Chinese. */
export const gap = ({ lang }: PageContext): string => (lang === 'en' ? ' ' : '')

/** `0.4`, `12` */
export function megabytes(bytes: number): string {
  return (Math.max(100_000, bytes) / 1_000_000).toFixed(bytes < 950_000 ? 1 : 0)
}
