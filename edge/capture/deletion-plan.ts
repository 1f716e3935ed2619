import type { CameraId, EpochMs } from '../../contracts/base/index.js'

/** One file of the ring, as the deletion plan sees it. */
export interface RingEntry {
  readonly index: number
  readonly bytes: number
  readonly toMs: EpochMs
}

export interface RingShare {
  readonly camera: CameraId
  /** Lowest loses footage first when the disk is full. */
  readonly priority: number
  /** 0 for a camera that is no longer configured: its files go first. */
  readonly bitsPerSecond: number
  /** Oldest first. */
  readonly entries: readonly RingEntry[]
  /** Under a running look back. */
  readonly pinned: (index: number) => boolean
}

export interface Deletion {
  readonly camera: CameraId
  readonly index: number
}

/** Footage per camera that even a full disk leaves: a look back needs it. */
export const floorMs = 60_000

/**
 * Which files go so that `bytesMax` holds and nothing is older than `oldestMs`: always the oldest of the camera that takes most
 * in proportion to its bit rate, so that every camera keeps about the same time span and an outage costs no footage.
 */
export function planDeletion(cameras: readonly RingShare[], bytesMax: number, oldestMs: number): Deletion[] {
  const deletions: Deletion[] = []
  const states = cameras.map((camera) => ({
    camera,
    free: camera.entries.filter((entry) => !camera.pinned(entry.index)),
    next: 0,
    bytes: camera.entries.reduce((sum, entry) => sum + entry.bytes, 0),
  }))
  let total = states.reduce((sum, state) => sum + state.bytes, 0)
  const drop = (state: (typeof states)[number]): void => {
    const entry = state.free[state.next]
    if (entry === undefined) return
    state.next += 1
    state.bytes -= entry.bytes
    total -= entry.bytes
    deletions.push({ camera: state.camera.camera, index: entry.index })
  }
  for (const state of states)
    for (
      let oldest = state.free[state.next];
      oldest !== undefined && oldest.toMs < oldestMs;
      oldest = state.free[state.next]
    )
      drop(state)
  while (total > bytesMax) {
    const open = states.filter((state) => state.next < state.free.length)
    const fullest = open.reduce<(typeof states)[number] | null>(
      (most, state) => (most === null || fullness(state) > fullness(most) ? state : most),
      null,
    )
    if (fullest === null) break // only pinned files are left; they go after their look back
    drop(fullest)
  }
  return deletions
}

function fullness(state: { readonly bytes: number; readonly camera: RingShare }): number {
  return state.camera.bitsPerSecond === 0 ? Infinity : state.bytes / state.camera.bitsPerSecond
}

/**
 * The bound that holds now: `ringBytes` as configured, less where held footage takes its room (`allowedBytes`), but never less than
 * the last minute of every camera: what was just recorded must still be there when somebody wants to hold it.
 */
export function boundOf(cameras: readonly RingShare[], ringBytes: number, allowedBytes: number): number {
  const floorBytes = cameras.reduce((sum, camera) => sum + (camera.bitsPerSecond / 8) * (floorMs / 1000), 0)
  return Math.min(ringBytes, Math.max(allowedBytes, floorBytes))
}

/** `count` oldest files, of the lowest priority first, for a disk that others fill. */
export function planRelief(cameras: readonly RingShare[], count: number): Deletion[] {
  return cameras
    .flatMap((camera) => {
      const newestMs = camera.entries.at(-1)?.toMs ?? 0
      return camera.entries
        .filter(
          (entry) => !camera.pinned(entry.index) && (camera.bitsPerSecond === 0 || entry.toMs < newestMs - floorMs),
        )
        .map((entry) => ({ camera: camera.camera, index: entry.index, toMs: entry.toMs, priority: camera.priority }))
    })
    .sort((a, b) => a.priority - b.priority || a.toMs - b.toMs)
    .slice(0, count)
    .map(({ camera, index }) => ({ camera, index }))
}

/**
 * Priorities that may still record. Below half of the wanted free space the lower half of the priorities pauses, never the highest;
 * below an eighth nothing is recorded: the records need the rest.
 */
export function recordingFloor(priorities: readonly number[], freePercent: number, minFreePercent: number): number {
  const classes = [...new Set(priorities)].sort((a, b) => a - b)
  if (freePercent < minFreePercent / 8) return Infinity
  if (freePercent >= minFreePercent / 2) return -Infinity
  return classes[Math.min(Math.ceil(classes.length / 2), classes.length - 1)] ?? -Infinity
}
