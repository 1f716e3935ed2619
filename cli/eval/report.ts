import type { Box } from '../../contracts/base/index.js'
import { causes } from '../../contracts/terms.js'
import type { Cause } from '../../contracts/terms.js'
import type { TruthEvent } from '../../contracts/truth.js'
import { clopperPearson, poissonRate } from './interval.js'
import type { Interval } from './interval.js'
import { isSamePlace } from './match.js'
import type { Found, Matched, Told } from './match.js'
import { sizeBinOf, sizeBins } from './size.js'
import type { SizeBin } from './size.js'

/** One clip after it was watched. `error` set: it could not be watched to its end; what was told before counts. */
export interface ClipResult {
  readonly clip: string
  readonly conditions: readonly string[]
  readonly events: readonly TruthEvent[]
  readonly matched: Matched
  /** What was suspected and never confirmed: it may say why an event was missed. */
  readonly unconfirmed: readonly Unconfirmed[]
  /** Size of the pictures that were looked at; null: the clip could not be opened. */
  readonly watchPx: readonly [widthPx: number, heightPx: number] | null
  readonly watchedS: number
  readonly frames: number
  readonly elapsedMs: number
  readonly error: string | null
}

/** A suspicion that never became a confirmed incident, as it stood last. */
export type Unconfirmed = Pick<Told, 'cause' | 'firstS' | 'lastS' | 'box' | 'reasons'> & { readonly state: string }

type Row = Readonly<Record<string, unknown>>

/** A rate with its 95 % limits. */
export interface Rate {
  readonly rate: number
  readonly interval: Interval
}

export interface Count {
  readonly events: number
  readonly found: number
  readonly recall: number | null
  readonly recall_interval: Interval
  readonly false_alarms: number
  readonly precision: number | null
  readonly precision_interval: Interval
  readonly watched_s: number
  readonly false_alarms_per_hour: Rate | null
  /** Further incidents for each found event. */
  readonly split_rate: Rate | null
  /** From the beginning of the act to its confirmation. */
  readonly delay_s: { readonly mean: number; readonly median: number; readonly max: number } | null
}

