import type { ClipFrames } from '../contracts.js'

/** Media time of an instant, null where the clip does not show it. */
export function mediaMsOf({ windows }: ClipFrames, at: string): number | null {
  const atMs = Date.parse(at)
  const within = windows.find(({ from_at, to_at }) => Date.parse(from_at) <= atMs && atMs <= Date.parse(to_at))
  return within === undefined ? null : within.from_ms + atMs - Date.parse(within.from_at)
}

/** Instant that a media time shows. */
export function instantMsOf({ windows }: ClipFrames, ms: number): number | null {
  const within = windows.find(({ from_ms, to_ms }) => from_ms <= ms && ms < to_ms) ?? windows.at(-1)
  return within === undefined ? null : Date.parse(within.from_at) + Math.min(ms, within.to_ms) - within.from_ms
}

/** Index of the picture shown at a media time: the last one that has begun. Times of a video element are rounded. */
export function frameIndexAt({ frames_ms }: ClipFrames, ms: number): number {
  let low = 0
  let high = frames_ms.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((frames_ms[middle] ?? 0) <= ms + 2) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** A time inside that picture: one millisecond after it begins, so that rounding cannot fall into the one before. */
export function seekSecondsOf({ frames_ms }: ClipFrames, index: number): number {
  const at = frames_ms[Math.min(Math.max(0, index), frames_ms.length - 1)] ?? 0
  return (at + 1) / 1_000
}

/** Index of the window that a media time lies in. */
export function windowIndexAt({ windows }: ClipFrames, ms: number): number {
  const index = windows.findIndex(({ to_ms }) => ms < to_ms)
  return index < 0 ? Math.max(0, windows.length - 1) : index
}

/** Seconds of the clip that were not played, of ranges `[from, to]` in seconds. Holes below a quarter second are rounding. */
export function unseenSeconds(played: readonly (readonly [number, number])[], durationS: number): number {
  const sorted = [...played].sort((a, b) => a[0] - b[0])
  let unseen = 0
  let reached = 0
  for (const [from, to] of sorted) {
    if (from - reached > 0.25) unseen += from - reached
    reached = Math.max(reached, to)
  }
  return durationS - reached > 0.25 ? unseen + durationS - reached : unseen
}
