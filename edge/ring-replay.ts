import type { CameraId, Clock, EpochMs, Log } from '../contracts/base/index.js'
import type { VideoSource } from './capture/types.js'
import type { IncidentChange } from './incidents/index.js'
import type { CameraLine } from './line.js'
import type { Vision } from './vision/index.js'
import type { Facts } from './vision/types.js'

/** What of the ring is watched again after a restart. */
export interface ReplayPlan {
  /** Footage before it is in the snapshot, or beyond the bound. */
  readonly fromMs: EpochMs
  /** Changes of incidents up to here are committed: what led to them is seen again, but nothing is told twice. */
  readonly committedMs: EpochMs
  /** The box was off for so long that what the camera remembers is no help for the live picture. */
  readonly thenFresh: boolean
}

/** Memory older than this is no help: the street has changed too much (DESIGN.md §9.5). Also the bound of a replay. */
export const memoryMsMax = 15 * 60_000
/** A picture that live and ring show may differ by rounding; key frames lie farther apart. */
const sameFrameMs = 200
/** What was recorded while the replay ran is replayed too; each round is much shorter than the one before. */
const roundsMax = 10

/** Null when nothing is recorded, or when the snapshot was made under another configuration (`refused`). */
export function planReplay(known: {
  readonly nowMs: EpochMs
  /** End of the newest recorded segment. */
  readonly recordedUntilMs: EpochMs | null
  readonly snapshot: { readonly atMs: EpochMs } | null | 'refused'
  readonly committedMs: EpochMs | null
}): ReplayPlan | null {
  const { nowMs, recordedUntilMs, snapshot, committedMs } = known
  if (recordedUntilMs === null || snapshot === 'refused') return null
  const boundMs = recordedUntilMs - memoryMsMax
  return {
    fromMs: Math.max(boundMs, snapshot === null ? boundMs : snapshot.atMs + sameFrameMs) as EpochMs,
    committedMs: committedMs ?? (0 as EpochMs),
    thenFresh: nowMs - recordedUntilMs > memoryMsMax,
  }
}

export interface ReplayDeps {
  readonly camera: CameraId
  readonly source: Pick<VideoSource, 'replay'>
  readonly line: CameraLine
  readonly vision: Vision
  readonly clock: Clock
  readonly log: Log
  readonly onFacts: (facts: Facts) => void
  readonly onChanges: (changes: readonly IncidentChange[], mediaMs: number) => void
}

/**
 * Runs key frames of the ring through the line before any live picture, on the time at which they were recorded; each look back is
 * answered before the next picture, so that an act ends as it would have without the restart. Returns the time of the last one.
 */
export async function replayRing(plan: ReplayPlan, deps: ReplayDeps, signal: AbortSignal): Promise<EpochMs | null> {
  const { camera, source, vision, clock, log } = deps
  const startMono = clock.monoMs()
  let lastMs: EpochMs | null = null
  let frames = 0
  try {
    for (let round = 0; round < roundsMax; round += 1) {
      const before: EpochMs | null = lastMs
      const fromMs: EpochMs = before === null ? plan.fromMs : ((before + sameFrameMs) as EpochMs)
      for await (const { frame, afterHole } of source.replay(fromMs, signal)) {
        if (afterHole) vision.gap(camera)
        lastMs = frame.wallMs
        frames += 1
        await watchAgain(frame, plan.committedMs, deps, signal)
      }
      if (lastMs === before) break
    }
  } catch (error) {
    if (signal.aborted) return lastMs
    log.error({ camera, err: error }, 'the ring could not be read again to its end: the rest counts as unseen')
  }
  const tookMs = Math.round(clock.monoMs() - startMono)
  log.info({ camera, frames, fromMs: plan.fromMs, toMs: lastMs, tookMs }, 'the ring was watched again')
  vision.gap(camera) // from here to the first live picture nothing was seen
  return lastMs
}

async function watchAgain(
  frame: Parameters<CameraLine['watch']>[0],
  committedMs: EpochMs,
  { line, onFacts, onChanges }: ReplayDeps,
  signal: AbortSignal,
): Promise<void> {
  const { mediaMs, wallMs } = frame
  const watched = await line.watch(frame, wallMs <= committedMs ? 'quiet' : 'told')
  if (watched === null) return
  onFacts(watched.facts)
  onChanges(watched.changes, mediaMs)
  for (let tasks = line.takeTasks(wallMs); tasks.length > 0; tasks = line.takeTasks(wallMs))
    for (const task of tasks) onChanges(line.answer(await line.look(task, signal)), 0)
}
