import { fromRfc3339 } from '../../contracts/base/index.js'
import { dayText, timeText } from '../documents/index.js'
import type { StatementRow } from '../store/cases.js'
import { draftFields, type Draft } from './draft.js'
import { back, gap, layout, pageUrl, speak, type PageContext } from './frame.js'
import { html, type Html } from './html.js'
import { actings, grounds, type Acting, type Ground } from './texts.js'

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
