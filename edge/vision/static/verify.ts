import type { Candidate } from './candidates.js'
import type { PxRect } from './morphology.js'
import { growRect, spread, takeComponent } from './morphology.js'
import type { PlaneSize, Planes } from './planes.js'
import type { LayerArrays } from './state.js'
import { deviationUnits, greyUnits } from './state.js'

export type Verdict = 'light' | 'flat' | 'thin' | 'ghost' | 'weak' | 'object'

/** What was measured on the averaged pictures (DETECTION.md §3.4). */
export interface Verification {
  readonly verdict: Verdict
  /** Median of (S+8)/(B+8) in the silhouette. */
  readonly rho: number
  /** Chroma difference after scaling with the luminance. */
  readonly dch: number
  /** Mean new gradient, mean old gradient, mean gradient of S, their correlation, in the eroded silhouette. */
  readonly fresh: number
  readonly old: number
  readonly now: number
  readonly ncc: number
  readonly rs: number
  /** Contour votes: share of the outline where only the new (only the old) picture has a step. */
  readonly fC: number
  readonly fB: number
  readonly fill: number
  /** The filled silhouette: indices into the full-size planes. */
  readonly silhouette: Int32Array
}

/** Works on a window around the candidate; `S` and `B` are its local copies. */
interface Window {
  readonly rect: PxRect
  readonly width: number
  readonly height: number
  readonly s: Float32Array
  readonly b: Float32Array
  readonly chroma: Float32Array // interleaved su, sv, bu, bv
  readonly mask: Uint8Array
}

/** Judges a candidate on the short mean S against the background B. */
export function verifyCandidate(
  candidate: Candidate,
  arrays: LayerArrays,
  background: Planes,
  size: PlaneSize,
): Verification {
  const window = cutWindow(candidate, arrays, background, size)
  silhouetteOf(window, candidate, arrays, size)
  return measure(window, size)
}

function cutWindow({ rect }: Candidate, { sy, su, sv }: LayerArrays, background: Planes, size: PlaneSize): Window {
  const margin = Math.max(10, Math.round(0.6 * Math.max(rect.right - rect.left, rect.bottom - rect.top)))
  const area = growRect(rect, Math.min(margin, 60), size.widthPx, size.heightPx)
  const width = area.right - area.left
  const height = area.bottom - area.top
  const s = new Float32Array(width * height)
  const b = new Float32Array(width * height)
  const chroma = new Float32Array(width * height * 4)
  for (let y = 0, k = 0; y < height; y++)
    for (let x = 0; x < width; x++, k++) {
      const i = (y + area.top) * size.widthPx + x + area.left
      const j = ((y + area.top) >> 1) * size.chromaWidthPx + ((x + area.left) >> 1)
      s[k] = (sy[i] as number) / greyUnits
      b[k] = background.y[i] as number
      chroma[k * 4] = (su[j] as number) / greyUnits
      chroma[k * 4 + 1] = (sv[j] as number) / greyUnits
      chroma[k * 4 + 2] = background.u[j] as number
      chroma[k * 4 + 3] = background.v[j] as number
    }
  return { rect: area, width, height, s, b, chroma, mask: new Uint8Array(width * height) }
}

/** Thresholds S against B, keeps what touches the candidate, closes and fills; falls back to the candidate when it runs out into the scene. */
function silhouetteOf(window: Window, candidate: Candidate, { sigma }: LayerArrays, size: PlaneSize): void {
  const { mask, width, height, rect } = window
  const own = new Uint8Array(mask.length)
  const changed = new Uint8Array(mask.length)
  for (const i of candidate.pixels) {
    const y = (i / size.widthPx) | 0
    own[(y - rect.top) * width + (i - y * size.widthPx) - rect.left] = 1
  }
  for (let k = 0; k < mask.length; k++) {
    const i = (((k / width) | 0) + rect.top) * size.widthPx + (k % width) + rect.left
    const limit = Math.min(14, Math.max(5.5, (1.6 * (sigma[i] as number)) / deviationUnits))
    changed[k] = own[k] === 1 || differs(window, k, limit) ? 1 : 0
  }
  const whole: PxRect = { left: 0, top: 0, right: width, bottom: height }
  const stack = new Int32Array(mask.length)
  let reached = 0
  for (let k = 0; k < mask.length; k++) {
    if (own[k] === 0 || changed[k] === 0) continue
    const count = takeComponent(changed, stack, width, whole, k)
    for (let at = 0; at < count; at++) mask[stack[at] as number] = 1
    reached += count
  }
  if (reached > 5 * candidate.pixels.length + 60) mask.set(own)
  const side = Math.min(candidate.rect.right - candidate.rect.left, candidate.rect.bottom - candidate.rect.top)
  const radius = Math.min(8, Math.max(1, Math.round(side / 8)))
  spread(mask, changed, width, whole, radius, radius, false)
  spread(mask, changed, width, whole, radius, radius, true)
  fillHoles(mask, stack, width, height)
}

