import type { Box, CameraId, EpochMs } from '../../contracts/base/index.js'
import type { GapReason } from '../../contracts/terms.js'

/** One decoded picture, from a key frame in watch mode or any frame in a look back. */
export interface WatchFrame {
  readonly camera: CameraId
  /** Counts the pictures of this source or look back from 0. */
  readonly index: number
  readonly wallMs: EpochMs
  /** Media time of the stream; distances are exact, the origin is arbitrary per connection. */
  readonly mediaMs: number
  readonly widthPx: number
  readonly heightPx: number
  /** Interleaved RGB, `widthPx * heightPx * 3` bytes. Transferred between threads: whoever gets it owns it. */
  readonly rgb: Uint8Array
  /** The decoder concealed errors: shown, but never evidence and never presence. */
  readonly damaged: boolean
  /** Size of the camera's own picture. */
  readonly pictureWidthPx: number
  readonly pictureHeightPx: number
  /** The part of it that this picture shows, 0..1; absent: all of it. */
  readonly shown?: Box
}

/** One closed, fsynced, hashed file of the ring: the camera's own bit stream, whole GOPs. */
export interface Segment {
  readonly camera: CameraId
  /** Gapless per camera, also across restarts. */
  readonly index: number
  /** Absolute path. */
  readonly file: string
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly fromMediaMs: number
  readonly bytes: number
  /** Lower-case hex. */
  readonly sha256: string
  readonly codec: 'h264' | 'h265'
  /** False when time stamps jumped inside: pictures are whole, times are not usable. */
  readonly timeUsable: boolean
}

/** A hole of more than 2 s in which nothing was recorded. */
export interface Gap {
  readonly camera: CameraId
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly reason: GapReason
}

export interface CameraHealth {
  readonly state: 'starting' | 'running' | 'waiting' | 'stopped'
  /** What is wrong and what to do, in one sentence; null when all is well. */
  readonly fault: { readonly code: string; readonly message: string; readonly sinceMs: EpochMs } | null
  readonly lastFrameMs: EpochMs | null
  readonly gopMs: number | null
  readonly pictureWidthPx: number | null
  readonly pictureHeightPx: number | null
  readonly codec: string | null
  readonly transport: 'tcp' | 'udp' | 'file'
  readonly restarts: number
  readonly framesDropped: number
  readonly framesDamaged: number
  readonly bitsPerSecond: number | null
  /** Camera time runs off wall time by more than 2 %: arrival times are used. */
  readonly clockUsable: boolean
}

export interface LookBackRequest {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** Pictures a second; `Infinity` takes every frame. */
  readonly fps: number
  /** Part of the picture, or null for all of it. */
  readonly crop: Box | null
  /** Size of the pictures handed out; the crop is scaled to fit. */
  readonly widthPx: number
  readonly heightPx: number
  /** Decodes key frames only: what watch mode would have shown. */
  readonly keyFramesOnly?: boolean
  /** When the answer is wanted: the most urgent look back goes first. Absent: it can wait. */
  readonly dueMs?: EpochMs
}

/** A key frame of the ring, read again after a restart. */
export interface ReplayedFrame {
  readonly frame: WatchFrame
  /** Nothing was recorded for a while before it: it brings no evidence. */
  readonly afterHole: boolean
}

/** One camera, or a file that works like one. Every iterator may be taken once. */
export interface VideoSource {
  readonly camera: CameraId
  /** Every segment exactly once, in order of index. Never drops. */
  segments(): AsyncIterable<Segment>
  /** Key frames; one slot, the newest wins, losses are counted in `health().framesDropped`. */
  keyFrames(): AsyncIterable<WatchFrame>
  gaps(): AsyncIterable<Gap>
  health(): CameraHealth
  /**
   * Decodes a window of what was recorded. Frames carry exact times; a window that is only partly there gives what is there.
   * Bounded concurrency over all cameras: waits its turn. @throws CaptureError `WINDOW_GONE` when nothing of it is left.
   */
  lookBack(request: LookBackRequest, signal: AbortSignal): AsyncIterable<WatchFrame>
  /**
   * Key frames of what was recorded since `fromMs`, oldest first and none left out, up to the newest closed segment; those that a
   * crash left are waited for. Nothing when nothing of it is left. For the time after a restart, before `keyFrames` is taken.
   */
  replay(fromMs: EpochMs, signal: AbortSignal): AsyncIterable<ReplayedFrame>
  /** Ends the child process and every iterator. */
  close(): Promise<void>
}
