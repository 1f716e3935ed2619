import type { Box, Point } from '../../contracts/base/index.js'
import { KerbError } from '../../contracts/base/index.js'
import { pointInPolygon } from '../../contracts/geometry.js'
import { determinant3, homographyOf, invert3 } from '../../contracts/homography.js'
import type { Calibration, Matrix3 } from '../../contracts/homography.js'
import type { Cause } from '../../contracts/terms.js'

/** Metres east and north; for a camera given by its height, right of and before its foot. */
export type GroundPoint = readonly [eastM: number, northM: number]

/** The ground plane of one camera. Points are in 0..1 of the picture, pixels those of the picture size it was made for. */
export interface Geometry {
  readonly widthPx: number
  readonly heightPx: number
  /** @throws KerbError `POINT_ABOVE_HORIZON` */
  toGround(point: Point): GroundPoint
  /** @throws KerbError `POINT_BEHIND_CAMERA` */
  toImage(ground: GroundPoint): Point
  /** False at and above the horizon. */
  onGround(point: Point): boolean
  /** Ground that one pixel covers. @throws KerbError `POINT_ABOVE_HORIZON` */
  m2PerPx(point: Point): number
  /** Pixels that one metre across the line of sight takes. @throws KerbError `POINT_ABOVE_HORIZON` */
  pxPerM(point: Point): number
  /** Size of a thing standing on the ground whose silhouette fills `box`: its lower half, doubled, since the upper half projects too far away. */
  areaM2(box: Box): number
  /** The same for a silhouette given row by row, from the top: `countPx` pixels around column `centreXPx` of row `yPx`. */
  areaOfRowsM2(rows: readonly SilhouetteRow[]): number
  /** Ground distance between two points of the picture. */
  distanceM(a: Point, b: Point): number
}

export interface SilhouetteRow {
  readonly yPx: number
  readonly centreXPx: number
  readonly countPx: number
}

/**
 * Geometry of a picture of `widthPx` x `heightPx`; null when the camera is not calibrated.
 * @throws KerbError `CALIBRATION_REFUSED` with the reason.
 */
export function createGeometry(calibration: Calibration | null, widthPx: number, heightPx: number): Geometry | null {
  if (calibration === null) return null
  return new PlaneGeometry(homographyOf(calibration, heightPx / widthPx), widthPx, heightPx)
}

class PlaneGeometry implements Geometry {
  readonly #h: Matrix3
  readonly #inverse: Matrix3
  readonly #determinant: number
  readonly widthPx: number
  readonly heightPx: number
  constructor(h: Matrix3, widthPx: number, heightPx: number) {
    this.widthPx = widthPx
    this.heightPx = heightPx
    this.#h = h
    this.#inverse = invert3(h)
    this.#determinant = Math.abs(determinant3(h))
  }

