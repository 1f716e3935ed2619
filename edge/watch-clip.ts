import type { CameraId, EpochMs, Ids, Log } from '../contracts/base/index.js'
import { causes, type Cause } from '../contracts/terms.js'
import { resolveThresholds, type RuleOverrides } from '../contracts/thresholds.js'
import type { GroundPlane, Zone } from '../contracts/zones.js'
import { lookBackGate, openClip, probeClip, type Ffmpeg } from './capture/index.js'
import { CameraLine, type LineEvent } from './line.js'
import { createRules } from './violations/index.js'
import type { CameraSetup, Vision } from './vision/index.js'

export interface WatchClipOptions {
  /** A file, or a folder of files one after the other. */
  readonly clip: string
  readonly startsAtMs: EpochMs
  readonly tz: string
  /** Empty: the whole picture is a zone of the kind each cause needs. */
  readonly zones: readonly Zone[]
  readonly groundPlane: GroundPlane | null
  readonly rules: RuleOverrides
  /** Distance of the pictures looked at. */
  readonly intervalS: number
  readonly vision: Vision
  readonly ffmpeg: Ffmpeg
  readonly ids: Ids
  readonly log: Log
  readonly signal: AbortSignal
}

const watchLongSidePx = 640
let clipCount = 0

/**
 * Runs a clip through the same line as a camera, on the clip's own clock. Each look back is answered before the next picture, so
 * that the same clip gives the same incidents at any load. What is still open at the end stays open.
 */
export async function* watchClip(options: WatchClipOptions): AsyncGenerator<LineEvent, void, void> {
  const { clip, vision, ffmpeg, log, ids, signal } = options
  clipCount += 1
  const camera = `clip-${clipCount}` as CameraId
  const facts = await probeClip(ffmpeg, clip)
  const watchPx = watchSizeOf(facts.widthPx, facts.heightPx)
  const source = openClip(
    clip,
    { camera, intervalS: options.intervalS, startsAtMs: options.startsAtMs, watchPx },
    { ffmpeg, gate: lookBackGate({ concurrent: 1, queued: 4 }), log },
  )
  await vision.configure(camera, visionSetup({ ...options, camera, watchPx, rules: [options.rules] }))
  const rules = createRules({ ...options, camera, rules: [options.rules] })
  const line = new CameraLine({ camera, source, vision, rules, ids, log, watchPx, state: null })
  const endMs = (options.startsAtMs + facts.durationMs) as EpochMs
  try {
    for await (const frame of source.keyFrames()) {
      const atMs = frame.wallMs
      const watched = await line.watch(frame)
      if (watched === null) continue
      yield { kind: 'facts', facts: watched.facts }
      for (const change of watched.changes) yield { kind: 'change', change }
      yield* answerTasks(line, atMs, signal)
    }
    // The flush: windows that reach beyond the last picture are read as far as there is one.
    yield* answerTasks(line, (endMs + 60_000) as EpochMs, signal)
  } finally {
    await source.close()
  }
}

async function* answerTasks(
  line: CameraLine,
  untilMs: EpochMs,
  signal: AbortSignal,
): AsyncGenerator<LineEvent, void, void> {
  for (let tasks = line.takeTasks(untilMs); tasks.length > 0; tasks = line.takeTasks(untilMs))
    for (const task of tasks)
      for (const change of line.answer(await line.look(task, signal))) yield { kind: 'change', change }
}

/** Watch size of a picture: long side 640 px, both even, never enlarged. */
export function watchSizeOf(widthPx: number, heightPx: number): readonly [number, number] {
  const scale = Math.min(1, watchLongSidePx / Math.max(widthPx, heightPx))
  const even = (px: number): number => 2 * Math.round((px * scale) / 2)
  return [even(widthPx), even(heightPx)]
}

/** What vision must know of a camera: the shortest dwell of each cause, calibration, what to ignore. */
export function visionSetup(camera: {
  readonly camera: CameraId
  readonly watchPx: readonly [number, number]
  readonly zones: readonly Zone[]
  readonly groundPlane: GroundPlane | null
  readonly rules: readonly RuleOverrides[]
}): CameraSetup {
  const layers = camera.zones.length === 0 ? [{}] : camera.zones.map(({ rules }) => rules)
  const dwellOf = (cause: Cause): number =>
    1000 * Math.min(...layers.map((zone) => resolveThresholds(cause, [...camera.rules, zone]).dwell_s))
  return {
    camera: camera.camera,
    widthPx: camera.watchPx[0],
    heightPx: camera.watchPx[1],
    dwellMs: Object.fromEntries(causes.map((cause) => [cause, dwellOf(cause)])),
    calibration: camera.groundPlane,
    ignore: camera.zones.filter(({ kind }) => kind === 'ignore').map(({ polygon }) => polygon),
  }
}
