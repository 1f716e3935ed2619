import type { z } from 'zod'
import { ownRule, RefusedError } from '../../contracts/api/index.js'

/** A place in a list as an opaque word: base64url of JSON. */
export function writeCursor(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws RefusedError `CURSOR_MALFORMED` (400) for a word that we did not write. */
export function readCursor<Schema extends z.ZodType>(word: string | undefined, schema: Schema): z.infer<Schema> | null {
  if (word === undefined) return null
  try {
    return schema.parse(JSON.parse(Buffer.from(word, 'base64url').toString('utf8')))
  } catch {
    throw new RefusedError({
      code: 'CURSOR_MALFORMED',
      status: 400,
      says: { zh: '翻页标记不对。', en: 'The cursor is not one of ours.' },
      gate: 'form',
      article: ownRule,
      next: { zh: '从第一页重新读取。', en: 'Read from the first page again.' },
    })
  }
}
