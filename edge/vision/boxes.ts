import type { Box, Point } from '../../contracts/base/index.js'
import { centreOf } from '../../contracts/geometry.js'
import type { PxRect } from './static/morphology.js'

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
