import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ffmpeg from 'fluent-ffmpeg'
import { KerbError } from '../../contracts/base/index.js'

// The only file that uses fluent-ffmpeg (archived upstream: DEPENDENCIES.md decision 8). It makes derivatives: pictures for
// people. Nothing on the way from the camera to the evidence passes here.

export class DerivativeError extends KerbError<'STILL_FAILED' | 'STILL_TOO_LARGE'> {}

/** `-q:v` of the mjpeg encoder; 3 is close to quality 85 of the common JPEG tables. Tried in this order until the size fits. */
const qualities = [3, 6, 10, 16]
export const longSidePxMax = 1_280
const timeoutS = 10

export interface Frame {
  readonly ptsMs: number
  readonly widthPx: number
  readonly heightPx: number
  readonly rgb: Buffer
}

const fit = (sidePx: number): string =>
  `scale=w='if(gte(iw,ih),min(${sidePx},iw),-2)':h='if(gte(iw,ih),-2,min(${sidePx},ih))':flags=area`

/** Runs one command to its end; answers what it said on stderr. Aborted, it is ended at once and fails. */
async function run(command: ffmpeg.FfmpegCommand, signal: AbortSignal | undefined): Promise<string[]> {
  signal?.throwIfAborted()
  const kill = (): void => {
    command.kill('SIGKILL')
  }
  signal?.addEventListener('abort', kill, { once: true })
  try {
    return await ended(command)
  } finally {
    signal?.removeEventListener('abort', kill)
  }
}

function ended(command: ffmpeg.FfmpegCommand): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const said: string[] = []
    command
      .on('stderr', (line: string) => {
        said.push(line)
        if (said.length > 200) said.shift()
      })
      .on('end', () => {
        resolve(said)
      })
      .on('error', (cause: Error) => {
        reject(
          new DerivativeError(
            'STILL_FAILED',
            `ffmpeg could not make the picture: ${cause.message}`,
            { said: said.slice(-3) },
            { cause },
          ),
        )
      })
      .run()
  })
}

function commandFor(binary: string | null, input: string): ffmpeg.FfmpegCommand {
  const command = ffmpeg(input, { timeout: timeoutS, niceness: 5 })
  if (binary !== null) command.setFfmpegPath(binary)
  return command
}

/**
 * The first frame at or after `offsetMs` of a closed segment, long side <= `sidePx`, as raw pixels.
 * A segment's time starts at 0 (VIDEO.md §5). @throws DerivativeError `STILL_FAILED`
 */
export async function decodeFrame(what: {
  readonly ffmpeg: string | null
  readonly file: string
  readonly offsetMs: number
  readonly sidePx: number
  readonly signal?: AbortSignal
}): Promise<Frame> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-still-'))
  try {
    const file = join(folder, 'frame.rgb')
    const filter = `select='gte(t-start_t,${(what.offsetMs / 1_000).toFixed(3)})',showinfo,${fit(what.sidePx)},showinfo`
    const command = commandFor(what.ffmpeg, what.file)
      .inputOptions(['-threads', '1'])
      .output(file)
      .outputOptions([
        '-map',
        '0:v:0',
        '-an',
        '-vf',
        filter,
        '-frames:v',
        '1',
        '-pix_fmt',
        'rgb24',
        '-f',
        'rawvideo',
        '-y',
      ])
    const lines = (await run(command, what.signal)).filter((line) => line.includes('pts_time:'))
    const ptsMs = Math.round(Number(/pts_time:\s*([\d.]+)/.exec(lines[0] ?? '')?.[1]) * 1_000)
    const size = / s:(\d+)x(\d+) /.exec(lines.at(-1) ?? '')
    const [widthPx, heightPx] = [Number(size?.[1]), Number(size?.[2])]
    const rgb = await readFile(file)
    if (!Number.isFinite(ptsMs) || rgb.length === 0 || rgb.length !== widthPx * heightPx * 3)
      throw new DerivativeError('STILL_FAILED', `no frame at ${what.offsetMs} ms of ${what.file}`, { file: what.file })
    return { ptsMs, widthPx, heightPx, rgb }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** JPEG without any metadata, not larger than `bytesMax`. @throws DerivativeError `STILL_TOO_LARGE` when no quality fits. */
export async function encodeJpeg(
  binary: string | null,
  frame: Frame,
  bytesMax: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-still-'))
  try {
    const input = join(folder, 'frame.rgb')
    await writeFile(input, frame.rgb)
    const command = commandFor(binary, input).inputOptions([
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-s',
      `${frame.widthPx}x${frame.heightPx}`,
    ])
    for (const quality of qualities)
      command
        .output(join(folder, `${quality}.jpg`))
        .outputOptions([
          '-frames:v',
          '1',
          '-pix_fmt',
          'yuvj420p',
          '-q:v',
          String(quality),
          '-flags',
          '+bitexact',
          '-map_metadata',
          '-1',
          '-f',
          'mjpeg',
          '-y',
        ])
    await run(command, signal)
    for (const quality of qualities) {
      const jpeg = await readFile(join(folder, `${quality}.jpg`))
      if (jpeg.length > 0 && jpeg.length <= bytesMax) return jpeg
    }
    throw new DerivativeError('STILL_TOO_LARGE', `no quality fits ${bytesMax} bytes`, { bytesMax })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
