import { z } from 'zod'
import { parseYaml, type ConfigFault } from '../../../contracts/yaml-faults.js'
import { dayString } from '../pack/items.js'

const text = z.string().min(1).max(300)
const span = { valid_from: dayString, valid_to: dayString.nullable() }

/** `registers.yaml`: what the authority keeps elsewhere and the gates ask. Each row has the days on which it holds. */
const registersSchema = z.strictObject({
  version: text.describe('date of the extract'),
  areas: z
    .array(
      z.strictObject({
        name: text,
        polygon: z
          .array(z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]))
          .min(3)
          .max(5_000)
          .describe('longitude, latitude (WGS 84)'),
        source: text,
        ...span,
      }),
    )
    .max(500)
    .describe('where the authority may act (APL Art. 18, 22)'),
  grants: z
    .array(z.strictObject({ item: text.describe('code in the pack'), source: text, ...span }))
    .max(5_000)
    .describe('items on the published list of the authority (APL Art. 18, 20, 24)'),
  officers: z
    .array(
      z.strictObject({
        account: z.string().regex(/^[a-z][a-z0-9_.-]{1,39}$/),
        certificate: text.nullable().describe('law-enforcement certificate; null: none'),
        legal_review: z.boolean().default(false).describe('qualified to review decisions (APL Art. 58(2))'),
        ...span,
      }),
    )
    .max(20_000),
})
export type Registers = z.infer<typeof registersSchema>

export const noRegisters: Registers = { version: 'none', areas: [], grants: [], officers: [] }

/** Every fault with line and key. Never throws. */
export function parseRegisters(
  source: string,
  file: string,
): { readonly registers: Registers | null; readonly faults: readonly ConfigFault[] } {
  const { value, faults } = parseYaml(source, file, registersSchema)
  return { registers: value, faults }
}

/** Whether a row holds on a day (`2026-01-31`). */
export function holdsOn(row: { readonly valid_from: string; readonly valid_to: string | null }, day: string): boolean {
  return row.valid_from <= day && (row.valid_to === null || day <= row.valid_to)
}