function differs({ s, b, chroma }: Window, k: number, limit: number): boolean {
  if (Math.abs((s[k] as number) - (b[k] as number)) > limit) return true
  return (
    Math.abs((chroma[k * 4] as number) - (chroma[k * 4 + 2] as number)) > 5 ||
    Math.abs((chroma[k * 4 + 1] as number) - (chroma[k * 4 + 3] as number)) > 5
  )
}

function fillHoles(mask: Uint8Array, stack: Int32Array, width: number, height: number): void {
  const outside = Uint8Array.from(mask, (value) => 1 - value)
  const whole: PxRect = { left: 0, top: 0, right: width, bottom: height }
  const border = (k: number) => {
    if (outside[k] === 1) takeComponent(outside, stack, width, whole, k)
  }
  for (let x = 0; x < width; x++) {
    border(x)
    border((height - 1) * width + x)
  }
  for (let y = 0; y < height; y++) {
    border(y * width)
    border(y * width + width - 1)
  }
  for (let k = 0; k < mask.length; k++) if (outside[k] === 1) mask[k] = 1
}

function measure(window: Window, size: PlaneSize): Verification {
  const { mask, width, height, rect, s, b, chroma } = window
  const inside: number[] = []
  for (let k = 0; k < mask.length; k++) if (mask[k] === 1) inside.push(k)
  const silhouette = Int32Array.from(
    inside,
    (k) => (((k / width) | 0) + rect.top) * size.widthPx + (k % width) + rect.left,
  )
  const eroded = erode(mask, width, height)
  const core = inside.filter((k) => eroded[k] === 1)
  const heart = core.length >= 12 ? core : inside
  const rho = median(inside.map((k) => ((s[k] as number) + 8) / ((b[k] as number) + 8)))
  const off = (k: number, now: number, then: number) =>
    Math.abs((chroma[k * 4 + now] as number) - 128 - rho * ((chroma[k * 4 + then] as number) - 128))
  const dch = median(inside.map((k) => off(k, 0, 2) + off(k, 1, 3)))
  const logs = heart.map((k) => Math.log(((s[k] as number) + 8) / ((b[k] as number) + 8)))
  const centre = median(logs)
  const rs = 1.48 * median(logs.map((value) => Math.abs(value - centre)))
  const gradients = gradientsOf(window, heart, rho)
  const votes = contourVotes(window)
  const box = boundsOf(inside, width)
  const partial = { rho, dch, rs, ...gradients, ...votes, fill: inside.length / box, silhouette }
  return { ...partial, verdict: verdictOf(partial) }
}

function erode(mask: Uint8Array, width: number, height: number): Uint8Array {
  const out = Uint8Array.from(mask)
  spread(out, new Uint8Array(mask.length), width, { left: 0, top: 0, right: width, bottom: height }, 1, 1, true)
  return out
}

