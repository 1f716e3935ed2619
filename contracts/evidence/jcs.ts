import { KerbError } from '../base/index.js'

export class CanonError extends KerbError<'JSON_MALFORMED' | 'JSON_NOT_CANONICAL' | 'JSON_UNSUPPORTED'> {}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

/**
 * JSON Canonicalization Scheme, RFC 8785. Members with the value `undefined` are left out, as JSON.stringify does.
 * ECMAScript's own number and string forms are the canonical ones (RFC 8785 §3.2.2); names sort by UTF-16 code units.
 * @throws CanonError `JSON_UNSUPPORTED` for numbers that are not finite and for lone surrogates.
 */
export function jcs(value: Json): string {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw new CanonError('JSON_UNSUPPORTED', 'text with a lone surrogate')
      return JSON.stringify(value)
    case 'number':
      if (!Number.isFinite(value)) throw new CanonError('JSON_UNSUPPORTED', `number ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? listOf(value as readonly Json[]) : objectOf(value as Readonly<Record<string, Json>>)
    default:
      throw new CanonError('JSON_UNSUPPORTED', `value of type ${typeof value}`)
  }
}

function listOf(values: readonly Json[]): string {
  return `[${values.map(jcs).join(',')}]`
}

function objectOf(value: Readonly<Record<string, Json | undefined>>): string {
  let text = ''
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member !== undefined) text += `${text === '' ? '' : ','}${jcs(name)}:${jcs(member)}`
  }
  return `{${text}}`
}

// String.prototype.isWellFormed is not in Node's declared library here; a lone surrogate is what a u-flagged \p{Cs} finds.
const loneSurrogate = /\p{Surrogate}/u
function isWellFormed(text: string): boolean {
  return !loneSurrogate.test(text)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Strict reading of signed bytes: UTF-8, JSON, and already canonical. A duplicate key, a space, another order, another
 * form of a number: all refused, because what is parsed must be exactly what was signed.
 * @throws CanonError `JSON_MALFORMED`, `JSON_NOT_CANONICAL`.
 */
export function parseCanonical(bytes: Uint8Array): Json {
  const { text, value } = parseText(bytes)
  if (canonicalOf(value) !== text) throw new CanonError('JSON_NOT_CANONICAL', 'JSON is not in canonical form')
  return value
}

/** @throws CanonError `JSON_MALFORMED` */
export function parseText(bytes: Uint8Array): { text: string; value: Json } {
  try {
    const text = decoder.decode(bytes)
    return { text, value: JSON.parse(text) as Json }
  } catch (cause) {
    throw new CanonError('JSON_MALFORMED', 'not JSON in UTF-8', {}, { cause })
  }
}

function canonicalOf(value: Json): string | null {
  try {
    return jcs(value)
  } catch {
    return null // a lone surrogate or 1e999: has no canonical form
  }
}

/** True when every number in it is a safe integer: the rule for all that is signed (EVIDENCE.md §1.1). */
export function integersOnly(value: Json | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((member) => integersOnly(member))
}
