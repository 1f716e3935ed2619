import { z } from 'zod'
import { modes } from '../../../contracts/api/index.js'
import { causes } from '../../../contracts/terms.js'
import { parseDay } from '../calendar/day.js'
import { marks } from './figures.js'

export const words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
export const dayString = z.string().refine((text) => parseDay(text) !== null, 'is no day: write 2026-01-31')
const fen = z.int().min(0)
const partyKind = z.enum(['person', 'organisation'])

/** What allows a device's record as evidence (APL Art. 41(1)); local regulations are a disputed basis (DOMAIN.md Q1). */
export const lawBasisKinds = ['law', 'administrative_regulation', 'special_power_regulation'] as const

const amount = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('range'), min_fen: fen, max_fen: fen }),
  z.strictObject({ type: z.literal('per_m2'), min_fen: fen, max_fen: fen, cap_fen: fen.nullable() }),
  z.strictObject({ type: z.literal('per_vehicle'), min_fen: fen, max_fen: fen }),
  z.strictObject({
    type: z.literal('multiple'),
    of: z.enum(['gains', 'cleaning_cost']),
    min_times: z.number().min(0),
    max_times: z.number().min(0),
  }),
])
export type Amount = z.infer<typeof amount>

const fine = z.strictObject({
  party: z.array(partyKind).min(1),
  amount: amount.nullable().describe('null: not known, unusable'),
  is: z.enum(['may', 'shall']).describe('可以处 or 处'),
  precondition: z.enum(['none', 'refused_to_correct', 'serious']),
})

const benchmarkStep = z.strictObject({
  id: z.string().min(1),
  when: words.nullable(),
  min_fen: fen.nullable(),
  max_fen: fen.nullable(),
  source: z.string().min(1).nullable(),
})

/** One legal item (事项, 案由) in one version of the law. */
export const item = z
  .strictObject({
    code: z.string().regex(/^[A-Z0-9-]{3,40}$/),
    family: z
      .string()
      .regex(/^[a-z0-9_]{3,40}$/)
      .describe('versions of one offence share it: milder law, first offence'),
    cause: z.enum(causes),
    title: words,
    duty: z.string().min(1),
    penalty: z.string().min(1),
    fines: z.array(fine),
    kinds: z.array(z.enum(['warning', 'fine', 'confiscate_gains', 'confiscate_goods', 'suspend_work'])).min(1),
    also: z.array(z.enum(['order_to_correct', 'vehicle_must_not_drive', 'stop_work'])),
    mode: z.enum(modes),
    law_basis: z.strictObject({ kind: z.enum(lawBasisKinds), article: z.string().min(1) }).nullable(),
    valid_from: dayString.nullable(),
    valid_to: dayString.nullable(),
    act_before_rule: z.enum(['milder', 'act_date']),
    benchmark: z.array(benchmarkStep),
    no_penalty: z.strictObject({
      np3: words.nullable(),
      np4: words.nullable(),
      correction_minutes: z.int().min(0).nullable(),
    }),
    mark: z.enum(marks),
    source: z.string().min(1),
    verified: z.boolean(),
    verified_by: z.string().nullable(),
    verified_on: dayString.nullable(),
  })
  .superRefine((one, context) => {
    const say = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    if (one.mode === 'EVIDENCE_MODE' && one.law_basis === null)
      say(['mode'], 'EVIDENCE_MODE needs a law_basis (APL Art. 41)')
    if (one.mode === 'EVIDENCE_MODE' && !one.verified) say(['mode'], 'EVIDENCE_MODE needs a verified item')
    if (one.valid_from !== null && one.valid_to !== null && one.valid_to < one.valid_from)
      say(['valid_to'], 'lies before valid_from')
    if (one.verified && (one.verified_by === null || one.verified_on === null))
      say(['verified'], 'needs verified_by and verified_on')
    if (one.verified && (one.valid_from === null || one.fines.some(({ amount: is }) => is === null)))
      say(['verified'], 'an item with an unknown amount or beginning cannot be verified')
    if (one.kinds.includes('fine') !== one.fines.length > 0) say(['fines'], 'kinds and fines must agree')
    for (const [index, { amount: is }] of one.fines.entries()) {
      if (is === null) continue
      const [low, high] = is.type === 'multiple' ? [is.min_times, is.max_times] : [is.min_fen, is.max_fen]
      if (high < low) say(['fines', index, 'amount'], 'the upper end lies under the lower end')
    }
    const top = Math.max(-1, ...one.fines.map(({ amount: is }) => (is?.type === 'range' ? is.max_fen : Infinity)))
    for (const [index, step] of one.benchmark.entries()) {
      if (step.min_fen !== null && step.max_fen !== null && step.max_fen < step.min_fen)
        say(['benchmark', index], 'the upper end lies under the lower end')
      if (step.max_fen !== null && step.max_fen > top)
        say(['benchmark', index, 'max_fen'], 'lies above the statutory band: above never (DOMAIN.md §7)')
    }
  })
export type Item = z.infer<typeof item>

export const zone = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{2,60}$/),
  kind: z.enum(['no_grilling', 'no_vending', 'permitted_stall', 'shop_front', 'limited']),
  name: words,
  hours: z
    .array(z.strictObject({ from: z.string().regex(/^\d{2}:\d{2}$/), to: z.string().regex(/^\d{2}:\d{2}$/) }))
    .nullable(),
  polygon: z
    .array(z.tuple([z.number(), z.number()]))
    .min(3)
    .nullable()
    .describe('longitude, latitude (WGS 84); null: not known'),
  source: z.string().min(1),
  mark: z.enum(marks),
  verified: z.boolean(),
})
export type PackZone = z.infer<typeof zone>
