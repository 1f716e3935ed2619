import type { EpochMs } from '../../contracts/base/index.js'
import type { CaptureDeps } from './camera-options.js'
import { lookBackRing } from './look-back.js'
import type { RingCamera } from './ring-camera.js'
import type { ReplayedFrame } from './types.js'

export interface ReplayRequest {
  readonly fromMs: EpochMs
  readonly watchPx: readonly [width: number, height: number]
  /** Longer distances between segments are holes. */
  readonly holeMs: number
}

/**
 * Key frames of what lies in the ring since an instant, up to the newest closed segment, as watch mode would have shown them.
 * Takes turns at `replayGate`, not at that of the look backs: a replay waits for the look backs that it leads to.
 */
export async function* replayRing(
  ring: RingCamera,
  { fromMs, watchPx, holeMs }: ReplayRequest,
  { ffmpeg, log, replayGate }: Pick<CaptureDeps, 'ffmpeg' | 'log' | 'replayGate'>,
  signal: AbortSignal,
): AsyncGenerator<ReplayedFrame, void, void> {
  const segments = ring.cover(fromMs, Infinity)
  const toMs = segments.at(-1)?.toMs
  if (toMs === undefined) return
  const [widthPx, heightPx] = watchPx
  const request = { fromMs, toMs, fps: Infinity, crop: null, widthPx, heightPx, keyFramesOnly: true }
  const holes = segments
    .filter(({ fromMs }, i) => i > 0 && fromMs - (segments[i - 1]?.toMs ?? fromMs) > holeMs)
    .map((segment) => segment.fromMs)
  let beforeMs: number = fromMs
  for await (const frame of lookBackRing(ring.camera, ring, request, { ffmpeg, log, gate: replayGate }, signal)) {
    const { wallMs } = frame
    // A picture may lie some milliseconds beside its segment's rounded start.
    yield { frame, afterHole: holes.some((hole) => hole - 50 > beforeMs && hole - 50 <= wallMs) }
    beforeMs = wallMs
  }
}
