import type { Amount, Item } from './items.js'

/** Which version of the law a case uses (APL Art. 37), and why. */
export type LawChoice =
  | { readonly kind: 'none'; readonly why: 'no_item' | 'not_in_force' | 'no_longer_an_offence' }
  | {
      readonly kind: 'one'
      readonly item: Item
      readonly why: 'unchanged' | 'act_date' | 'milder_new'
      readonly compared: readonly Item[]
    }
  /** Neither is clearly milder: a person decides, the comparison is stored. */
  | { readonly kind: 'person_decides'; readonly compared: readonly [Item, Item]; readonly differs: readonly string[] }

/**
 * Law of the day of the act; when the version of the day of the decision is milder, or the act is no offence any more, the new one.
 * Days are `2026-01-31`. A verified state of the items is not asked here (`usableItem` does).
 */
export function lawFor(items: readonly Item[], family: string, actOn: string, decideOn: string): LawChoice {
  const versions = items.filter((one) => one.family === family)
  if (versions.length === 0) return { kind: 'none', why: 'no_item' }
  const then = versions.find((one) => inForce(one, actOn))
  if (then === undefined) return { kind: 'none', why: 'not_in_force' }
  const now = versions.find((one) => inForce(one, decideOn))
  if (now === undefined) return { kind: 'none', why: 'no_longer_an_offence' }
  if (now === then) return { kind: 'one', item: then, why: 'unchanged', compared: [] }
  if (then.act_before_rule === 'act_date') return { kind: 'one', item: then, why: 'act_date', compared: [then, now] }
  const differences = compareItems(then, now)
  const signs = new Set(differences.map(({ newIs }) => newIs))
  if (signs.has('unclear') || (signs.has('milder') && signs.has('harsher')))
    return { kind: 'person_decides', compared: [then, now], differs: differences.map(({ what }) => what) }
  return signs.has('milder')
    ? { kind: 'one', item: now, why: 'milder_new', compared: [then, now] }
    : { kind: 'one', item: then, why: 'act_date', compared: [then, now] }
}

/** A case uses an item only when somebody verified it, its amounts are known and the day lies in its validity (G12). */
export function usableItem(one: Item, on: string, demo: boolean): boolean {
  return (
    (one.verified || demo) &&
    one.valid_from !== null &&
    inForce(one, on) &&
    one.fines.every(({ amount }) => amount !== null)
  )
}

export function inForce(one: Item, on: string): boolean {
  return (one.valid_from === null || one.valid_from <= on) && (one.valid_to === null || on <= one.valid_to)
}

interface Difference {
  readonly what: string
  readonly newIs: 'milder' | 'harsher' | 'unclear'
}

/** Kinds, lower and upper end, side measures, and whether punishing is left to discretion (DOMAIN.md §7, law by date). */
export function compareItems(then: Item, now: Item): Difference[] {
  const differences: Difference[] = []
  const sets = (what: string, a: readonly string[], b: readonly string[]): void => {
    const more = b.some((one) => !a.includes(one))
    const fewer = a.some((one) => !b.includes(one))
    if (more || fewer) differences.push({ what, newIs: more && fewer ? 'unclear' : fewer ? 'milder' : 'harsher' })
  }
  sets('kinds', then.kinds, now.kinds)
  sets('also', then.also, now.also)
  for (const party of ['person', 'organisation'] as const) {
    const [a, b] = [then, now].map((one) => one.fines.find((fine) => fine.party.includes(party)))
    if (a === undefined && b === undefined) continue
    if (a === undefined || b === undefined)
      differences.push({ what: `${party}: liable`, newIs: b === undefined ? 'milder' : 'harsher' })
    else {
      differences.push(...compareAmounts(party, a.amount, b.amount))
      if (a.is !== b.is)
        differences.push({ what: `${party}: may or shall`, newIs: b.is === 'may' ? 'milder' : 'harsher' })
      if (a.precondition !== b.precondition)
        differences.push({
          what: `${party}: precondition`,
          newIs: a.precondition === 'none' ? 'milder' : b.precondition === 'none' ? 'harsher' : 'unclear',
        })
    }
  }
  return differences
}

function compareAmounts(party: string, then: Amount | null, now: Amount | null): Difference[] {
  if (then === null || now === null || then.type !== now.type)
    return then === now ? [] : [{ what: `${party}: amount`, newIs: 'unclear' }]
  const ends = (one: Amount): [number, number] =>
    one.type === 'multiple' ? [one.min_times, one.max_times] : [one.min_fen, one.max_fen]
  const [[low, high], [newLow, newHigh]] = [ends(then), ends(now)]
  const end = (what: string, a: number, b: number): Difference[] =>
    a === b ? [] : [{ what: `${party}: ${what}`, newIs: b < a ? 'milder' : 'harsher' }]
  return [...end('upper end', high, newHigh), ...end('lower end', low, newLow)]
}
