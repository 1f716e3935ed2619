import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { parseCanonical } from '../../contracts/evidence/index.js'
import { cameraId, instant, sealLeaf, uuidv7 } from '../../contracts/records/index.js'
import type { ClipSegmentRow } from '../store/objects-media.js'

/** What a box says is in a clip; an object of its own, named by the command's result. */
const clipList = z.strictObject({
  incident: uuidv7.nullable(),
  segments: z.array(sealLeaf.extend({ codec: z.enum(['h264', 'h265']) })).max(10_000),
  v: z.literal(1),
  windows: z.array(z.strictObject({ cam: cameraId, from: instant, to: instant })).max(100),
})

/** Segments that a list names, in its order; null when the file is no such list. */
export async function readClipList(file: string): Promise<ClipSegmentRow[] | null> {
  const parsed = clipList.safeParse(parseCanonical(await readFile(file)))
  if (!parsed.success) return null
  return parsed.data.segments.map(({ cam, idx, sha256, start, end, codec }) => ({
    cam,
    idx,
    sha256,
    from_at: start,
    to_at: end,
    codec,
  }))
}
