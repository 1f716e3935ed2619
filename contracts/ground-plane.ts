import { z } from 'zod'
import { KerbError } from './base/index.js'
import type { Box, Point } from './base/index.js'
import { footOf } from './geometry.js'

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

/**
 * Picture to ground by DETECTION.md §2: (a) homography by least squares over normalised points, (b) tilt and height, roll 0.
 * `heightPerWidth` is the picture's aspect, used by form (b) alone.
 * @throws KerbError `PLANE_DEGENERATE` when the marks do not span a plane.
 */
export function groundOf(plane: GroundPlane | null, heightPerWidth = 9 / 16): Ground | null {
  if (plane === null) return null
  return 'points' in plane ? fromMarks(plane.points) : fromPose(plane, heightPerWidth)
}

function fromPose(pose: { height_m: number; tilt_deg: number; hfov_deg: number }, heightPerWidth: number): Ground {
  const focal = 0.5 / Math.tan((pose.hfov_deg * Math.PI) / 360)
  const tilt = (pose.tilt_deg * Math.PI) / 180
  return {
    toGround([x, y]) {
      const down = Math.atan(((y - 0.5) * heightPerWidth) / focal)
      if (tilt + down <= 0.01) return null
      const slant = (pose.height_m / Math.sin(tilt + down)) * Math.cos(down)
      return [((x - 0.5) * slant) / focal, pose.height_m / Math.tan(tilt + down)]
    },
  }
}

function fromMarks(points: readonly (readonly [number, number, number, number])[]): Ground {
  const from = normaliser(points.map(([x, y]) => [x, y]))
  const to = normaliser(points.map(([, , e, n]) => [e, n]))
  const rows: number[][] = []
  for (const [x, y, e, n] of points) {
    const [u, v] = from.apply([x, y])
    const [p, q] = to.apply([e, n])
    rows.push([u, v, 1, 0, 0, 0, -u * p, -v * p, p], [0, 0, 0, u, v, 1, -u * q, -v * q, q])
  }
  const h = leastSquares(rows, 8)
  if (h === null)
    throw new KerbError('PLANE_DEGENERATE', 'the ground points lie on one line: give four corners of an area', {
      points,
    })
  const [h0 = 0, h1 = 0, h2 = 0, h3 = 0, h4 = 0, h5 = 0, h6 = 0, h7 = 0] = h
  const scale = ([u, v]: Point): number => h6 * u + h7 * v + 1
  const sign = Math.sign(scale(from.apply(meanOf(points.map(([x, y]) => [x, y])))))
  return {
    toGround(point) {
      const at = from.apply(point)
      const w = scale(at) * sign
      if (w < 1e-3) return null
      return to.undo([((h0 * at[0] + h1 * at[1] + h2) * sign) / w, ((h3 * at[0] + h4 * at[1] + h5) * sign) / w])
    },
  }
}

function meanOf(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([sx, sy], [x, y]) => [sx + x, sy + y], [0, 0])
  return [sum[0] / points.length, sum[1] / points.length]
}

function normaliser(points: readonly Point[]): { apply(p: Point): Point; undo(p: Point): Point } {
  const [mx, my] = meanOf(points)
  const spread = points.reduce((sum, [x, y]) => sum + Math.hypot(x - mx, y - my), 0) / points.length || 1
  return {
    apply: ([x, y]) => [(x - mx) / spread, (y - my) / spread],
    undo: ([x, y]) => [x * spread + mx, y * spread + my],
  }
}

/** Solves rows · h = last column by normal equations and Gaussian elimination with pivots; null when singular. */
function leastSquares(rows: readonly number[][], size: number): number[] | null {
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (_, j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0)),
  )
  for (let column = 0; column < size; column++) {
    const rest = matrix.slice(column).sort((a, b) => Math.abs(b[column] ?? 0) - Math.abs(a[column] ?? 0))
    matrix.splice(column, rest.length, ...rest)
    const pivot = matrix[column]
    const head = pivot?.[column] ?? 0
    if (pivot === undefined || Math.abs(head) < 1e-9) return null
    for (const [index, row] of matrix.entries()) {
      const factor = (row[column] ?? 0) / head
      if (index === column || factor === 0) continue
      for (let j = column; j <= size; j++) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0)
    }
  }
  return matrix.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1))
}
