import { CaptureError } from './errors.js'
import { findBox, readSegment, wholeFragments, type SegmentFacts } from './mp4.js'

/** Where one segment came to lie in the joined stream. */
export interface JoinedPart {
  readonly bytes: Buffer
  /** Time of its start in the joined stream. */
  readonly startMs: number
  readonly facts: SegmentFacts
}

/**
 * Joins whole segments into one fragmented MP4 without touching a picture: the init part of the first, then every moof and mdat
 * with its sequence number and its decode time moved on; `mfra` is dropped (VIDEO.md §5). One segment at a time, so that a long
 * window needs no more memory than its largest segment.
 */
export class SegmentJoiner {
  #first: SegmentFacts | null = null
  #sequence = 0
  #ticks = 0n

  /** True when `facts` can follow what was joined so far: same parameter sets, size and time scale. */
  fits(facts: SegmentFacts): boolean {
    return (
      this.#first === null ||
      (this.#first.timescale === facts.timescale && this.#first.description.equals(facts.description))
    )
  }

  /** @throws CaptureError `SEGMENT_BROKEN` (no whole fragment), `JOIN_MISMATCH` (another picture size or codec). */
  push(segment: Buffer): JoinedPart {
    const facts = readSegment(segment)
    if (facts === null) throw new CaptureError('SEGMENT_BROKEN', 'a segment has no whole fragment')
    if (!this.fits(facts))
      throw new CaptureError('JOIN_MISMATCH', 'segments of different streams cannot be joined', {
        widthPx: facts.widthPx,
        heightPx: facts.heightPx,
      })
    const startMs = (Number(this.#ticks) * 1000) / facts.timescale
    const pieces: Buffer[] = this.#first === null ? [segment.subarray(0, facts.initBytes)] : []
    this.#first ??= facts
    const originTicks = facts.samples[0]?.dts ?? 0
    for (const { moof, mdat } of wholeFragments(segment)) {
      const head = Buffer.from(segment.subarray(moof.start, moof.end))
      this.#move(head, originTicks)
      pieces.push(head, segment.subarray(mdat.start, mdat.end))
    }
    this.#ticks += BigInt(Math.round((facts.durationMs * facts.timescale) / 1000))
    return { bytes: Buffer.concat(pieces), startMs, facts }
  }

  #move(moof: Buffer, originTicks: number): void {
    this.#sequence += 1
    const mfhd = findBox(moof, 'moof/mfhd')
    const tfdt = findBox(moof, 'moof/traf/tfdt')
    if (mfhd === null || tfdt === null) throw new CaptureError('SEGMENT_BROKEN', 'a fragment has no mfhd or tfdt')
    moof.writeUInt32BE(this.#sequence, mfhd.body + 4)
    const wide = moof[tfdt.body] === 1
    const own = wide ? moof.readBigUInt64BE(tfdt.body + 4) : BigInt(moof.readUInt32BE(tfdt.body + 4))
    const moved = own - BigInt(originTicks) + this.#ticks
    if (wide) moof.writeBigUInt64BE(moved, tfdt.body + 4)
    else if (moved <= 0xffffffffn) moof.writeUInt32BE(Number(moved), tfdt.body + 4)
    else throw new CaptureError('JOIN_MISMATCH', 'the joined clip is too long for 32-bit decode times')
  }
}

/** Joins whole segments, in order, to one playable file. A derivative: what is hashed and sealed are the segments themselves. */
export function joinSegments(parts: readonly Buffer[]): Buffer {
  const joiner = new SegmentJoiner()
  return Buffer.concat(parts.map((part) => joiner.push(part).bytes))
}
