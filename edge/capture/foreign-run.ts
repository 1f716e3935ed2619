import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../contracts/base/index.js'

/** Beside the ring files of a camera: the process that writes them. */
export function pidFile(dir: string): string {
  return join(dir, 'ffmpeg.pid')
}

/** A process of an edge that was killed may still be writing this ring: two never record at a time. Ends it, or returns when `closing`. */
export async function endForeignRun(
  dir: string,
  clock: Clock,
  killGraceMs: number,
  closing: AbortSignal,
): Promise<void> {
  const pid = Number(await readFile(pidFile(dir), 'utf8').catch(() => ''))
  if (!Number.isInteger(pid) || pid <= 1) return
  const startMonoMs = clock.monoMs()
  for (let signalled: NodeJS.Signals | null = null; !closing.aborted;) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
    if (!title.includes(`${dir}/%09d.mp4`)) return
    const wanted = clock.monoMs() - startMonoMs > killGraceMs ? 'SIGKILL' : 'SIGTERM'
    if (wanted !== signalled) process.kill(pid, wanted)
    signalled = wanted
    await clock.sleep(50, closing).catch(() => undefined) // closing: the loop sees it
  }
}
