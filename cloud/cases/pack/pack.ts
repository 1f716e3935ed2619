import { z } from 'zod'
import { parseYaml, type ConfigFault } from '../../../contracts/yaml-faults.js'
import { figureKeys, figuresSchema, type Figure, type FigureKey, type Figures, type FigureValue } from './figures.js'
import { item, words, zone, type Item, type PackZone } from './items.js'

const adapter = z.strictObject({ kind: z.string().min(1).describe('name of the adapter; `none`: done by hand') })
const layerSchema = z
  .strictObject({
    pack: z.string().regex(/^[a-z0-9-]{2,40}$/),
    version: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}(\.\d+)?$/)
      .describe('date from which it applies; never backwards (SD7)'),
    extends: z.string().min(1).nullable().describe('path of the pack below, from this file; null for the base'),
    demo: z.boolean(),
    signed: z
      .strictObject({ author: z.string().min(1).nullable(), approver: z.string().min(1).nullable() })
      .describe('two persons (SD7); null: not in force'),
    acknowledged: z
      .array(z.enum(figureKeys as [FigureKey, ...FigureKey[]]))
      .describe('unverified keys that the head accepted one by one'),
    authority: z
      .strictObject({
        name: words,
        short: z.string().min(1),
        level: z.enum(['state', 'city', 'district', 'town']),
        grant: z.string().min(1).nullable(),
        counter: words.nullable(),
        hotline: z.string().min(3),
      })
      .nullable(),
    calendar: z.array(z.string().min(1)).describe('files of working days, from this file'),
    figures: figuresSchema,
    items: z.array(item).max(500),
    zones: z.array(zone).max(2000),
    adapters: z.strictObject({ treasury: adapter, identity: adapter, registers: adapter }).nullable(),
    templates: z.string().min(1).nullable().describe('folder of document templates'),
    texts: z.string().min(1).nullable().describe('folder of portal words'),
  })
  .superRefine((one, context) => {
    const say = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    const { author, approver } = one.signed
    if (author !== null && author === approver)
      say(['signed', 'approver'], 'must be another person than the author (SD7)')
    for (const [index, a] of one.items.entries())
      for (const [other, b] of one.items.entries())
        if (other < index && a.code === b.code && overlap(a, b))
          say(['items', index, 'code'], `${a.code} is in force twice on the same day`)
    if (
      one.figures['party.keeper_presumption']?.value === true &&
      !one.items.some(({ law_basis }) => law_basis !== null)
    )
      say(['figures', 'party.keeper_presumption'], 'no keeper is presumed without a law_basis (DOMAIN.md Q8)')
    for (const [index, code] of (one.figures['nonsite.items']?.value ?? []).entries())
      if (!one.items.some((row) => row.code === code))
        say(['figures', 'nonsite.items', 'value', index], `${code} is no item of this pack`)
  })
/** One file of a pack, as written: the base, or a city on top of it. */
export type PackLayer = z.infer<typeof layerSchema>

/** Base and city together: what cases use. */
export interface PolicyPack {
  readonly pack: string
  readonly version: string
  readonly demo: boolean
  readonly acknowledged: readonly FigureKey[]
  readonly figures: Figures
  readonly items: readonly Item[]
  readonly zones: readonly PackZone[]
  readonly layer: PackLayer
}

/** Every fault of one file with line and key. Never throws. */
export function parseLayer(
  source: string,
  file: string,
): { layer: PackLayer | null; faults: readonly ConfigFault[]; at: ReturnType<typeof parseYaml>['at'] } {
  const { value, faults, at } = parseYaml(source, file, layerSchema)
  return { layer: value, faults, at }
}

/** The city's figures win over the base's; items of the base stay unless the city has the same code. */
export function joinLayers(base: PackLayer | null, city: PackLayer): PolicyPack {
  const own = new Set(city.items.map(({ code }) => code))
  return {
    pack: city.pack,
    version: city.version,
    demo: city.demo,
    acknowledged: city.acknowledged,
    figures: { ...base?.figures, ...city.figures },
    items: [...city.items, ...(base?.items ?? []).filter(({ code }) => !own.has(code))],
    zones: [...city.zones, ...(base?.zones ?? [])],
    layer: city,
  }
}

/** What is wrong with the pack as a whole: keys that neither file has. */
export function missingKeys(pack: PolicyPack): FigureKey[] {
  return figureKeys.filter((key) => pack.figures[key] === undefined)
}

/** Values that nobody confirmed yet, and what is not known at all: each needs a person before a case may use it. */
export function openValues(
  pack: PolicyPack,
): { readonly key: string; readonly why: 'unknown' | 'unverified'; readonly mark: string }[] {
  const figures = figureKeys.flatMap((key) => {
    const one = pack.figures[key] as Figure<unknown> | undefined
    if (one === undefined || one.verified) return []
    if (one.value !== null && wasRead(one)) return []
    return [{ key, why: one.value === null ? ('unknown' as const) : ('unverified' as const), mark: one.mark }]
  })
  const items = pack.items.flatMap((one) => {
    if (one.verified) return []
    const unknown = one.valid_from === null || one.fines.some(({ amount }) => amount === null)
    return [{ key: `items.${one.code}`, why: unknown ? ('unknown' as const) : ('unverified' as const), mark: one.mark }]
  })
  return [...figures, ...items]
}

export type Usable<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly why: 'unknown' | 'unverified'; readonly key: string }

/**
 * A figure for use in a case. Statute that was read ([L], [S]) counts; practice and memory only when somebody verified or the head
 * acknowledged the key, or in a demonstration. Null is never usable (G12).
 */
export function usableFigure<Key extends FigureKey>(pack: PolicyPack, key: Key): Usable<FigureValue<Key>> {
  const one = pack.figures[key] as Figure<FigureValue<Key>> | undefined
  if (one === undefined || one.value === null) return { ok: false, why: 'unknown', key }
  return one.verified || wasRead(one) || pack.demo || pack.acknowledged.includes(key)
    ? { ok: true, value: one.value }
    : { ok: false, why: 'unverified', key }
}

/** A statute or seed document that was read; practice and memory need a person. */
function wasRead({ mark }: Pick<Figure<unknown>, 'mark'>): boolean {
  return mark === 'L' || mark === 'S'
}

function overlap(a: Item, b: Item): boolean {
  const from = (one: Item): string => one.valid_from ?? '0000-01-01'
  const to = (one: Item): string => one.valid_to ?? '9999-12-31'
  return from(a) <= to(b) && from(b) <= to(a)
}
