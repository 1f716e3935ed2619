import type { Bilingual } from '../../../contracts/terms.js'
import { figureKeys, figureRows, type Figure } from './figures.js'
import type { Item } from './items.js'
import { compareItems } from './law-by-date.js'
import type { PolicyPack } from './pack.js'

/** One difference between two packs: what, from what to what, and whom it concerns. */
export interface PackChange {
  readonly key: string
  readonly whom: Bilingual
  readonly before: string
  readonly after: string
}

const nothing = '—'

/** What changes for whom when `after` takes the place of `before`; empty when nothing does. */
export function diffPacks(before: PolicyPack, after: PolicyPack): PackChange[] {
  return [...figureChanges(before, after), ...itemChanges(before.items, after.items), ...zoneChanges(before, after)]
}

function figureChanges(before: PolicyPack, after: PolicyPack): PackChange[] {
  return figureKeys.flatMap((key) => {
    const [a, b] = [before.figures[key], after.figures[key]].map((one) => textOf(one as Figure<unknown> | undefined))
    return a === undefined || b === undefined || a === b
      ? []
      : [{ key, whom: figureRows[key].whom, before: a, after: b }]
  })
}

function textOf(one: Figure<unknown> | undefined): string {
  if (one === undefined) return nothing
  if (one.value === null) return 'not known'
  const value = JSON.stringify(one.value)
  return one.verified || one.mark === 'L' || one.mark === 'S' ? value : `${value} (unverified, ${one.mark})`
}

function itemChanges(before: readonly Item[], after: readonly Item[]): PackChange[] {
  const codes = [...new Set([...before, ...after].map(({ code }) => code))]
  return codes.flatMap((code) => {
    const [a, b] = [before.find((one) => one.code === code), after.find((one) => one.code === code)]
    const whom: Bilingual = {
      zh: `当事人（${(b ?? a)?.title.zh ?? code}）`,
      en: `party (${(b ?? a)?.title.en ?? code})`,
    }
    const change = (part: string, from: string, to: string): PackChange[] =>
      from === to ? [] : [{ key: `items.${code}${part}`, whom, before: from, after: to }]
    if (a === undefined || b === undefined)
      return change('', a === undefined ? nothing : briefly(a), b === undefined ? nothing : briefly(b))
    const differs = compareItems(a, b).map(({ what, newIs }) => `${what} ${newIs}`)
    return [
      ...change('.fines', fines(a), fines(b)).map((one) =>
        differs.length === 0 ? one : { ...one, after: `${one.after} [${differs.join('; ')}]` },
      ),
      ...change('.kinds', a.kinds.join(', '), b.kinds.join(', ')),
      ...change('.mode', a.mode, b.mode),
      ...change('.valid', `${a.valid_from ?? '?'}..${a.valid_to ?? ''}`, `${b.valid_from ?? '?'}..${b.valid_to ?? ''}`),
      ...change('.verified', String(a.verified), String(b.verified)),
      ...change('.benchmark', JSON.stringify(a.benchmark), JSON.stringify(b.benchmark)),
    ]
  })
}

function briefly(one: Item): string {
  return `${one.title.zh} ${fines(one)}`
}

function fines(one: Item): string {
  return one.fines
    .map(({ party, amount, is }) => {
      if (amount === null) return `${party.join('/')}: not known`
      const ends =
        amount.type === 'multiple'
          ? `${amount.min_times}–${amount.max_times} × ${amount.of}`
          : `${amount.min_fen / 100}–${amount.max_fen / 100} yuan`
      return `${party.join('/')}: ${is} ${ends}${amount.type === 'range' || amount.type === 'multiple' ? '' : ` ${amount.type}`}`
    })
    .join('; ')
}

function zoneChanges(before: PolicyPack, after: PolicyPack): PackChange[] {
  const ids = [...new Set([...before.zones, ...after.zones].map(({ id }) => id))]
  return ids.flatMap((id) => {
    const [a, b] = [before.zones.find((one) => one.id === id), after.zones.find((one) => one.id === id)]
    const [from, to] = [a === undefined ? nothing : JSON.stringify(a), b === undefined ? nothing : JSON.stringify(b)]
    return from === to
      ? []
      : [
          {
            key: `zones.${id}`,
            whom: { zh: `在“${(b ?? a)?.name.zh ?? id}”的人`, en: `people at ${(b ?? a)?.name.en ?? id}` },
            before: from,
            after: to,
          },
        ]
  })
}
