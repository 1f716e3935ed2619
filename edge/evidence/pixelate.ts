import type { Point } from '../../contracts/base/index.js'
import type { Frame } from './derivatives.js'

/** Cells across the long side of a picture inside a private zone: no face or plate survives at this size. */
const cellsAcross = 40

/** Replaces every cell that touches a polygon by its mean colour, in place. Polygons are in 0..1 of the picture. */
export function pixelate(frame: Frame, polygons: readonly (readonly Point[])[]): void {
  const { widthPx, heightPx, rgb } = frame
  const cellPx = Math.max(8, Math.ceil(Math.max(widthPx, heightPx) / cellsAcross))
  for (let top = 0; top < heightPx; top += cellPx)
    for (let left = 0; left < widthPx; left += cellPx) {
      const right = Math.min(widthPx, left + cellPx)
      const bottom = Math.min(heightPx, top + cellPx)
      const cell = [left / widthPx, top / heightPx, right / widthPx, bottom / heightPx] as const
      if (polygons.some((polygon) => touches(polygon, cell))) flatten(rgb, widthPx, left, top, right, bottom)
    }
}

function flatten(rgb: Buffer, widthPx: number, left: number, top: number, right: number, bottom: number): void {
  const sum = [0, 0, 0]
  const count = (right - left) * (bottom - top)
  for (let y = top; y < bottom; y += 1)
    for (let at = (y * widthPx + left) * 3; at < (y * widthPx + right) * 3; at += 1)
      sum[at % 3] = (sum[at % 3] ?? 0) + (rgb[at] ?? 0)
  const mean = sum.map((value) => Math.round(value / count))
  for (let y = top; y < bottom; y += 1)
    for (let at = (y * widthPx + left) * 3; at < (y * widthPx + right) * 3; at += 1) rgb[at] = mean[at % 3] ?? 0
}

type Cell = readonly [left: number, top: number, right: number, bottom: number]

/** A corner of one inside the other, or an edge through the cell: errs on the side of hiding. */
function touches(polygon: readonly Point[], cell: Cell): boolean {
  const [left, top, right, bottom] = cell
  const corners: Point[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [(left + right) / 2, (top + bottom) / 2],
  ]
  if (corners.some((corner) => isInside(corner, polygon))) return true
  return polygon.some((point, index) => crosses(point, polygon[(index + 1) % polygon.length] ?? point, cell))
}

function isInside([x, y]: Point, polygon: readonly Point[]): boolean {
  let inside = false
  for (const [index, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(index + polygon.length - 1) % polygon.length] ?? [ax, ay]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

/** Liang-Barsky: does the segment have a part inside the cell? */
function crosses([ax, ay]: Point, [bx, by]: Point, [left, top, right, bottom]: Cell): boolean {
  let [enter, leave] = [0, 1]
  for (const [p, q] of [
    [ax - bx, ax - left],
    [bx - ax, right - ax],
    [ay - by, ay - top],
    [by - ay, bottom - ay],
  ] as const) {
    if (p === 0) {
      if (q < 0) return false
    } else if (p < 0) enter = Math.max(enter, q / p)
    else leave = Math.min(leave, q / p)
  }
  return enter <= leave
}
