import { appendFile, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { toRfc3339, type EpochMs } from '../../contracts/base/index.js'
import { causes } from '../../contracts/terms.js'
import { dayOf } from '../health/index.js'
import type { IncidentChange } from '../incidents/types.js'

const dayBytesMax = 4_000_000
const daysKept = 31
const kinds = ['suspected', 'refuted', 'confirmed', 'over', 'reopened'] as const

/** One line of `data/state/suspicions-YYYY-MM-DD.jsonl`. */
const lineSchema = z.object({
  at: z.iso.datetime(),
  kind: z.enum(kinds),
  incident: z.string().max(60),
  cam: z.string().max(20),
  zone: z.string().max(40),
  cause: z.enum(causes),
  first_at: z.iso.datetime(),
  last_at: z.iso.datetime(),
  conf_milli: z.int(),
  reasons: z.array(z.string().max(100)).max(20),
})
export type SuspicionLine = z.infer<typeof lineSchema>

/** One suspicion with everything that became of it on a day. */
export interface SuspicionView extends Omit<SuspicionLine, 'at' | 'kind'> {
  readonly state: SuspicionLine['kind']
  readonly steps: readonly { readonly kind: SuspicionLine['kind']; readonly at: string }[]
}

export function toLine({ kind, incident, atMs }: IncidentChange): SuspicionLine | null {
  if (kind === 'updated') return null
  return {
    at: toRfc3339(atMs),
    kind,
    incident: incident.id,
    cam: incident.camera,
    zone: incident.zone,
    cause: incident.cause,
    first_at: toRfc3339(incident.firstMs),
    last_at: toRfc3339(incident.lastMs),
    conf_milli: Math.round(incident.confidence * 1_000),
    reasons: [...incident.reasons].slice(0, 20),
  }
}

/** Text of a day file → its lines; what a crash left torn or what is no line is passed over. */
export function parseLines(text: string): SuspicionLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = lineSchema.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return [] // a torn line
    }
  })
}

/** One entry per suspicion, newest first; its last line tells its state. */
export function foldLines(lines: readonly SuspicionLine[]): SuspicionView[] {
  const views = new Map<string, SuspicionView>()
  for (const { at, kind, ...facts } of lines) {
    const before = views.get(facts.incident)
    const first = before !== undefined && before.first_at < facts.first_at ? before.first_at : facts.first_at
    views.set(facts.incident, {
      ...facts,
      first_at: first,
      state: kind,
      steps: [...(before?.steps ?? []), { kind, at }],
    })
  }
  return [...views.values()].sort((a, b) => b.first_at.localeCompare(a.first_at))
}

/** The panel's own memory of what was suspected: a bounded file a day, the last 31 days. */
export class SuspicionLog {
  readonly #folder: string
  readonly #tz: string
  #day = ''

  constructor(dataDir: string, tz: string) {
    this.#folder = join(dataDir, 'state')
    this.#tz = tz
  }

  /** Appends, oldest first. A day file that is full takes no more: that day's list then ends early. @throws on a disk fault. */
  async append(changes: readonly IncidentChange[]): Promise<void> {
    for (const change of changes) {
      const line = toLine(change)
      if (line === null) continue
      const day = dayOf(change.atMs, this.#tz)
      const file = this.#file(day)
      if (day !== this.#day) await this.#beginDay(day, file)
      const bytes = await stat(file).then(
        ({ size }) => size,
        () => 0,
      )
      if (bytes < dayBytesMax) await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    }
  }

  /** @param day `YYYY-MM-DD`; an empty list when nothing was suspected or the file is gone. */
  async read(day: string): Promise<{ readonly items: SuspicionView[]; readonly full: boolean }> {
    const bytes = await readFile(this.#file(day)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0)
      throw error
    })
    return { items: foldLines(parseLines(bytes.toString('utf8'))), full: bytes.length >= dayBytesMax }
  }

  today(nowMs: EpochMs): string {
    return dayOf(nowMs, this.#tz)
  }

  #file(day: string): string {
    return join(this.#folder, `suspicions-${day}.jsonl`)
  }

  /** Ends a line that a crash left torn, and removes the oldest days. */
  async #beginDay(day: string, file: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    const handle = await open(file, 'a+', 0o600)
    try {
      const { size } = await handle.stat()
      if (size > 0) {
        const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
        if (buffer.toString() !== '\n') await handle.write('\n')
      }
    } finally {
      await handle.close()
    }
    const days = (await readdir(this.#folder)).filter((name) => /^suspicions-\d{4}-\d\d-\d\d\.jsonl$/.test(name)).sort()
    for (const name of days.slice(0, -daysKept)) await rm(join(this.#folder, name), { force: true })
    this.#day = day
  }
}
