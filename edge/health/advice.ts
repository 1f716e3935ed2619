import type { EpochMs } from '../../contracts/base/index.js'
import type { Bilingual } from '../../contracts/terms.js'

export type Level = 'ok' | 'warn' | 'bad'

/** How one thing stands, for a person who has to do something about it. */
export interface Advice {
  readonly level: Level
  /** A word or two for a tile. */
  readonly word: Bilingual
  /** What is so, one sentence. */
  readonly says: Bilingual
  /** What to do; null when there is nothing. */
  readonly todo: Bilingual | null
}

export function advice(level: Level, word: Bilingual, says: Bilingual, todo: Bilingual | null = null): Advice {
  return { level, word, says, todo }
}

/** The worst of several, `ok` for none. */
export function worstOf(levels: readonly Level[]): Level {
  return levels.includes('bad') ? 'bad' : levels.includes('warn') ? 'warn' : 'ok'
}

/** `3 天 4 时`, `3 days 4 h`; two units at most, never negative. */
export function spanOf(ms: number): Bilingual {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60]
  if (days > 0) return { zh: `${days} 天 ${hours} 时`, en: `${days} days ${hours} h` }
  if (hours > 0) return { zh: `${hours} 时 ${rest} 分`, en: `${hours} h ${rest} min` }
  if (minutes > 0) return { zh: `${minutes} 分`, en: `${minutes} min` }
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return { zh: `${seconds} 秒`, en: `${seconds} s` }
}

/** `14:02` in the site's time zone. */
export function timeOf(atMs: EpochMs, tz: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: tz, hour: '2-digit', minute: '2-digit' }).format(atMs)
}

/** `2026-03-02` in the site's time zone. */
export function dayOf(atMs: EpochMs, tz: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short' }).format(atMs)
}
