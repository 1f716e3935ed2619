/** Rectangle of pixels, right and bottom exclusive. */
export interface PxRect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function growRect({ left, top, right, bottom }: PxRect, by: number, width: number, height: number): PxRect {
  return {
    left: Math.max(0, left - by),
    top: Math.max(0, top - by),
    right: Math.min(width, right + by),
    bottom: Math.min(height, bottom + by),
  }
}

/**
 * Separable minimum (`erode`) or maximum over a window of `before` pixels to the left and above and `after` to the right and
 * below, inside `rect` of a mask of 0 and 1. Outside counts as 0 for both. `scratch` has the size of the mask.
 */
export function spread(
  mask: Uint8Array,
  scratch: Uint8Array,
  width: number,
  rect: PxRect,
  before: number,
  after: number,
  erode: boolean,
): void {
  const full = before + after + 1
  const need = erode ? full : 1
  for (let y = rect.top; y < rect.bottom; y++) {
    let sum = 0
    const row = y * width
    for (let x = rect.left; x < Math.min(rect.right, rect.left + after); x++) sum += mask[row + x] as number
    for (let x = rect.left; x < rect.right; x++) {
      if (x + after < rect.right) sum += mask[row + x + after] as number
      if (x - before - 1 >= rect.left) sum -= mask[row + x - before - 1] as number
      scratch[row + x] = sum >= need ? 1 : 0
    }
  }
  for (let x = rect.left; x < rect.right; x++) {
    let sum = 0
    for (let y = rect.top; y < Math.min(rect.bottom, rect.top + after); y++) sum += scratch[y * width + x] as number
    for (let y = rect.top; y < rect.bottom; y++) {
      if (y + after < rect.bottom) sum += scratch[(y + after) * width + x] as number
      if (y - before - 1 >= rect.top) sum -= scratch[(y - before - 1) * width + x] as number
      mask[y * width + x] = sum >= need ? 1 : 0
    }
  }
}

/** Collects the 8-connected component of `mask` around `seed` into `stack` (which has the size of the mask), clearing it. Returns its size. */
export function takeComponent(mask: Uint8Array, stack: Int32Array, width: number, rect: PxRect, seed: number): number {
  let count = 1
  stack[0] = seed
  mask[seed] = 0
  for (let at = 0; at < count; at++) {
    const i = stack[at] as number
    const y = (i / width) | 0
    const x = i - y * width
    for (let ny = Math.max(rect.top, y - 1); ny <= Math.min(rect.bottom - 1, y + 1); ny++)
      for (let nx = Math.max(rect.left, x - 1); nx <= Math.min(rect.right - 1, x + 1); nx++) {
        const n = ny * width + nx
        if (mask[n] === 0) continue
        mask[n] = 0
        stack[count++] = n
      }
  }
  return count
}

/** Smallest rectangle around pixel indices. */
export function rectOf(pixels: Int32Array, width: number): PxRect {
  let left = width
  let top = Number.MAX_SAFE_INTEGER
  let right = 0
  let bottom = 0
  for (const i of pixels) {
    const y = (i / width) | 0
    const x = i - y * width
    if (x < left) left = x
    if (x >= right) right = x + 1
    if (y < top) top = y
    if (y >= bottom) bottom = y + 1
  }
  return { left, top, right, bottom }
}
