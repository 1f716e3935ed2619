import type { Picture } from './canvas.js'

const cellPx = 8
/** Grey levels from which on a pixel shows something that is not the empty view. */
const differentFrom = 26

/**
 * Puts back in front what is nearer to the camera than the story: connected moving things of the source whose lowest row lies below
 * `footPx` (DETECTION.md §10.3). `drawn` is the picture after the story was drawn on it, `source` as it was before.
 */
export function restoreNearer(drawn: Picture, source: Uint8Array, empty: Uint8Array, footPx: number): void {
  const { widthPx, heightPx, rgb } = drawn
  const [columns, rows] = [Math.ceil(widthPx / cellPx), Math.ceil(heightPx / cellPx)]
  const moving = movingCells(source, empty, widthPx, heightPx, columns, rows)
  const nearer = nearerCells(moving, columns, rows, Math.floor((footPx + cellPx) / cellPx))
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) {
      if (nearer[Math.floor(y / cellPx) * columns + Math.floor(x / cellPx)] !== 1) continue
      const index = (y * widthPx + x) * 3
      if (differenceAt(source, empty, index) < differentFrom) continue
      for (let channel = 0; channel < 3; channel++) rgb[index + channel] = source[index + channel] ?? 0
    }
}

function differenceAt(a: Uint8Array, b: Uint8Array, index: number): number {
  return Math.max(
    Math.abs((a[index] ?? 0) - (b[index] ?? 0)),
    Math.abs((a[index + 1] ?? 0) - (b[index + 1] ?? 0)),
    Math.abs((a[index + 2] ?? 0) - (b[index + 2] ?? 0)),
  )
}

function movingCells(source: Uint8Array, empty: Uint8Array, widthPx: number, heightPx: number, columns: number, rows: number): Uint8Array {
  const counts = new Uint8Array(columns * rows)
  for (let y = 0; y < heightPx; y += 2)
    for (let x = 0; x < widthPx; x += 2)
      if (differenceAt(source, empty, (y * widthPx + x) * 3) >= differentFrom) {
        const cell = Math.floor(y / cellPx) * columns + Math.floor(x / cellPx)
        counts[cell] = (counts[cell] ?? 0) + 1
      }
  return counts.map((count) => (count >= 5 ? 1 : 0))
} // prettier-ignore

/** Cells of every connected thing that reaches below `footRow`. */
function nearerCells(moving: Uint8Array, columns: number, rows: number, footRow: number): Uint8Array {
  const nearer = new Uint8Array(moving.length)
  const seen = new Uint8Array(moving.length)
  for (let start = 0; start < moving.length; start++) {
    if (moving[start] !== 1 || seen[start] === 1) continue
    const cells = [start]
    seen[start] = 1
    for (const cell of cells)
      for (const next of neighbours(cell, columns, rows))
        if (moving[next] === 1 && seen[next] !== 1) {
          seen[next] = 1
          cells.push(next)
        }
    if (cells.some((cell) => Math.floor(cell / columns) > footRow)) for (const cell of cells) nearer[cell] = 1
  }
  return nearer
}

function neighbours(cell: number, columns: number, rows: number): number[] {
  const [x, y] = [cell % columns, Math.floor(cell / columns)]
  const around = [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]] as const // prettier-ignore
  return around.filter(([a, b]) => a >= 0 && b >= 0 && a < columns && b < rows).map(([a, b]) => b * columns + a)
}
