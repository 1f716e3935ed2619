import type { Box } from '../../../contracts/base/index.js'
import type { Planes } from './planes.js'
import { median, resample } from './planes.js'

/** Shift of a frame against the background, pixels: frame(x + dx, y + dy) shows background(x, y). */
export interface Shift {
  readonly dx: number
  readonly dy: number
}

const shiftMaxPx = 4
const tilesAcross = 12
const tilesDown = 7
/** Pixels looked at for gain and white balance. */
const sampleMax = 3000

/** Cost of each tile at one shift: mean |gradient difference|, which no exposure changes. */
function tileCosts(frame: Planes, back: Planes, dx: number, dy: number, ok: Uint8Array | null): Float32Array {
  const { widthPx: w, heightPx: h, y: backY } = back
  const { y: frameY } = frame
  const sum = new Float32Array(tilesAcross * tilesDown)
  const count = new Float32Array(sum.length)
  const edge = shiftMaxPx + 1
  const tileOfColumn = Uint8Array.from({ length: w }, (_, x) => Math.floor((x * tilesAcross) / w))
  for (let y = edge; y < h - edge - 2; y += 3) {
    const tileRow = Math.floor((y * tilesDown) / h) * tilesAcross
    for (let x = edge; x < w - edge - 2; x += 2) {
      const b = y * w + x
      if (ok !== null && ok[b] === 0) continue
      const f = (y + dy) * w + x + dx
      const between = (backY[b] as number) - (frameY[f] as number)
      const gx = (frameY[f + 2] as number) - (backY[b + 2] as number) + between
      const gy = (frameY[f + 2 * w] as number) - (backY[b + 2 * w] as number) + between
      const tile = tileRow + (tileOfColumn[x] as number)
      sum[tile] = (sum[tile] as number) + Math.min(40, Math.abs(gx)) + Math.min(40, Math.abs(gy))
      count[tile] = (count[tile] as number) + 1
    }
  }
  for (let i = 0; i < sum.length; i += 1)
    sum[i] = (count[i] as number) > 20 ? (sum[i] as number) / (count[i] as number) : Number.NaN
  return sum
}

/** Middle over tiles, so that a crowd or a lorry in some tiles has no vote. */
function middleOf(costs: Float32Array): number {
  return median(costs.filter((c) => !Number.isNaN(c)))
}

/**
 * Finds how far a frame has shaken off the background. Gated: a shift counts only if it explains the background better in the middle tile by
 * a tenth and in 60 % of all tiles; otherwise phase-like methods lock on to a moving crowd (DETECTION 5.6, Registration).
 */
export function findShift(frame: Planes, back: Planes, ok: Uint8Array | null): Shift {
  const still = tileCosts(frame, back, 0, 0, ok)
  const stillMiddle = middleOf(still)
  const cost = new Map<string, number>([['0,0', stillMiddle]])
  const at = (dx: number, dy: number): number => {
    if (Math.abs(dx) > shiftMaxPx || Math.abs(dy) > shiftMaxPx) return Number.POSITIVE_INFINITY
    const key = `${dx},${dy}`
    const known = cost.get(key) ?? middleOf(tileCosts(frame, back, dx, dy, ok))
    cost.set(key, known)
    return known
  }
  let dx = 0
  let dy = 0
  // Downhill over the four neighbours: shake is small and the cost is smooth over it.
  for (let step = 0; step < 2 * shiftMaxPx; step += 1) {
    let bestX = dx
    let bestY = dy
    for (const [sx, sy] of neighbours) if (at(dx + sx, dy + sy) < at(bestX, bestY)) [bestX, bestY] = [dx + sx, dy + sy]
    if (bestX === dx && bestY === dy) break
    ;[dx, dy] = [bestX, bestY]
  }
  const [fineX, fineY] = [
    dx + vertex(at(dx - 1, dy), at(dx, dy), at(dx + 1, dy)),
    dy + vertex(at(dx, dy - 1), at(dx, dy), at(dx, dy + 1)),
  ]
  if (dx === 0 && dy === 0) return Math.hypot(fineX, fineY) > 0.3 ? { dx: fineX, dy: fineY } : { dx: 0, dy: 0 }
  const moved = tileCosts(frame, back, dx, dy, ok)
  const votes = [...still].flatMap((c, i) => (Number.isNaN(c) ? [] : [(moved[i] ?? c) < c ? 1 : 0]))
  const share = votes.reduce<number>((a, b) => a + b, 0) / Math.max(1, votes.length)
  return at(dx, dy) < 0.9 * stillMiddle && share >= 0.6 ? { dx: fineX, dy: fineY } : { dx: 0, dy: 0 }
}

