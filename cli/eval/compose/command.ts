import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { KerbError } from '../../../contracts/base/index.js'
import { probeFfmpeg } from '../../../edge/capture/index.js'
import { told } from '../told.js'
import { composeSet } from './index.js'
import { stories } from './plan.js'

interface Flags {
  readonly backgrounds: string
  readonly out: string
  readonly seed: number
  readonly count: number
  readonly stories?: readonly string[]
  readonly leadS: number
  readonly actS: number
  readonly widthPx: number
  readonly kbps: number
  readonly horizon: number
  readonly cameraHeightM: number
}

async function compose({ stories: only = [], widthPx: widthPxMax, ...flags }: Flags): Promise<void> {
  const ending = new AbortController()
  process.once('SIGINT', () => {
    ending.abort(new KerbError('STOPPED', 'stopped'))
  })
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const ffmpeg = await probeFfmpeg(null)
  await composeSet({ ...flags, only, widthPxMax, ffmpeg, signal: ending.signal, say })
  process.stdout.write(`kerbwatch eval --set ${flags.out}\nkerbwatch eval --set ${join(flags.out, 'twins')}\n`)
}

function number(min: number, max: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`expected a ${whole ? 'whole number' : 'number'} from ${min} to ${max}`)
    return value
  }
}

export const composeCommand = new Command('compose')
  .description(
    'composite clips with truth: acts and look-alikes drawn over fixed views, each act with a twin without it',
  )
  .requiredOption(
    '--backgrounds <dir>',
    'clips or stills of fixed views; a truth file beside one gives its calibration',
  )
  .requiredOption('--out <dir>', 'where clips, truth files and compose.json go; twins lie in twins/')
  .option('--seed <n>', 'the same seed gives the same set', number(0, 2 ** 31, true), 1)
  .option('--count <n>', 'how many clips', number(1, 10_000, true), Object.keys(stories).length)
  .option('--stories <names...>', `only these: ${Object.keys(stories).join(', ')}`)
  .option('--lead-s <s>', 'seconds before anything happens', number(0, 600, false), 60)
  .option('--act-s <s>', 'seconds for the story', number(10, 600, false), 45)
  .option('--width-px <n>', 'width at most; views are never enlarged', number(160, 1920, true), 960)
  .option('--kbps <n>', 'bit rate of the camera', number(50, 20_000, true), 1200)
  .option('--horizon <share>', 'without calibration: row of the horizon, 0 (top) to 0.6', number(0, 0.6, false), 0.15)
  .option('--camera-height-m <m>', 'without calibration: height of the camera', number(1, 50, false), 5)
  .action((flags: Flags) => told(() => compose(flags)))
