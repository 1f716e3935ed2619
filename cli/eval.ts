import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { KerbError } from '../contracts/base/index.js'
import type { Log } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { probeClip, probeFfmpeg } from '../edge/capture/index.js'
import { openVisionInline } from '../edge/vision/index.js'
import type { Vision } from '../edge/vision/index.js'
import { watchClip, watchSizeOf } from '../edge/watch-clip.js'
import { comparisonPage, comparisonText } from './eval/compare-page.js'
import { compareReports, readReport } from './eval/compare.js'
import { composeCommand } from './eval/compose/command.js'
import { cues, findCues, visionWithout } from './eval/cues.js'
import type { PictureAt } from './eval/html-figures.js'
import { htmlOf } from './eval/html.js'
import { jpegAt } from './eval/picture.js'
import { readSet } from './eval/read-set.js'
import type { EvalClip } from './eval/read-set.js'
import { makeReport, tableOf } from './eval/report.js'
import type { EvalReport } from './eval/report.js'
import { told } from './eval/told.js'
import { watchSet } from './eval/watch-set.js'
import { worthOf, worthTable } from './eval/worth.js'
import type { CueWorth } from './eval/worth.js'
import { findModelsFolder } from './models/home.js'

interface Options {
  readonly set?: string
  readonly json?: string
  readonly html?: string
  readonly intervalS: number
  readonly shiftS: number
  readonly clip?: readonly string[]
  readonly objects: string
  readonly plume: string
  readonly without?: readonly string[]
  readonly gate?: boolean
  readonly compare?: readonly string[]
}

/** What the line has to say goes to stderr; the table is the only thing on stdout. */
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (values, message) => {
    process.stderr.write(`warning: ${message} ${JSON.stringify(values)}\n`)
  },
  error: (values, message) => {
    process.stderr.write(`error: ${message} ${JSON.stringify(values)}\n`)
  },
}

