import type { EpochMs } from '../../contracts/base/index.js'
import type { CaptureLimits } from './camera-options.js'
import { MediaClock } from './media-clock.js'
import type { StopCause } from './verdict.js'
import type { WatchPlan } from './watch-args.js'
import type { WatchRun } from './watch-run.js'

/** One run of ffmpeg, from its start until all it wrote is accounted for. */
export interface Run {
  readonly watch: WatchRun
  readonly plan: WatchPlan
  readonly clock: MediaClock
  readonly startedMonoMs: number
  /** Resolved when times will not move any more. */
  readonly settled: { readonly promise: Promise<void>; readonly resolve: () => void }
  stop: StopCause | null
  activeMonoMs: number
  frameMonoMs: number | null
  firstMediaMs: number | null
  lastMediaMs: number | null
  pictureSize: string | null
  linesSinceFrame: number
  firstLine: boolean
  lastSegment: { readonly index: number; readonly toMediaMs: number; readonly toMs: EpochMs } | null
  timeUsable: boolean
  /** Which of the two rules gave the times of the last segment; where they change, times jump. */
  arrivalTimes: boolean
}

export function newRun(watch: WatchRun, plan: WatchPlan, limits: CaptureLimits, monoMs: number): Run {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return {
    watch,
    plan,
    clock: new MediaClock(limits.mediaClock),
    startedMonoMs: monoMs,
    settled: {
      promise,
      resolve: () => {
        resolve()
      },
    },
    stop: null,
    activeMonoMs: monoMs,
    frameMonoMs: null,
    firstMediaMs: null,
    lastMediaMs: null,
    pictureSize: null,
    linesSinceFrame: 0,
    firstLine: true,
    lastSegment: null,
    timeUsable: true,
    arrivalTimes: false,
  }
}

/**
 * Without a picture or a closed segment for this long a run is dead: ffmpeg cannot be trusted to notice (VIDEO.md §1.3).
 * `emptyRuns` before it brought nothing.
 */
export function silentMsMax(run: Run, gopMs: number | null, emptyRuns: number, limits: CaptureLimits): number {
  const { silentMs, socketTimeoutMs } = limits
  if (run.plan.kind === 'file') return Infinity // a file is never late, and its key frames may lie far apart
  const nothingYet = run.activeMonoMs === run.startedMonoMs
  // On a box that has too much to do (all cameras start at once) ending a slow start only makes it start again.
  const patience = Math.min(4, 1 + emptyRuns)
  if (nothingYet) return patience * (run.plan.analyzeMs + Math.max(silentMs, 2 * socketTimeoutMs, gopMs ?? 0))
  return Math.max(silentMs, gopMs === null ? 1.25 * run.plan.analyzeMs : 3 * gopMs)
}

/** ffmpeg gave up by itself after a silence: its socket time-out was quicker than ours. */
export function wasSilent(run: Run, gopMs: number | null, limits: CaptureLimits, monoMs: number): boolean {
  if (run.plan.kind === 'file') return false
  const sinceMs = monoMs - (run.frameMonoMs ?? run.startedMonoMs)
  const usualMs = run.frameMonoMs === null ? 0 : (gopMs ?? Infinity)
  return sinceMs > usualMs + 0.95 * limits.socketTimeoutMs
}