  /** Positive in front of the camera below the horizon; a tiny limit keeps distances finite. */
  #depth([x, y]: Point): number {
    return this.#h[6] * x + this.#h[7] * y + this.#h[8]
  }

  onGround(point: Point): boolean {
    return this.#depth(point) > 1e-9 * Math.hypot(this.#h[6], this.#h[7], this.#h[8])
  }

  #depthBelow(point: Point): number {
    if (!this.onGround(point))
      throw new KerbError('POINT_ABOVE_HORIZON', `(${point[0]}, ${point[1]}) lies at or above the horizon`, { point })
    return this.#depth(point)
  }

  toGround(point: Point): GroundPoint {
    const w = this.#depthBelow(point)
    const [x, y] = point
    const h = this.#h
    return [(h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w]
  }

  toImage([east, north]: GroundPoint): Point {
    const g = this.#inverse
    const w = g[6] * east + g[7] * north + g[8]
    const point: Point = [(g[0] * east + g[1] * north + g[2]) / w, (g[3] * east + g[4] * north + g[5]) / w]
    if (!Number.isFinite(point[0]) || !Number.isFinite(point[1]) || !this.onGround(point))
      throw new KerbError('POINT_BEHIND_CAMERA', `(${east} m, ${north} m) is not in front of the camera`, {})
    return point
  }

  m2PerPx(point: Point): number {
    const w = this.#depthBelow(point)
    return this.#determinant / (w * w * w) / (this.widthPx * this.heightPx)
  }

  pxPerM(point: Point): number {
    const w = this.#depthBelow(point)
    const [x, y] = point
    const h = this.#h
    const east = (h[0] * x + h[1] * y + h[2]) / w
    const north = (h[3] * x + h[4] * y + h[5]) / w
    // derivative of the ground point by the pixel
    const a = (h[0] - h[6] * east) / w / this.widthPx
    const b = (h[1] - h[7] * east) / w / this.heightPx
    const c = (h[3] - h[6] * north) / w / this.widthPx
    const d = (h[4] - h[7] * north) / w / this.heightPx
    // its smallest singular value belongs to the direction across the line of sight
    const sum = a * a + b * b + c * c + d * d
    const det = a * d - b * c
    const largest = Math.sqrt((sum + Math.sqrt(Math.max(0, sum * sum - 4 * det * det))) / 2)
    return largest / Math.abs(det)
  }

  areaM2([x, y, w, h]: Box): number {
    const steps = 16
    const rowPx = (h * this.heightPx) / 2 / steps
    let sum = 0
    for (let step = 0; step < steps; step++)
      sum += this.m2PerPx([x + w / 2, y + h / 2 + ((step + 0.5) * h) / 2 / steps]) * w * this.widthPx * rowPx
    return 2 * sum
  }

  areaOfRowsM2(rows: readonly SilhouetteRow[]): number {
    const top = rows[0]
    const bottom = rows.at(-1)
    if (top === undefined || bottom === undefined) return 0
    const middlePx = (top.yPx + bottom.yPx) / 2
    let lower = 0
    let lowerPx = 0
    let allPx = 0
    for (const { yPx, centreXPx, countPx } of rows) {
      allPx += countPx
      if (yPx < middlePx) continue
      lowerPx += countPx
      lower += countPx * this.m2PerPx([(centreXPx + 0.5) / this.widthPx, (yPx + 0.5) / this.heightPx])
    }
    // "doubled" by the number of pixels, so that a silhouette wider below is not counted too large
    return lowerPx === 0 ? 0 : (lower * Math.min(2 * lowerPx, allPx)) / lowerPx
  }

  distanceM(a: Point, b: Point): number {
    const [eastA, northA] = this.toGround(a)
    const [eastB, northB] = this.toGround(b)
    return Math.hypot(eastA - eastB, northA - northB)
  }
}

/** Share of a zone, 0..1, in which a cause can be seen; 0.5 and more counts as observable. */
export type Capability = Readonly<Record<Cause, number>>

/** Pixels per metre that each cause needs (DETECTION.md §2); plumes of 4 m² are wide at 6 px/m. */
const pxPerMNeeded: Readonly<Record<Cause, number>> = { vending: 12, grilling: 8, spillage: 40, dust: 6 }

/**
 * Which causes are observable in a zone at the size of picture that is analysed; null without calibration.
 * `spillagePx` is the width of the picture in which debris is looked for.
 */
export function capabilityOf(
  geometry: Geometry | null,
  polygon: readonly Point[],
  spillagePx?: number,
): Capability | null {
  if (geometry === null) return null
  let inside = 0
  const seen = { vending: 0, grilling: 0, spillage: 0, dust: 0 }
  for (let row = 0; row < 24; row++)
    for (let column = 0; column < 24; column++) {
      const point: Point = [(column + 0.5) / 24, (row + 0.5) / 24]
      if (!pointInPolygon(point, polygon)) continue
      inside++
      if (!geometry.onGround(point)) continue
      const pxPerM = geometry.pxPerM(point)
      const finer = (spillagePx ?? geometry.widthPx) / geometry.widthPx
      if (pxPerM >= pxPerMNeeded.vending) seen.vending++
      if (pxPerM >= pxPerMNeeded.grilling) seen.grilling++
      if (pxPerM * finer >= pxPerMNeeded.spillage) seen.spillage++
      if (pxPerM >= pxPerMNeeded.dust) seen.dust++
    }
  const share = (count: number) => (inside === 0 ? 0 : count / inside)
  return {
    vending: share(seen.vending),
    grilling: share(seen.grilling),
    spillage: share(seen.spillage),
    dust: share(seen.dust),
  }
}
