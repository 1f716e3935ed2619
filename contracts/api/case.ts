import { z } from 'zod'
import { causes } from '../terms.js'
import { apiInstant, pageQuery, place, version } from './common.js'
import { party } from './lead.js'
import { caseStates, modes } from './states.js'
import { bilingual, reason } from './problem.js'

export const caseActions = ['notice', 'link'] as const
export type CaseAction = (typeof caseActions)[number]

/** One line of a case's log. It is append-only; the state is computed from it. */
export const caseEntry = z.object({
  seq: z.int(),
  kind: z.string(),
  by: z.string().describe('account, or `party`'),
  at: apiInstant,
  says: bilingual,
})
export const statement = z.object({
  n: z.int(),
  receipt: z.string(),
  at: apiInstant,
  acting: z.string(),
  name: z.string(),
  contact: z.string(),
  grounds: z.array(z.string()),
  words: z.string(),
})

export const caseFile = z
  .object({
    id: z.uuid(),
    number: z.string(),
    lead: z.uuid(),
    cause: z.enum(causes),
    state: z.enum(caseStates),
    version: z.int(),
    mode: z.enum(modes),
    place,
    first_at: apiInstant,
    last_at: apiInstant,
    filed_at: apiInstant,
    party,
    operator: z.string(),
    officers: z.array(z.string()),
    head: z.string(),
    legal_reviewer: z.string().nullable(),
    time_unsure: z.boolean(),
    notice: z
      .object({
        id: z.uuid(),
        number: z.string(),
        text_id: z.string(),
        issued_at: apiInstant,
        opened_at: apiInstant.nullable(),
      })
      .nullable(),
    statements: z.array(statement),
    log: z.array(caseEntry),
    allowed: z.array(z.enum(caseActions)),
    refused: z
      .array(reason.extend({ action: z.enum(caseActions) }))
      .describe('what is not in force: every failing gate with its source and the next step'),
    held: z
      .array(z.object({ gate: z.string(), name: bilingual }))
      .describe('gates that hold now; what is only computed when a step is taken is not listed'),
  })
  .meta({ id: 'Case' })
export type CaseView = z.infer<typeof caseFile>

export const caseQuery = z.object({ ...pageQuery.shape, state: z.enum(caseStates).optional() })
export const noticeBody = z
  .strictObject({
    version,
    text_id: z.string().min(1).max(80),
    time_note: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .optional()
      .describe('goes to the party unchanged; required when `time_unsure`'),
  })
  .meta({ examples: [{ version: 1, text_id: 'demo-notice-vending-1' }] })
export const noticeAnswer = z
  .object({
    notice: z.uuid(),
    number: z.string(),
    link: z.string().describe('the party’s address; its token is stored only as a digest'),
    access_code: z.string().describe('8 characters, shown once'),
  })
  .meta({
    id: 'NoticeIssued',
    examples: [
      {
        notice: '019a0000-0000-7000-8000-000000000000',
        number: '演示〔2026〕0001 号',
        link: 'http://127.0.0.1:8080/p/AAECAwQFBgcICQoLDA0ODw',
        access_code: '8K3F2MQP',
      },
    ],
  })
export const linkAnswer = z.object({ link: z.string(), access_code: z.string() })
