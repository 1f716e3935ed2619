/** Size of a picture and of its chroma planes (half, rounded up). */
export interface PlaneSize {
  readonly widthPx: number
  readonly heightPx: number
  readonly chromaWidthPx: number
  readonly chromaHeightPx: number
}

export function planeSize(widthPx: number, heightPx: number): PlaneSize {
  return { widthPx, heightPx, chromaWidthPx: (widthPx + 1) >> 1, chromaHeightPx: (heightPx + 1) >> 1 }
}

/** One picture as luminance 0..255 (full size) and chroma around 128 (half size). */
export interface Planes {
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
}

export function createPlanes(size: PlaneSize): Planes {
  const chroma = size.chromaWidthPx * size.chromaHeightPx
  return {
    y: new Float32Array(size.widthPx * size.heightPx),
    u: new Float32Array(chroma),
    v: new Float32Array(chroma),
  }
}

/** Interleaved RGB to luminance, BT.601 full range (0.299, 0.587, 0.114, as 65,536ths), not smoothed. */
export function luminanceOf(rgb: Uint8Array, y: Float32Array): void {
  for (let i = 0, p = 0; i < y.length; i++, p += 3) {
    const sum = 19_595 * (rgb[p] as number) + 38_470 * (rgb[p + 1] as number) + 7_471 * (rgb[p + 2] as number)
    y[i] = (sum | 0) / 65_536
  }
}

/** Chroma of interleaved RGB: mean of each 2x2 block, BT.601 full range; the last column or row of an odd size stands for itself. */
export function chromaOf(rgb: Uint8Array, size: PlaneSize, u: Float32Array, v: Float32Array): void {
  const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = size
  for (let row = 0, j = 0; row < chromaHeightPx; row++) {
    const top = row * 2 * widthPx * 3
    const down = row * 2 + 1 < heightPx ? widthPx * 3 : 0
    for (let column = 0; column < chromaWidthPx; column++, j++) {
      const p = top + column * 6
      const across = column * 2 + 1 < widthPx ? 3 : 0
      const a = p + across
      const b = p + down
      const c = b + across
      const r = (rgb[p] as number) + (rgb[a] as number) + (rgb[b] as number) + (rgb[c] as number)
      const g = (rgb[p + 1] as number) + (rgb[a + 1] as number) + (rgb[b + 1] as number) + (rgb[c + 1] as number)
      const l = (rgb[p + 2] as number) + (rgb[a + 2] as number) + (rgb[b + 2] as number) + (rgb[c + 2] as number)
      u[j] = 128 + 0.25 * (-0.168736 * r - 0.331264 * g + 0.5 * l)
      v[j] = 128 + 0.25 * (0.5 * r - 0.418688 * g - 0.081312 * l)
    }
  }
}

/** Separable 3x3 filter [side, middle, side]² with repeated borders. `rows` is scratch of three rows. */
export function smooth3(
  from: Float32Array,
  to: Float32Array,
  widthPx: number,
  heightPx: number,
  middle: number,
  rows: Float32Array,
): void {
  const side = (1 - middle) / 2
  let above = rows.subarray(0, widthPx)
  let here = rows.subarray(widthPx, 2 * widthPx)
  let below = rows.subarray(2 * widthPx, 3 * widthPx)
  filterRow(from, 0, here, widthPx, middle, side)
  above.set(here)
  for (let row = 0; row < heightPx; row++) {
    if (row + 1 < heightPx) filterRow(from, (row + 1) * widthPx, below, widthPx, middle, side)
    else below.set(here)
    const start = row * widthPx
    for (let x = 0; x < widthPx; x++)
      to[start + x] = middle * (here[x] as number) + side * ((above[x] as number) + (below[x] as number))
    const spare = above
    above = here
    here = below
    below = spare
  }
}

function filterRow(
  from: Float32Array,
  start: number,
  to: Float32Array,
  width: number,
  middle: number,
  side: number,
): void {
  const last = start + width - 1
  let left = from[start] as number
  let here = left
  for (let i = start; i < last; i++) {
    const right = from[i + 1] as number
    to[i - start] = middle * here + side * (left + right)
    left = here
    here = right
  }
  to[width - 1] = middle * here + side * (left + here)
}

/** `to(x, y) = from(x + dx, y + dy)`, bilinear, borders repeated. */
export function shiftPlane(
  from: Float32Array,
  to: Float32Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
): void {
  const x0 = Math.floor(dx)
  const y0 = Math.floor(dy)
  const fx = dx - x0
  const fy = dy - y0
  for (let y = 0; y < height; y++) {
    const rowA = Math.min(height - 1, Math.max(0, y + y0)) * width
    const rowB = Math.min(height - 1, Math.max(0, y + y0 + 1)) * width
    for (let x = 0; x < width; x++) {
      const a = Math.min(width - 1, Math.max(0, x + x0))
      const b = Math.min(width - 1, Math.max(0, x + x0 + 1))
      const top = (from[rowA + a] as number) * (1 - fx) + (from[rowA + b] as number) * fx
      const bottom = (from[rowB + a] as number) * (1 - fx) + (from[rowB + b] as number) * fx
      to[y * width + x] = top * (1 - fy) + bottom * fy
    }
  }
}
