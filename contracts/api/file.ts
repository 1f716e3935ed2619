import { z } from 'zod'
import { causes } from '../terms.js'
import { apiInstant, pageQuery, version } from './common.js'
import { bilingual, reason } from './problem.js'
import { roles } from './roles.js'

const words = (max: number) => z.string().trim().min(1).max(max)
const account = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{1,39}$/)
  .describe('account name')
const fen = z.int().min(0).max(1e12)

/** One party as an officer records it (EV22); each party becomes a case of its own when the filing is approved. */
const partyParticulars = z.strictObject({
  kind: z.enum(['person', 'organisation']),
  name: words(100),
  id_type: words(40).describe('居民身份证, 统一社会信用代码, …'),
  id_number: words(40),
  source: words(200).describe('the paper or register that says so'),
})
export type PartyParticulars = z.infer<typeof partyParticulars>

/** What is intended against the party; the amount itself is the input `proposal.amount`, in fen. */
const proposal = z.strictObject({
  kinds: z.array(z.enum(['warning', 'fine', 'confiscate_gains', 'confiscate_goods', 'suspend_work'])).min(1),
  benchmark: words(40).nullable().describe('step of the published benchmark in the pack; null: none is published'),
  units: z.number().positive().optional().describe('m² or vehicles, where the law counts by them'),
  base_fen: fen.optional().describe('gains or cost, where the fine is a multiple of it'),
  complex: z.boolean().describe('complex, mitigated or transferred matters ask a collective discussion by the pack'),
  mitigation: z.boolean(),
  transfer: z.boolean(),
})
export type Proposal = z.infer<typeof proposal>

/**
 * What a step says beside the inputs of gates: who, where, which line is proved by what. Derived inputs are computed from it. Which step
 * takes which of them is fixed (`cloud/cases/derived/particulars.ts`).
 */
export const particulars = z
  .strictObject({
    cause: z.enum(causes),
    place: z.strictObject({
      name: words(200),
      lat_deg: z.number().min(-90).max(90).nullable().describe('null: not surveyed; then no area can be told'),
      lon_deg: z.number().min(-180).max(180).nullable(),
    }),
    observed_from: apiInstant.describe('when the act began, as far as it was seen'),
    grave: z.boolean().describe('danger to life, health or finance, with harm (APL Art. 36)'),
    item: words(40).describe('code of the legal item in the pack'),
    parties: z.array(partyParticulars).min(1).max(20),
    lines: z
      .array(z.strictObject({ line: words(8), evidence: words(300) }))
      .min(1)
      .max(60),
    exceptions: z
      .array(
        z.strictObject({ query: words(8), answer: z.enum(['yes', 'no']), source: words(300), asked_at: apiInstant }),
      )
      .min(1)
      .max(60),
    officers: z.tuple([account, account]).describe('lead officer, second officer'),
    no_conflict: z.array(account).min(1).max(10).describe('officers who signed that they have no interest'),
    recusal: z.strictObject({ person: account, granted: z.boolean() }),
    proposal,
    draft: z.record(z.string().regex(/^[a-z0-9_]{1,40}$/), z.string().max(4_000)).describe('fields of the decision'),
    draft_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('the draft that the legal reviewer read'),
  })
  .partial()
export type Particulars = z.infer<typeof particulars>

/** What an input may hold at the border; the process says the type of each. */
export const inputValue = z.union([
  z.boolean(),
  z.number(),
  z.string().max(2_000),
  z.null(),
  z.array(z.string().max(200)).max(50),
])

/** A paper made with a step: its fields in words. The process says which fields each one needs. */
export const paperFields = z.record(z.string().regex(/^[a-z0-9_]{1,40}$/), z.string().max(4_000))

/** The body of a step; `do`, `set` and `documents` get the names of the process in `cloud/api`. */
export const stepBase = z.strictObject({
  version,
  role: z
    .enum(roles)
    .exclude(['wall'])
    .optional()
    .describe('in which of your roles; needed only when several would fit'),
  run: z
    .string()
    .regex(/^[a-z]{4,20}\/[1-9]\d{0,3}$/)
    .optional()
    .describe('which service, payment, remedy, …; else the newest that fits'),
  doc: z
    .string()
    .regex(/^D\d\d$/)
    .optional()
    .describe('whose service, when several documents are being served'),
  reason: words(2_000).optional(),
  particulars: particulars.optional(),
  effective_at: apiInstant.optional().describe('the day on the receipt, when it is not the moment of the click'),
})

const run = z.object({
  id: z.string(),
  machine: z.string(),
  state: z.string(),
  name: bilingual,
  doc: z.string().nullable(),
  since_at: apiInstant,
})
const timer = z.object({
  key: z.string(),
  name: bilingual,
  phase: z.string(),
  from_at: apiInstant,
  due_at: apiInstant.nullable().describe('first instant after the period; null: stands still, or no end'),
  why: z.string().nullable().describe('why there is no end: an unusable key of the pack, a year without calendar'),
})
const offer = z.object({
  do: z.string(),
  command: z.string(),
  name: bilingual,
  run: z.string().nullable(),
  refusals: z.array(reason).describe('empty: it may be taken now'),
})
const paper = z.object({
  seq: z.int(),
  id: z.string(),
  name: bilingual,
  sha256: z.string(),
  fields: z.record(z.string(), z.string()).nullable().describe('null: not for your eyes yet'),
})
const entry = z.object({
  seq: z.int(),
  at: apiInstant,
  by: z.array(z.object({ role: z.string(), person: z.string() })),
  did: z.string(),
  name: bilingual,
  reason: z.string().nullable(),
  set: z.record(z.string(), z.unknown()).nullable().describe('null: a blind verdict while the other half is missing'),
  particulars: z.record(z.string(), z.unknown()).nullable(),
  gates: z.array(z.string()),
})

/** A line of the list of files. */
export const fileRow = z
  .object({
    id: z.uuid(),
    origin: z.uuid(),
    party: z.int(),
    version: z.int(),
    state: z.string().describe('of the lead while there is no case, of the case from then on'),
    name: bilingual,
    cause: z.string().nullable(),
    opened_at: apiInstant,
    next_due_at: apiInstant.nullable().describe('the next end of a period'),
  })
  .meta({ id: 'FileRow' })
export type FileRowView = z.infer<typeof fileRow>
export const fileQuery = z.object({
  ...pageQuery.shape,
  state: z
    .string()
    .regex(/^[LC]\d{1,2}$/)
    .optional(),
})

/** A file of the whole process: what its log says, what stands before the reader, and what happened. */
export const fileAnswer = z
  .object({
    id: z.uuid(),
    version: z.int(),
    origin: z.uuid().describe('the file of the lead; another one when the lead had several parties'),
    party: z.int().describe('which party of the lead this file is about, from 0'),
    siblings: z.array(z.uuid()).describe('files about other parties of the same lead'),
    runs: z.array(run),
    inputs: z.record(z.string(), z.unknown()),
    timers: z.array(timer),
    papers: z.array(paper),
    log: z.array(entry),
    offers: z.array(offer),
  })
  .meta({ id: 'File' })
export type FileAnswer = z.infer<typeof fileAnswer>
