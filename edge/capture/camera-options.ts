import type { CameraId, Clock, Ids, Log } from '../../contracts/base/index.js'
import type { Ffmpeg } from './ffmpeg.js'
import type { LookBackGate } from './look-back-gate.js'
import { mediaClockRules, type MediaClockRules } from './media-clock.js'
import type { Ring } from './ring.js'
import type { Segment } from './types.js'
import { backOffStepsMs } from './verdict.js'

export interface CameraOptions {
  readonly camera: CameraId
  /** `rtsp://user@host/path` without a password, or `file:clip.mp4`, or `file:folder/`. */
  readonly url: string
  readonly password: string | null
  /** `auto` begins with TCP and takes UDP when the camera refuses TCP (so does `tcp`, on a 461 only). */
  readonly transport: 'tcp' | 'udp' | 'auto'
  /** Size of the pictures for watching. */
  readonly watchPx: readonly [width: number, height: number]
  /** Lowest loses footage first when the disk is full. */
  readonly priority: number
  /** Segments of the evidence database whose files may still be there; `lastIndex` the highest ever, -1 for none. */
  readonly known: readonly Segment[]
  readonly lastIndex: number
  readonly limits?: Partial<CaptureLimits>
}

export interface CaptureDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ffmpeg: Ffmpeg
  readonly ring: Ring
  /** One for all cameras. */
  readonly gate: LookBackGate
  /** Turns of replays after a restart, for all cameras; without one each goes at once. */
  readonly replayGate?: LookBackGate
}

/** Every time-out of the supervision (VIDEO.md §1.3, §6, §10). Tests shorten them. */
export interface CaptureLimits {
  /** The first connections of many cameras are spread over this. */
  readonly spreadMs: number
  readonly socketTimeoutMs: number
  /** Without a key frame and a closed segment for this long (or three key-frame intervals) the run is ended. */
  readonly silentMs: number
  /** After SIGTERM. */
  readonly killGraceMs: number
  /** `-analyzeduration` of the first connection, and where doubling it ends. */
  readonly analyzeFirstMs: number
  readonly analyzeMsMax: number
  readonly backOffStepsMs: readonly number[]
  /** After this long with pictures the back-off starts again from its first step. */
  readonly healthyMs: number
  /** Wait after a refused password or an unknown path. */
  readonly slowRetryMs: number
  /** Segments but no key frame for this long: every picture is decoded instead. */
  readonly noKeyFramesMs: number
  readonly fullDecodeEveryMs: number
  /** Longer holes are told. */
  readonly gapMs: number
  /** A hole that goes on is told in pieces of at least this length. */
  readonly gapPieceMs: number
  /** How often the supervisor looks. */
  readonly tickMs: number
  readonly mediaClock: MediaClockRules
}

export const captureLimits: CaptureLimits = {
  spreadMs: 10_000,
  socketTimeoutMs: 5_000,
  silentMs: 10_000,
  killGraceMs: 2_000,
  analyzeFirstMs: 12_000,
  analyzeMsMax: 300_000,
  backOffStepsMs,
  healthyMs: 60_000,
  slowRetryMs: 60_000,
  noKeyFramesMs: 30_000,
  fullDecodeEveryMs: 2_000,
  gapMs: 2_000,
  gapPieceMs: 60_000,
  tickMs: 500,
  mediaClock: mediaClockRules,
}
