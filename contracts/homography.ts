import { KerbError } from './base/index.js'

/** Row-major 3x3 matrix. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number]
/** A point of the picture (0..1) with its place on the ground in metres east and north of any origin. */
export type GroundControl = readonly [x: number, y: number, eastM: number, northM: number]

export interface CameraPose {
  readonly height_m: number
  readonly tilt_deg: number
  readonly hfov_deg: number
}

/** As it stands in `edge.yaml` and truth files: at least four marks, or how the camera hangs. */
export type Calibration = { readonly points: readonly GroundControl[] } | CameraPose

/**
 * Homography from the picture (0..1) to the ground (metres), positive depth before the camera (DETECTION.md §2). `heightPerWidth` of
 * the picture is used by the pose alone.
 * @throws KerbError `CALIBRATION_REFUSED` with the reason.
 */
export function homographyOf(calibration: Calibration, heightPerWidth: number): Matrix3 {
  return 'points' in calibration ? homographyOfMarks(calibration.points) : homographyOfPose(calibration, heightPerWidth)
}

/** Homography of a camera of height `h`, tilt `t` below the horizontal, roll 0: the ray (u, v, f) turned by `t`, cut with the ground. */
function homographyOfPose({ height_m: h, tilt_deg: tiltDeg, hfov_deg: hfovDeg }: CameraPose, aspect: number): Matrix3 {
  if (!(h > 0.5 && h < 200)) throw refused('height_m must lie between 0.5 and 200')
  if (!(tiltDeg > 0 && tiltDeg <= 90)) throw refused('tilt_deg must lie between 0 and 90')
  if (!(hfovDeg > 5 && hfovDeg < 150)) throw refused('hfov_deg must lie between 5 and 150')
  const f = 0.5 / Math.tan((hfovDeg * Math.PI) / 360) // in picture widths
  const sin = Math.sin((tiltDeg * Math.PI) / 180)
  const cos = Math.cos((tiltDeg * Math.PI) / 180)
  // u = x - 0.5, v = (y - 0.5) * aspect, both in picture widths; down = f sin + v cos
  const downY = aspect * cos
  const down1 = f * sin - 0.5 * aspect * cos
  return [h, 0, -0.5 * h, 0, -h * aspect * sin, h * (f * cos + 0.5 * aspect * sin), 0, downY, down1]
}

/** Product `a b`. */
function multiply3(a: Matrix3, b: Matrix3): Matrix3 {
  const out: number[] = []
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) {
      let sum = 0
      for (let k = 0; k < 3; k++) sum += (a[row * 3 + k] as number) * (b[k * 3 + column] as number)
      out.push(sum)
    }
  return out as unknown as Matrix3
}

export function determinant3(m: Matrix3): number {
  const [a, b, c, d, e, f, g, h, i] = m
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

/** @throws KerbError `CALIBRATION_REFUSED` for a singular matrix. */
export function invert3(m: Matrix3): Matrix3 {
  const [a, b, c, d, e, f, g, h, i] = m
  const det = determinant3(m)
  if (!Number.isFinite(1 / det)) throw refused('the ground points do not span a plane')
  return [
    (e * i - f * h) / det,
    (c * h - b * i) / det,
    (b * f - c * e) / det,
    (f * g - d * i) / det,
    (a * i - c * g) / det,
    (c * d - a * f) / det,
    (d * h - e * g) / det,
    (b * g - a * h) / det,
    (a * e - b * d) / det,
  ]
}

function refused(reason: string): KerbError<'CALIBRATION_REFUSED'> {
  return new KerbError('CALIBRATION_REFUSED', `this ground plane cannot be used: ${reason}`, { reason })
}

/** Moves points to mean 0 and mean distance √2 (Hartley 1997), without which the system of equations is ill-conditioned. */
function normaliser(points: readonly (readonly [number, number])[]): Matrix3 {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const spread = points.reduce((sum, [x, y]) => sum + Math.hypot(x - meanX, y - meanY), 0) / points.length
  if (!(spread > 1e-9)) throw refused('all its points lie in one place')
  const scale = Math.SQRT2 / spread
  return [scale, 0, -scale * meanX, 0, scale, -scale * meanY, 0, 0, 1]
}

function apply(m: Matrix3, [x, y]: readonly [number, number]): readonly [number, number] {
  const w = m[6] * x + m[7] * y + m[8]
  return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w]
}

