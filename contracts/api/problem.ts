import { z } from 'zod'
import { KerbError } from '../base/index.js'
import type { Bilingual } from '../terms.js'

/** Why something is not done: every "no" says its reason, its article where there is one, and a next step (EXPERIENCE.md §1, 4). */
export interface Refusal {
  /** `NOUN_FACT`, stable once released. */
  readonly code: string
  readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503
  readonly says: Bilingual
  /** Gate of DOMAIN.md §5.5 or separation rule of §5.1, when one stands behind it. */
  readonly gate?: string
  readonly article?: Bilingual
  readonly next?: Bilingual
  /** Seconds until a new try makes sense. */
  readonly retryAfterS?: number
  readonly details?: Readonly<Record<string, unknown>>
}

/** A refusal on its way to the caller. */
export class RefusedError extends KerbError {
  readonly refusals: readonly [Refusal, ...Refusal[]]
  constructor(first: Refusal, ...others: Refusal[]) {
    super(first.code, first.says.en, first.details ?? {})
    this.refusals = [first, ...others]
  }
}

export const bilingual = z.object({ zh: z.string(), en: z.string() })

const refusal = z.object({
  code: z.string(),
  says: bilingual,
  gate: z.string().optional(),
  article: bilingual.optional(),
  next: bilingual.optional(),
})

/** A reason of the lead and case API: never without source, rule and next step. */
export const reason = refusal.required()

/** RFC 9457 problem details; `says`, `article`, `next` are for people, `code` is for programs. */
export const problem = z
  .object({
    type: z.string().describe('`urn:kerbwatch:problem:<code>`'),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    says: bilingual,
    gate: z.string().optional(),
    article: bilingual.optional(),
    next: bilingual.optional(),
    refusals: z.array(refusal).optional().describe('All gates that fail, when more than one does.'),
    retry_after_s: z.int().optional(),
    changed: z
      .array(z.object({ version: z.int(), by: z.string(), action: z.string(), at: z.string() }))
      .optional()
      .describe('Who changed what since the version that was sent (409).'),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'urn:kerbwatch:problem:LEAD_CHANGED',
        title: 'Lead changed',
        status: 409,
        code: 'LEAD_CHANGED',
        says: {
          zh: 'operator2 在 14:20:00 已处理这条线索。请看新内容再决定。',
          en: 'operator2 acted on this lead at 14:20:00. Look again, then decide.',
        },
        changed: [{ version: 4, by: 'operator2', action: 'accept', at: '2026-03-02T06:20:00.000Z' }],
      },
    ],
  })
export type Problem = z.infer<typeof problem>

/** The wire form of one or several refusals; the first one gives status and code. */
export function toProblem(refusals: readonly [Refusal, ...Refusal[]]): Problem {
  const [first] = refusals
  const { changed, issues, ...details } = first.details ?? {}
  return {
    type: `urn:kerbwatch:problem:${first.code}`,
    title: titleOf(first.code),
    status: first.status,
    ...outer(first),
    ...(refusals.length > 1 ? { refusals: refusals.map(outer) } : {}),
    ...(first.retryAfterS === undefined ? {} : { retry_after_s: first.retryAfterS }),
    ...(changed === undefined ? {} : { changed: changed as NonNullable<Problem['changed']> }),
    ...(issues === undefined ? {} : { issues: issues as NonNullable<Problem['issues']> }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  }
}

function outer({ code, says, gate, article, next }: Refusal): z.infer<typeof refusal> {
  return {
    code,
    says: { ...says },
    ...(gate === undefined ? {} : { gate }),
    ...(article === undefined ? {} : { article: { ...article } }),
    ...(next === undefined ? {} : { next: { ...next } }),
  }
}

/** `LEAD_CHANGED` -> `Lead changed`. */
function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
