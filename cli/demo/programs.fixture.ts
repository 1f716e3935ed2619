// The whole programs as real processes for tests: camera simulator, box, cloud, and mosquitto when asked; each can be killed.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../contracts/base/system-clock.js'
import { freePort } from '../../edge/free-port.fixture.js'
import { startChild } from './child.js'
import { prepareDemo, type DemoPlace } from './setup.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const never = new AbortController().signal

export type ProgramName = 'camera-sim' | 'edge' | 'cloud' | 'broker'

export interface Programs extends AsyncDisposable {
  readonly place: DemoPlace
  readonly ports: { readonly rtsp: number; readonly mqtt: number; readonly http: number; readonly panel: number }
  readonly names: readonly ProgramName[]
  /** When the cameras last began their clips from the first picture; one entry a start of the simulator. */
  readonly camerasBegan: readonly number[]
  start(name: ProgramName): void
  /** Sends the signal, waits for the end, gives the exit status (null after a signal). */
  stop(name: ProgramName, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
  /** Resolves at the next line of the box that says an incident changed. */
  nextChange(): Promise<void>
  /** Ends of programs that nobody asked for. */
  readonly died: readonly string[]
}

/** Compiles what the Dockerfile ships into `folder` and gives the program. The types are checked elsewhere. */
export function buildPrograms(folder: string): string {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', '--no-check', '--out', folder], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
  return join(folder, 'kerbwatch.js')
}

export function findMosquitto(): string | undefined {
  return ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto'].find((path) => existsSync(path))
}

/** Waits for a condition, not for time. @throws Error that names what did not come */
export async function until(what: string, condition: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
  const endMono = systemClock.monoMs() + limitMs
  while (!(await condition())) {
    if (systemClock.monoMs() > endMono) throw new Error(`not within ${limitMs / 1000} s: ${what}`)
    await systemClock.sleep(100, never)
  }
}

export const sleepMs = (ms: number): Promise<void> => systemClock.sleep(ms, never)

/** Everything prepared in `folder`, nothing started yet. */
export async function preparePrograms(options: {
  readonly program: string
  readonly folder: string
  readonly clips: readonly string[]
  readonly rules: NonNullable<Parameters<typeof prepareDemo>[0]['rules']>
  readonly mosquitto: string | null
}): Promise<Programs> {
  const { program, folder, mosquitto } = options
  const ports = { rtsp: await freePort(), mqtt: await freePort(), http: await freePort(), panel: await freePort() }
  const place = await prepareDemo({
    folder,
    ports,
    reset: false,
    ffmpeg: null,
    copies: 1,
    clips: options.clips,
    rules: options.rules,
    outsideBroker: mosquitto !== null,
  })
  // Debian's file (mosquitto 2.0: persistence on, queue of 1,000, 20 in flight) plus what a listener needs: address and who may come.
  const brokerFile = join(folder, 'mosquitto.conf')
  writeFileSync(
    brokerFile,
    `persistence true\npersistence_location ${folder}/\nlistener ${ports.mqtt} 127.0.0.1\nallow_anonymous true\n`,
  )
  const args = {
    // `live`: the clip runs from the program's start on, so that its acts have a time on the wall.
    'camera-sim': ['camera-sim', '--join', 'live', '--port', String(ports.rtsp), '--clip', ...place.cameras.map(({ clip }) => clip)],
    edge: ['edge', '--config', place.edgeFile],
    cloud: ['cloud', '--config', place.cloudFile],
  } // prettier-ignore
  const running = new Map<ProgramName, { process: ChildProcess; ended: Promise<number | null> }>()
  const groups = new Set<number>()
  const died: string[] = []
  const camerasBegan: number[] = []
  // A group outlives its leader: the ffmpeg of a killed box is in it.
  const endGroups = (): void => {
    for (const group of groups)
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // nobody is left in it
      }
    groups.clear()
  }
  process.once('exit', endGroups) // a test that ran out of time disposes of nothing
  let tellChange: () => void = () => undefined
  const change = { next: Promise.resolve() }
  const rearm = (): void => {
    change.next = new Promise((resolve) => {
      tellChange = resolve
    })
  }
  rearm()

  function onLine(name: ProgramName, line: string): void {
    if (name === 'camera-sim' && line === 'READY') camerasBegan.push(systemClock.wallMs())
    if (name !== 'edge' || !line.includes('an incident changed')) return
    tellChange()
    rearm()
  }

  function launch(name: ProgramName) {
    const logFile = join(folder, `${name}.log`)
    if (name !== 'broker') return startChild(name, args[name], logFile, program)
    const child = spawn(mosquitto ?? '', ['-c', brokerFile], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    return { process: child, ended: once(child, 'exit').then(([code]) => code as number | null) }
  }

  return {
    place,
    ports,
    names: mosquitto === null ? ['camera-sim', 'edge', 'cloud'] : ['camera-sim', 'edge', 'cloud', 'broker'],
    camerasBegan,
    died,
    nextChange: () => change.next,
    start(name) {
      const child = launch(name)
      const { pid, stdout } = child.process
      if (pid !== undefined) groups.add(pid)
      if (stdout !== null)
        createInterface({ input: stdout }).on('line', (line) => {
          onLine(name, line)
        })
      running.set(name, child)
      void child.ended.then((code) => {
        if (running.get(name) === child) died.push(`${name} ended by itself with status ${String(code)}`)
      })
    },
    async stop(name, signal) {
      const child = running.get(name)
      if (child === undefined) return null
      running.delete(name)
      child.process.kill(signal)
      return child.ended
    },
    async [Symbol.asyncDispose]() {
      const left = [...running.values()]
      running.clear()
      endGroups()
      process.removeListener('exit', endGroups)
      await Promise.all(left.map(({ ended }) => ended))
    },
  }
}

/** Last lines of each program's log, for a test that failed. */
export function lastWords(folder: string, lines = 12): string {
  return ['camera-sim', 'edge', 'cloud']
    .map((name) => join(folder, `${name}.log`))
    .filter((file) => existsSync(file))
    .map((file) => `--- ${file}\n${readFileSync(file, 'utf8').trim().split('\n').slice(-lines).join('\n')}`)
    .join('\n')
}
