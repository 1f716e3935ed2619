import type { Bilingual } from '../../contracts/terms.js'
import type { ClipChange, Comparison, EventRow, ReadReport, ToldRow } from './compare.js'
import { figuresOf } from './html-figures.js'
import type { PictureAt, Sight } from './html-figures.js'
import { both, causeName, escaped, pageOf, say, tableOf } from './html-parts.js'
import { compareTexts as words, texts } from './texts.js'

/** The two sentences that matter: do the events differ, do the false alarms, by more than chance? */
export function sentencesOf({ events, false_alarms: alarms }: Comparison): readonly [Bilingual, Bilingual] {
  const span = events.difference_interval.map((share) => (share * 100).toFixed(1)).join(' … ')
  const verdict = (says: boolean): Bilingual => (says ? words.says : words.saysNothing)
  const of = (language: keyof Bilingual): [string, string] => [
    `${words.won[language]} ${events.won}, ${words.lost[language]} ${events.lost} / ${events.paired} (${words.paired[language]}); p = ${events.p} (McNemar); ${words.difference[language]} ${span} %: ${verdict(events.says)[language]}`,
    `${words.gone[language]} ${alarms.gone}, ${words.new[language]} ${alarms.new}, ${words.kept[language]} ${alarms.kept}; ${words.fewer[language]} ${alarms.clips_with_fewer}, ${words.more[language]} ${alarms.clips_with_more}; p = ${alarms.p} (${words.sign[language]}): ${verdict(alarms.says)[language]}`,
  ] // prettier-ignore
  const [zh, en] = [of('zh'), of('en')]
  return [
    { zh: zh[0], en: en[0] },
    { zh: zh[1], en: en[1] },
  ]
}

const totals = ['events', 'found', 'false_alarms', 'recall', 'precision', 'splits', 'mean_delay_s', 'ms_per_watch_frame'] as const // prettier-ignore

const totalNames: Readonly<Record<(typeof totals)[number], Bilingual>> = {
  events: texts.events,
  found: texts.found,
  false_alarms: texts.falseAlarms,
  recall: texts.recall,
  precision: texts.precision,
  splits: texts.splits,
  mean_delay_s: texts.delay,
  ms_per_watch_frame: texts.cost,
}

/** The comparison as plain text: totals, every event and alarm that changed, two sentences. */
export function comparisonText(a: ReadReport, b: ReadReport, comparison: Comparison): string {
  const lines = [`${''.padEnd(20)} ${'A'.padStart(8)} ${'B'.padStart(8)}`]
  for (const name of totals)
    lines.push(`${name.padEnd(20)} ${String(a[name] ?? '-').padStart(8)} ${String(b[name] ?? '-').padStart(8)}`)
  lines.push('')
  for (const { clip, won, lost, gone, new: fresh } of comparison.clips) {
    const event = ({ cause, from_s: from, to_s: to }: EventRow): string => `${String(cause)} ${from}-${to} s`
    const alarm = ({ cause, confirmed_s: at }: ToldRow): string => `${String(cause)} at ${at} s`
    for (const row of won) lines.push(`${clip}: won ${event(row)}`)
    for (const row of lost) lines.push(`${clip}: LOST ${event(row)}`)
    for (const row of gone) lines.push(`${clip}: false alarm gone, ${alarm(row)}`)
    for (const row of fresh) lines.push(`${clip}: NEW false alarm, ${alarm(row)}`)
  }
  for (const clip of comparison.only_in_a) lines.push(`${clip}: only in A, left out`)
  for (const clip of comparison.only_in_b) lines.push(`${clip}: only in B, left out`)
  for (const clip of comparison.truth_differs) lines.push(`${clip}: the truth differs, left out`)
  const [events, alarms] = sentencesOf(comparison)
  lines.push('', `events: ${events.en}`, `false alarms: ${alarms.en}`)
  return `${lines.join('\n')}\n`
}

/** The same as a page, with a picture of everything that changed where the clips are at hand. */
export async function comparisonPage(
  a: ReadReport,
  b: ReadReport,
  comparison: Comparison,
  pictureAt: PictureAt | null,
): Promise<string> {
  const [events, alarms] = sentencesOf(comparison)
  const left = [...comparison.only_in_a, ...comparison.only_in_b, ...comparison.truth_differs]
  const rows = totals.map((name) => [both(totalNames[name]), String(a[name] ?? '–'), String(b[name] ?? '–')])
  const columns = [
    { head: words.figure },
    { head: { zh: 'A', en: 'A' }, numeric: true },
    { head: { zh: 'B', en: 'B' }, numeric: true },
  ]
  const sights = pictureAt ? sightsOfChange(a, b, comparison) : []
  return pageOf(
    texts.compareTitle,
    [
      `<p class="warn"><b>${say('events')}</b> ${both(events)}</p><p class="warn"><b>${say('falseAlarms')}</b> ${both(alarms)}</p>`,
      left.length === 0 ? '' : `<p class="bad">${both(words.leftOut)} ${left.map(escaped).join(', ')}</p>`,
      `<h2>${say('summary')}</h2>${tableOf(columns, rows)}`,
      `<h2>${both(words.changes)}</h2>${changeTable(comparison.clips)}`,
      pictureAt && sights.length > 0 ? await figuresOf(sights, pictureAt) : '',
      `<p class="dim">${both(words.method)}</p>`,
    ].join('\n'),
  )
}

function changeTable(clips: readonly ClipChange[]): string {
  const event = (row: EventRow): string => `<div>${causeName(row.cause)} ${row.from_s}–${row.to_s} s</div>`
  const alarm = (row: ToldRow): string => `<div>${causeName(row.cause)} ${row.confirmed_s} s</div>`
  const changed = clips.filter(({ won, lost, gone, new: fresh }) => won.length + lost.length + gone.length + fresh.length > 0) // prettier-ignore
  if (changed.length === 0) return `<p>${both(words.nothing)}</p>`
  const rows = changed.map(({ clip, won, lost, gone, new: fresh }) => [
    escaped(clip),
    won.map(event).join(''),
    lost.map(event).join(''),
    gone.map(alarm).join(''),
    fresh.map(alarm).join(''),
  ])
  const heads = [texts.clip, words.won, words.lost, words.gone, words.new]
  return tableOf(
    heads.map((head) => ({ head })),
    rows,
  )
}

/** Bad news first: lost events and new alarms as B shows them, then what was won and what has gone. */
function sightsOfChange(a: ReadReport, b: ReadReport, { clips }: Comparison): Sight[] {
  const tagged = (
    report: ReadReport,
    kind: Sight['kind'],
    word: Bilingual,
    tone: string,
    rowsOf: (clip: ClipChange) => readonly (EventRow | ToldRow)[],
  ): Sight[] =>
    // prettier-ignore
    clips.flatMap((change) => {
      const clip = report.clips.find((each) => each.clip === change.clip)
      const tag = `<span class="tag ${tone}">${both(word)}</span>`
      return clip ? rowsOf(change).map((row): Sight => ({ clip, row, kind, tag })) : []
    })
  return [
    ...tagged(b, 'missed', words.lost, 'alarm', ({ lost }) => lost),
    ...tagged(b, 'false_alarm', words.new, 'alarm', (change) => change.new),
    ...tagged(b, 'missed', words.won, 'good', ({ won }) => won),
    ...tagged(a, 'false_alarm', words.gone, 'good', ({ gone }) => gone),
  ]
}
