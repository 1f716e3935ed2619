import { z } from 'zod'
import type { Box, Point } from './base/index.js'
import { footOf } from './geometry.js'
import { homographyOf } from './homography.js'

const share = z.number().min(0).max(1)
const metres = z.number().min(-5000).max(5000)

/** Calibration: at least four marks of the picture with their place on the ground, or how the camera hangs; null for none. */
export const groundPlaneSchema = z.union([
  z.strictObject({
    points: z
      .array(z.tuple([share, share, metres, metres]))
      .min(4)
      .max(64),
  }),
  z.strictObject({
    height_m: z.number().min(1).max(60),
    tilt_deg: z.number().gt(0).lt(90),
    hfov_deg: z.number().min(5).max(150),
  }),
])
export type GroundPlane = z.infer<typeof groundPlaneSchema>

/** Metres on the ground; the origin is the calibration's own. */
export interface Ground {
  /** Null for a point above the horizon, never infinity. */
  toGround(point: Point): readonly [eastM: number, northM: number] | null
}

/**
 * Distance between the places where two boxes stand, metres; null when it cannot be told.
 */
export function distanceM(ground: Ground | null, a: Box, b: Box): number | null {
  const from = ground?.toGround(footOf(a)) ?? null
  const to = ground?.toGround(footOf(b)) ?? null
  return from && to ? Math.hypot(from[0] - to[0], from[1] - to[1]) : null
}

/** So much further away than the nearest ground in the picture, a place is as good as the horizon. */
const farthestRatio = 100

/**
 * The ground of a calibrated camera; null without calibration. `heightPerWidth` is the picture's aspect, used by a pose alone.
 * @throws KerbError `CALIBRATION_REFUSED` with the reason.
 */
export function groundOf(plane: GroundPlane | null, heightPerWidth = 9 / 16): Ground | null {
  if (plane === null) return null
  const h = homographyOf(plane, heightPerWidth)
  const depthOf = ([x, y]: Point): number => h[6] * x + h[7] * y + h[8]
  const nearest = Math.max(...corners.map(depthOf))
  return {
    toGround(point) {
      const depth = depthOf(point)
      if (depth * farthestRatio <= nearest) return null
      const [x, y] = point
      return [(h[0] * x + h[1] * y + h[2]) / depth, (h[3] * x + h[4] * y + h[5]) / depth]
    },
  }
}

const corners: readonly Point[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
]
