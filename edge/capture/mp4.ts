/** One box of ISO/IEC 14496-12: `start` and `end` count from the start of the data, `body` is where its content begins. */
export interface Mp4Box {
  readonly type: string
  readonly start: number
  readonly body: number
  readonly end: number
}

/** The whole boxes between `from` and `to`. Stops without a fault at the first one that is cut off or impossible. */
export function walkBoxes(data: Buffer, from = 0, to = data.length): Mp4Box[] {
  const boxes: Mp4Box[] = []
  let start = from
  while (start + 8 <= to) {
    let size = data.readUInt32BE(start)
    let body = start + 8
    if (size === 1) {
      if (start + 16 > to) break
      size = Number(data.readBigUInt64BE(start + 8))
      body = start + 16
    } else if (size === 0) size = to - start
    const end = start + size
    if (end < body || end > to) break
    boxes.push({ type: data.toString('latin1', start + 4, start + 8), start, body, end })
    start = end
  }
  return boxes
}

/** The first box at a path such as `moov/trak/mdia`, or null. */
export function findBox(data: Buffer, path: string, from = 0, to = data.length): Mp4Box | null {
  const [type, ...rest] = path.split('/')
  const box = walkBoxes(data, from, to).find((candidate) => candidate.type === type)
  if (box === undefined) return null
  return rest.length === 0 ? box : findBox(data, rest.join('/'), box.body, box.end)
}

/** One picture in its segment; times in units of the segment's time scale, from its start. */
export interface Sample {
  readonly dts: number
  readonly pts: number
  readonly duration: number
  readonly bytes: number
  /** Where its bytes lie in the data: length-prefixed NAL units. */
  readonly offset: number
}

/** What a closed file of the ring holds, read from its boxes. */
export interface SegmentFacts {
  readonly codec: 'h264' | 'h265'
  readonly widthPx: number
  readonly heightPx: number
  readonly timescale: number
  /** Where the init part (ftyp, moov) ends. */
  readonly initBytes: number
  /** `stsd` content: two segments join only when it is the same. */
  readonly description: Buffer
  readonly samples: readonly Sample[]
  readonly durationMs: number
  /** Presentation time of the first picture shown, from the segment's start (B-frames shift it). */
  readonly firstPtsMs: number
}

/** Reads a segment as `watchArgs` lets ffmpeg write it, also one that was cut off. Null when no whole fragment is in it. */
export function readSegment(data: Buffer): SegmentFacts | null {
  const moov = walkBoxes(data).find((box) => box.type === 'moov')
  if (moov === undefined) return null
  const timescale = readTimescale(data, moov)
  const stsd = findBox(data, 'trak/mdia/minf/stbl/stsd', moov.body, moov.end)
  if (stsd === null || timescale === null || stsd.body + 16 > stsd.end) return null
  const entry = walkBoxes(data, stsd.body + 8, stsd.end)[0]
  if (entry === undefined || entry.body + 28 > entry.end) return null
  const codec = /^avc/.test(entry.type) ? 'h264' : /^h(vc|ev)1$/.test(entry.type) ? 'h265' : null
  const samples = readFragments(data)
  const last = samples.at(-1)
  if (codec === null || last === undefined) return null
  const first = samples.reduce((least, sample) => Math.min(least, sample.pts), Infinity)
  const origin = samples[0]?.dts ?? 0
  return {
    codec,
    widthPx: data.readUInt16BE(entry.body + 24),
    heightPx: data.readUInt16BE(entry.body + 26),
    timescale,
    initBytes: moov.end,
    description: data.subarray(stsd.body, stsd.end),
    samples,
    durationMs: ((last.dts + last.duration - origin) * 1000) / timescale,
    firstPtsMs: ((first - origin) * 1000) / timescale,
  }
}

function readTimescale(data: Buffer, moov: Mp4Box): number | null {
  const mdhd = findBox(data, 'trak/mdia/mdhd', moov.body, moov.end)
  if (mdhd === null || mdhd.body + 24 > mdhd.end) return null
  const timescale = data.readUInt32BE(mdhd.body + (data[mdhd.body] === 1 ? 20 : 12))
  return timescale > 0 ? timescale : null
}

