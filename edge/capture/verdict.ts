import type { GapReason } from '../../contracts/terms.js'

/** Why a run of ffmpeg ended, what to tell people, and when to try again. */
export interface Verdict {
  readonly code: string
  /** What is wrong and what to do, without the camera's name. */
  readonly message: string
  readonly reason: GapReason
  /** `now`: something is known better than before; `back_off`: 1, 2, 5 … s; `slow`: a minute, so that no account gets locked. */
  readonly retry: 'now' | 'back_off' | 'slow'
  /** What the next run does otherwise. */
  readonly change?: 'udp' | 'analyze_longer' | 'h265' | 'full_decode'
}

/** Why we ended a run ourselves. */
export type StopCause =
  'watchdog' | 'time_jump' | 'resolution' | 'codec' | 'no_key_frames' | 'disk_full' | 'pairing' | 'closing'

const stops: Record<Exclude<StopCause, 'closing'>, Verdict> = {
  watchdog: {
    code: 'CAMERA_SILENT',
    message: 'no picture any more although the connection stands; check the camera and its network',
    reason: 'rtsp_timeout',
    retry: 'back_off',
  },
  time_jump: {
    code: 'TIME_JUMPED',
    message: 'time stamps jumped; connecting again. If it comes back, update the firmware',
    reason: 'clock',
    retry: 'now',
  },
  resolution: {
    code: 'PICTURE_CHANGED',
    message: 'picture size changed; connecting again so that each clip has one size',
    reason: 'restart',
    retry: 'now',
  },
  codec: {
    code: 'CODEC_LEARNT',
    message: 'first connection to an H.265 camera',
    reason: 'restart',
    retry: 'now',
    change: 'h265',
  },
  no_key_frames: {
    code: 'NO_KEY_FRAMES',
    message:
      'no key frames: the camera uses intra refresh or a very long GOP; set an I-frame interval of 2 s and switch smart codec off',
    reason: 'restart',
    retry: 'now',
    change: 'full_decode',
  },
  disk_full: {
    code: 'DISK_FULL',
    message: 'recording paused because the disk is nearly full; free space or lower ring_mb',
    reason: 'disk_full',
    retry: 'back_off',
  },
  pairing: {
    code: 'STREAM_DAMAGED',
    message: 'the decoder lost its order; connecting again',
    reason: 'damaged',
    retry: 'back_off',
  },
}

const signs: readonly (readonly [RegExp, Verdict])[] = [
  [/No space left on device|Disk quota exceeded/i, stops.disk_full],
  [
    /401 Unauthorized|authorization failed|403 Forbidden/i,
    {
      code: 'CAMERA_AUTH',
      message:
        'the camera refuses user or password; correct them. Tried once a minute so that the account is not locked',
      reason: 'auth',
      retry: 'slow',
    },
  ],
  [
    /404 Not Found/i,
    {
      code: 'STREAM_NOT_FOUND',
      message: 'the camera knows no such stream; correct the path of the URL',
      reason: 'refused',
      retry: 'slow',
    },
  ],
  [
    /Nonmatching transport|461 |Unsupported transport/i,
    {
      code: 'TRANSPORT_REFUSED',
      message: 'the camera does not send over TCP; trying UDP',
      reason: 'refused',
      retry: 'now',
      change: 'udp',
    },
  ],
  [
    /dimensions not set|unspecified size|Could not find codec parameters/i,
    {
      code: 'NO_KEY_FRAME_YET',
      message: 'no key frame came while connecting; waiting longer. Set an I-frame interval of 2 s',
      reason: 'rtsp_timeout',
      retry: 'now',
      change: 'analyze_longer',
    },
  ],
  [
    /453 |503 |Service Unavailable|Not Enough Bandwidth/i,
    {
      code: 'CAMERA_BUSY',
      message: 'the camera takes no more connections; close other viewers or raise its limit',
      reason: 'refused',
      retry: 'back_off',
    },
  ],
  [
    /Connection refused/i,
    {
      code: 'CAMERA_REFUSED',
      message: 'nothing answers at this address and port; is the camera on and RTSP enabled?',
      reason: 'refused',
      retry: 'back_off',
    },
  ],
  [
    /No route to host|Network is unreachable|Failed to resolve|Name or service not known/i,
    {
      code: 'CAMERA_UNREACHABLE',
      message: 'no way to this address; check cable, switch and address',
      reason: 'refused',
      retry: 'back_off',
    },
  ],
  [
    /Connection timed out|Operation timed out/i,
    {
      code: 'CAMERA_TIMEOUT',
      message: 'the camera does not answer; check its power and network',
      reason: 'rtsp_timeout',
      retry: 'back_off',
    },
  ],
  [
    /No such file or directory/i,
    { code: 'SOURCE_MISSING', message: 'the file does not exist; correct its path', reason: 'refused', retry: 'slow' },
  ],
  [
    /Permission denied|Read-only file system/i,
    {
      code: 'RING_UNWRITABLE',
      message: 'the ring folder cannot be written; correct its rights',
      reason: 'disk_full',
      retry: 'back_off',
    },
  ],
  [
    /Invalid data found when processing input|Protocol not found/i,
    {
      code: 'STREAM_GARBAGE',
      message: 'what came is no RTSP video; is this the right port?',
      reason: 'damaged',
      retry: 'back_off',
    },
  ],
]

/** What ffmpeg also says when a camera just does not answer. */
const vague = new Set(['CAMERA_TIMEOUT', 'STREAM_GARBAGE'])

/**
 * Judges the end of a run from why we stopped it, else from the last lines of its standard error. The exit status says nothing:
 * it is 0 after a lost connection (trap 6). `silent`: nothing had come for the length of the socket time-out, for which ffmpeg has
 * several words.
 */
export function judgeEnd(stop: StopCause | null, stderrTail: string, hadPictures: boolean, silent = false): Verdict {
  if (stop === 'closing') return { code: 'STOPPED', message: 'stopped', reason: 'stopped', retry: 'now' }
  const slowStart = stop === 'watchdog' && !hadPictures && /dimensions not set/.test(stderrTail)
  if (stop !== null && !slowStart) return stops[stop]
  for (const [sign, verdict] of signs) {
    // Once pictures have come, words of the start (probing, transport) say nothing about the end.
    if (hadPictures && verdict.change !== undefined) continue
    if (!sign.test(stderrTail)) continue
    if (!silent || !vague.has(verdict.code)) return verdict
  }
  if (silent) return stops.watchdog
  return {
    code: 'CAMERA_CLOSED',
    message: 'the camera closed the connection; connecting again',
    reason: 'closed',
    retry: 'back_off',
  }
}

export const backOffStepsMs = [1000, 2000, 5000, 10_000, 20_000, 30_000] as const

/** VIDEO.md §10: 1, 2, 5, 10, 20, 30 s with +-20 % jitter. `failures` counts from 0; `chance` is 0..1. */
export function backOffMs(failures: number, chance: number, stepsMs: readonly number[] = backOffStepsMs): number {
  const step = stepsMs[Math.min(failures, stepsMs.length - 1)] ?? 30_000
  return Math.round(step * (0.8 + 0.4 * chance))
}
