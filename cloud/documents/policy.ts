import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { modes } from '../../contracts/api/index.js'
import { KerbError } from '../../contracts/base/index.js'
import { causes } from '../../contracts/terms.js'
import { faultLine, parseYaml, type ConfigFault } from '../../contracts/yaml-faults.js'

const words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const paragraphs = z.strictObject({ zh: z.array(z.string().min(1)).min(1), en: z.array(z.string().min(1)).min(1) })
const numberPattern = z
  .string()
  .refine((text) => text.includes('{year}') && text.includes('{n}'), 'needs {year} and {n}')

const text = z.strictObject({
  text_id: z.string().regex(/^[a-z0-9-]{3,80}$/),
  cause: z.enum(causes),
  mode: z.enum(modes),
  title: words,
  act: words,
  body: paragraphs,
})
export type PolicyText = z.infer<typeof text>

const policySchema = z
  .strictObject({
    version: z.string().min(1).max(60),
    demo: z.boolean(),
    organ: z.string().regex(/^[a-z0-9-]{2,40}$/),
    tz: z.string().refine(isTimeZone, 'is no time zone'),
    authority: z.strictObject({ name: words, counter: words, hotline: z.string().min(3).max(40) }),
    numbers: z.strictObject({ notice: numberPattern, case: numberPattern }),
    modes: z.record(z.enum(causes), z.enum(modes)),
    law_basis: words.nullable(),
    budget_leads_per_operator_hour: z.number().positive(),
    texts: z.array(text).max(200),
  })
  .superRefine((policy, context) => {
    for (const cause of causes)
      if (policy.modes[cause] === 'EVIDENCE_MODE' && policy.law_basis === null)
        context.addIssue({
          code: 'custom',
          path: ['modes', cause],
          message: 'EVIDENCE_MODE needs a law_basis (APL Art. 41)',
        })
    const ids = policy.texts.map(({ text_id }) => text_id)
    for (const [index, id] of ids.entries())
      if (ids.indexOf(id) !== index)
        context.addIssue({ code: 'custom', path: ['texts', index, 'text_id'], message: `${id} stands there twice` })
  })
/** A policy pack as this release uses it (DOMAIN.md §7, the keys of the thin road). */
export type Policy = z.infer<typeof policySchema>

export class PolicyError extends KerbError<'POLICY_UNREADABLE' | 'POLICY_FAULTY'> {}

/** Every fault of a pack's `policy.yaml`, each with its line and key; and the pack when there is none. Never throws. */
export function parsePolicy(source: string, file: string): { policy: Policy | null; faults: readonly ConfigFault[] } {
  const { value, faults } = parseYaml(source, file, policySchema)
  return { policy: value, faults }
}

/** Reads `<folder>/policy.yaml`. @throws PolicyError `POLICY_UNREADABLE`, or `POLICY_FAULTY` with every fault, one a line. */
export function loadPolicy(folder: string): Policy {
  const file = join(folder, 'policy.yaml')
  let source: string
  try {
    source = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new PolicyError(
      'POLICY_UNREADABLE',
      `cannot read ${file}: name a policy pack in cloud.yaml`,
      { file },
      { cause },
    )
  }
  const { policy, faults } = parsePolicy(source, file)
  if (policy === null) throw new PolicyError('POLICY_FAULTY', faults.map(faultLine).join('\n'), { file })
  return policy
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