/** moof boxes that are followed by their whole mdat. */
export function wholeFragments(data: Buffer): { readonly moof: Mp4Box; readonly mdat: Mp4Box }[] {
  const boxes = walkBoxes(data)
  return boxes.flatMap((moof, i) => {
    const mdat = boxes[i + 1]
    return moof.type === 'moof' && mdat?.type === 'mdat' ? [{ moof, mdat }] : []
  })
}

function readFragments(data: Buffer): Sample[] {
  const samples: Sample[] = []
  for (const { moof } of wholeFragments(data)) {
    const traf = findBox(data, 'traf', moof.body, moof.end)
    if (traf === null) continue
    readTraf(data, moof, traf, samples)
  }
  const last = samples.at(-1)
  const before = samples.at(-2)
  // A stream without a declared rate leaves the last duration 0: the picture stood as long as the one before.
  if (last?.duration === 0 && before !== undefined) samples[samples.length - 1] = { ...last, duration: before.duration }
  return samples
}

function readTraf(data: Buffer, moof: Mp4Box, traf: Mp4Box, samples: Sample[]): void {
  const boxes = walkBoxes(data, traf.body, traf.end)
  const defaults = readTfhd(data, boxes)
  let dts = readTfdt(data, boxes) ?? 0
  for (const trun of boxes.filter((box) => box.type === 'trun')) {
    if (trun.body + 8 > trun.end) return
    const flags = data.readUInt32BE(trun.body) & 0xffffff
    const count = data.readUInt32BE(trun.body + 4)
    let at = trun.body + 8
    let offset = moof.start
    if ((flags & 0x1) !== 0 && at + 4 <= trun.end) offset += data.readInt32BE(at)
    at += ((flags & 0x1) !== 0 ? 4 : 0) + ((flags & 0x4) !== 0 ? 4 : 0)
    const fields = [0x100, 0x200, 0x400, 0x800].map((bit) => (flags & bit) !== 0)
    const entryBytes = fields.filter(Boolean).length * 4
    for (let i = 0; i < count && at + entryBytes <= trun.end; i += 1) {
      let duration = defaults.duration
      let bytes = defaults.bytes
      let shift = 0
      if (fields[0] === true) duration = data.readUInt32BE(at)
      if (fields[1] === true) bytes = data.readUInt32BE(at + (fields[0] === true ? 4 : 0))
      if (fields[3] === true) shift = data.readInt32BE(at + entryBytes - 4)
      samples.push({ dts, pts: dts + shift, duration, bytes, offset })
      dts += duration
      offset += bytes
      at += entryBytes
      if (entryBytes === 0 && i > 1_000_000) return // a count without entries is nonsense
    }
  }
}

function readTfhd(data: Buffer, boxes: readonly Mp4Box[]): { duration: number; bytes: number } {
  const tfhd = boxes.find((box) => box.type === 'tfhd')
  const found = { duration: 0, bytes: 0 }
  if (tfhd === undefined || tfhd.body + 8 > tfhd.end) return found
  const flags = data.readUInt32BE(tfhd.body) & 0xffffff
  let at = tfhd.body + 8 + ((flags & 0x1) !== 0 ? 8 : 0) + ((flags & 0x2) !== 0 ? 4 : 0)
  if ((flags & 0x8) !== 0 && at + 4 <= tfhd.end) {
    found.duration = data.readUInt32BE(at)
    at += 4
  }
  if ((flags & 0x10) !== 0 && at + 4 <= tfhd.end) found.bytes = data.readUInt32BE(at)
  return found
}

function readTfdt(data: Buffer, boxes: readonly Mp4Box[]): number | null {
  const tfdt = boxes.find((box) => box.type === 'tfdt')
  if (tfdt === undefined || tfdt.body + 8 > tfdt.end) return null
  if (data[tfdt.body] !== 1) return data.readUInt32BE(tfdt.body + 4)
  return tfdt.body + 12 > tfdt.end ? null : Number(data.readBigUInt64BE(tfdt.body + 4))
}
