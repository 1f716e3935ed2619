import { z } from 'zod'
import type { EpochMs } from '../base/index.js'
import { cameraId, count, instant, segmentIndex, sha256Hex, toInstant } from './fields.js'

/** One closed segment as the tree of its minute holds it; leaf bytes are its canonical form without newline. */
export const sealLeaf = z.strictObject({
  bytes: count,
  cam: cameraId,
  end: instant,
  idx: segmentIndex,
  sha256: sha256Hex,
  start: instant,
})
export type SealLeaf = z.infer<typeof sealLeaf>

export const sealBody = z.looseObject({
  alg: z.literal('rfc6962-sha256'),
  bytes: count,
  cams: z.array(z.strictObject({ cam: cameraId, first: segmentIndex, last: segmentIndex, n: count })).max(256),
  from: instant,
  n: count,
  root: sha256Hex,
  to: instant,
})
export type SealBody = z.infer<typeof sealBody>

export interface SegmentFacts {
  readonly camera: string
  readonly index: number
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly bytes: number
  readonly sha256: string
}

export function toSealLeaf(segment: SegmentFacts): SealLeaf {
  return {
    bytes: segment.bytes,
    cam: segment.camera,
    end: toInstant(segment.toMs),
    idx: segment.index,
    sha256: segment.sha256,
    start: toInstant(segment.fromMs),
  }
}

export interface Seal {
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  /** In the order of the tree: by camera, then index. */
  readonly leaves: readonly SealLeaf[]
  /** RFC 6962 root over the leaves, hex. */
  readonly root: string
}

export function toSealBody(seal: Seal): SealBody {
  const cams = new Map<string, { cam: string; first: number; last: number; n: number }>()
  for (const leaf of seal.leaves) {
    const seen = cams.get(leaf.cam)
    if (seen === undefined) cams.set(leaf.cam, { cam: leaf.cam, first: leaf.idx, last: leaf.idx, n: 1 })
    else cams.set(leaf.cam, { cam: leaf.cam, first: seen.first, last: leaf.idx, n: seen.n + 1 })
  }
  return {
    alg: 'rfc6962-sha256',
    bytes: seal.leaves.reduce((sum, leaf) => sum + leaf.bytes, 0),
    cams: [...cams.values()],
    from: toInstant(seal.fromMs),
    n: seal.leaves.length,
    root: seal.root,
    to: toInstant(seal.toMs),
  }
}