async function run(options: Options): Promise<void> {
  const without = options.without ?? []
  if (without.includes('list')) {
    const lines = Object.entries(cues).map(([name, { what }]) => `${name.padEnd(16)} ${what}\n`)
    process.stdout.write(lines.join(''))
    return
  }
  if (options.compare !== undefined) return compare(options.compare, options)
  if (options.set === undefined) throw new KerbError('USAGE', 'give --set DIR, or --compare A B')
  const each = without.length === 1 && without[0] === 'each'
  if (!each) findCues(without)
  const clips = await readSet(options.set, options.clip ?? [])
  const vision = await openVisionInline({ modelsDir: await findModelsFolder(), models: { objects: roleOf(options.objects), plume: roleOf(options.plume) } }) // prettier-ignore
  try {
    const evaluate = evaluator(clips, vision, options)
    const report = await evaluate(each ? [] : without)
    process.stdout.write(tableOf(report))
    const worths = each ? await leaveOneOut(report, evaluate) : []
    if (each) process.stdout.write(`\n${worthTable(report, worths)}`)
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ ...report, ...(each ? { leave_one_out: worths } : {}) }, null, 2)}\n`) // prettier-ignore
    if (options.html !== undefined) await writeFile(options.html, await htmlOf(report, await picturesOf(clips)))
    const failed = report.errors > 0 || (options.gate === true && (report.found < report.events || report.false_alarms > 0)) // prettier-ignore
    if (failed) process.exitCode = 1
  } finally {
    await vision.close()
  }
}

function roleOf(name: string): string | null {
  return name === 'none' ? null : name
}

type Evaluate = (without: readonly string[]) => Promise<EvalReport>

/** Runs the whole set through the line, with some cues left out. Ctrl-C ends it between two pictures. */
function evaluator(clips: readonly EvalClip[], vision: Vision, options: Options): Evaluate {
  const ending = new AbortController()
  process.once('SIGINT', () => {
    ending.abort(new KerbError('STOPPED', 'stopped'))
  })
  return async (without) => {
    const ffmpeg = await probeFfmpeg(null)
    const eyes = visionWithout(vision, findCues(without))
    let done = 0
    const results = await watchSet(clips, {
      watch: (clip) => watchClip({ ...clip, vision: eyes, ffmpeg, ids: systemIds, log, signal: ending.signal }),
      watchPxOf: async (file) => {
        const { widthPx, heightPx } = await probeClip(ffmpeg, file)
        return watchSizeOf(widthPx, heightPx)
      },
      clock: systemClock,
      log,
      intervalS: options.intervalS,
      shiftS: options.shiftS,
      onClip: ({ clip, matched, elapsedMs }) => {
        done += 1
        const { found, missed, falseAlarms } = matched
        const left = without.length > 0 ? ` without ${without.join(', ')}` : ''
        process.stderr.write(`${done}/${clips.length} ${clip}${left}: found ${found.length}, missed ${missed.length}, false alarms ${falseAlarms.length}, ${(elapsedMs / 1000).toFixed(1)} s\n`) // prettier-ignore
        ending.signal.throwIfAborted()
      },
    })
    const models = Object.fromEntries(Object.entries(vision.digests).map(([role, sha256]) => [role, sha256]))
    return makeReport(results, { models, interval_s: options.intervalS, shift_s: options.shiftS, without })
  }
}

/** The set once more for every cue, each left out alone. */
async function leaveOneOut(complete: EvalReport, evaluate: Evaluate): Promise<CueWorth[]> {
  const worths: CueWorth[] = []
  for (const [name, { what }] of Object.entries(cues)) {
    worths.push(worthOf(name, what, complete, await evaluate([name])))
    process.stderr.write(`${worths.length}/${Object.keys(cues).length} cues left out\n`)
  }
  return worths
}

async function compare(files: readonly string[], options: Options): Promise<void> {
  const [before, after] = files
  if (before === undefined || after === undefined || files.length !== 2)
    throw new KerbError('USAGE', '--compare takes two reports: A B')
  const [a, b] = [await readReport(before), await readReport(after)]
  const comparison = compareReports(a, b)
  process.stdout.write(comparisonText(a, b, comparison))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(comparison, null, 2)}\n`)
  if (options.html !== undefined) {
    const pictures = options.set === undefined ? null : await picturesOf(await readSet(options.set, []))
    await writeFile(options.html, await comparisonPage(a, b, comparison, pictures))
  }
  if (options.gate === true && comparison.events.lost + comparison.false_alarms.new > 0) process.exitCode = 1
}

/** Pictures of a set's clips; a clip that is not in it has none. */
async function picturesOf(clips: readonly EvalClip[]): Promise<PictureAt> {
  const { path } = await probeFfmpeg(null)
  const fileOf = new Map(clips.map(({ name, file }) => [name, file]))
  return (clip, second, part) => {
    const file = fileOf.get(clip)
    return file === undefined ? Promise.resolve(null) : jpegAt(path, file, second, part)
  }
}

function seconds(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < min)
      throw new InvalidArgumentError(`expected seconds, at least ${min}`)
    return value
  }
}

export const command = new Command('eval')
  .description('event-level recall and precision of the whole line over clips with truth')
  .option('--set <dir>', 'folder of clips with truth files')
  .option(
    '--compare <reports...>',
    'two reports of --json: what was won and lost, and whether that says anything (--set DIR --html F: with pictures)',
  ) // prettier-ignore
  .option('--json <file>', 'write the report as JSON')
  .option('--html <file>', 'write a page with a picture of every miss and false alarm')
  .option('--interval-s <s>', 'seconds between the pictures looked at', seconds(0.1), 1)
  .option('--clip <names...>', 'only these clips')
  .option('--shift-s <s>', 'move the truth by this much: the measure must be able to fail', seconds(0), 0)
  .option('--objects <model>', 'object model: a name in models/ or a folder, or "none"', 'objects-v1')
  .option('--plume <model>', 'plume model: a name in models/ or a folder, or "none"', 'plume-v1')
  .option(
    '--without <cues...>',
    'leave cues out of the facts; "each": every one in turn, with its worth; "list": names them',
  ) // prettier-ignore
  .option('--gate', 'exit with 1 on a miss or false alarm; with --compare on a lost event or a new false alarm')
  .action((options: Options) => told(() => run(options)))
  .addCommand(composeCommand)
