import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { KerbError } from '../contracts/base/index.js'
import type { Log } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { probeClip, probeFfmpeg } from '../edge/capture/index.js'
import { openVisionInline } from '../edge/vision/index.js'
import { watchClip, watchSizeOf } from '../edge/watch-clip.js'
import { comparisonPage, comparisonText } from './eval/compare-page.js'
import { compareReports, readReport } from './eval/compare.js'
import type { PictureAt } from './eval/html-figures.js'
import { htmlOf } from './eval/html.js'
import { jpegAt } from './eval/picture.js'
import { readSet } from './eval/read-set.js'
import type { EvalClip } from './eval/read-set.js'
import { makeReport, tableOf } from './eval/report.js'
import { watchSet } from './eval/watch-set.js'
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
  if (options.compare !== undefined) return compare(options.compare, options)
  if (options.set === undefined) throw new KerbError('USAGE', 'give --set DIR, or --compare A B')
  const ending = new AbortController()
  process.once('SIGINT', () => {
    ending.abort(new KerbError('STOPPED', 'stopped'))
  })
  const ffmpeg = await probeFfmpeg(null)
  const clips = await readSet(options.set, options.clip ?? [])
  const roleOf = (name: string): string | null => (name === 'none' ? null : name)
  const models = { objects: roleOf(options.objects), plume: roleOf(options.plume) }
  const vision = await openVisionInline({ modelsDir: await findModelsFolder(), models })
  try {
    let done = 0
    const results = await watchSet(clips, {
      watch: (clip) => watchClip({ ...clip, vision, ffmpeg, ids: systemIds, log, signal: ending.signal }),
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
        process.stderr.write(`${done}/${clips.length} ${clip}: found ${found.length}, missed ${missed.length}, false alarms ${falseAlarms.length}, ${(elapsedMs / 1000).toFixed(1)} s\n`) // prettier-ignore
        ending.signal.throwIfAborted()
      },
    })
    const digests = Object.fromEntries(Object.entries(vision.digests).map(([role, sha256]) => [role, sha256]))
    const report = makeReport(results, {
      models: digests,
      interval_s: options.intervalS,
      shift_s: options.shiftS,
      without: [],
    })
    const table = tableOf(report)
    process.stdout.write(table)
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
    if (options.html !== undefined) {
      await writeFile(options.html, await htmlOf(report, await picturesOf(clips)))
    }
    const failed =
      report.errors > 0 || (options.gate === true && (report.found < report.events || report.false_alarms > 0))
    if (failed) process.exitCode = 1
  } finally {
    await vision.close()
  }
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

/** Codes that say that the command was called wrongly: exit code 2. */
const usageCodes: readonly string[] = ['USAGE', 'SET_EMPTY', 'TRUTH_MALFORMED', 'CLIP_MISSING', 'REPORT_MALFORMED']

export const command = new Command('eval')
  .description('event-level recall and precision of the whole line over clips with truth')
  .option('--set <dir>', 'folder of clips with truth files')
  .option(
    '--compare <reports...>',
    'two reports of --json: what was won and lost, and whether that says anything (--set DIR --html F: with pictures)',
  )
  .option('--json <file>', 'write the report as JSON')
  .option('--html <file>', 'write a page with a picture of every miss and false alarm')
  .option('--interval-s <s>', 'seconds between the pictures looked at', seconds(0.1), 1)
  .option('--clip <names...>', 'only these clips')
  .option('--shift-s <s>', 'move the truth by this much: the measure must be able to fail', seconds(0), 0)
  .option('--objects <model>', 'object model: a name in models/ or a folder, or "none"', 'objects-v1')
  .option('--plume <model>', 'plume model: a name in models/ or a folder, or "none"', 'plume-v1')
  .option('--gate', 'exit with 1 on a miss or false alarm; with --compare on a lost event or a new false alarm')
  .action(async (options: Options) => {
    try {
      await run(options)
    } catch (error) {
      if (!(error instanceof KerbError)) throw error
      const fault = error as KerbError
      process.stderr.write(`${fault.message}\n`)
      process.exitCode = usageCodes.includes(fault.code) ? 2 : 1
    }
  })
