import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Box, KerbError, type Log } from '../../contracts/base/index.js'

/** What stays sharp: the incident's box grown by half of its width and height, cut to the picture. */
export function sharpPart(box: Box): Box {
  const [x, y, w, h] = box
  const left = Math.max(0, x - w / 4)
  const top = Math.max(0, y - h / 4)
  return [left, top, Math.min(1, x + w + w / 4) - left, Math.min(1, y + h + h / 4) - top]
}

/** Widths of the copies: the clip as its derivative, a still large enough to read a scene (and about 50 KB). */
export const copyWidthPx = { clip: 640, still: 960 } as const

/**
 * ffmpeg filter that turns everything outside `sharp` into squares of 1/32 of the picture's width: 20 px at 640 px, coarser
 * than a face or a plate at street distance. Only filters that every ffmpeg since 4.0 has (scale2ref is on its way out).
 */
export function pixelateFilter(sharp: Box, widthPx: number): string {
  const [x, y, w, h] = sharp.map((part) => part.toFixed(4)) as [string, string, string, string]
  // Scaling down by area averages what was there; scaling up by neighbour keeps the squares. Two rows more than needed, so
  // that rounding never leaves a sharp line at the bottom; overlay cuts the rest.
  return [
    `[0:v]scale=${widthPx}:-2,split=3[base][a][b]`,
    `[a]scale=32:-2:flags=area,scale=${widthPx}:(ih+2)*${widthPx / 32}:flags=neighbor[coarse]`,
    `[b]crop=w=max(2\\,floor(iw*${w}/2)*2):h=max(2\\,floor(ih*${h}/2)*2):x=floor(iw*${x}/2)*2:y=floor(ih*${y}/2)*2[sharp]`,
    '[base][coarse]overlay=0:0[covered]',
    `[covered][sharp]overlay=x=floor(W*${x}/2)*2:y=floor(H*${y}/2)*2`,
  ].join(';')
}

export class PartyCopyError extends KerbError<'PARTY_COPY_FAILED'> {}

export interface PartyCopyJob {
  /** Path of the ffmpeg program. */
  readonly ffmpeg: string
  readonly source: string
  readonly target: string
  readonly box: Box
  readonly kind: 'clip' | 'still'
}
const copyMsMax = 10 * 60_000
const stderrCharsMax = 2_000

/**
 * Makes the party's copy, whole or not at all: written beside the target, then renamed.
 * @throws PartyCopyError `PARTY_COPY_FAILED` with the end of what ffmpeg said.
 */
export async function makePartyCopy({ ffmpeg, source, target, box, kind }: PartyCopyJob): Promise<void> {
  const partial = `${target}.part`
  const encode =
    kind === 'clip'
      ? [
          '-an',
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          '-crf',
          '27',
          '-pix_fmt',
          'yuv420p',
          '-movflags',
          '+faststart',
          '-f',
          'mp4',
        ]
      : ['-frames:v', '1', '-q:v', '4', '-f', 'mjpeg']
  const input = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-threads', '1', '-i', source]
  const filter = [
    '-filter_complex',
    pixelateFilter(sharpPart(box), copyWidthPx[kind]),
    '-map_metadata',
    '-1',
    '-sn',
    '-dn',
  ]
  try {
    const { code, stderr } = await runChild(ffmpeg, [...input, ...filter, ...encode, partial])
    if (code !== 0)
      throw new PartyCopyError(
        'PARTY_COPY_FAILED',
        `ffmpeg could not make the party's copy of ${basename(source)}: ${stderr}`,
        { source, code },
      )
    await rename(partial, target)
  } finally {
    await rm(partial, { force: true })
  }
}

function runChild(command: string, args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: copyMsMax,
      killSignal: 'SIGKILL',
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-stderrCharsMax)
    })
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code, stderr: stderr.trim() })
    })
  })
}

/** Copies for parties, made at the first wish and kept in a folder. */
export interface PartyCopies {
  /** The clip, pixelated outside the place; null while no clip is here. */
  clip(incident: string, box: Box): Promise<string | null>
  still(sha256: string, box: Box): Promise<string | null>
  /** Bytes of the clip that a copy would be made from, for “about n MB”; null while no clip is here. */
  clipBytes(incident: string): Promise<number | null>
}

export interface PartyCopiesDeps {
  readonly folder: string
  readonly ffmpeg: string
  /** Derivative that staff see; null while there is none. */
  readonly clipFileOf: (incident: string) => Promise<string | null>
  readonly stillFileOf: (sha256: string) => Promise<string | null>
  readonly log: Log
}

/** One copy is made at a time; who asks for the same one meanwhile waits for it. */
export function makePartyCopies({ folder, ffmpeg, clipFileOf, stillFileOf, log }: PartyCopiesDeps): PartyCopies {
  const running = new Map<string, Promise<string>>()
  let last: Promise<unknown> = Promise.resolve()

  async function copyOf(kind: 'clip' | 'still', source: string, box: Box): Promise<string> {
    const { size, mtimeMs } = await stat(source)
    const key = createHash('sha256')
      .update(JSON.stringify([kind, source, size, mtimeMs, sharpPart(box)]))
      .digest('hex')
    const target = join(folder, `${key.slice(0, 32)}.${kind === 'clip' ? 'mp4' : 'jpg'}`)
    if (await exists(target)) return target
    const known = running.get(target)
    if (known !== undefined) return known
    const made = last.then(async () => {
      await mkdir(folder, { recursive: true })
      await makePartyCopy({ ffmpeg, source, target, box, kind })
      return target
    })
    running.set(target, made)
    last = made.catch((error: unknown) => {
      log.error({ err: error, source }, 'no copy for the party')
    })
    try {
      return await made
    } finally {
      running.delete(target)
    }
  }
  return {
    async clip(incident, box) {
      const source = await clipFileOf(incident)
      return source === null ? null : copyOf('clip', source, box)
    },
    async still(sha256, box) {
      const source = await stillFileOf(sha256)
      return source === null ? null : copyOf('still', source, box)
    },
    async clipBytes(incident) {
      const source = await clipFileOf(incident)
      return source === null ? null : (await stat(source)).size
    },
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
