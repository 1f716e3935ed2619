import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'

const rows = z.array(z.looseObject({ cause: z.unknown() }))
const reportSchema = z.looseObject({
  clips: z.array(z.looseObject({ clip: z.string(), found: rows, missed: rows, false_alarms: rows })),
  events: z.number(),
  found: z.number(),
  false_alarms: z.number(),
  recall: z.number().nullable(),
  precision: z.number().nullable(),
  ms_per_watch_frame: z.number().nullable(),
})
type Report = z.infer<typeof reportSchema>

/** Reads a report that `eval --json` wrote. @throws KerbError `REPORT_MALFORMED` */
export async function readReport(file: string): Promise<Report> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new KerbError('REPORT_MALFORMED', `${file} cannot be read as a report of eval --json`, { file }, { cause })
  }
  const parsed = reportSchema.safeParse(value)
  if (!parsed.success)
    throw new KerbError('REPORT_MALFORMED', `${file} is no report of eval --json`, { issues: parsed.error.issues })
  return parsed.data
}

/** What got better and worse from A to B: totals, then every clip whose counts differ. */
export function compareReports(a: Report, b: Report): string {
  const total = (name: 'events' | 'found' | 'false_alarms' | 'recall' | 'precision' | 'ms_per_watch_frame'): string =>
    `${name.padEnd(20)} ${String(a[name] ?? '-').padStart(8)} ${String(b[name] ?? '-').padStart(8)}`
  const lines = [`${''.padEnd(20)} ${'A'.padStart(8)} ${'B'.padStart(8)}`]
  lines.push(
    ...(['events', 'found', 'false_alarms', 'recall', 'precision', 'ms_per_watch_frame'] as const).map(total),
    '',
  )
  const names = [...new Set([...a.clips, ...b.clips].map(({ clip }) => clip))].sort()
  for (const name of names) {
    const before = a.clips.find(({ clip }) => clip === name)
    const after = b.clips.find(({ clip }) => clip === name)
    if (!before || !after) {
      lines.push(`${name}: only in ${before ? 'A' : 'B'}`)
      continue
    }
    const missed = after.missed.length - before.missed.length
    const falseAlarms = after.false_alarms.length - before.false_alarms.length
    const signed = (count: number): string => (count > 0 ? `+${count}` : String(count))
    if (missed !== 0 || falseAlarms !== 0)
      lines.push(`${name}: missed ${signed(missed)}, false alarms ${signed(falseAlarms)} (${missed + falseAlarms > 0 ? 'worse' : missed + falseAlarms < 0 ? 'better' : 'traded'})`) // prettier-ignore
  }
  return `${lines.join('\n')}\n`
}
