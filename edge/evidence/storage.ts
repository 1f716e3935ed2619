import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Log } from '../../contracts/base/index.js'
import type { StorageState } from './types.js'

/** Below this share of free space cameras of lowest priority stop recording: EVIDENCE.md §5. */
export const criticalPercent = 5

const blockBytes = 1024 * 1024

/** Room that is given back at the very end, so that the chain can still be appended. Really written, not a hole. */
export function keepReserve(file: string, bytes: number, log: Log): void {
  try {
    if (bytes === 0 || (existsSync(file) && statSync(file).size === bytes)) return
    const { bavail, bsize } = statfsSync(dirname(file))
    if (bavail * bsize < bytes * 2) return // too full to reserve: the policy below has begun already
    mkdirSync(dirname(file), { recursive: true })
    const partial = `${file}.partial`
    const handle = openSync(partial, 'w', 0o600)
    try {
      const block = Buffer.alloc(blockBytes, 0xa5)
      for (let written = 0; written < bytes; written += blockBytes) writeSync(handle, block, 0, Math.min(blockBytes, bytes - written))
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(partial, file)
  } catch (cause) {
    log.warn({ file, cause: String(cause) }, 'cannot keep the reserve file')
  }
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
    level: now.freePercent < Math.min(criticalPercent, now.minFreePercent / 2) ? 'critical' : now.freePercent < now.minFreePercent ? 'low' : 'ok',
    ringBytesMax: Math.max(0, now.ringBytesMax - overBytes),
    heldBytes: now.heldBytes,
    heldFull: overBytes > 0,
  }
}

export function isDiskFull(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code
  return code === 'SQLITE_FULL' || code === 'ENOSPC'
}