/** Eigenvector of the smallest eigenvalue of a symmetric matrix, by Jacobi rotations. `a` is overwritten. */
function smallestEigenvector(a: number[][]): { vector: number[]; values: number[] } {
  const size = a.length
  const v = a.map((_, row) => a.map((__, column) => (row === column ? 1 : 0)))
  const at = (m: number[][], row: number, column: number) => (m[row] as number[])[column] as number
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += at(a, p, q) ** 2
    if (off < 1e-30) break
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(at(a, p, q)) < 1e-300) continue
        const theta = (at(a, q, q) - at(a, p, p)) / (2 * at(a, p, q))
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1))
        const c = 1 / Math.hypot(t, 1)
        rotate(a, v, p, q, c, t * c)
      }
  }
  const values = a.map((row, index) => row[index] as number)
  const best = values.indexOf(Math.min(...values))
  return { vector: v.map((row) => row[best] as number), values: values.sort((x, y) => x - y) }
}

function rotate(a: number[][], v: number[][], p: number, q: number, c: number, s: number): void {
  for (const row of a) turn(row, p, q, c, s)
  const ap = a[p] as number[]
  const aq = a[q] as number[]
  for (let k = 0; k < a.length; k++) {
    const x = ap[k] as number
    const y = aq[k] as number
    ap[k] = c * x - s * y
    aq[k] = s * x + c * y
  }
  for (const row of v) turn(row, p, q, c, s)
}

function turn(row: number[], p: number, q: number, c: number, s: number): void {
  const x = row[p] as number
  const y = row[q] as number
  row[p] = c * x - s * y
  row[q] = s * x + c * y
}

/**
 * Homography from the picture to the ground by the direct linear transformation with normalised coordinates.
 * @throws KerbError `CALIBRATION_REFUSED` for under four points, points on a line, a horizon between the points,
 * or a reprojection error over 2 % of the width that the points span.
 */
function homographyOfMarks(points: readonly GroundControl[]): Matrix3 {
  if (points.length < 4) throw refused('it needs at least four points')
  if (points.some((point) => point.some((value) => !Number.isFinite(value)))) throw refused('a value is not a number')
  const image = points.map(([x, y]) => [x, y] as const)
  const ground = points.map(([, , east, north]) => [east, north] as const)
  for (const side of [image, ground]) if (collinearTriples(side)) throw refused('three of its points lie on one line')
  const fromImage = normaliser(image)
  const fromGround = normaliser(ground)
  const rows = points.flatMap((_, index) => {
    const [x, y] = apply(fromImage, image[index] as readonly [number, number])
    const [e, n] = apply(fromGround, ground[index] as readonly [number, number])
    return [
      [-x, -y, -1, 0, 0, 0, e * x, e * y, e],
      [0, 0, 0, -x, -y, -1, n * x, n * y, n],
    ]
  })
  const normal = Array.from({ length: 9 }, (_, row) =>
    Array.from({ length: 9 }, (__, column) =>
      rows.reduce((sum, equation) => sum + (equation[row] as number) * (equation[column] as number), 0),
    ),
  )
  const { vector } = smallestEigenvector(normal)
  const h = multiply3(invert3(fromGround), multiply3(vector as unknown as Matrix3, fromImage))
  return checked(h, points)
}

/** With only four points any three on a line make the system degenerate; with more, the reprojection error tells. */
function collinearTriples(points: readonly (readonly [number, number])[]): boolean {
  if (points.length > 4) return false
  const extent = Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x))
  const height = Math.max(...points.map(([, y]) => y)) - Math.min(...points.map(([, y]) => y))
  const limit = 1e-3 * Math.max(extent, height) ** 2
  for (let a = 0; a < points.length; a++)
    for (let b = a + 1; b < points.length; b++)
      for (let c = b + 1; c < points.length; c++) {
        const [ax, ay] = points[a] as readonly [number, number]
        const [bx, by] = points[b] as readonly [number, number]
        const [cx, cy] = points[c] as readonly [number, number]
        if (Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) < limit) return true
      }
  return false
}

function checked(h: Matrix3, points: readonly GroundControl[]): Matrix3 {
  const depths = points.map(([x, y]) => h[6] * x + h[7] * y + h[8])
  const sign = Math.sign(depths[0] as number)
  if (depths.some((depth) => Math.sign(depth) !== sign || depth === 0))
    throw refused('the horizon would run between its points; are they given in the same order?')
  const inverse = invert3(h)
  const width = Math.max(...points.map(([x]) => x)) - Math.min(...points.map(([x]) => x))
  for (const [x, y, east, north] of points) {
    const [backX, backY] = apply(inverse, [east, north])
    if (Math.hypot(backX - x, backY - y) > 0.02 * width)
      throw refused('its points contradict each other by more than 2 % of the width between them')
  }
  return h.map((value) => value * sign) as unknown as Matrix3
}
