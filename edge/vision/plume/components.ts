import type { Box } from '../../../contracts/base/index.js'
import type { Grid } from './cells.js'

/** Indices of cells that touch each other, corners included. */
export function components(marked: Uint8Array, grid: Grid): number[][] {
  const seen = new Uint8Array(marked.length)
  const out: number[][] = []
  for (let start = 0; start < marked.length; start += 1) {
    if (marked[start] !== 1 || seen[start] === 1) continue
    const part = [start]
    seen[start] = 1
    for (const index of part)
      for (const next of around(index, grid))
        if (marked[next] === 1 && seen[next] === 0) {
          seen[next] = 1
          part.push(next)
        }
    out.push(part)
  }
  return out
}

/** The up to eight neighbours of a cell. */
export function around(index: number, grid: Grid): number[] {
  const col = index % grid.cols
  const row = (index - col) / grid.cols
  const out: number[] = []
  for (let y = Math.max(0, row - 1); y <= Math.min(grid.rows - 1, row + 1); y += 1)
    for (let x = Math.max(0, col - 1); x <= Math.min(grid.cols - 1, col + 1); x += 1)
      if (x !== col || y !== row) out.push(y * grid.cols + x)
  return out
}

/** Bounding box of cells in 0..1 of the picture. */
export function boxOfCells(cells: readonly number[], grid: Grid, widthPx: number, heightPx: number): Box {
  let left = grid.cols
  let top = grid.rows
  let right = 0
  let bottom = 0
  for (const index of cells) {
    const col = index % grid.cols
    const row = (index - col) / grid.cols
    left = Math.min(left, col)
    right = Math.max(right, col + 1)
    top = Math.min(top, row)
    bottom = Math.max(bottom, row + 1)
  }
  const [sx, sy] = [grid.cellPx / widthPx, grid.cellPx / heightPx]
  return [left * sx, top * sy, (right - left) * sx, (bottom - top) * sy]
}

/** Intersection over union of two boxes. */
export function overlap(a: Box, b: Box): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (w <= 0 || h <= 0) return 0
  return (w * h) / (a[2] * a[3] + b[2] * b[3] - w * h)
}

/** The box grown by `x` and `y` on each side, cut at the picture's edge. */
export function grown(box: Box, x: number, y: number): Box {
  const left = Math.max(0, box[0] - x)
  const top = Math.max(0, box[1] - y)
  return [left, top, Math.min(1, box[0] + box[2] + x) - left, Math.min(1, box[1] + box[3] + y) - top]
}

/** Middle of a cell in 0..1 of the picture. */
export function centreOf(index: number, grid: Grid, widthPx: number, heightPx: number): readonly [number, number] {
  const col = index % grid.cols
  const row = (index - col) / grid.cols
  return [((col + 0.5) * grid.cellPx) / widthPx, ((row + 0.5) * grid.cellPx) / heightPx]
}
