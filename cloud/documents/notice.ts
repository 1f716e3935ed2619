import type { CaseFile } from '../cases/index.js'
import type { Place } from '../../contracts/api/index.js'
import { fromRfc3339, type EpochMs } from '../../contracts/base/index.js'
import type { Bilingual, Cause } from '../../contracts/terms.js'
import type { Policy, PolicyText } from './policy.js'

export type Lang = keyof Bilingual

/** What a notice says, stored whole at issue: the paper, the party's page and the preview are made from this alone. */
export interface NoticeData {
  readonly number: string
  readonly case_number: string
  readonly demo: boolean
  readonly policy: string
  readonly text: PolicyText
  readonly authority: Policy['authority']
  readonly law_basis: Bilingual | null
  readonly cause: Cause
  readonly device: string
  readonly cam: string
  readonly place: Place
  readonly first_at: string
  readonly last_at: string
  readonly tz: string
  readonly officers: readonly string[]
  readonly issued_at: string
  readonly time_unsure: boolean
  readonly time_error_ms: number | null
  readonly time_note: string | null
  readonly rule: string
  readonly box_e4: readonly [number, number, number, number]
  /** Digest and time of each still, in the order of their numbers on paper. */
  readonly stills: readonly { readonly kind: string; readonly at: string; readonly sha256: string }[]
}

/** What the case and its lead give to a notice. */
export interface NoticeInput {
  readonly policy: Policy
  readonly file: CaseFile
  readonly text: PolicyText
  readonly number: string
  readonly issuedAt: string
  readonly timeNote: string | null
  readonly place: Place
  readonly facts: {
    readonly device: string
    readonly cam: string
    readonly first_at: string
    readonly last_at: string
    readonly time_error_ms: number | null
    readonly rule: string
    readonly box_e4: readonly [number, number, number, number]
    readonly stills: readonly { readonly kind: string; readonly at: string; readonly sha256: string }[]
  }
}

/** At most this many pictures go to the party: before, during, latest of each update would only repeat. */
export const noticeStillsMax = 9

export function noticeData({ policy, file, text, number, issuedAt, timeNote, place, facts }: NoticeInput): NoticeData {
  return {
    number,
    case_number: file.filed.number,
    demo: policy.demo,
    policy: policy.version,
    text,
    authority: policy.authority,
    law_basis: policy.law_basis,
    cause: file.filed.cause,
    device: facts.device,
    cam: facts.cam,
    place,
    first_at: facts.first_at,
    last_at: facts.last_at,
    tz: policy.tz,
    officers: file.filed.officers,
    issued_at: issuedAt,
    time_unsure: file.filed.time_unsure,
    time_error_ms: facts.time_error_ms,
    time_note: timeNote,
    rule: facts.rule,
    box_e4: facts.box_e4,
    stills: facts.stills.slice(0, noticeStillsMax).map(({ kind, at, sha256 }) => ({ kind, at, sha256 })),
  }
}

/** Paragraphs of the notice in one language. */
export function noticeParagraphs(data: NoticeData, lang: Lang): string[] {
  const from = fromRfc3339(data.first_at)
  const to = fromRfc3339(data.last_at)
  const values: Readonly<Record<string, string>> = {
    date: dayText(from, data.tz, lang),
    from: timeText(from, data.tz),
    to: timeText(to, data.tz),
    place: data.place.name,
    cam: data.cam,
    act: data.text.act[lang],
    span: spanText(to - from, lang),
  }
  const body = data.text.body[lang].map((line) =>
    line.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole),
  )
  return data.time_unsure ? [...body, timeSentence(data, lang)] : body
}

/** “时间待核 …” with the legal reviewer's own words. */
export function timeSentence({ time_error_ms, time_note }: NoticeData, lang: Lang): string {
  const note = time_note ?? ''
  if (lang === 'zh') {
    const error = time_error_ms === null ? '没有估计' : `${(time_error_ms / 1_000).toFixed(1)} 秒`
    return `时间待核：设备没有对时，误差估计 ${error}。${note}`
  }
  const error = time_error_ms === null ? 'unknown' : `${(time_error_ms / 1_000).toFixed(1)} s`
  return `Time to be confirmed: the device clock was not synchronised, estimated error ${error}. ${note}`
}

/** `2026 年 3 月 2 日` or `2 March 2026`, in the authority's time zone. */
export function dayText(ms: EpochMs, tz: string, lang: Lang): string {
  if (lang === 'en')
    return new Intl.DateTimeFormat('en-GB', { timeZone: tz, day: 'numeric', month: 'long', year: 'numeric' }).format(ms)
  const { year, month, day } = partsOf(ms, tz)
  return `${year} 年 ${month} 月 ${day} 日`
}

/** `14:02:11` */
export function timeText(ms: EpochMs, tz: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: tz, timeStyle: 'medium', hourCycle: 'h23' }).format(ms)
}

/** `15 分 29 秒`, `15 min 29 s` */
export function spanText(ms: number, lang: Lang): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  if (lang === 'zh') return minutes === 0 ? `${rest} 秒` : rest === 0 ? `${minutes} 分钟` : `${minutes} 分 ${rest} 秒`
  return minutes === 0 ? `${rest} s` : rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`
}

/** Year of an instant in the authority's time zone: numbers restart with it. */
export function yearOf(ms: EpochMs, tz: string): number {
  return partsOf(ms, tz).year
}

/** `演示〔{year}〕{n} 号`, 2026, 42 -> `演示〔2026〕0042 号` */
export function numberText(pattern: string, year: number, n: number): string {
  return pattern.replace('{year}', String(year)).replace('{n}', String(n).padStart(4, '0'))
}

function partsOf(ms: EpochMs, tz: string): { year: number; month: number; day: number } {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: tz,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  }).formatToParts(ms)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value)
  return { year: part('year'), month: part('month'), day: part('day') }
}
