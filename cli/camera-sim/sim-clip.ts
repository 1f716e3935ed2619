import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { KerbError, type Log } from '../../contracts/base/index.js'
import { probeClip, type Ffmpeg } from '../../edge/capture/index.js'
import { isDelimiter, parameterSets, splitAnnexB, type SimCodec } from './packetiser.js'

export interface SimPicture {
  readonly units: readonly Buffer[]
  /** 90 kHz, from the first picture. */
  readonly ticks: number
  readonly key: boolean
}

export interface SimClip {
  readonly path: string
  readonly codec: SimCodec
  /** In order of sending; the first is a key frame. */
  readonly pictures: readonly SimPicture[]
  readonly durationTicks: number
  readonly parameterSets: readonly Buffer[]
}

/** `CLIP_UNUSABLE` the file holds nothing that can be sent; `SIM_PORT_TAKEN`; `SIM_OPTIONS` impossible options. */
export class CameraSimError extends KerbError<'CLIP_UNUSABLE' | 'SIM_PORT_TAKEN' | 'SIM_OPTIONS'> {}

/**
 * Reads all coded pictures of a file into memory. RTP time is order, so a file with B-frames (and one that is neither H.264 nor
 * H.265) is converted once, to a temporary file, and that is said. @throws CameraSimError `CLIP_UNUSABLE`
 */
export async function loadClip(path: string, ffmpeg: Ffmpeg, log: Log): Promise<SimClip> {
  const { codec } = await probeClip(ffmpeg, path)
  if (codec === 'h264' || codec === 'hevc') {
    const clip = await readPictures(path, codec === 'hevc' ? 'h265' : 'h264', ffmpeg)
    if (clip !== null) return clip
    log.warn({ path }, 'the clip has B-frames, whose time stamps are not in order: converted once for the simulator')
  } else log.warn({ path, codec }, 'the clip is neither H.264 nor H.265: converted once for the simulator')
  const folder = await mkdtemp(join(tmpdir(), 'camera-sim-'))
  try {
    const converted = join(folder, 'clip.mp4')
    await runFfmpeg(
      ffmpeg,
      [
        '-i',
        path,
        '-map',
        '0:v:0',
        '-an',
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-bf',
        '0',
        '-pix_fmt',
        'yuv420p',
        '-force_key_frames',
        'expr:gte(t,n_forced*2)',
        converted,
      ],
      path,
    )
    const clip = await readPictures(converted, 'h264', ffmpeg)
    if (clip === null)
      throw new CameraSimError('CLIP_UNUSABLE', `${path} could not be converted without B-frames`, { path })
    return { ...clip, path }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runFfmpeg(
  ffmpeg: Ffmpeg,
  args: readonly string[],
  path: string,
): Promise<{ data: Buffer; list: string }> {
  const child = spawn(ffmpeg.path, ['-hide_banner', '-nostdin', '-loglevel', 'error', '-y', ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const [, stdout, stderr, extra] = child.stdio as unknown as [null, Readable, Readable, Readable] // as `stdio` asks for
  const [data, messages, list] = [collect(stdout), collect(stderr), collect(extra)]
  const [exitCode] = (await once(child, 'close')) as [number | null]
  if (exitCode !== 0)
    throw new CameraSimError(
      'CLIP_UNUSABLE',
      `${path} cannot be read as video: ${(await messages).toString().trim().slice(0, 400)}`,
      { path },
    )
  return { data: await data, list: (await list).toString() }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Null when the pictures are not in the order of their times. */
async function readPictures(path: string, codec: SimCodec, ffmpeg: Ffmpeg): Promise<SimClip | null> {
  const filter = codec === 'h264' ? 'h264_mp4toannexb' : 'hevc_mp4toannexb'
  const copy = ['-map', '0:v:0', '-c', 'copy', '-bsf:v', filter]
  const format = codec === 'h264' ? 'h264' : 'hevc'
  const { data, list } = await runFfmpeg(
    ffmpeg,
    ['-i', path, ...copy, '-f', format, 'pipe:1', ...copy, '-f', 'framecrc', 'pipe:3'],
    path,
  )
  const packets = parseFrameCrc(list)
  const pictures: SimPicture[] = []
  let at = 0
  for (const packet of packets) {
    const units = splitAnnexB(data.subarray(at, at + packet.bytes)).filter((unit) => !isDelimiter(unit, codec))
    at += packet.bytes
    pictures.push({ units, ticks: packet.ticks, key: parameterSets(units, codec).length > 0 })
  }
  if (pictures.some((picture, i) => picture.ticks < (pictures[i - 1]?.ticks ?? -Infinity))) return null
  const firstKey = pictures.findIndex((picture) => picture.key)
  const sent = pictures.slice(Math.max(0, firstKey))
  const [first, last] = [sent[0], sent.at(-1)]
  if (first === undefined || last === undefined || at !== data.length)
    throw new CameraSimError('CLIP_UNUSABLE', `${path} holds no picture that can be sent`, { path })
  const frameTicks = sent.length > 1 ? (last.ticks - first.ticks) / (sent.length - 1) : 3600
  return {
    path,
    codec,
    pictures: sent.map((picture) => ({ ...picture, ticks: picture.ticks - first.ticks })),
    durationTicks: Math.round(last.ticks - first.ticks + frameTicks),
    parameterSets: parameterSets(first.units, codec),
  }
}

/** Reads `-f framecrc`: time base, then `stream, dts, pts, duration, size, checksum` a packet; times come out in 90 kHz. */
export function parseFrameCrc(text: string): { readonly ticks: number; readonly bytes: number }[] {
  const base = /^#tb 0: (\d+)\/(\d+)/m.exec(text)
  const scale = base === null ? 1 : (90_000 * Number(base[1])) / Number(base[2])
  return [...text.matchAll(/^0, *(-?\d+), *(-?\d+), *\d+, *(\d+),/gm)].map((line) => ({
    ticks: Math.round(Number(line[2]) * scale),
    bytes: Number(line[3]),
  }))
}
