import { createHash } from 'node:crypto'
import { html, type Html } from './html.js'
import type { Acting, Ground } from './texts.js'

/** What a person had written when the 30 minutes ran out, or wants to check. */
export interface Draft {
  readonly key: string
  readonly acting: Acting
  readonly name: string
  readonly contact: string
  readonly grounds: readonly Ground[]
  readonly words: string
}

/** The draft as hidden fields of a form. */
export const draftFields = (draft: Draft): Html =>
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

/** A key that makes one form one receipt. */
export function formKeyOf(random: Uint8Array): string {
  return createHash('sha256').update(random).digest('base64url').slice(0, 22)
}