const neighbours = [
  [0, -1],
  [-1, 0],
  [1, 0],
  [0, 1],
] as const

/** Where a parabola through three costs is lowest, -0.5..0.5. */
function vertex(left: number, middle: number, right: number): number {
  const bend = left - 2 * middle + right
  if (!Number.isFinite(bend) || bend <= 1e-6) return 0
  return Math.min(0.5, Math.max(-0.5, (0.5 * (left - right)) / bend))
}

/** The frame laid back onto the background. */
export function shifted(frame: Planes, { dx, dy }: Shift): Planes {
  if (dx === 0 && dy === 0) return frame
  const { widthPx: w, heightPx: h, chromaWidthPx: cw, chromaHeightPx: ch } = frame
  return {
    ...frame,
    y: resample(frame.y, w, h, { x: dx, y: dy, w, h }, w, h),
    u: resample(frame.u, cw, ch, { x: dx / 2, y: dy / 2, w: cw, h: ch }, cw, ch),
    v: resample(frame.v, cw, ch, { x: dx / 2, y: dy / 2, w: cw, h: ch }, cw, ch),
  }
}

/**
 * Takes one gain and one white balance out of a frame, in place. Both come from outside `box` (0..1, where the plume is suspected) when at least
 * a third of the picture lies there: a plume that fills its surroundings must not explain itself away. Returns the gain.
 */
export function normalise(frame: Planes, back: Planes, box: Box, ok: Uint8Array | null): number {
  const { widthPx: w, heightPx: h, chromaWidthPx: cw } = frame
  const outside = 1 - Math.min(1, box[2]) * Math.min(1, box[3]) > 0.34
  const inBox = (x: number, y: number): boolean =>
    x >= box[0] * w && x < (box[0] + box[2]) * w && y >= box[1] * h && y < (box[1] + box[3]) * h
  const [ratios, du, dv] = [new Float32Array(sampleMax), new Float32Array(sampleMax), new Float32Array(sampleMax)]
  let count = 0
  const step = Math.max(2, Math.ceil(Math.sqrt((w * h) / sampleMax)))
  for (let y = 1; y < h; y += step)
    for (let x = y % step; x < w && count < sampleMax; x += step) {
      const i = y * w + x
      if ((ok !== null && ok[i] === 0) || (outside && inBox(x, y))) continue
      const a = frame.y[i] ?? 0
      const b = back.y[i] ?? 0
      if (a > 250 || b < 12) continue
      ratios[count] = (a + 8) / (b + 8)
      const c = (y >> 1) * cw + (x >> 1)
      du[count] = (frame.u[c] ?? 128) - (back.u[c] ?? 128)
      dv[count] = (frame.v[c] ?? 128) - (back.v[c] ?? 128)
      count += 1
    }
  if (count < 50) return 1
  const gain = Math.min(3, Math.max(0.33, median(ratios.subarray(0, count))))
  const balance = (differences: Float32Array): number =>
    Math.min(15, Math.max(-15, median(differences.subarray(0, count))))
  const [u, v] = [balance(du), balance(dv)]
  for (let i = 0; i < frame.y.length; i += 1) frame.y[i] = Math.min(255, ((frame.y[i] ?? 0) + 8) / gain - 8)
  for (let i = 0; i < frame.u.length; i += 1) {
    frame.u[i] = (frame.u[i] ?? 128) - u
    frame.v[i] = (frame.v[i] ?? 128) - v
  }
  return gain
}
