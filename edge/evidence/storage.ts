import { existsSync, rmSync, statfsSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Log } from '../../contracts/base/index.js'
import type { StorageState } from './types.js'

/** Below this share of free space cameras of lowest priority stop recording: EVIDENCE.md §5. */
export const criticalPercent = 5

const blockBytes = 1024 * 1024

/** Room that is given back at the very end, so that the chain can still be appended. Really written, not a hole; left off when aborted. */
export async function keepReserve(file: string, bytes: number, log: Log, signal: AbortSignal): Promise<void> {
  try {
    if (bytes === 0 || existsSync(file)) return
    await mkdir(dirname(file), { recursive: true })
    const { bavail, bsize } = statfsSync(dirname(file))
    if (bavail * bsize < bytes * 2) return // too full to reserve: the policy below has begun already
    const partial = `${file}.partial`
    const handle = await open(partial, 'wx', 0o600)
    try {
      const block = Buffer.alloc(blockBytes, 0xa5)
      for (let written = 0; written < bytes && !signal.aborted; written += blockBytes)
        await handle.write(block, 0, Math.min(blockBytes, bytes - written))
      if (!signal.aborted) await handle.sync()
    } finally {
      await handle.close()
    }
    if (signal.aborted) dropPartialReserve(file)
    else await rename(partial, file)
  } catch (cause) {
    // Another call is writing it, or a crash left a part: the part goes, the next look makes it anew.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      log.warn({ file, cause: String(cause) }, 'cannot keep the reserve file')
  }
}

/** What a crash left of a reserve in the making. */
export function dropPartialReserve(file: string): void {
  rmSync(`${file}.partial`, { force: true })
}

/** True when there was a reserve to give back. */
export function giveReserveBack(file: string): boolean {
  if (!existsSync(file)) return false
  rmSync(file, { force: true })
  return true
}

export function freeOf(folder: string): { percent: number; mb: number } {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { percent: blocks === 0 ? 0 : (bavail / blocks) * 100, mb: (bavail * bsize) / 1e6 }
}

/** What the recorder may do. `ring` + `held` stays the bound whatever is held. */
export function storageState(now: {
  readonly freePercent: number
  readonly minFreePercent: number
  readonly ringBytesMax: number
  readonly heldBytesMax: number
  readonly heldBytes: number
}): StorageState {
  const overBytes = Math.max(0, now.heldBytes - now.heldBytesMax)
  return {
    freePercent: now.freePercent,
    level:
      now.freePercent < Math.min(criticalPercent, now.minFreePercent / 2)
        ? 'critical'
        : now.freePercent < now.minFreePercent
          ? 'low'
          : 'ok',
    ringBytesMax: Math.max(0, now.ringBytesMax - overBytes),
    heldBytes: now.heldBytes,
    heldFull: overBytes > 0,
  }
}

export function isDiskFull(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code
  return code === 'SQLITE_FULL' || code === 'ENOSPC'
}
