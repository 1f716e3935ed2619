import { causes } from '../../contracts/terms.js'
import type { Cause } from '../../contracts/terms.js'
import type { TruthEvent } from '../../contracts/truth.js'
import { clopperPearson, poissonRate } from './interval.js'
import type { Interval } from './interval.js'
import type { Found, Matched, Told } from './match.js'

/** One clip after it was watched. `error` set: it could not be watched to its end; what was told before counts. */
export interface ClipResult {
  readonly clip: string
  readonly conditions: readonly string[]
  readonly events: readonly TruthEvent[]
  readonly matched: Matched
  readonly watchedS: number
  readonly frames: number
  readonly elapsedMs: number
  readonly error: string | null
}

type Row = Readonly<Record<string, unknown>>

interface Count {
  readonly events: number
  readonly found: number
  readonly recall: number | null
  readonly recall_interval: Interval
  readonly false_alarms: number
}

/** The keys of DESIGN.md §6, and more. Intervals are 95 %: Clopper-Pearson for shares, Poisson for false alarms an hour. */
export interface EvalReport {
  readonly clips: readonly {
    readonly clip: string
    readonly truth: readonly Row[]
    readonly found: readonly Row[]
    readonly missed: readonly Row[]
    readonly false_alarms: readonly Row[]
    readonly splits: readonly Row[]
    readonly optional: readonly Row[]
    readonly watched_s: number
    readonly error: string | null
  }[]
  readonly events: number
  readonly found: number
  readonly false_alarms: number
  /** Null: no event in the set. */
  readonly recall: number | null
  readonly recall_interval: Interval
  /** Null: nothing was told. */
  readonly precision: number | null
  readonly precision_interval: Interval
  readonly splits: number
  readonly false_alarms_per_hour: { readonly rate: number; readonly interval: Interval } | null
  readonly negative_clips: { readonly clips: number; readonly with_false_alarm: number }
  readonly mean_delay_s: number | null
  readonly per_cause: Readonly<Record<Cause, Count>>
  readonly per_condition: Readonly<Record<string, Count>>
  readonly watched_s: number
  readonly ms_per_watch_frame: number | null
  readonly models: Readonly<Record<string, string>>
  readonly interval_s: number
  readonly shift_s: number
  readonly errors: number
}

export function makeReport(
  results: readonly ClipResult[],
  about: Pick<EvalReport, 'models' | 'interval_s' | 'shift_s'>,
): EvalReport {
  const sum = (read: (result: ClipResult) => number): number =>
    results.reduce((total, result) => total + read(result), 0)
  const found = sum(({ matched }) => matched.found.length)
  const falseAlarms = sum(({ matched }) => matched.falseAlarms.length)
  const all = countOf(
    results,
    () => true,
    () => true,
  )
  const watchedS = sum((result) => result.watchedS)
  const frames = sum((result) => result.frames)
  const delays = results.flatMap(({ matched }) => matched.found.map(({ delayS }) => delayS))
  const rate = poissonRate(falseAlarms, watchedS / 3600)
  const negatives = results.filter(({ events }) => events.length === 0)
  return {
    clips: results.map(clipRow),
    events: all.events,
    found,
    false_alarms: falseAlarms,
    recall: all.recall,
    recall_interval: all.recall_interval,
    precision: found + falseAlarms === 0 ? null : round(found / (found + falseAlarms), 4),
    precision_interval: rounded(clopperPearson(found, found + falseAlarms)),
    splits: sum(({ matched }) => matched.splits.length),
    false_alarms_per_hour: rate && { rate: round(falseAlarms / (watchedS / 3600), 2), interval: rounded(rate) },
    negative_clips: {
      clips: negatives.length,
      with_false_alarm: negatives.filter(({ matched }) => matched.falseAlarms.length > 0).length,
    },
    mean_delay_s: delays.length === 0 ? null : round(delays.reduce((a, b) => a + b, 0) / delays.length, 2),
    per_cause: Object.fromEntries(causes.map((cause) => [cause, countOf(results, (event) => event.cause[0] === cause, (told) => told.cause === cause)])) as Record<Cause, Count>, // prettier-ignore
    per_condition: Object.fromEntries(conditionsOf(results).map((name) => [name, countOf(results.filter(({ conditions }) => conditions.includes(name)), () => true, () => true)])), // prettier-ignore
    watched_s: round(watchedS, 2),
    ms_per_watch_frame: frames === 0 ? null : round(sum((result) => result.elapsedMs) / frames, 2),
    ...about,
    errors: results.filter(({ error }) => error !== null).length,
  }
}

