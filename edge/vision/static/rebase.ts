import type { PlaneSize, Planes } from './planes.js'
import { shiftPlane } from './planes.js'
import type { Shift } from './registration.js'
import type { LayerArrays } from './state.js'

/**
 * Moves the whole model by a shift, so that it lies as the camera now looks: what was at (x, y) comes to (x + dx, y + dy).
 * Averages move with sub-pixel precision, counters by whole pixels; what comes in from outside starts without evidence.
 */
export function rebaseArrays(arrays: LayerArrays, size: PlaneSize, spare: Planes, { dxPx, dyPx }: Shift): void {
  const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = size
  const full = [arrays.by, arrays.sy]
  const half = [arrays.bu, arrays.bv, arrays.su, arrays.sv]
  for (const plane of full) movePlane(plane, widthPx, heightPx, -dxPx, -dyPx, spare.y)
  for (const plane of half) movePlane(plane, chromaWidthPx, chromaHeightPx, -dxPx / 2, -dyPx / 2, spare.u)
  const dx = Math.round(dxPx)
  const dy = Math.round(dyPx)
  for (const plane of [
    arrays.cy,
    arrays.sigma,
    arrays.sigmaC,
    arrays.ageMs,
    arrays.nMs,
    arrays.firstMs,
    arrays.lastMs,
    arrays.matchesB,
    arrays.matchesC,
  ])
    moveWhole(plane, widthPx, heightPx, dx, dy)
  for (const plane of [arrays.cu, arrays.cv])
    moveWhole(plane, chromaWidthPx, chromaHeightPx, Math.round(dx / 2), Math.round(dy / 2))
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i++)
      if (x < dx || x >= widthPx + dx || y < dy || y >= heightPx + dy) {
        arrays.nMs[i] = 0
        arrays.ageMs[i] = 0
        arrays.matchesB[i] = 0
      }
}

function movePlane(
  plane: Int16Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
  spare: Float32Array,
): void {
  const from = Float32Array.from(plane)
  const to = spare.subarray(0, plane.length)
  shiftPlane(from, to, width, height, dx, dy)
  for (let i = 0; i < plane.length; i++) plane[i] = Math.round(to[i] as number)
}

function moveWhole(
  plane: Int16Array | Uint16Array | Uint32Array | Int32Array | Uint8Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
): void {
  const from = plane.slice()
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.min(height - 1, Math.max(0, y - dy)) * width
    for (let x = 0; x < width; x++, i++) plane[i] = from[row + Math.min(width - 1, Math.max(0, x - dx))] as number
  }
}
