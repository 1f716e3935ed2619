import type { Box, Point } from '../../../contracts/base/index.js'
import { groundOf } from '../../../contracts/ground-plane.js'
import type { GroundPlane } from '../../../contracts/ground-plane.js'

/** Sizes on the ground of a level road: at row y (0..1) a metre is (y - horizon) * `perMetre` picture heights. */
export interface Scale {
  /** 0..1 of the height, from the top. */
  readonly horizon: number
  readonly perMetre: number
}

/** Without calibration: a camera on a mast of so many metres. */
export function scaleOfMast(horizon: number, cameraHeightM: number): Scale {
  return { horizon, perMetre: 1 / cameraHeightM }
}

/** The same from a calibration, measured across the picture in two rows; null when it does not give one. */
export function scaleOfPlane(plane: GroundPlane | null, widthPx: number, heightPx: number): Scale | null {
  const ground = groundOf(plane, heightPx / widthPx)
  const perMetreAt = (y: number): number | null => {
    const [a, b] = [ground?.toGround([0.48, y]) ?? null, ground?.toGround([0.52, y]) ?? null]
    const metres = a && b ? Math.hypot(a[0] - b[0], a[1] - b[1]) : 0
    return metres > 0 ? (0.04 * widthPx) / heightPx / metres : null
  }
  const [near, far] = [perMetreAt(0.95), perMetreAt(0.65)]
  if (near === null || far === null || near <= far) return null
  const perMetre = (near - far) / 0.3
  return { horizon: 0.95 - near / perMetre, perMetre }
}

/** A place on the ground of a picture, from which things are drawn in metres: right and up are positive. */
export interface Spot {
  readonly xPx: number
  readonly yPx: number
  readonly pxPerM: number
}

export function spotAt(scale: Scale, [x, y]: Point, widthPx: number, heightPx: number): Spot {
  return { xPx: x * widthPx, yPx: y * heightPx, pxPerM: Math.max(2, (y - scale.horizon) * scale.perMetre * heightPx) }
}

/** A spot so many metres to the side and towards the camera (seen flat: depth is shortened to a third). */
export function beside(spot: Spot, rightM: number, nearerM = 0): Spot {
  return { ...spot, xPx: spot.xPx + rightM * spot.pxPerM, yPx: spot.yPx + (nearerM / 3) * spot.pxPerM }
}

/** Metres from a spot to a pixel. */
export function at(spot: Spot, rightM: number, upM: number): Point {
  return [spot.xPx + rightM * spot.pxPerM, spot.yPx - upM * spot.pxPerM]
}

/** Box of a truth file around `rightM` and `upM` ranges at a spot, cut to the picture. */
export function boxAt(
  spot: Spot,
  [leftM, rightM]: Point,
  [lowM, highM]: Point,
  widthPx: number,
  heightPx: number,
): Box {
  const clamp = (share: number): number => Math.min(1, Math.max(0, share))
  const [x1, y1] = at(spot, leftM, highM)
  const [x2, y2] = at(spot, rightM, lowM)
  const [left, top] = [clamp(x1 / widthPx), clamp(y1 / heightPx)]
  const round = (share: number): number => Number(share.toFixed(4))
  return [round(left), round(top), round(clamp(x2 / widthPx) - left), round(clamp(y2 / heightPx) - top)]
}
