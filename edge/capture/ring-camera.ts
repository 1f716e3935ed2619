import { createHash } from 'node:crypto'
import { open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { CameraId, EpochMs, Log } from '../../contracts/base/index.js'
import type { RingEntry, RingShare } from './deletion-plan.js'
import { readSegment, type SegmentFacts } from './mp4.js'
import { fileName, listRingFiles } from './ring-files.js'
import type { Segment } from './types.js'

/** What is known of a segment besides its bytes. */
export type SegmentTimes = Pick<Segment, 'fromMs' | 'toMs' | 'fromMediaMs' | 'timeUsable'>

/** A camera as the ring knows it. */
export interface RingMember {
  readonly camera: CameraId
  readonly priority: number
  /** Segments of the evidence database that may still be there. */
  readonly known: readonly Segment[]
  /** Highest index ever recorded in it, -1 for none: indexes never come twice. */
  readonly lastIndex: number
}

/** What a part needs from the whole. */
export interface RingOwner {
  readonly dir: string
  maintain(): Promise<void>
  relieve(): Promise<void>
  mayRecord(camera: CameraId): boolean
}

interface Kept extends RingEntry {
  /** Null for a file that the evidence database does not know any more. */
  readonly segment: Segment | null
}

/** The part of the ring that belongs to one camera. */
export class RingCamera {
  readonly camera: CameraId
  readonly priority: number
  readonly dir: string
  readonly #ring: RingOwner
  readonly #log: Log
  readonly #known: readonly Segment[]
  readonly #lastKnownIndex: number
  #kept: Kept[] = []
  #nextIndex: number
  #orphaned = false
  readonly #pins = new Map<number, number>()

  constructor(member: RingMember, ring: RingOwner, log: Log) {
    this.camera = member.camera
    this.priority = member.priority
    this.dir = join(ring.dir, member.camera)
    this.#ring = ring
    this.#log = log
    this.#known = [...member.known].sort((a, b) => a.index - b.index)
    this.#lastKnownIndex = Math.max(member.lastIndex, this.#known.at(-1)?.index ?? -1)
    this.#nextIndex = this.#lastKnownIndex + 1
  }

  /** Index that the next file gets. */
  get nextIndex(): number {
    return this.#nextIndex
  }

  /** Reads the folder: what is known is kept as it is, older unknown files count for deletion, newer ones wait for `recover`. */
  async adoptFiles(orphaned: boolean): Promise<void> {
    this.#orphaned = orphaned
    const known = new Map(this.#known.map((segment) => [segment.index, segment]))
    const files = await listRingFiles(this.dir)
    this.#kept = files
      .filter((file) => orphaned || file.index <= this.#lastKnownIndex)
      .map((file) => {
        const segment = known.get(file.index) ?? null
        return { index: file.index, bytes: file.bytes, toMs: segment?.toMs ?? file.mtimeMs, segment }
      })
  }

  /** Indexes of files that were written but never listed: after a crash of ours or of ffmpeg. */
  async unlisted(): Promise<number[]> {
    return (await listRingFiles(this.dir)).map((file) => file.index).filter((index) => index >= this.#nextIndex)
  }

  /** Removes files that were never listed: they were nobody's evidence yet. */
  async discardUnlisted(): Promise<void> {
    for (const index of await this.unlisted()) await unlink(join(this.dir, fileName(index)))
  }

  /** The newest segment that is known, also when its file is gone. */
  last(): Segment | null {
    return this.#kept.findLast((kept) => kept.segment !== null)?.segment ?? this.#known.at(-1) ?? null
  }

  /**
   * Flushes a closed file to the disk, hashes it and lists it. A file without a whole fragment holds no picture: it is removed and
   * its index used again, unless a later one exists. @throws on a disk fault.
   */
  async close(
    index: number,
    times: (facts: SegmentFacts | null, mtimeMs: EpochMs) => SegmentTimes,
  ): Promise<{ readonly segment: Segment; readonly facts: SegmentFacts | null } | null> {
    const file = join(this.dir, fileName(index))
    const handle = await open(file, 'r+').catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw cause
    })
    if (handle === null) return null
    let data: Buffer
    let mtimeMs: EpochMs
    try {
      await handle.sync()
      mtimeMs = Math.round((await handle.stat()).mtimeMs) as EpochMs
      data = await handle.readFile()
    } finally {
      await handle.close()
    }
    const facts = readSegment(data)
    if (facts === null && !(await this.unlisted()).some((other) => other > index)) {
      await unlink(file)
      return null
    }
    await syncFolder(this.dir)
    const sha256 = createHash('sha256').update(data).digest('hex')
    const { fromMs, toMs, fromMediaMs, timeUsable } = times(facts, mtimeMs)
    const segment: Segment = {
      camera: this.camera,
      index,
      file,
      ...{ fromMs, toMs, fromMediaMs, timeUsable },
      bytes: data.length,
      sha256,
      codec: facts?.codec ?? 'h264',
    }
    this.#kept.push({ index, bytes: segment.bytes, toMs: segment.toMs, segment })
    this.#nextIndex = Math.max(this.#nextIndex, index + 1)
    return { segment, facts }
  }

  /**
   * Files beyond what the evidence database knows, closed as they are. Their times follow the segment before when they lie next to
   * it, else the time of the last write, and are then marked as not usable.
   */
  async recover(): Promise<Segment[]> {
    const found: Segment[] = []
    for (const index of await this.unlisted()) {
      const before = found.at(-1) ?? this.last()
      const closed = await this.close(index, (facts, mtimeMs) => recoveredTimes(before, facts, mtimeMs))
      if (closed !== null) found.push(closed.segment)
    }
    if (found.length > 0)
      this.#log.info({ camera: this.camera, segments: found.length }, 'segments found that were not listed yet')
    return found
  }

  /**
   * Segments that overlap a window, oldest first, as far as their files are still there. Where the wall clock was set back, the
   * same times come twice: the newer footage is meant.
   */
  cover(fromMs: number, toMs: number): Segment[] {
    const found: Segment[] = []
    let sinceMs = Infinity
    for (let i = this.#kept.length - 1; i >= 0; i -= 1) {
      const segment = this.#kept[i]?.segment
      if (segment === undefined || segment === null) continue
      if (segment.toMs > sinceMs + guessErrorMsMax) continue
      sinceMs = Math.min(sinceMs, segment.fromMs)
      if (segment.toMs > fromMs && segment.fromMs < toMs) found.push(segment)
    }
    return found.reverse()
  }

  /** Keeps files from deletion until the returned function is called. */
  pin(segments: readonly Segment[]): () => void {
    for (const { index } of segments) this.#pins.set(index, (this.#pins.get(index) ?? 0) + 1)
    let released = false
    return () => {
      if (released) return
      released = true
      for (const { index } of segments) {
        const left = (this.#pins.get(index) ?? 1) - 1
        if (left === 0) this.#pins.delete(index)
        else this.#pins.set(index, left)
      }
    }
  }

  /** The bytes of a segment. @throws when its file is gone. */
  read(segment: Segment): Promise<Buffer> {
    return readFile(segment.file)
  }

  forget(index: number): void {
    const at = this.#kept.findIndex((kept) => kept.index === index)
    if (at >= 0) this.#kept.splice(at, 1)
  }

  /** Mean over the last 30 segments, null before the first. */
  bitsPerSecond(): number | null {
    const recent = this.#kept.slice(-30).flatMap(({ segment }) => (segment === null ? [] : [segment]))
    const spanMs = recent.reduce((sum, segment) => sum + (segment.toMs - segment.fromMs), 0)
    return spanMs <= 0 ? null : (recent.reduce((sum, segment) => sum + segment.bytes, 0) * 8000) / spanMs
  }

  share(): RingShare {
    return {
      camera: this.camera,
      priority: this.priority,
      bitsPerSecond: this.#orphaned ? 0 : Math.max(1, this.bitsPerSecond() ?? 2_000_000),
      entries: this.#kept,
      pinned: (index) => this.#pins.has(index),
    }
  }

  mayRecord(): boolean {
    return this.#ring.mayRecord(this.camera)
  }
  maintain(): Promise<void> {
    return this.#ring.maintain()
  }
  relieve(): Promise<void> {
    return this.#ring.relieve()
  }
}

/** How far times that are only guessed (after a crash) may overlap those of the next segment. */
const guessErrorMsMax = 5_000
/** A written file may start this much after the one before and still be its continuation. */
const contiguousMsMax = 3_000

function recoveredTimes(before: Segment | null, facts: SegmentFacts | null, mtimeMs: EpochMs): SegmentTimes {
  const durationMs = Math.round(facts?.durationMs ?? 0)
  const guessMs = mtimeMs - durationMs
  if (before !== null && Math.abs(guessMs - before.toMs) <= contiguousMsMax)
    return {
      fromMs: before.toMs,
      toMs: (before.toMs + durationMs) as EpochMs,
      fromMediaMs: before.fromMediaMs + (before.toMs - before.fromMs),
      timeUsable: before.timeUsable,
    }
  return { fromMs: guessMs as EpochMs, toMs: mtimeMs, fromMediaMs: 0, timeUsable: false }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