function boundsOf(inside: readonly number[], width: number): number {
  let left = Infinity
  let right = 0
  let top = Infinity
  let bottom = 0
  for (const k of inside) {
    const x = k % width
    const y = (k / width) | 0
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  return Math.max(1, (right - left + 1) * (bottom - top + 1))
}

function median(values: number[]): number {
  if (values.length === 0) return 0
  return values.sort((a, z) => a - z)[values.length >> 1] as number
}

function gradientsOf(
  { s, b, width, height }: Window,
  pixels: readonly number[],
  rho: number,
): { fresh: number; old: number; now: number; ncc: number } {
  let fresh = 0
  let now = 0
  let old = 0
  let cross = 0
  let normS = 1e-6
  let normB = 1e-6
  for (const k of pixels) {
    const x = k % width
    const y = (k / width) | 0
    const left = x > 0 ? k - 1 : k
    const right = x < width - 1 ? k + 1 : k
    const up = y > 0 ? k - width : k
    const down = y < height - 1 ? k + width : k
    const sx = ((s[right] as number) - (s[left] as number)) / 2
    const sd = ((s[down] as number) - (s[up] as number)) / 2
    const bx = (rho * ((b[right] as number) - (b[left] as number))) / 2
    const bd = (rho * ((b[down] as number) - (b[up] as number))) / 2
    fresh += Math.hypot(sx - bx, sd - bd)
    old += Math.hypot(bx, bd)
    now += Math.hypot(sx, sd)
    cross += sx * bx + sd * bd
    normS += sx * sx + sd * sd
    normB += bx * bx + bd * bd
  }
  const count = Math.max(1, pixels.length)
  return { fresh: fresh / count, old: old / count, now: now / count, ncc: cross / Math.sqrt(normS * normB) }
}

const contourPointsMost = 160

/** At each contour point the mean 7x7 colour inside and outside the silhouette, in S and in B. */
function contourVotes(window: Window): { fC: number; fB: number } {
  const { mask, width, height } = window
  const contour: number[] = []
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const k = y * width + x
      if (mask[k] === 1 && (mask[k - 1] === 0 || mask[k + 1] === 0 || mask[k - width] === 0 || mask[k + width] === 0))
        contour.push(k)
    }
  const stride = Math.max(1, Math.ceil(contour.length / contourPointsMost))
  let points = 0
  let onlyS = 0
  let onlyB = 0
  for (let at = 0; at < contour.length; at += stride) {
    const steps = stepsAt(window, contour[at] as number)
    if (steps === null) continue
    points++
    if (steps.s > 8 && steps.s > 1.6 * steps.b) onlyS++
    if (steps.b > 8 && steps.b > 1.6 * steps.s) onlyB++
  }
  return points === 0 ? { fC: 0, fB: 0 } : { fC: onlyS / points, fB: onlyB / points }
}

const sums = new Float64Array(12)

function stepsAt({ mask, width, height, s, b, chroma }: Window, k: number): { s: number; b: number } | null {
  const cx = k % width
  const cy = (k / width) | 0
  sums.fill(0)
  let inside = 0
  let outside = 0
  for (let y = Math.max(0, cy - 3); y <= Math.min(height - 1, cy + 3); y++)
    for (let x = Math.max(0, cx - 3); x <= Math.min(width - 1, cx + 3); x++) {
      const i = y * width + x
      const at = mask[i] === 1 ? 0 : 6
      if (at === 0) inside++
      else outside++
      sums[at] = (sums[at] as number) + (s[i] as number)
      sums[at + 1] = (sums[at + 1] as number) + (b[i] as number)
      for (let c = 0; c < 4; c++) sums[at + 2 + c] = (sums[at + 2 + c] as number) + (chroma[i * 4 + c] as number)
    }
  if (inside < 4 || outside < 4) return null
  const step = (c: number) => (sums[c] as number) / inside - (sums[c + 6] as number) / outside
  return { s: Math.hypot(step(0), step(2), step(3)), b: Math.hypot(step(1), step(4), step(5)) }
}

/** The table of DETECTION.md §3.4: the first condition that holds. */
function verdictOf(m: Omit<Verification, 'verdict'>): Verdict {
  const sameStructure =
    m.ncc > 0.75 && m.old > 2 && m.dch < 12 && m.rho > 0.3 && m.rho < 3 && m.fresh < 0.8 * Math.max(m.old, m.now)
  if (sameStructure || (m.ncc > 0.8 && m.dch < 30 && m.fresh < 0.5 * m.old)) return 'light'
  const structured = m.fresh > 1.6 * m.old + 1.2
  if (m.dch < 9 && m.fresh < 2.6 && m.rs < 0.11 && m.rho > 0.35 && m.rho < 1.8 && !structured) return 'flat'
  if (m.fill < 0.3) return 'thin'
  if (m.fB >= 0.2 && m.fB > 1.5 * m.fC) return 'ghost'
  if (m.fC < 0.12 && !(m.fresh > 6 && m.fresh > 2 * m.old)) return 'weak'
  return 'object'
}
