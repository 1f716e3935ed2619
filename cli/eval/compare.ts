import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'
import type { Box } from '../../contracts/base/index.js'
import { binomialTest, clopperPearson } from './interval.js'
import type { Interval } from './interval.js'
import { isSamePlace } from './match.js'

const box = z.tuple([z.number(), z.number(), z.number(), z.number()]).transform((four): Box => four)
const cause = z.union([z.string(), z.array(z.string())])
const eventSchema = z.looseObject({
  cause,
  from_s: z.number(),
  to_s: z.number(),
  box,
  optional: z.boolean().optional(),
})
const toldSchema = z.looseObject({ cause, confirmed_s: z.number(), first_s: z.number(), last_s: z.number(), box })
const clipSchema = z.looseObject({
  clip: z.string(),
  truth: z.array(eventSchema),
  found: z.array(toldSchema),
  missed: z.array(eventSchema),
  false_alarms: z.array(toldSchema),
  watched_s: z.number().default(0),
  error: z.string().nullable().default(null),
})
const reportSchema = z.looseObject({
  clips: z.array(clipSchema),
  events: z.number(),
  found: z.number(),
  false_alarms: z.number(),
  recall: z.number().nullable(),
  precision: z.number().nullable(),
  splits: z.number().optional(),
  mean_delay_s: z.number().nullable().optional(),
  ms_per_watch_frame: z.number().nullable(),
})
export type ReadReport = z.infer<typeof reportSchema>
type ClipRow = z.infer<typeof clipSchema>
export type EventRow = z.infer<typeof eventSchema>
export type ToldRow = z.infer<typeof toldSchema>

/** Reads a report that `eval --json` wrote. @throws KerbError `REPORT_MALFORMED` */
export async function readReport(file: string): Promise<ReadReport> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new KerbError('REPORT_MALFORMED', `${file} cannot be read as a report of eval --json`, { file }, { cause })
  }
  return parseReport(value, file)
}