/** Conditions that more than one clip shares: a description of a single clip is no condition. */
function conditionsOf(results: readonly ClipResult[]): string[] {
  const names = results.flatMap(({ conditions }) => conditions)
  return [...new Set(names)].filter((name) => names.indexOf(name) !== names.lastIndexOf(name)).sort()
}

function countOf(
  results: readonly ClipResult[],
  isEvent: (event: TruthEvent) => boolean,
  isTold: (told: Told) => boolean,
): Count {
  const found = results.flatMap(({ matched }) => matched.found).filter(({ event }) => isEvent(event)).length
  const missed = results.flatMap(({ matched }) => matched.missed).filter(isEvent).length
  const events = found + missed
  return {
    events,
    found,
    recall: events === 0 ? null : round(found / events, 4),
    recall_interval: rounded(clopperPearson(found, events)),
    false_alarms: results.flatMap(({ matched }) => matched.falseAlarms).filter(isTold).length,
  }
}

function clipRow({ clip, events, matched, watchedS, error }: ClipResult): EvalReport['clips'][number] {
  return {
    clip,
    truth: events.map(eventRow),
    found: matched.found.map(foundRow),
    missed: matched.missed.map(eventRow),
    false_alarms: matched.falseAlarms.map(toldRow),
    splits: matched.splits.map(toldRow),
    optional: matched.optional.map(toldRow),
    watched_s: round(watchedS, 2),
    error,
  }
}

function eventRow({ cause, from_s, to_s, box, optional }: TruthEvent): Row {
  return { cause: cause.length === 1 ? cause[0] : cause, from_s, to_s, box, ...(optional ? { optional } : {}) }
}

function toldRow({ cause, confirmedS, firstS, lastS, box, reasons, confidence }: Told): Row {
  return { cause, confirmed_s: round(confirmedS, 2), first_s: round(firstS, 2), last_s: round(lastS, 2), box: box.map((part) => round(part, 4)), confidence: round(confidence, 3), reasons } // prettier-ignore
}

function foundRow({ event, told, delayS, temporalIou, boxIou }: Found): Row {
  return { ...toldRow(told), from_s: event.from_s, to_s: event.to_s, delay_s: round(delayS, 2), temporal_iou: round(temporalIou, 3), box_iou: round(boxIou, 3) } // prettier-ignore
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

function rounded([low, high]: Interval): Interval {
  return [round(low, 4), round(high, 4)]
}

/** The report as a table for people. */
export function tableOf(report: EvalReport): string {
  const percent = (share: number | null): string => (share === null ? '-' : `${(share * 100).toFixed(1)} %`)
  const span = ([low, high]: Interval): string => `${(low * 100).toFixed(0)}-${(high * 100).toFixed(0)} %`
  const width = Math.max(12, ...report.clips.map(({ clip }) => clip.length))
  const lines = [`${'clip'.padEnd(width)}  truth  found  missed  false  splits  told`]
  for (const each of report.clips) {
    const told = [...each.found, ...each.false_alarms, ...each.splits, ...each.optional].map(
      (row) => `${String(row['cause'])}@${String(row['confirmed_s'])}s`,
    )
    const counts = [
      each.found.length + each.missed.length,
      each.found.length,
      each.missed.length,
      each.false_alarms.length,
      each.splits.length,
    ]
    const padded = counts.map((count, index) => String(count).padStart([5, 5, 6, 5, 6][index] ?? 5)).join('  ')
    lines.push(
      `${each.clip.padEnd(width)}  ${padded}  ${each.error === null ? told.join(' ') : `NOT WATCHED: ${each.error}`}`,
    )
  }
  lines.push(
    '',
    `events ${report.events}, found ${report.found}, recall ${percent(report.recall)} (95 %: ${span(report.recall_interval)})`,
  )
  lines.push(
    `false alarms ${report.false_alarms} in ${(report.watched_s / 60).toFixed(1)} min, precision ${percent(report.precision)} (95 %: ${span(report.precision_interval)})`,
  )
  const hourly = report.false_alarms_per_hour
  if (hourly)
    lines.push(
      `false alarms an hour ${hourly.rate} (95 %: ${hourly.interval[0].toFixed(1)}-${hourly.interval[1].toFixed(1)})`,
    )
  lines.push(
    `negative clips with a false alarm: ${report.negative_clips.with_false_alarm} of ${report.negative_clips.clips}`,
  )
  for (const [cause, count] of Object.entries(report.per_cause))
    lines.push(
      `  ${cause.padEnd(9)} ${count.found} of ${count.events} found (${span(count.recall_interval)}), ${count.false_alarms} false alarms`,
    )
  lines.push(
    `${report.ms_per_watch_frame ?? '-'} ms a watch frame, ${report.splits} splits, mean delay ${report.mean_delay_s ?? '-'} s`,
  )
  return `${lines.join('\n')}\n`
}
