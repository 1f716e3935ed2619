import { z } from 'zod'
import type { Draft } from './draft.js'
import type { StatementFault } from './statement-pages.js'
import { actings, grounds, type Ground } from './texts.js'

/** Fields of a form post; repeated names become lists. At most 64 fields are read. */
export type FormFields = ReadonlyMap<string, readonly string[]>
const fieldsMax = 64

export function readFields(body: string): FormFields {
  const fields = new Map<string, string[]>()
  let count = 0
  for (const [name, value] of new URLSearchParams(body)) {
    count += 1
    if (count > fieldsMax) break
    fields.set(name, [...(fields.get(name) ?? []), value])
  }
  return fields
}

export function firstOf(fields: FormFields, name: string): string {
  return fields.get(name)?.[0] ?? ''
}

const line = (max: number) => z.string().transform((text) => clean(text).replace(/\s+/g, ' ').trim().slice(0, max))

/** A statement as posted: unknown grounds are dropped, lengths cut, control characters taken out. Never throws. */
export function readDraft(fields: FormFields, newKey: string): Draft {
  const key = firstOf(fields, 'key')
  const acting = firstOf(fields, 'acting')
  return {
    key: /^[A-Za-z0-9_-]{22}$/.test(key) ? key : newKey,
    acting: actings.find((one) => one === acting) ?? 'party',
    name: line(120).parse(firstOf(fields, 'name')),
    contact: line(200).parse(firstOf(fields, 'contact')),
    grounds: grounds.filter((ground): ground is Ground => (fields.get('grounds') ?? []).includes(ground)),
    words: clean(firstOf(fields, 'words')).replace(/\r\n?/g, '\n').trim().slice(0, 4_000),
  }
}

export function faultsOf(draft: Draft): StatementFault[] {
  const faults: StatementFault[] = []
  if (draft.name === '') faults.push('state.need.name')
  if (draft.grounds.length === 0 && draft.words === '') faults.push('state.need.something')
  return faults
}

/** Control characters but tab and line ends, and the marks that turn the direction of text. */
const unseen = new RegExp('[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]', 'gu')

function clean(text: string): string {
  // Through UTF-8, so that half a surrogate pair becomes a replacement character.
  return Buffer.from(text)
    .toString()
    .replace(unseen, (sign) => ('\t\r\n'.includes(sign) ? sign : ''))
}
