import type { PxRect } from './morphology.js'
import { growRect, rectOf, spread, takeComponent } from './morphology.js'
import type { PlaneSize } from './planes.js'
import type { LayerArrays } from './state.js'

/** A connected place whose candidate values arrived together and have stayed. */
export interface Candidate {
  /** Indices into the full-size planes. */
  readonly pixels: Int32Array
  readonly rect: PxRect
  /** Median of `firstMs`. */
  readonly sinceMs: number
  /** Median of the evidence. */
  readonly evidenceMs: number
}

export interface CandidateLimits {
  readonly staticMs: number
  /** Candidates must have been seen since then (evidence time). */
  readonly lastSeenSinceMs: number
  readonly leastPx: number
}

/** Scratch of the size of the picture. */
export interface MaskScratch {
  readonly mask: Uint8Array
  readonly second: Uint8Array
  readonly stack: Int32Array
  readonly values: Uint32Array
}

export function createMaskScratch(size: PlaneSize): MaskScratch {
  const full = size.widthPx * size.heightPx
  return {
    mask: new Uint8Array(full),
    second: new Uint8Array(full),
    stack: new Int32Array(full),
    values: new Uint32Array(full),
  }
}

const candidatesMost = 64

/**
 * Candidates of this frame (DETECTION.md §3.3): mature pixels, opened 2x2, closed 5x5, 8-connected, split by arrival.
 * At most 64, largest components first come first.
 */
export function findCandidates(
  arrays: LayerArrays,
  ignore: Uint8Array,
  size: PlaneSize,
  scratch: MaskScratch,
  limits: CandidateLimits,
): Candidate[] {
  const { widthPx, heightPx } = size
  const rect = maturePixels(arrays, ignore, size, scratch.mask, limits)
  if (rect === null) return []
  const area = growRect(rect, 6, widthPx, heightPx)
  const { mask, second, stack } = scratch
  spread(mask, second, widthPx, area, 0, 1, true)
  spread(mask, second, widthPx, area, 1, 0, false)
  spread(mask, second, widthPx, area, 2, 2, false)
  spread(mask, second, widthPx, area, 2, 2, true)
  const found: Candidate[] = []
  for (let y = area.top; y < area.bottom; y++)
    for (let x = area.left; x < area.right; x++) {
      const seed = y * widthPx + x
      if (mask[seed] === 0) continue
      const count = takeComponent(mask, stack, widthPx, area, seed)
      if (count < limits.leastPx || found.length >= candidatesMost) continue
      splitByArrival(stack.slice(0, count), arrays, size, scratch, limits, found)
    }
  return found
}

/** Marks pixels with enough evidence that were seen lately; null when there are too few for any candidate. */
function maturePixels(
  { nMs, lastMs }: LayerArrays,
  ignore: Uint8Array,
  { widthPx, heightPx }: PlaneSize,
  mask: Uint8Array,
  { staticMs, lastSeenSinceMs, leastPx }: CandidateLimits,
): PxRect | null {
  let left = widthPx
  let top = heightPx
  let right = 0
  let bottom = 0
  let count = 0
  // whole numbers stay whole: this loop sees every pixel of every frame
  const least = Math.floor(staticMs) | 0
  mask.fill(0)
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i++) {
      // > because the evidence of a new candidate starts at 1 ms
      if ((nMs[i] as number) <= least || (lastMs[i] as number) < lastSeenSinceMs || ignore[i] !== 0) continue
      mask[i] = 1
      count++
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  return count < leastPx / 2 ? null : { left, top, right, bottom }
}

/** Emits the parts of a component that arrived within 0.35 staticMs of each other, densest first, up to four times. */
function splitByArrival(
  component: Int32Array,
  arrays: LayerArrays,
  size: PlaneSize,
  scratch: MaskScratch,
  limits: CandidateLimits,
  found: Candidate[],
): void {
  const windowMs = 0.35 * limits.staticMs
  let rest = component
  for (let round = 0; round < 4 && rest.length >= limits.leastPx; round++) {
    const window = densestWindow(rest, arrays, scratch.values, windowMs, limits.staticMs)
    if (window === null) return
    const inside = rest.filter((i) => within(arrays, i, window, limits.staticMs))
    const part = inside.length >= 0.9 * rest.length ? rest : inside
    emitConnected(part, arrays, size, scratch, limits, found)
    if (part === rest) return
    rest = rest.filter((i) => !within(arrays, i, window, limits.staticMs))
  }
}

interface ArrivalWindow {
  readonly fromMs: number
  readonly toMs: number
}

/** Pixels that closing has filled in carry no arrival of their own and belong to any window. */
function within({ firstMs, nMs }: LayerArrays, i: number, { fromMs, toMs }: ArrivalWindow, staticMs: number): boolean {
  if ((nMs[i] as number) <= staticMs) return true
  const first = firstMs[i] as number
  return first >= fromMs && first <= toMs
}

function densestWindow(
  pixels: Int32Array,
  { firstMs, nMs }: LayerArrays,
  values: Uint32Array,
  windowMs: number,
  staticMs: number,
): ArrivalWindow | null {
  let count = 0
  for (const i of pixels) if ((nMs[i] as number) > staticMs) values[count++] = firstMs[i] as number
  if (count === 0) return null
  const sorted = values.subarray(0, count).sort()
  let best = 0
  let from = 0
  let to = 0
  for (let low = 0, high = 0; high < count; high++) {
    while ((sorted[high] as number) - (sorted[low] as number) > windowMs) low++
    if (high - low + 1 > best) {
      best = high - low + 1
      from = sorted[low] as number
      to = sorted[high] as number
    }
  }
  return { fromMs: from, toMs: to }
}

function emitConnected(
  part: Int32Array,
  arrays: LayerArrays,
  { widthPx, heightPx }: PlaneSize,
  { second, stack, values }: MaskScratch,
  { staticMs, leastPx }: CandidateLimits,
  found: Candidate[],
): void {
  const rect = growRect(rectOf(part, widthPx), 1, widthPx, heightPx)
  for (let y = rect.top; y < rect.bottom; y++) second.fill(0, y * widthPx + rect.left, y * widthPx + rect.right)
  for (const i of part) second[i] = 1
  for (const seed of part) {
    if (second[seed] === 0) continue
    const count = takeComponent(second, stack, widthPx, rect, seed)
    if (count < leastPx || found.length >= candidatesMost) continue
    const pixels = stack.slice(0, count).sort()
    const sinceMs = medianOf(pixels, arrays.firstMs, arrays.nMs, staticMs, values)
    const evidenceMs = medianOf(pixels, arrays.nMs, arrays.nMs, staticMs, values)
    if (sinceMs !== null && evidenceMs !== null)
      found.push({ pixels, rect: rectOf(pixels, widthPx), sinceMs, evidenceMs })
  }
}

function medianOf(
  pixels: Int32Array,
  from: Uint32Array | Int32Array,
  nMs: Int32Array,
  staticMs: number,
  values: Uint32Array,
): number | null {
  let count = 0
  for (const i of pixels) if ((nMs[i] as number) > staticMs) values[count++] = from[i] as number
  if (count === 0) return null
  return values.subarray(0, count).sort()[count >> 1] as number
}
