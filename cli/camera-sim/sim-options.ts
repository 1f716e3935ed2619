import type { Clock, Ids, Log } from '../../contracts/base/index.js'
import type { Ffmpeg } from '../../edge/capture/index.js'

/** What the simulated cameras do wrong on purpose. Seconds count from the PLAY of each client unless said otherwise. */
export interface SimFaults {
  /** No pictures any more after this; sender reports go on unless `silent`. */
  readonly stallAfterS?: number
  /** Ends each stall, which then repeats; without it a stall is for ever. */
  readonly stallForS?: number
  /** A stall stops the sender reports too. */
  readonly silent?: boolean
  /** Closes each connection after this. */
  readonly dropAfterS?: number
  /** After a drop new connections are closed at once for this long. */
  readonly downForS?: number
  /** Answers DESCRIBE with this status, `refuseTimes` times (for ever without it). */
  readonly refuse?: number
  readonly refuseTimes?: number
  /** Further clients get 453. */
  readonly maxClients?: number
  /** Time stamps jump by `jumpByS` (either sign) after `jumpAfterS`. */
  readonly jumpAfterS?: number
  readonly jumpByS?: number
  /** Pictures come this much as fast as their time stamps say. */
  readonly rate?: number
  /** Share of the RTP packets that is lost, 0..1. */
  readonly loss?: number
  /** Random bytes between the packets of a TCP connection, once. */
  readonly garbageAfterS?: number
  /** The session description has no parameter sets: they come only with the key frames. */
  readonly noParameterSets?: boolean
  /** `unset`: sender reports count from the start of the simulator, as of a camera without time. */
  readonly rtcpClock?: 'ntp' | 'unset'
  /** Oddities of real cameras (VIDEO.md §10, row 22). */
  readonly quirks?: readonly SimQuirk[]
}

/**
 * `user_agent`: refuses clients without a User-Agent; `blanks`: more blanks before header values; `session_changes`: another session id in
 * each answer; `rtp_info_zero`: RTP-Info says seq=0; `marker_on_sei`: marker bit on every NAL unit of a picture.
 */
export const simQuirks = ['user_agent', 'blanks', 'session_changes', 'rtp_info_zero', 'marker_on_sei'] as const
export type SimQuirk = (typeof simQuirks)[number]

export interface CameraSimOptions {
  /** One mount a clip: `/cam1`, `/cam2`, … More `mounts` than clips take them in turn. */
  readonly clips: readonly string[]
  readonly mounts?: number
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  /** `start`: the first client of a mount sees the clip's first picture; `live`: the loop has been running since the start. */
  readonly join?: 'live' | 'start'
  readonly transport?: 'tcp' | 'udp' | 'both'
  readonly auth?: { readonly kind: 'basic' | 'digest'; readonly user: string; readonly password: string }
  /** Announced, and enforced for UDP clients. */
  readonly sessionTimeoutS?: number
  /** Largest RTP packet. */
  readonly mtuBytes?: number
  readonly faults?: SimFaults
  /** For losses; printed by the command. */
  readonly seed?: number
}

export interface CameraSimDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly ffmpeg: Ffmpeg
}
