import { causeTerms, causes } from '../../contracts/terms.js'
import type { Bilingual } from '../../contracts/terms.js'
import { figuresOf, sightsOf } from './html-figures.js'
import type { PictureAt, Row } from './html-figures.js'
import { barOf, both, causeName, escaped, pageOf, percentOf, say, spanOf, tableOf } from './html-parts.js'
import type { Column } from './html-parts.js'
import type { Count, EvalReport, Rate } from './report.js'
import { conditionNames, texts } from './texts.js'

/** One self-contained page in Chinese and English: figures with intervals, breakdowns, each clip's time, each miss and false alarm. */
export async function htmlOf(report: EvalReport, pictureAt: PictureAt): Promise<string> {
  const sights = sightsOf(report.clips)
  return pageOf(
    texts.title,
    [
      warningsOf(report),
      tilesOf(report),
      worthOf(report),
      `<h2>${say('byCause')}</h2>${countsOf(texts.cause, causes.map((cause) => [both(causeTerms[cause]), report.per_cause[cause]]))}`, // prettier-ignore
      `<h2>${say('pictures')}</h2>`,
      sights.length === 0 ? `<p>${say('noFaults')}</p>` : await figuresOf(sights, pictureAt),
      `<h2>${say('clips')}</h2>${keyOfTimeline()}${clipTable(report.clips)}`,
      sectionOf('byCondition', 'byConditionNote', texts.condition, Object.entries(report.per_condition).map(([name, count]) => [both({ zh: conditionNames[name] ?? name, en: name }), count])), // prettier-ignore
      sectionOf('bySize', 'bySizeNote', texts.size, Object.entries(report.per_size).map(([bin, count]) => [bin === 'unknown' ? say('unknown') : escaped(bin.replace('px', ' px').replace('>=', '≥ ')), count])), // prettier-ignore
      conductOf(report),
    ].join('\n'),
  )
}

function warningsOf({ clips, shift_s: shiftS }: EvalReport): string {
  const broken = clips.filter(({ error }) => error !== null)
  return [
    ...(shiftS > 0 ? [`<p class="bad">${say('shifted')} ${shiftS}</p>`] : []),
    ...broken.map(({ clip, error }) => `<p class="bad">${say('notWatched')}<b>${escaped(clip)}</b> ${escaped(error ?? '')}</p>`), // prettier-ignore
  ].join('\n')
}

function tilesOf(report: EvalReport): string {
  const tile = (name: keyof typeof texts, figure: string, below: string): string =>
    `<div><dt>${say(name)}</dt><dd>${figure}${below}</dd></div>`
  const share = (value: number | null, interval: readonly [number, number], counts: string): string =>
    `${barOf(interval, value)}<small>${counts} · ${say('interval')} ${spanOf(interval, 0, 100)} %</small>`
  const rate = (value: Rate | null, counts: string): string =>
    value === null ? '' : `<small>${counts} · ${say('interval')} ${spanOf(value.interval, 1)}</small>`
  const { delay_s: delay, negative_clips: negative } = report
  return `<h2>${say('summary')}</h2><dl class="tiles">
${tile('recall', percentOf(report.recall), share(report.recall, report.recall_interval, `${report.found} / ${report.events}`))}
${tile('precision', percentOf(report.precision), share(report.precision, report.precision_interval, `${report.found} / ${report.found + report.false_alarms}`))}
${tile('perHour', String(report.false_alarms_per_hour?.rate ?? '–'), rate(report.false_alarms_per_hour, `${report.false_alarms}`))}
${tile('delay', String(delay?.mean ?? '–'), delay ? `<small>${say('medianMax')} ${delay.median} / ${delay.max}</small>` : '')}
${tile('splitRate', String(report.split_rate?.rate ?? '–'), rate(report.split_rate, `${report.splits} / ${report.found}`))}
${tile('negatives', `${negative.with_false_alarm} / ${negative.clips}`, '')}
${tile('watched', (report.watched_s / 60).toFixed(1), '')}
${tile('cost', String(report.ms_per_watch_frame ?? '–'), '')}
</dl>` // prettier-ignore
}

/** DETECTION.md §10.4: below this nothing is shown but mechanics. */
const eventsMin = 29
const watchedMinS = 3 * 86_400

function worthOf(report: EvalReport): string {
  const enough = report.watched_s >= watchedMinS && causes.every((cause) => report.per_cause[cause].events >= eventsMin)
  return `<h2>${say('worth')}</h2><p class="warn">${say(enough ? 'enough' : 'pilot')}</p><p class="dim">${say('sharesNote')}</p>` // prettier-ignore
}

function sectionOf(
  title: keyof typeof texts,
  note: keyof typeof texts,
  head: Bilingual,
  counts: readonly (readonly [string, Count])[],
): string {
  if (counts.length === 0) return ''
  return `<h2>${say(title)}</h2><p class="dim">${say(note)}</p>${countsOf(head, counts)}`
}