/** The keys of DESIGN.md §6, and more. Intervals are 95 %: Clopper-Pearson for shares, Poisson for false alarms an hour. */
export interface EvalReport {
  readonly clips: readonly {
    readonly clip: string
    readonly conditions: readonly string[]
    readonly watch_px: readonly [number, number] | null
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
  readonly split_rate: Rate | null
  readonly false_alarms_per_hour: Rate | null
  readonly negative_clips: { readonly clips: number; readonly with_false_alarm: number }
  readonly mean_delay_s: number | null
  readonly delay_s: Count['delay_s']
  readonly per_cause: Readonly<Record<Cause, Count>>
  readonly per_condition: Readonly<Record<string, Count>>
  /** By the short side of the truth box (of a false alarm: of its own box) in pixels of the watch picture; empty bins are left out. */
  readonly per_size: Readonly<Partial<Record<SizeBin, Count>>>
  readonly watched_s: number
  readonly ms_per_watch_frame: number | null
  readonly models: Readonly<Record<string, string>>
  readonly interval_s: number
  readonly shift_s: number
  /** Cues that were taken from the facts before the rules saw them. */
  readonly without: readonly string[]
  readonly errors: number
}

export function makeReport(
  results: readonly ClipResult[],
  about: Pick<EvalReport, 'models' | 'interval_s' | 'shift_s' | 'without'>,
): EvalReport {
  const sum = (read: (result: ClipResult) => number): number =>
    results.reduce((total, result) => total + read(result), 0)
  const all = countOf(results, everything)
  const frames = sum((result) => result.frames)
  const negatives = results.filter(({ events }) => events.length === 0)
  const perSize = sizeBins.map((bin) => [bin, countOf(results, ofSize(bin))] as const)
  return {
    clips: results.map(clipRow),
    events: all.events,
    found: all.found,
    false_alarms: all.false_alarms,
    recall: all.recall,
    recall_interval: all.recall_interval,
    precision: all.precision,
    precision_interval: all.precision_interval,
    splits: sum(({ matched }) => matched.splits.length),
    split_rate: all.split_rate,
    false_alarms_per_hour: all.false_alarms_per_hour,
    negative_clips: {
      clips: negatives.length,
      with_false_alarm: negatives.filter(({ matched }) => matched.falseAlarms.length > 0).length,
    },
    mean_delay_s: all.delay_s?.mean ?? null,
    delay_s: all.delay_s,
    per_cause: Object.fromEntries(causes.map((cause) => [cause, countOf(results, ofCause(cause))])) as Record<Cause, Count>, // prettier-ignore
    per_condition: Object.fromEntries(conditionsOf(results).map((name) => [name, countOf(results.filter(({ conditions }) => conditions.includes(name)), everything)])), // prettier-ignore
    per_size: Object.fromEntries(perSize.filter(([, { events, false_alarms: falseAlarms }]) => events + falseAlarms > 0)), // prettier-ignore
    watched_s: all.watched_s,
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

/** What a count is about: which events, and which incidents that no event explains. */
interface Part {
  isEvent(event: TruthEvent, result: ClipResult): boolean
  isTold(told: Told, result: ClipResult): boolean
}
const everything: Part = { isEvent: () => true, isTold: () => true }
const ofCause = (wanted: Cause): Part => ({
  isEvent: ({ cause }) => cause[0] === wanted,
  isTold: ({ cause }) => cause === wanted,
})
const ofSize = (bin: SizeBin): Part => ({
  isEvent: ({ box }, { watchPx }) => sizeBinOf(box, watchPx) === bin,
  isTold: ({ box }, { watchPx }) => sizeBinOf(box, watchPx) === bin,
})

function countOf(results: readonly ClipResult[], { isEvent, isTold }: Part): Count {
  const told = results.flatMap((result) => result.matched.found.filter(({ event }) => isEvent(event, result)))
  const missed = results.flatMap((result) => result.matched.missed.filter((event) => isEvent(event, result))).length
  const falseAlarms = results.flatMap((result) => result.matched.falseAlarms.filter((each) => isTold(each, result))).length // prettier-ignore
  const splits = told.reduce((sum, { splits }) => sum + splits, 0)
  const [found, watchedS] = [told.length, results.reduce((sum, result) => sum + result.watchedS, 0)]
  const events = found + missed
  return {
    events,
    found,
    recall: shareOf(found, events),
    recall_interval: rounded(clopperPearson(found, events)),
    false_alarms: falseAlarms,
    precision: shareOf(found, found + falseAlarms),
    precision_interval: rounded(clopperPearson(found, found + falseAlarms)),
    watched_s: round(watchedS, 2),
    false_alarms_per_hour: rateOf(falseAlarms, watchedS / 3600),
    split_rate: rateOf(splits, found),
    delay_s: delayOf(told.map(({ delayS }) => delayS)),
  }
}

function shareOf(part: number, all: number): number | null {
  return all === 0 ? null : round(part / all, 4)
}

function rateOf(count: number, exposure: number): Rate | null {
  const interval = poissonRate(count, exposure)
  return interval && { rate: round(count / exposure, 2), interval: rounded(interval) }
}

function delayOf(delaysS: readonly number[]): Count['delay_s'] {
  if (delaysS.length === 0) return null
  const sorted = [...delaysS].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (index: number): number => sorted[index] ?? 0
  return {
    mean: round(sorted.reduce((a, b) => a + b, 0) / sorted.length, 2),
    median: round((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, 2),
    max: round(at(sorted.length - 1), 2),
  }
}

function clipRow(result: ClipResult): EvalReport['clips'][number] {
  const { clip, events, matched, watchedS, error } = result
  return {
    clip,
    conditions: result.conditions,
    watch_px: result.watchPx,
    truth: events.map(eventRow),
    found: matched.found.map(foundRow),
    missed: matched.missed.map((event) => missedRow(event, result.unconfirmed)),
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

/** A missed event with what was suspected there: the reason of a suspicion that fell is the reason of the miss. */
function missedRow(event: TruthEvent, unconfirmed: readonly Unconfirmed[]): Row {
  const there = unconfirmed.filter(({ box, firstS, lastS }) => firstS <= event.to_s && lastS >= event.from_s && isSamePlace(event.box, box)) // prettier-ignore
  return {
    ...eventRow(event),
    suspected: there.map(({ cause, state, firstS, lastS, box, reasons }) => ({ cause, state, first_s: round(firstS, 2), last_s: round(lastS, 2), box: roundedBox(box), reasons })), // prettier-ignore
  }
}

function toldRow({ cause, confirmedS, firstS, lastS, box, reasons, confidence }: Told): Row {
  return { cause, confirmed_s: round(confirmedS, 2), first_s: round(firstS, 2), last_s: round(lastS, 2), box: roundedBox(box), confidence: round(confidence, 3), reasons } // prettier-ignore
}

function foundRow({ event, told, delayS, temporalIou, boxIou }: Found): Row {
  return { ...toldRow(told), from_s: event.from_s, to_s: event.to_s, delay_s: round(delayS, 2), temporal_iou: round(temporalIou, 3), box_iou: round(boxIou, 3) } // prettier-ignore
}

function roundedBox(box: Box): number[] {
  return box.map((part) => round(part, 4))
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
