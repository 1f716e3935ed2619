import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { KerbError } from '../../contracts/base/index.js'
import type { ClipSegmentRow } from '../store/objects-media.js'

export class DerivativeError extends KerbError<'CLIP_FAILED'> {}

/** Where the derivative's time and the street's time meet. */
export interface ClipFrames {
  readonly v: 1
  readonly incident: string
  /** Time of each frame inside the clip. */
  readonly frames_ms: readonly number[]
  /** Unbroken pieces: at `at_ms` of the clip the picture of `from` is shown. */
  readonly parts: readonly {
    readonly at_ms: number
    readonly from: string
    readonly to: string
    readonly first: number
    readonly last: number
  }[]
  /** Time between the pieces that was not fetched. */
  readonly breaks: readonly { readonly at_ms: number; readonly from: string; readonly to: string }[]
}

const widthPx = 640
const timeoutMs = 180_000
const stderrCharsMax = 4_000

/** Consecutive indexes are one piece; everything else is a break. */
export function partsOf(segments: readonly ClipSegmentRow[]): ClipSegmentRow[][] {
  const parts: ClipSegmentRow[][] = []
  for (const segment of segments) {
    const part = parts.at(-1)
    const last = part?.at(-1)
    if (part !== undefined && last?.cam === segment.cam && last.idx + 1 === segment.idx) part.push(segment)
    else parts.push([segment])
  }
  return parts
}

/**
 * 640 px H.264 baseline with its index in front, joined from whole segments in order; sources of H.265 too.
 * A derivative: it is for looking, never evidence. @throws DerivativeError `CLIP_FAILED`
 */
export async function makeClip(what: {
  readonly ffmpeg: string
  readonly incident: string
  readonly segments: readonly ClipSegmentRow[]
  readonly fileOf: (sha256: string) => string
  readonly target: string
}): Promise<ClipFrames> {
  const list = `${what.target}.txt`
  await writeFile(
    list,
    what.segments.map(({ sha256 }) => `file '${what.fileOf(sha256).replaceAll("'", String.raw`'\''`)}'\n`).join(''),
  )
  try {
    const framesMs = await encode(what.ffmpeg, list, what.target, `scale=${widthPx}:-2`).catch(() =>
      // The camera changed its picture size inside the clip: one fixed size then.
      encode(what.ffmpeg, list, what.target, `scale=${widthPx}:360`),
    )
    return framesOf(what.incident, what.segments, framesMs)
  } finally {
    await rm(list, { force: true })
  }
}

async function encode(ffmpeg: string, list: string, target: string, scale: string): Promise<number[]> {
  const args = [
    '-hide_banner',
    '-nostdin',
    '-nostats',
    '-loglevel',
    'level+info',
    '-y',
    '-threads',
    '1',
    '-f',
    'concat',
    '-safe',
    '0',
    '-i',
    list,
    '-map',
    '0:v:0',
    '-an',
    '-sn',
    '-vf',
    `${scale},setsar=1,showinfo=checksum=0`,
    '-c:v',
    'libx264',
    '-profile:v',
    'baseline',
    '-preset',
    'superfast',
    '-crf',
    '28',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '50',
    '-threads',
    '1',
    '-map_metadata',
    '-1',
    '-movflags',
    '+faststart',
    '-vsync',
    '0',
    '-f',
    'mp4',
    target,
  ]
  const child = spawn(ffmpeg, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const closed = once(child, 'close') as Promise<[number | null]>
  try {
    if (child.pid !== undefined) setPriority(child.pid, 5)
  } catch {
    // it has ended already
  }
  const force = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const frames: number[] = []
  let tail = ''
  const lines = createInterface({ input: child.stderr })
  lines.on('line', (line) => {
    const match = /showinfo.* pts_time:\s*([\d.]+)/.exec(line)
    if (match?.[1] !== undefined) frames.push(Math.round(Number(match[1]) * 1_000))
    else tail = `${tail}${line}\n`.slice(-stderrCharsMax)
  })
  try {
    const [code] = await closed
    if (code !== 0 || frames.length === 0)
      throw new DerivativeError('CLIP_FAILED', 'ffmpeg could not make the clip', { code, tail })
    return frames
  } catch (cause) {
    if (cause instanceof DerivativeError) throw cause
    throw new DerivativeError(
      'CLIP_FAILED',
      `cannot run ${ffmpeg}: install ffmpeg >= 5.1 or set FFMPEG_PATH`,
      { ffmpeg },
      { cause },
    )
  } finally {
    clearTimeout(force)
  }
}

function framesOf(incident: string, segments: readonly ClipSegmentRow[], framesMs: readonly number[]): ClipFrames {
  let atMs = 0
  const parts = partsOf(segments).map((part) => {
    const [first, last] = [part[0], part.at(-1)]
    if (first === undefined || last === undefined) throw new RangeError('a part without a segment')
    const startMs = atMs
    for (const { from_at, to_at } of part) atMs += Date.parse(to_at) - Date.parse(from_at)
    return { at_ms: startMs, from: first.from_at, to: last.to_at, first: first.idx, last: last.idx }
  })
  const breaks = parts
    .slice(1)
    .map((part, index) => ({ at_ms: part.at_ms, from: parts[index]?.to ?? part.from, to: part.from }))
  return { v: 1, incident, frames_ms: framesMs, parts, breaks }
}

export const clipPartial = (folder: string, incident: string): string => join(folder, `${incident}.mp4`)
