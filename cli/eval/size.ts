import type { Box } from '../../contracts/base/index.js'

/** Short side of a box in pixels of the watch picture. DETECTION.md §0: a network needs 16 of them. */
export const sizeBins = ['<16px', '16-32px', '32-64px', '64-128px', '>=128px', 'unknown'] as const
export type SizeBin = (typeof sizeBins)[number]

const bounds: readonly (readonly [SizeBin, number])[] = [
  ['<16px', 16],
  ['16-32px', 32],
  ['32-64px', 64],
  ['64-128px', 128],
]

/** The bin of a box; `unknown` when the clip could not be opened. */
export function sizeBinOf([, , w, h]: Box, watchPx: readonly [widthPx: number, heightPx: number] | null): SizeBin {
  if (watchPx === null) return 'unknown'
  const shortPx = Math.min(w * watchPx[0], h * watchPx[1])
  return bounds.find(([, below]) => shortPx < below)?.[0] ?? '>=128px'
}
