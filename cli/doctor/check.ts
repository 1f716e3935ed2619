import type { Advice, Level } from '../../edge/health/index.js'
import type { Bilingual } from '../../contracts/terms.js'

/** One thing that was looked at. */
export interface Check {
  /** `ffmpeg`, `camera c01`: stable, for programs. */
  readonly name: string
  readonly level: Level
  readonly says: Bilingual
  readonly todo: Bilingual | null
}

export function check(name: string, level: Level, says: Bilingual, todo: Bilingual | null = null): Check {
  return { name, level, says, todo }
}

export function fromAdvice(name: string, { level, says, todo }: Advice): Check {
  return { name, level, says, todo }
}

/** The same text in both languages: names, numbers and messages of others. */
export function plain(text: string): Bilingual {
  return { zh: text, en: text }
}

/** Runs a check; a fault of the check itself is a bad line, never the end of the doctor. */
export async function attempt(name: string, look: () => Promise<Check | readonly Check[]>): Promise<readonly Check[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    return [check(name, 'bad', plain(error instanceof Error ? error.message : String(error)))]
  }
}
