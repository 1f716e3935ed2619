import type { Box, Point } from './base/index.js'

/** A closed polygon in 0..1 of the picture; the last point joins the first. */
export type Polygon = readonly Point[]

/** Area of a box, share of the picture. */
export function areaOf([, , w, h]: Box): number {
  return Math.max(0, w) * Math.max(0, h)
}

/** Centre of a box. */
export function centreOf([x, y, w, h]: Box): Point {
  return [x + w / 2, y + h / 2]
}

/** Middle of a box's lower edge: where a thing stands on the ground. */
export function footOf([x, y, w, h]: Box): Point {
  return [x + w / 2, y + h]
}

/** Common area of two boxes, share of the picture. */
export function commonArea(a: Box, b: Box): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  return w > 0 && h > 0 ? w * h : 0
}

/** Intersection over union, 0..1. */
export function iouOf(a: Box, b: Box): number {
  const common = commonArea(a, b)
  const union = areaOf(a) + areaOf(b) - common
  return union > 0 ? Math.min(1, common / union) : 0
}

/** Share of `inner` that lies in `outer`, 0..1. */
export function coverOf(inner: Box, outer: Box): number {
  const area = areaOf(inner)
  return area > 0 ? commonArea(inner, outer) / area : 0
}

/** The box with `dx` and `dy` more on each side, clipped to the picture. */
export function grownBy([x, y, w, h]: Box, dx: number, dy: number): Box {
  const left = Math.max(0, x - dx)
  const top = Math.max(0, y - dy)
  return [left, top, Math.max(0, Math.min(1, x + w + dx) - left), Math.max(0, Math.min(1, y + h + dy) - top)]
}

/** The smallest box around both. */
export function unionOf(a: Box, b: Box): Box {
  const x = Math.min(a[0], b[0])
  const y = Math.min(a[1], b[1])
  return [x, y, Math.max(a[0] + a[2], b[0] + b[2]) - x, Math.max(a[1] + a[3], b[1] + b[3]) - y]
}

/** True when the centre of one box lies inside the other. */
export function centreInside(a: Box, b: Box): boolean {
  return holdsPoint(a, centreOf(b)) || holdsPoint(b, centreOf(a))
}

function holdsPoint([x, y, w, h]: Box, [px, py]: Point): boolean {
  return px >= x && px <= x + w && py >= y && py <= y + h
}

/** Even-odd rule: a ray to the right crosses the outline an odd number of times. */
export function pointInPolygon([px, py]: Point, polygon: Polygon): boolean {
  let inside = false
  eachEdge(polygon, ([ax, ay], [bx, by]) => {
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) inside = !inside
  })
  return inside
}

/** Area of a simple polygon by the shoelace formula, share of the picture. */
export function polygonArea(polygon: Polygon): number {
  let twice = 0
  eachEdge(polygon, ([ax, ay], [bx, by]) => {
    twice += ax * by - bx * ay
  })
  return Math.abs(twice) / 2
}

/**
 * Exact share of a box that lies inside a simple polygon, 0..1. The polygon is clipped by the box's four half planes
 * (Sutherland and Hodgman 1974; the clipping window is convex, the subject need not be: bridges it leaves have no area).
 */
export function shareInside(box: Box, polygon: Polygon): number {
  const area = areaOf(box)
  if (area <= 0) return pointInPolygon([box[0], box[1]], polygon) ? 1 : 0
  const [x, y, w, h] = box
  let clipped: Polygon = polygon
  clipped = clip(clipped, ([px]) => px - x)
  clipped = clip(clipped, ([px]) => x + w - px)
  clipped = clip(clipped, ([, py]) => py - y)
  clipped = clip(clipped, ([, py]) => y + h - py)
  // A box wholly inside is 1, not 1 - 1e-16: thresholds compare with it.
  return Math.min(1, Math.round((polygonArea(clipped) / area) * 1e9) / 1e9)
}

/** Keeps the part where `side` is not negative. */
function clip(polygon: Polygon, side: (point: Point) => number): Polygon {
  const kept: Point[] = []
  eachEdge(polygon, (a, b) => {
    const sideA = side(a)
    const sideB = side(b)
    if (sideA >= 0) kept.push(a)
    if (sideA >= 0 === sideB >= 0) return
    const along = sideA / (sideA - sideB)
    kept.push([a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along])
  })
  return kept
}

/** What is wrong with a polygon, as the end of the sentence "the polygon …"; null when nothing is. */
export function polygonFault(polygon: Polygon): string | null {
  if (polygon.length < 3) return `has ${polygon.length} points and needs at least 3`
  if (polygon.some(([x, y]) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1)))
    return 'has a point outside 0..1 of the picture'
  const edges: [Point, Point][] = []
  eachEdge(polygon, (a, b) => edges.push([a, b]))
  const twice = edges.findIndex(([a, b]) => a[0] === b[0] && a[1] === b[1])
  if (twice >= 0) return `has the same point twice in a row (number ${twice + 1})`
  for (const [i, [a, b]] of edges.entries()) {
    for (const [j, [c, d]] of edges.entries()) {
      const neighbours = j === i || j === (i + 1) % edges.length || i === (j + 1) % edges.length
      if (!neighbours && j > i && meet(a, b, c, d)) return `crosses itself (edges ${i + 1} and ${j + 1})`
    }
  }
  return polygonArea(polygon) > 1e-6 ? null : 'has no area'
}

function meet(a: Point, b: Point, c: Point, d: Point): boolean {
  const turn = (p: Point, q: Point, r: Point): number =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
  const on = (p: Point, q: Point, r: Point): boolean =>
    Math.min(p[0], q[0]) <= r[0] &&
    r[0] <= Math.max(p[0], q[0]) &&
    Math.min(p[1], q[1]) <= r[1] &&
    r[1] <= Math.max(p[1], q[1])
  const [abc, abd, cda, cdb] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)]
  if (abc !== abd && cda !== cdb) return true
  return (
    (abc === 0 && on(a, b, c)) || (abd === 0 && on(a, b, d)) || (cda === 0 && on(c, d, a)) || (cdb === 0 && on(c, d, b))
  )
}

function eachEdge(polygon: Polygon, visit: (from: Point, to: Point) => void): void {
  let from = polygon.at(-1)
  if (from === undefined) return
  for (const to of polygon) {
    visit(from, to)
    from = to
  }
}