/** @throws KerbError `REPORT_MALFORMED` */
export function parseReport(value: unknown, file: string): ReadReport {
  const parsed = reportSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new KerbError('REPORT_MALFORMED', `${file} is no report of eval --json: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, { issues: parsed.error.issues }) // prettier-ignore
}

/** One clip's differences from A to B. */
export interface ClipChange {
  readonly clip: string
  /** Missed in A, found in B. */
  readonly won: readonly EventRow[]
  /** Found in A, missed in B. */
  readonly lost: readonly EventRow[]
  /** False alarms of A that B does not tell, and the other way round. */
  readonly gone: readonly ToldRow[]
  readonly new: readonly ToldRow[]
}

/** What changed from A to B over the clips that both have, and whether it is more than chance would do. */
export interface Comparison {
  readonly clips: readonly ClipChange[]
  readonly clips_compared: number
  readonly only_in_a: readonly string[]
  readonly only_in_b: readonly string[]
  /** Clips whose truth is not the same in both: nothing of them can be paired, they are left out. */
  readonly truth_differs: readonly string[]
  readonly events: {
    readonly paired: number
    readonly both_found: number
    readonly both_missed: number
    readonly won: number
    readonly lost: number
    /** McNemar's exact test over the events that differ. */
    readonly p: number
    /** Recall of B minus recall of A over the paired events. */
    readonly difference: number | null
    /** 95 %, given how many events differ; where none does, what could still hide behind that. */
    readonly difference_interval: Interval
    readonly says: boolean
  }
  readonly false_alarms: {
    readonly a: number
    readonly b: number
    readonly gone: number
    readonly new: number
    readonly kept: number
    readonly clips_with_fewer: number
    readonly clips_with_more: number
    /** Sign test over the clips whose number differs: alarms of one clip are not independent, clips are more so. */
    readonly p: number
    readonly says: boolean
  }
}

const chanceMax = 0.05

/** Pairs the clips and events of two reports. Clips that only one has count for nothing and are named. */
export function compareReports(a: ReadReport, b: ReadReport): Comparison {
  const after = new Map(b.clips.map((clip) => [clip.clip, clip]))
  const both = a.clips.flatMap((clip) => {
    const other = after.get(clip.clip)
    return other ? [{ before: clip, after: other, events: pairEvents(clip, other) }] : []
  })
  const names = new Set(both.map(({ before }) => before.clip))
  const pairs = both.flatMap(({ events, ...rest }) => (events ? [{ ...rest, events }] : []))
  const clips = pairs.map(({ before, after: now, events }): ClipChange => ({
    clip: before.clip,
    won: events.filter(([was, is]) => !was && is).map(([, , event]) => event),
    lost: events.filter(([was, is]) => was && !is).map(([, , event]) => event),
    gone: alarmsWithout(before.false_alarms, now.false_alarms),
    new: alarmsWithout(now.false_alarms, before.false_alarms),
  }))
  return {
    clips,
    clips_compared: pairs.length,
    only_in_a: a.clips.map(({ clip }) => clip).filter((clip) => !names.has(clip)),
    only_in_b: b.clips.map(({ clip }) => clip).filter((clip) => !names.has(clip)),
    truth_differs: both.filter(({ events }) => events === null).map(({ before }) => before.clip),
    events: judgeEvents(pairs.flatMap(({ events }) => events)),
    false_alarms: judgeAlarms(
      pairs.map(({ before, after: now }) => [before.false_alarms.length, now.false_alarms.length]),
      clips,
    ),
  }
}

type EventPair = readonly [foundBefore: boolean, foundAfter: boolean, event: EventRow]

/** Null when the truth of the two is not the same. A report lists its missed events as they stand in the truth. */
function pairEvents(before: ClipRow, after: ClipRow): EventPair[] | null {
  const keyOf = (event: EventRow): string => JSON.stringify([event.cause, event.from_s, event.to_s, event.box])
  const wanted = (clip: ClipRow): EventRow[] => clip.truth.filter(({ optional }) => optional !== true)
  const missedOf = (clip: ClipRow): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const event of clip.missed) counts.set(keyOf(event), (counts.get(keyOf(event)) ?? 0) + 1)
    return counts
  }
  const keys = (clip: ClipRow): string => wanted(clip).map(keyOf).sort().join()
  if (keys(before) !== keys(after)) return null
  const [missedBefore, missedAfter] = [missedOf(before), missedOf(after)]
  const take = (missed: Map<string, number>, key: string): boolean => {
    const left = missed.get(key) ?? 0
    missed.set(key, left - 1)
    return left <= 0
  }
  return wanted(before).map((event) => [take(missedBefore, keyOf(event)), take(missedAfter, keyOf(event)), event])
}

/** Alarms of one report that have no counterpart of the same cause, place and time in the other. */
function alarmsWithout(alarms: readonly ToldRow[], others: readonly ToldRow[]): ToldRow[] {
  const free = [...others]
  return alarms.filter((alarm) => {
    const index = free.findIndex((other) => String(other.cause) === String(alarm.cause) && isSamePlace(alarm.box, other.box) && other.first_s <= alarm.last_s && alarm.first_s <= other.last_s) // prettier-ignore
    if (index >= 0) free.splice(index, 1)
    return index < 0
  })
}

function judgeEvents(pairs: readonly EventPair[]): Comparison['events'] {
  const count = (was: boolean, is: boolean): number => pairs.filter(([a, b]) => a === was && b === is).length
  const [won, lost, paired] = [count(false, true), count(true, false), pairs.length]
  const changed = won + lost
  const p = binomialTest(won, changed, 0.5)
  // Given `changed` pairs that differ, the share of them that was won has a Clopper-Pearson interval.
  const [low, high] = clopperPearson(won, changed)
  const hidden = clopperPearson(0, paired)[1]
  const interval: Interval =
    changed === 0 ? [-hidden, hidden] : [((2 * low - 1) * changed) / paired, ((2 * high - 1) * changed) / paired]
  return {
    paired,
    both_found: count(true, true),
    both_missed: count(false, false),
    won,
    lost,
    p: round(p),
    difference: paired === 0 ? null : round((won - lost) / paired),
    difference_interval: [round(interval[0]), round(interval[1])],
    says: p <= chanceMax,
  }
}

function judgeAlarms(
  counts: readonly (readonly [number, number])[],
  clips: readonly ClipChange[],
): Comparison['false_alarms'] {
  const sum = (read: (pair: readonly [number, number]) => number): number => counts.reduce((all, pair) => all + read(pair), 0) // prettier-ignore
  const [a, gone] = [sum(([before]) => before), clips.reduce((all, clip) => all + clip.gone.length, 0)]
  const fewer = counts.filter(([before, after]) => after < before).length
  const more = counts.filter(([before, after]) => after > before).length
  const p = binomialTest(fewer, fewer + more, 0.5)
  return {
    a,
    b: sum(([, after]) => after),
    gone,
    new: clips.reduce((all, clip) => all + clip.new.length, 0),
    kept: a - gone,
    clips_with_fewer: fewer,
    clips_with_more: more,
    p: round(p),
    says: p <= chanceMax,
  }
}

function round(value: number): number {
  return Number(value.toFixed(4))
}
