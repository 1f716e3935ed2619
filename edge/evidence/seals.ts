import { join } from 'node:path'
import type { EpochMs } from '../../contracts/base/index.js'
import { jcs, leafHash, merkleRoot } from '../../contracts/evidence/index.js'
import { toSealBody, toSealLeaf, type SealBody } from '../../contracts/records/index.js'
import type { Segment } from '../capture/types.js'

export const sealEveryMs = 60_000
/** Late closings of the last seconds get in; the seal is written <= 5 s after its minute. */
export const sealDelayMs = 2_500

/** Tree of one minute: DESIGN.md §9.5. `segments` are all that are closed, not yet sealed and end at or before `toMs`. */
export function buildSeal(
  fromMs: EpochMs,
  toMs: EpochMs,
  segments: readonly Segment[],
): { body: SealBody; lines: string[] } {
  const ordered = [...segments].sort((a, b) =>
    a.camera === b.camera ? a.index - b.index : a.camera < b.camera ? -1 : 1,
  )
  const leaves = ordered.map(toSealLeaf)
  const lines = leaves.map((leaf) => jcs(leaf))
  const root = merkleRoot(lines.map((line) => leafHash(Buffer.from(line)))).toString('hex')
  return { body: toSealBody({ fromMs, toMs, leaves, root }), lines }
}

/** The last full minute at `nowMs`. */
export function minuteBefore(nowMs: EpochMs): EpochMs {
  return (Math.floor(nowMs / sealEveryMs) * sealEveryMs) as EpochMs
}

/** The seal goes on where the last one ended; after a step back of the clock it spans its own minute. */
export function sealStart(lastToMs: EpochMs | null, toMs: EpochMs): EpochMs {
  return lastToMs !== null && lastToMs < toMs ? lastToMs : ((toMs - sealEveryMs) as EpochMs)
}

export function leafFile(dataDir: string, chain: string, seq: number): string {
  return join(dataDir, 'seals', chain, `${String(seq).padStart(9, '0')}.jsonl`)
}
