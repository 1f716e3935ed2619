import { compareReports, parseReport } from './compare.js'
import type { Comparison } from './compare.js'
import type { EvalReport } from './report.js'

/** What leaving one cue out changed. */
export interface CueWorth {
  readonly cue: string
  readonly what: string
  readonly recall: number | null
  readonly precision: number | null
  readonly comparison: Comparison
}

/** From the complete run to the run without the cue: what is lost is what the cue is worth. */
export function worthOf(cue: string, what: string, complete: EvalReport, without: EvalReport): CueWorth {
  const read = (report: EvalReport): ReturnType<typeof parseReport> =>
    parseReport(JSON.parse(JSON.stringify(report)), cue)
  const { recall, precision } = without
  return { cue, what, recall, precision, comparison: compareReports(read(complete), read(without)) }
}

/** One line a cue, the costliest to leave out first. */
export function worthTable(complete: EvalReport, rows: readonly CueWorth[]): string {
  const head = ['without', 'found', 'lost', 'won', 'false', 'new', 'gone', 'p']
  const line = (cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(16) : String(cell).padStart(6))).join(' ')
  const cost = ({ comparison: { events, false_alarms: alarms } }: CueWorth): number =>
    events.lost - events.won + alarms.new - alarms.gone
  const sorted = [...rows].sort((a, b) => cost(b) - cost(a))
  return [
    line(head),
    line(['nothing', complete.found, '', '', complete.false_alarms, '', '', '']),
    ...sorted.map(({ cue, comparison: { events, false_alarms: alarms } }) =>
      line([cue, events.both_found + events.won, events.lost, events.won, alarms.b, alarms.new, alarms.gone, events.p]),
    ),
    '',
    'lost and won: events against the complete run; new and gone: false alarms. p: McNemar over the events that changed.',
    '',
  ].join('\n')
}
