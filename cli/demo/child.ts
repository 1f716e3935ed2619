import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A kerbwatch command as a process of its own, its log in a file; ends with us. */
export interface DemoChild extends AsyncDisposable {
  readonly name: string
  readonly process: ChildProcess
  /** Set once it ended without being asked to. */
  readonly ended: Promise<number | null>
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `program`: another build of `kerbwatch.js`, started as leader of a process group; without it, this one. */
export function startChild(name: string, args: readonly string[], logFile: string, program?: string): DemoChild {
  const fromSource = import.meta.url.endsWith('.ts')
  const own = fromSource ? ['--import', 'tsx', `${root}kerbwatch.ts`] : [`${root}kerbwatch.js`]
  const node = program === undefined ? own : [program]
  const child = spawn(process.execPath, [...node, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: program !== undefined,
  })
  const log = createWriteStream(logFile, { flags: 'a' })
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    name,
    process: child,
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        const force = setTimeout(() => child.kill('SIGKILL'), 8000)
        await ended
        clearTimeout(force)
      }
      log.end()
    },
  }
}
