import { scaleFilter } from './scaling.js'
import type { Ffmpeg } from './ffmpeg.js'

/** What one run of watch mode needs to know. */
export interface WatchPlan {
  /** URL with credentials, or a path. */
  readonly input: string
  readonly kind: 'rtsp' | 'file'
  /** The input names a password: where ffmpeg can, it reads it from standard input, because its arguments can be read by all users. */
  readonly secret: boolean
  /** A file starts again at its end. */
  readonly loop: boolean
  readonly transport: 'tcp' | 'udp'
  readonly socketTimeoutMs: number
  readonly analyzeMs: number
  /** H.265 needs another sample entry for Apple's players; null before the first connection. */
  readonly codec: 'h264' | 'h265' | null
  /** Every picture is decoded and one every `everyMs` handed out: for streams without key frames (trap 12). Null: key frames. */
  readonly fullDecodeEveryMs: number | null
  readonly firstIndex: number
  readonly ringDir: string
  readonly watchPx: readonly [width: number, height: number]
}

/** How the sealed files of the ring are written; the join and the clip reader rely on it. */
export const movflags = 'movflags=+frag_keyframe+empty_moov+default_base_moof'

/** A command line, and what goes to its standard input. */
export interface WatchCommand {
  readonly args: readonly string[]
  readonly stdin: string | null
}

type Binary = Pick<Ffmpeg, 'socketTimeoutFlag' | 'passthrough' | 'takesScript'>

/**
 * The proven command line of VIDEO.md §4: the stream untouched into segments on disk, key frames as rgb24 on stdout, one line a
 * segment on descriptor 3. Every option must stand before the file that it belongs to (trap 16), so it is built here and nowhere else.
 */
export function watchArgs(plan: WatchPlan, ffmpeg: Binary): WatchCommand {
  const [widthPx, heightPx] = plan.watchPx
  const select =
    plan.fullDecodeEveryMs === null
      ? ''
      : `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(plan.fullDecodeEveryMs / 1000 - 0.001).toFixed(3)})',`
  const { options, name, stdin } = inputOf(plan, ffmpeg)
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info', '-y', '-fflags', '+discardcorrupt'],
    ...options,
    ...['-threads', '1'],
    ...(plan.fullDecodeEveryMs === null ? ['-skip_frame', 'nokey'] : []),
    ...['-copyts', '-i', name],
    ...['-map', '0:v:0', '-an', '-c:v', 'copy', '-avoid_negative_ts', 'disabled'],
    ...(plan.codec === 'h265' ? ['-tag:v', 'hvc1'] : []),
    ...['-f', 'segment', '-segment_format', 'mp4', '-segment_time', '2', '-segment_time_delta', '0.05'],
    ...['-segment_format_options', movflags],
    ...['-segment_list', 'pipe:3', '-segment_list_type', 'csv', '-segment_list_size', '1', '-flush_packets', '1'],
    ...['-segment_start_number', String(plan.firstIndex), `${plan.ringDir}/%09d.mp4`],
    ...['-map', '0:v:0', '-an', '-vf', `${select}showinfo=checksum=0,${scaleFilter(widthPx, heightPx)}`],
    ...['-pix_fmt', 'rgb24', '-c:v', 'rawvideo', '-threads', '1', ...ffmpeg.passthrough],
    ...['-flush_packets', '1', '-f', 'rawvideo', 'pipe:1'],
  ]
  return { args, stdin }
}

function inputOf(
  plan: WatchPlan,
  ffmpeg: Binary,
): { readonly options: readonly string[]; readonly name: string; readonly stdin: string | null } {
  if (plan.kind === 'file') return { options: fileInput(plan), name: plan.input, stdin: null }
  const options = rtspOptions(plan, ffmpeg)
  const probing = ['-analyzeduration', String(Math.round(plan.analyzeMs * 1000)), '-probesize', '20000000']
  if (plan.secret && ffmpeg.takesScript)
    return { options: [...scriptInput, ...probing], name: 'pipe:0', stdin: inputScript(plan.input, options) }
  return {
    options: [...options.flatMap(([name, value]) => [`-${name}`, value]), ...probing],
    name: plan.input,
    stdin: null,
  }
}

const scriptInput = ['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,rtsp,rtp,tcp,udp']

/**
 * A script of one input for the concat demuxer (ffmpeg-formats, "concat"; `option` from 5.0 on). The stream is not probed inside the
 * script but by the program, as without one: a start time found inside would be taken off all time stamps but the first (seen with 5.1:
 * the first picture of a connection 40 ms off).
 */
export function inputScript(url: string, options: readonly (readonly [name: string, value: string])[]): string {
  const quoted = url.replace(/[\r\n]/g, '').replaceAll("'", "'\\''")
  const unprobed = [['analyzeduration', '0'] as const, ['probesize', '32'] as const]
  const lines = [...options, ...unprobed].map(([name, value]) => `option ${name} ${value}`)
  return ['ffconcat version 1.0', `file '${quoted}'`, ...lines, ''].join('\n')
}

function rtspOptions(plan: WatchPlan, { socketTimeoutFlag }: Binary): [name: string, value: string][] {
  return [
    ['user_agent', 'kerbwatch/1'],
    ['rtsp_transport', plan.transport],
    ['allowed_media_types', 'video'],
    [socketTimeoutFlag.slice(1), String(Math.round(plan.socketTimeoutMs * 1000))],
    ['buffer_size', '4194304'],
  ]
}

/** Paced like a camera, again from the start at the end. */
function fileInput(plan: WatchPlan): string[] {
  return ['-re', ...(plan.loop ? ['-stream_loop', '-1'] : [])]
}

/** `-analyzeduration` that holds at least one key frame: 1.25 x the longest distance seen + 0.5 s (trap 1). */
export function analyzeMsFor(gopMs: number | null, firstMs: number): number {
  return gopMs === null ? firstMs : Math.round(1.25 * gopMs + 500)
}

/** The URL with user and password put in, percent-encoded: ffmpeg takes RTSP credentials from the URL only. */
export function urlWithPassword(url: string, password: string | null): string {
  if (password === null) return url
  const match = /^(rtsps?:\/\/)(?:([^@/]*)@)?(.*)$/i.exec(url)
  if (match === null) return url
  const user = (match[2] ?? '').replace(/:.*$/, '')
  return `${match[1] ?? ''}${user}:${encodeURIComponent(password)}@${match[3] ?? ''}`
}

/** Removes what must not be logged: the password in any form, and any `user:secret@`. */
export function scrub(text: string, password: string | null): string {
  let clean = text.replace(/(rtsps?:\/\/[^\s:@/]*):[^\s@/]*@/gi, '$1:***@')
  if (password !== null && password.length > 0)
    for (const form of new Set([password, encodeURIComponent(password)])) clean = clean.split(form).join('***')
  return clean
}
