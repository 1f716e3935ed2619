import { once } from 'node:events'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Log } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { CaptureError, probeFfmpeg } from '../edge/capture/index.js'
import { CameraSimError, simQuirks, startCameraSim, type CameraSimOptions, type SimQuirk } from './camera-sim/index.js'

interface Flags {
  readonly clip: readonly string[]
  readonly mounts?: number
  readonly host: string
  readonly port: number
  readonly join: 'live' | 'start'
  readonly transport: 'tcp' | 'udp' | 'both'
  readonly auth: 'none' | 'basic' | 'digest'
  readonly user: string
  readonly password: string
  readonly sessionTimeout: number
  readonly mtu: number
  readonly seed?: number
  readonly ffmpeg?: string
  readonly stallAfter?: number
  readonly stallFor?: number
  readonly silent?: boolean
  readonly dropAfter?: number
  readonly downFor?: number
  readonly refuse?: number
  readonly refuseTimes?: number
  readonly maxClients?: number
  readonly jumpAfter?: number
  readonly jumpBy?: number
  readonly rate: number
  readonly loss: number
  readonly garbageAfter?: number
  readonly parameterSets: boolean
  readonly rtcpClock: 'ntp' | 'unset'
  readonly quirk?: readonly SimQuirk[]
}

function number(min: number, max: number, whole = false): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`must be ${whole ? 'a whole number' : 'a number'} from ${min} to ${max}.`)
    return value
  }
}

const seconds = number(0, 1e6)

/** `kerbwatch camera-sim`: RTSP cameras from files. Exit codes: 0 ended by a signal, 1 a clip or the port cannot be used, 2 wrong usage. */
export const command: Command = new Command('camera-sim')
  .description('RTSP cameras from files: plays H.264 and H.265 clips in a loop at /cam1, /cam2, … over TCP and UDP')
  .requiredOption('--clip <file...>', 'video files, one camera each; files with B-frames are converted once')
  .option('--port <n>', 'TCP port, 0 for any free one', number(0, 65_535, true), 8554)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--mounts <n>', 'number of cameras; the clips are taken in turn', number(1, 1000, true))
  .addOption(
    new Option('--join <where>', 'the first client sees the first picture, or wherever the loop stands')
      .choices(['live', 'start'])
      .default('start'),
  )
  .addOption(new Option('--transport <kind>', 'what SETUP accepts').choices(['tcp', 'udp', 'both']).default('both'))
  .addOption(
    new Option('--auth <kind>', 'what the cameras ask for').choices(['none', 'basic', 'digest']).default('none'),
  )
  .option('--user <name>', 'with --auth', 'user')
  .option('--password <text>', 'with --auth', 'pass')
  .option('--session-timeout <s>', 'announced, and enforced for UDP clients', number(1, 3600), 60)
  .option('--mtu <bytes>', 'largest RTP packet', number(200, 65_000, true), 1400)
  .option('--seed <n>', 'seed of the losses', number(0, 2 ** 32 - 1, true))
  .option('--ffmpeg <path>', 'ffmpeg to read the clips with')
  .optionsGroup('Faults (seconds count from the PLAY of each client):')
  .option('--stall-after <s>', 'no pictures any more; sender reports go on', seconds)
  .option('--stall-for <s>', 'ends each stall, which then repeats', seconds)
  .option('--silent', 'a stall stops the sender reports too')
  .option('--drop-after <s>', 'closes each connection this long after it came', seconds)
  .option('--down-for <s>', 'after a drop, closes new connections at once for this long', seconds)
  .option('--refuse <status>', 'answers DESCRIBE with this RTSP status, such as 503', number(400, 599, true))
  .option('--refuse-times <n>', 'only so many times', number(1, 1e6, true))
  .option('--max-clients <n>', 'further clients get 453', number(0, 1e6, true))
  .option('--jump-after <s>', 'time stamps jump …', seconds)
  .option('--jump-by <s>', '… by this much, forwards or backwards', number(-1e6, 1e6))
  .option('--rate <r>', 'pictures come r times as fast as their time stamps say', number(0.05, 20), 1)
  .option('--loss <p>', 'share of lost RTP packets', number(0, 1), 0)
  .option('--garbage-after <s>', 'random bytes between the packets of a TCP connection, once', seconds)
  .option('--no-parameter-sets', 'leaves the parameter sets out of the session description')
  .addOption(new Option('--rtcp-clock <kind>', 'unset: a camera without time').choices(['ntp', 'unset']).default('ntp'))
  .addOption(new Option('--quirk <name...>', 'oddities of real cameras').choices(simQuirks))
  .action(async (flags: Flags) => {
    process.exitCode = await run(flags)
  })

async function run(flags: Flags): Promise<number> {
  const log = consoleLog()
  try {
    const ffmpeg = await probeFfmpeg(flags.ffmpeg ?? null)
    const sim = await startCameraSim(optionsOf(flags), { clock: systemClock, ids: systemIds, log, ffmpeg })
    const ended = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
    for (let mount = 1; mount <= sim.mounts; mount += 1) process.stdout.write(`${sim.url(mount)}\n`)
    process.stdout.write('READY\n')
    await ended
    await sim.close()
    return 0
  } catch (cause) {
    if (!(cause instanceof CameraSimError || cause instanceof CaptureError)) throw cause
    process.stderr.write(`camera-sim: ${cause.message}\n`)
    return 1
  }
}

function optionsOf(flags: Flags): CameraSimOptions {
  return {
    clips: flags.clip,
    host: flags.host,
    port: flags.port,
    join: flags.join,
    transport: flags.transport,
    mtuBytes: flags.mtu,
    sessionTimeoutS: flags.sessionTimeout,
    ...(flags.mounts === undefined ? {} : { mounts: flags.mounts }),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.auth === 'none' ? {} : { auth: { kind: flags.auth, user: flags.user, password: flags.password } }),
    faults: withoutUndefined({
      stallAfterS: flags.stallAfter,
      stallForS: flags.stallFor,
      silent: flags.silent,
      dropAfterS: flags.dropAfter,
      downForS: flags.downFor,
      refuse: flags.refuse,
      refuseTimes: flags.refuseTimes,
      maxClients: flags.maxClients,
      jumpAfterS: flags.jumpAfter,
      jumpByS: flags.jumpBy,
      rate: flags.rate,
      loss: flags.loss,
      garbageAfterS: flags.garbageAfter,
      noParameterSets: !flags.parameterSets,
      rtcpClock: flags.rtcpClock,
      quirks: flags.quirk,
    }),
  }
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>
}

/** What happens to a clip is said aloud, on standard error. */
function consoleLog(): Log {
  const say = (values: object, message: string): void => {
    process.stderr.write(`camera-sim: ${message} ${JSON.stringify(values)}\n`)
  }
  return { debug: () => undefined, info: say, warn: say, error: say }
}
