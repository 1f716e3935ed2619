import { z } from 'zod'
import { fromRfc3339, KerbError } from './base/index.js'
import type { Box } from './base/index.js'
import { causes } from './terms.js'
import { groundPlaneSchema, ruleOverridesSchema, timeZoneSchema, zonesSchema } from './zones.js'

const share = z.number().min(0).max(1)
const cause = z.enum(causes)

const instant = z.string().refine((text) => {
  try {
    fromRfc3339(text)
    return true
  } catch {
    return false // the answer itself: not an instant
  }
}, 'not an RFC 3339 instant')

const truthEvent = z
  .strictObject({
    /** A list: any of them counts. */
    cause: z.union([cause.transform((one) => [one]), z.array(cause).min(1)]),
    from_s: z.number().min(0),
    to_s: z.number().min(0),
    box: z.tuple([share, share, share, share]).transform((box): Box => box),
    /** Neither a miss nor a false alarm. */
    optional: z.boolean().default(false),
    note: z.string().max(500).optional(),
  })
  .refine(({ from_s: from, to_s: to }) => from <= to, { message: '`to_s` lies before `from_s`', path: ['to_s'] })
export type TruthEvent = z.infer<typeof truthEvent>

/** What is true of a clip: `NAME.truth.json` beside `NAME.mp4` (DESIGN.md §7). Further keys at the top are left alone. */
export const truthSchema = z.looseObject({
  clip: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^/\\]+$/, 'a file name, not a path'),
  origin: z.string().max(200),
  licence: z.string().max(500),
  conditions: z.array(z.string().max(300)).default([]),
  camera: z.strictObject({
    tz: timeZoneSchema,
    starts_at: instant,
    ground_plane: groundPlaneSchema.nullable().default(null),
  }),
  /** Empty: the whole picture is a zone of the kind each cause needs. */
  zones: zonesSchema.default([]),
  rules: ruleOverridesSchema.default({}),
  /** Empty: a negative clip. */
  events: z.array(truthEvent),
})
export type Truth = z.infer<typeof truthSchema>

/** @throws KerbError `TRUTH_MALFORMED`, naming every key that is wrong. */
export function parseTruth(value: unknown, file: string): Truth {
  const parsed = truthSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const told = issues.map(({ path, message }) => `${path.map(String).join('.') || 'file'}: ${message}`).join('; ')
  throw new KerbError('TRUTH_MALFORMED', `${file} is no truth file: ${told}`, { file, issues })
}
