import type { Box, Point } from '../../contracts/base/index.js'
import type { PxRect } from './static/morphology.js'

export function intersectionOf([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const w = Math.min(ax + aw, bx + bw) - Math.max(ax, bx)
  const h = Math.min(ay + ah, by + bh) - Math.max(ay, by)
  return w > 0 && h > 0 ? w * h : 0
}

/** Intersection over union, 0..1. */
export function iouOf(a: Box, b: Box): number {
  const common = intersectionOf(a, b)
  const union = a[2] * a[3] + b[2] * b[3] - common
  return union > 0 ? common / union : 0
}

/** Share of `inner` that `outer` covers. */
export function coverOf(inner: Box, outer: Box): number {
  const area = inner[2] * inner[3]
  return area > 0 ? intersectionOf(inner, outer) / area : 0
}

export function centreOf([x, y, w, h]: Box): Point {
  return [x + w / 2, y + h / 2]
}

/** Middle of the lower edge: where a person stands. */
export function footOf([x, y, w, h]: Box): Point {
  return [x + w / 2, y + h]
}

export function clipBox([x, y, w, h]: Box): Box {
  const left = Math.min(1, Math.max(0, x))
  const top = Math.min(1, Math.max(0, y))
  const right = Math.min(1, Math.max(left, x + w))
  const bottom = Math.min(1, Math.max(top, y + h))
  return [left, top, right - left, bottom - top]
}

/** The box around the same centre, `factor` times as large, at least `leastW` x `leastH`, moved into the picture. */
export function growBox(box: Box, factor: number, leastW = 0, leastH = 0): Box {
  const [cx, cy] = centreOf(box)
  const w = Math.min(1, Math.max(box[2] * factor, leastW))
  const h = Math.min(1, Math.max(box[3] * factor, leastH))
  return [Math.min(1 - w, Math.max(0, cx - w / 2)), Math.min(1 - h, Math.max(0, cy - h / 2)), w, h]
}

export function boxFromRect({ left, top, right, bottom }: PxRect, widthPx: number, heightPx: number): Box {
  return [left / widthPx, top / heightPx, (right - left) / widthPx, (bottom - top) / heightPx]
}

export function rectFromBox([x, y, w, h]: Box, widthPx: number, heightPx: number): PxRect {
  return {
    left: Math.max(0, Math.floor(x * widthPx)),
    top: Math.max(0, Math.floor(y * heightPx)),
    right: Math.min(widthPx, Math.ceil((x + w) * widthPx)),
    bottom: Math.min(heightPx, Math.ceil((y + h) * heightPx)),
  }
}

/** `box` of the whole picture in 0..1 of `region`, and back. */
export function intoRegion([x, y, w, h]: Box, [rx, ry, rw, rh]: Box): Box {
  return [(x - rx) / rw, (y - ry) / rh, w / rw, h / rh]
}

export function outOfRegion([x, y, w, h]: Box, [rx, ry, rw, rh]: Box): Box {
  return [rx + x * rw, ry + y * rh, w * rw, h * rh]
}

/** Distance from a point to a box, 0 inside. */
export function distanceToBox([px, py]: Point, [x, y, w, h]: Box): readonly [dx: number, dy: number] {
  return [px < x ? x - px : px > x + w ? px - x - w : 0, py < y ? y - py : py > y + h ? py - y - h : 0]
}
