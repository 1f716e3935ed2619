import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { systemClock } from '../contracts/base/system-clock.js'

const say = (line: string): void => {
  process.stderr.write(`bench: ${line}\n`)
}

async function report(value: object, json: string | undefined): Promise<void> {
  const text = `${JSON.stringify(value, null, 2)}\n`
  process.stdout.write(text)
  if (json !== undefined) await writeFile(json, text)
}

const whole = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${text} is no whole number above 0`)
  return value
}

export const command = new Command('bench').description(
  'Benchmarks that print one JSON object each; say what else the machine did meanwhile.',
)

command
  .command('density')
  .description(
    'CPU and memory of the box per 1080p25 camera in watch mode, against the usual way of decoding every frame',
  )
  .option('--cameras <n>', 'cameras', whole, 8)
  .option('--seconds <s>', 'measured time', whole, 60)
  .option('--warm-up-s <s>', 'before it', whole, 30)
  .option('--ffmpeg <path>', 'another ffmpeg')
  .option('--json <file>', 'report')
  .action(async (options: { cameras: number; seconds: number; warmUpS: number; ffmpeg?: string; json?: string }) => {
    const { benchDensity } = await import('../bench/density.js')
    await report(await benchDensity({ ...options, ffmpeg: options.ffmpeg ?? null, say }), options.json)
  })

command
  .command('endurance')
  .description('a box on looping cameras (the clips of test-videos/) for a long time: disk bound, flat memory')
  .option('--minutes <n>', 'measured time', whole, 30)
  .option('--cameras <n>', 'cameras', whole, 4)
  .option('--ring-mb <n>', 'size of the ring', whole, 200)
  .option('--json <file>', 'report')
  .action(async ({ json, ...options }: { minutes: number; cameras: number; ringMb: number; json?: string }) => {
    const { benchEndurance } = await import('../bench/endurance.js')
    await report(await benchEndurance({ ...options, say }), json)
  })

command
  .command('inference')
  .description('detector throughput through the pipeline against the same session run bare in a loop')
  .option('--pairs <n>', 'looks measured', whole, 200)
  .option('--model <name>', 'model folder', 'objects-v1')
  .option('--json <file>', 'report')
  .action(async ({ json, model, pairs }: { pairs: number; model: string; json?: string }) => {
    const { benchInference } = await import('../bench/inference.js')
    const { findModelsFolder } = await import('./models/home.js')
    await report(
      await benchInference({ pairs, modelFolder: join(await findModelsFolder(), model), clock: systemClock }),
      json,
    )
  })

command
  .command('latency')
  .description('from the last picture that a rule needed to the lead in the cloud, over real RTSP, MQTT and HTTP')
  .option('--rounds <n>', 'fresh starts', whole, 3)
  .option('--copies <n>', 'cameras for each clip of the demo', whole, 1)
  .option('--seconds-per-round <s>', 'each start runs this long', whole, 100)
  .option('--json <file>', 'report')
  .action(async ({ json, ...options }: { rounds: number; copies: number; secondsPerRound: number; json?: string }) => {
    const { benchLatency } = await import('../bench/latency.js')
    await report(await benchLatency({ ...options, say }), json)
  })

command
  .command('ingest')
  .description('verified records a second, durably into the database')
  .option('--seconds <s>', 'measured time', whole, 10)
  .option('--devices <n>', 'boxes that send', whole, 16)
  .option('--batch <n>', 'records in one message', whole, 32)
  .option('--mqtt <url>', 'an external broker')
  .option('--json <file>', 'report')
  .action(async (options: { seconds: number; devices: number; batch: number; mqtt?: string; json?: string }) => {
    const { benchIngest } = await import('../bench/ingest.js')
    const { seconds, devices, batch } = options
    await report(await benchIngest({ seconds, devices, batch, mqttUrl: options.mqtt ?? null }), options.json)
  })
