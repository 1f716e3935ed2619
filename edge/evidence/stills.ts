import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs, Point } from '../../contracts/base/index.js'
import { sha256 } from '../../contracts/evidence/index.js'
import type { EventFacts, StillKind } from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'
import type { Incident } from '../incidents/types.js'
import { decodeFrame, DerivativeError, encodeJpeg, longSidePxMax } from './derivatives.js'
import { pixelate } from './pixelate.js'
import { writeWhole } from './whole-file.js'

/** DESIGN.md §9.4 */
export const stillBytesMax = 150_000

export type Still = EventFacts['stills'][number]

/** When each picture of an incident should be taken, most telling first. */
export function stillTimes(incident: Incident): { readonly kind: StillKind; readonly atMs: EpochMs }[] {
  const arrivedMs = incident.arrivedMs ?? incident.firstMs
  const times: { kind: StillKind; atMs: EpochMs }[] = [
    { kind: 'act', atMs: incident.confirmedMs ?? incident.lastMs },
    { kind: 'arrival', atMs: incident.actor?.atMs ?? arrivedMs },
  ]
  if (incident.state === 'over') times.push({ kind: 'latest', atMs: incident.lastMs })
  return times
}

/** The closed segment that shows `atMs`, else the newest one before it (the last seconds are still being written). */
export function segmentAt(segments: readonly Segment[], atMs: EpochMs): Segment | null {
  const usable = segments.filter((segment) => segment.fromMs <= atMs && existsSync(segment.file))
  return usable.find((segment) => atMs < segment.toMs) ?? usable.at(-1) ?? null
}

export interface StillOptions {
  readonly ffmpeg: string | null
  /** Folder of finished stills, named by digest. */
  readonly folder: string
  readonly privateZones: readonly (readonly Point[])[]
  /** The station closes: the decoder is ended and nothing is written any more. */
  readonly signal: AbortSignal
}

/**
 * One JPEG from a whole segment: long side <= 1280 px, <= 150 KB, no EXIF, nothing drawn in; private zones pixelated.
 * @throws DerivativeError, or the signal's reason
 */
export async function makeStill(
  kind: StillKind,
  atMs: EpochMs,
  segment: Segment,
  options: StillOptions,
): Promise<Still> {
  const lastOffsetMs = Math.max(0, segment.toMs - segment.fromMs - 200)
  const offsetMs = Math.min(lastOffsetMs, Math.max(0, atMs - segment.fromMs))
  for (const sidePx of [longSidePxMax, 960, 640]) {
    const frame = await decodeOrFirst(segment.file, offsetMs, sidePx, options)
    if (options.privateZones.length > 0) pixelate(frame, options.privateZones)
    const jpeg = await encodeJpeg(options.ffmpeg, frame, stillBytesMax, options.signal).catch((cause: unknown) => {
      if (cause instanceof DerivativeError && cause.code === 'STILL_TOO_LARGE') return null
      throw cause
    })
    options.signal.throwIfAborted()
    if (jpeg === null) continue
    const digest = sha256(jpeg)
    const file = stillFile(options.folder, digest)
    if (!existsSync(file) || statSync(file).size !== jpeg.length) writeWhole(file, jpeg)
    return {
      kind,
      atMs: (segment.fromMs + frame.ptsMs) as EpochMs,
      sha256: digest,
      bytes: jpeg.length,
      widthPx: frame.widthPx,
      heightPx: frame.heightPx,
      index: segment.index,
      ptsMs: frame.ptsMs,
    }
  }
  throw new DerivativeError('STILL_TOO_LARGE', `no still of ${segment.file} fits ${stillBytesMax} bytes`, {
    file: segment.file,
  })
}

export function stillFile(folder: string, digest: string): string {
  return join(folder, `${digest}.jpg`)
}

/** A segment whose times are not exact may end before the offset: then its first frame is the picture. */
async function decodeOrFirst(
  file: string,
  offsetMs: number,
  sidePx: number,
  { ffmpeg, signal }: Pick<StillOptions, 'ffmpeg' | 'signal'>,
): ReturnType<typeof decodeFrame> {
  try {
    return await decodeFrame({ ffmpeg, file, offsetMs, sidePx, signal })
  } catch (cause) {
    signal.throwIfAborted()
    if (offsetMs === 0) throw cause
    return decodeFrame({ ffmpeg, file, offsetMs: 0, sidePx, signal })
  }
}
