import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EpochMs } from '../contracts/base/index.js'
import type { LineState } from './line.js'
import { memoryMsMax } from './ring-replay.js'

/** A camera's memory at one instant: rules and incidents, and vision's own bytes. */
export interface CameraSnapshot {
  readonly atMs: EpochMs
  readonly line: LineState
  readonly vision: Uint8Array
}

const magic = 'KWSNAP01'

/** Writes the file whole or not at all. */
export async function writeSnapshot(file: string, snapshot: CameraSnapshot): Promise<void> {
  const head = Buffer.from(JSON.stringify({ atMs: snapshot.atMs, line: snapshot.line }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  mkdirSync(dirname(file), { recursive: true })
  const partial = `${file}.partial`
  const handle = await open(partial, 'w')
  try {
    await handle.writev([Buffer.from(magic), length, head, snapshot.vision])
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(partial, file)
}

/**
 * Null when there is none, when it is damaged, or when it is too old: older than the newest footage by more than what may be
 * watched again. A damaged one is removed. `recordedUntilMs`: end of the newest footage, null when there is none.
 */
export function readSnapshot(file: string, nowMs: EpochMs, recordedUntilMs: EpochMs | null): CameraSnapshot | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch {
    return null // none was written yet
  }
  try {
    if (bytes.toString('latin1', 0, 8) !== magic) throw new Error('not a snapshot')
    const headEnd = 12 + bytes.readUInt32LE(8)
    const { atMs, line } = JSON.parse(bytes.toString('utf8', 12, headEnd)) as Pick<CameraSnapshot, 'atMs' | 'line'>
    if (!Array.isArray(line.rules.claims) || !Array.isArray(line.incidents.entries)) throw new Error('no states inside')
    const untilMs = Math.min(nowMs, recordedUntilMs ?? nowMs)
    return untilMs - atMs > memoryMsMax || atMs > nowMs + 60_000
      ? null
      : { atMs, line, vision: bytes.subarray(headEnd) }
  } catch {
    rmSync(file, { force: true }) // written by another version, or cut by a dying disk: a fresh start is right
    return null
  }
}
