import { z } from 'zod'
import { causes } from '../terms.js'
import { apiInstant, pageQuery, place, version } from './common.js'
import { reason } from './problem.js'
import { closeCodes, leadStates, rejectKeys } from './states.js'

export const leadActions = ['claim', 'release', 'accept', 'reject', 'merge', 'clip', 'review', 'file'] as const
export type LeadAction = (typeof leadActions)[number]
export const clipStates = ['none', 'requested', 'uploading', 'present', 'gone'] as const
export type ClipState = (typeof clipStates)[number]

const still = z.object({ kind: z.string(), at: apiInstant, url: z.string(), w_px: z.int(), h_px: z.int() })
const review = z.object({ by: z.string(), verdict: z.enum(['confirm', 'reject']), note: z.string(), at: apiInstant })

/** One incident at the authority: DESIGN.md §9.6. */
export const lead = z
  .object({
    id: z.uuid(),
    device: z.string(),
    cam: z.string(),
    zone: z.string(),
    cause: z.enum(causes),
    state: z.enum(leadStates),
    version: z.int().describe('counts what people did; updates of the box do not raise it'),
    conf_milli: z.int(),
    grade: z.int().min(1).max(4),
    audit: z.boolean(),
    first_at: apiInstant,
    confirmed_at: apiInstant,
    last_at: apiInstant,
    over: z.boolean(),
    reopened: z.boolean(),
    received_at: apiInstant,
    place,
    box_e4: z.tuple([z.int(), z.int(), z.int(), z.int()]),
    measurements: z.record(z.string(), z.unknown()),
    reasons: z.array(z.string()),
    actor: z
      .object({ kind: z.string(), at: apiInstant, box_e4: z.array(z.int()), score_milli: z.int() })
      .nullable()
      .describe('what brought it, when it was seen; never a name, never a plate'),
    rule: z.string(),
    thresholds: z.record(z.string(), z.number()),
    models: z.record(z.string(), z.string()),
    view: z.object({ moved: z.boolean(), dark: z.boolean(), blurred: z.boolean(), covered: z.boolean() }),
    windows: z.array(z.object({ kind: z.string(), from_at: apiInstant, to_at: apiInstant })),
    time_unsure: z.boolean(),
    time_error_ms: z.int().nullable().describe('bound of the clock error at confirmation; null when there is none'),
    stills: z.array(still),
    clip: z.object({
      state: z.enum(clipStates),
      url: z.string().nullable(),
      missing_s: z.number().describe('seconds asked for that are not there'),
      percent: z.number().describe('0..100: how much of what was asked for is here'),
    }),
    claim: z.object({ by: z.string(), until_at: apiInstant }).nullable(),
    decision: z
      .object({
        kind: z.enum(['accept', 'reject', 'merge']),
        code: z.enum(closeCodes).nullable(),
        note: z.string(),
        by: z.string(),
        at: apiInstant,
      })
      .nullable(),
    merged_into: z.uuid().nullable(),
    my_review: review.nullable().describe('your own verdict of this round'),
    reviews: z.array(review).describe('empty until both verdicts of a round are in'),
    case: z.uuid().nullable(),
    mode: z.enum(['LEAD_MODE', 'EVIDENCE_MODE']).describe('LEAD_MODE: filing is refused'),
    allowed: z.array(z.enum(leadActions)),
    refused: z
      .array(reason.extend({ action: z.enum(leadActions) }))
      .describe('actions of your role that are not in force: every reason with its source, its rule and the next step'),
  })
  .meta({ id: 'Lead' })
export type LeadView = z.infer<typeof lead>

export const leadQuery = z.object({
  ...pageQuery.shape,
  state: z.enum(leadStates).optional(),
  cause: z.enum(causes).optional(),
  cam: z.string().max(20).optional(),
})

const note = z.string().trim().max(2_000)
export const versionBody = z.strictObject({ version, note: note.optional() })
/** Longest stretch between the windows of a clip that one wish may fetch. */
export const fetchSecondsMax = 600
export const fetchBody = z
  .strictObject({ from_at: z.iso.datetime({ precision: 3 }), to_at: z.iso.datetime({ precision: 3 }) })
  .meta({ examples: [{ from_at: '2026-03-02T06:02:26.000Z', to_at: '2026-03-02T06:05:00.000Z' }] })

/** What the box saw of the act, and when it saw nothing: EXPERIENCE.md §4.1, strip 前端所见. */
export const leadSeen = z
  .object({
    from_at: apiInstant,
    to_at: apiInstant,
    first_at: apiInstant,
    confirmed_at: apiInstant,
    last_at: apiInstant,
    unseen: z
      .array(z.object({ from_at: apiInstant, to_at: apiInstant, reason: z.string() }))
      .describe('stretches without any picture, by the box’s gap records'),
    unseen_s: z
      .number()
      .nullable()
      .describe('seconds of the act not seen clearly, as the record counts them; null: not said'),
  })
  .meta({ id: 'LeadSeen' })
export type LeadSeen = z.infer<typeof leadSeen>

export const rejectBody = z
  .strictObject({ version, code: z.enum(closeCodes), note: note.optional() })
  .meta({ examples: [{ version: 3, code: rejectKeys[0], note: '' }] })
export const mergeBody = z.strictObject({ version, into: z.uuid(), note: note.optional() })
export const reviewBody = z
  .strictObject({ version, verdict: z.enum(['confirm', 'reject']), note })
  .meta({ examples: [{ version: 4, verdict: 'confirm', note: '看到摊位和交易。有利于当事人的情况：没有发现。' }] })
export const reviewAnswer = z.object({
  lead: z.uuid(),
  verdict: z.enum(['confirm', 'reject']),
  at: apiInstant,
  both_in: z.boolean().describe('true when yours was the second verdict'),
})
export const party = z.strictObject({
  kind: z.enum(['person', 'organisation']),
  name: z.string().trim().min(1).max(120),
  contact: z.string().trim().max(200),
})
export type Party = z.infer<typeof party>
export const fileBody = z
  .strictObject({ version, party })
  .meta({ examples: [{ version: 5, party: { kind: 'person', name: '王某', contact: '138****0000' } }] })