function countsOf(head: Bilingual, counts: readonly (readonly [name: string, count: Count])[]): string {
  const columns: Column[] = [
    { head },
    { head: texts.events, numeric: true },
    { head: texts.found, numeric: true },
    { head: texts.recall },
    { head: texts.falseAlarms, numeric: true },
    { head: texts.precision },
    { head: texts.perHour, numeric: true },
    { head: texts.delay, numeric: true },
    { head: texts.splits, numeric: true },
  ]
  const share = (value: number | null, interval: readonly [number, number]): string =>
    value === null ? '' : `${percentOf(value)} <small>${spanOf(interval, 0, 100)} %</small>${barOf(interval, value)}`
  const rate = (value: Rate | null): string => (value ? `${value.rate} <small>${spanOf(value.interval, 1)}</small>` : '') // prettier-ignore
  const rows = counts.map(([name, count]) => [
    name,
    String(count.events),
    String(count.found),
    share(count.recall, count.recall_interval),
    String(count.false_alarms),
    share(count.precision, count.precision_interval),
    rate(count.false_alarms_per_hour),
    count.delay_s ? `${count.delay_s.mean} <small>${count.delay_s.median} / ${count.delay_s.max}</small>` : '',
    count.split_rate ? rate(count.split_rate) : '',
  ])
  return tableOf(columns, rows)
}

function keyOfTimeline(): string {
  const colour = (name: string, title: keyof typeof texts): string =>
    `<span class="k" style="background:var(--${name})"></span>${say(title)}`
  return `<p class="key dim">${colour('truth', 'truth')}${colour('open', 'optional')}${colour('good', 'found')}${colour('alarm', 'falseAlarm')}${colour('dim', 'splits')}</p>` // prettier-ignore
}

function clipTable(clips: EvalReport['clips']): string {
  const columns: Column[] = [
    { head: texts.clip },
    { head: texts.timeline },
    { head: texts.found, numeric: true },
    { head: texts.missed, numeric: true },
    { head: texts.falseAlarms, numeric: true },
    { head: texts.splits, numeric: true },
    { head: texts.told },
  ]
  const rows = clips.map((clip) => [
    `${escaped(clip.clip)}<br><small class="dim">${clip.conditions.map((name) => both({ zh: conditionNames[name] ?? name, en: name })).join(' · ')}</small>`, // prettier-ignore
    timelineOf(clip),
    `${clip.found.length} / ${clip.found.length + clip.missed.length}`,
    countCell(clip.missed.length, 'truth'),
    countCell(clip.false_alarms.length, 'alarm'),
    clip.splits.length === 0 ? '' : String(clip.splits.length),
    [...clip.found, ...clip.false_alarms, ...clip.optional].map((row) => `<div>${causeName(row['cause'])} ${Number(row['confirmed_s']).toFixed(0)} s</div>`).join(''), // prettier-ignore
  ])
  return tableOf(columns, rows)
}

function countCell(count: number, kind: string): string {
  return count === 0 ? '' : `<span class="tag ${kind}">${count}</span>`
}

/** Truth above, what was told below; a mark stands where an incident was confirmed. */
function timelineOf(clip: EvalReport['clips'][number]): string {
  const lengthS = Math.max(1, clip.watched_s)
  const across = (row: Row, from: string, to: string, y: number, kind: string): string =>
    `<rect class="${kind}" x="${Number(row[from])}" y="${y}" width="${Math.max(lengthS / 150, Math.min(lengthS, Number(row[to])) - Number(row[from]))}" height="9"/>` // prettier-ignore
  const told = (rows: readonly Row[], kind: string): string =>
    rows.map((row) => `${across(row, 'first_s', 'last_s', 14, kind)}<rect class="m" x="${Number(row['confirmed_s'])}" y="12" width="${lengthS / 150}" height="14"/>`).join('') // prettier-ignore
  const truth = clip.truth.map((row) => across(row, 'from_s', 'to_s', 2, row['optional'] === true ? 'o' : 't')).join('')
  const title = `${clip.clip}: ${lengthS.toFixed(0)} s`
  return `<svg class="time" role="img" aria-label="${escaped(title)}" viewBox="0 0 ${lengthS} 26" preserveAspectRatio="none"><title>${escaped(title)}</title>${truth}${told(clip.splits, 's')}${told(clip.optional, 'o')}${told(clip.false_alarms, 'x')}${told(clip.found, 'f')}</svg>` // prettier-ignore
}

function conductOf(report: EvalReport): string {
  const models = Object.entries(report.models)
  const list = models.map(([role, sha256]) => `<div>${escaped(role)} <code title="${escaped(sha256)}">${escaped(sha256.slice(0, 12))}</code></div>`) // prettier-ignore
  const pair = (name: keyof typeof texts, html: string): string => `<dt>${say(name)}</dt><dd>${html}</dd>`
  return `<h2>${say('conduct')}</h2><dl class="pairs">
${pair('models', list.length === 0 ? say('noModels') : list.join(''))}
${pair('sampling', String(report.interval_s))}
${report.without.length > 0 ? pair('without', report.without.map(escaped).join(', ')) : ''}</dl>`
}
