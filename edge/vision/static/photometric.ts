import type { PlaneSize, Planes } from './planes.js'

const tilesAcross = 16
const tilesDown = 9
/** ln ratios from -2 to 2 in 256 bins. */
const ratioBins = 256
const toneBins = 32
/** Every seventh pixel tells the tone curve; a bin is trusted from 900 pixels on. */
const toneStep = 7
/** Differences from -32 to 32 grey levels in quarters. */
const differenceBins = 256
/** Below this (ln of the gain over the whole picture: one grey level in white) the tone curve does the rest. */
const leastGain = 0.004

/**
 * Brings a frame to the light of the background (DETECTION.md §3.2, 3a-c): a plane of gain, a monotone tone curve,
 * the white balance. All three are robust against what is new in the picture. Works in place.
 */
export class PhotometricMap {
  readonly #size: PlaneSize
  readonly #ln: Float32Array
  readonly #ratios = new Uint16Array(tilesAcross * tilesDown * ratioBins)
  readonly #tone = new Uint32Array(toneBins * differenceBins)
  readonly #curve = new Float32Array(toneBins + 1)
  readonly #chroma = new Uint32Array(512)
  readonly #tileX = new Float64Array(tilesAcross * tilesDown)
  readonly #tileY = new Float64Array(tilesAcross * tilesDown)
  readonly #tileQ = new Float64Array(tilesAcross * tilesDown)

  constructor(size: PlaneSize) {
    this.#size = size
    this.#ln = Float32Array.from({ length: 1024 }, (_, i) => Math.log(i / 4 + 8))
  }

  apply(frame: Planes, background: Planes): void {
    const plane = this.#fitPlane(frame.y, background.y)
    this.#removeGain(frame, plane)
    this.#fitTone(frame.y, background.y)
    this.#applyTone(frame.y)
    balance(frame.u, background.u, this.#chroma)
    balance(frame.v, background.v, this.#chroma)
  }

  #logOf(grey: number): number {
    return this.#ln[Math.min(1023, Math.max(0, grey * 4 + 0.5) | 0)] as number
  }

  #fitPlane(frameY: Float32Array, backgroundY: Float32Array): readonly [number, number, number] {
    const { widthPx, heightPx } = this.#size
    const ratios = this.#ratios
    ratios.fill(0)
    for (let i = 3; i < frameY.length; i += 7) {
      const y = frameY[i] as number
      // clipped pixels know nothing of the gain
      if (y >= 250) continue
      const row = (i / widthPx) | 0
      const tile =
        (((row * tilesDown) / heightPx) | 0) * tilesAcross + ((((i - row * widthPx) * tilesAcross) / widthPx) | 0)
      const q = this.#logOf(y) - this.#logOf(backgroundY[i] as number)
      const bin = Math.min(ratioBins - 1, Math.max(0, (q + 2) * 64)) | 0
      const at = tile * ratioBins + bin
      ratios[at] = (ratios[at] as number) + 1
    }
    let count = 0
    for (let tile = 0; tile < tilesAcross * tilesDown; tile++) {
      const median = medianBin(ratios, tile * ratioBins, ratioBins, 12)
      if (median < 0) continue
      this.#tileX[count] = ((tile % tilesAcross) + 0.5) / tilesAcross - 0.5
      this.#tileY[count] = (((tile / tilesAcross) | 0) + 0.5) / tilesDown - 0.5
      this.#tileQ[count] = median / 64 - 2
      count++
    }
    return fitTukey(this.#tileX, this.#tileY, this.#tileQ, count)
  }

  #removeGain(frame: Planes, [p0, px, py]: readonly [number, number, number]): void {
    const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = this.#size
    if (Math.abs(p0) < leastGain && Math.abs(px) < leastGain && Math.abs(py) < leastGain) return
    const across = Math.exp(-px / widthPx)
    const acrossChroma = Math.exp(-px / chromaWidthPx)
    for (let y = 0, i = 0; y < heightPx; y++) {
      let gain = Math.exp(-(p0 - px / 2 + py * ((y + 0.5) / heightPx - 0.5)))
      for (let x = 0; x < widthPx; x++, i++) {
        frame.y[i] = ((frame.y[i] as number) + 8) * gain - 8
        gain *= across
      }
    }
    for (let y = 0, j = 0; y < chromaHeightPx; y++) {
      let gain = Math.exp(-(p0 - px / 2 + py * ((y + 0.5) / chromaHeightPx - 0.5)))
      for (let x = 0; x < chromaWidthPx; x++, j++) {
        frame.u[j] = 128 + ((frame.u[j] as number) - 128) * gain
        frame.v[j] = 128 + ((frame.v[j] as number) - 128) * gain
        gain *= acrossChroma
      }
    }
  }

  #fitTone(frameY: Float32Array, backgroundY: Float32Array): void {
    const tone = this.#tone
    const curve = this.#curve
    tone.fill(0)
    for (let i = 1; i < frameY.length; i += toneStep) {
      const y = frameY[i] as number
      const difference = (backgroundY[i] as number) - y
      // what differs this much after the gain is something else, not another light: it must not draw its own grey level along
      if (difference > 30 || difference < -30) continue
      const bin = Math.min(toneBins - 1, Math.max(0, y / 8)) | 0
      const at = bin * differenceBins + ((difference * 4 + differenceBins / 2 + 0.5) | 0)
      tone[at] = (tone[at] as number) + 1
    }
    for (let bin = 0; bin < toneBins; bin++) {
      const samples = countOf(tone, bin * differenceBins, differenceBins)
      const median = samples > 0 ? medianBin(tone, bin * differenceBins, differenceBins, 1) - 0.5 : differenceBins / 2
      const trust = Math.min(1, (samples * toneStep) / 900)
      curve[bin] = ((median - differenceBins / 2) / 4) * trust
    }
    limitSlope(curve)
    smoothOffsets(curve)
    let highest = -Infinity
    for (let bin = 0; bin < toneBins; bin++) {
      highest = Math.max(highest, bin * 8 + 4 + (curve[bin] as number))
      curve[bin] = highest
    }
    curve[toneBins] = highest + 8
  }

  #applyTone(frameY: Float32Array): void {
    const curve = this.#curve
    if (isIdentity(curve)) return
    const first = (curve[0] as number) - 4
    for (let i = 0; i < frameY.length; i++) {
      const place = ((frameY[i] as number) - 4) / 8
      if (place < 0) frameY[i] = first + (frameY[i] as number)
      else {
        const bin = place > toneBins - 1 ? toneBins - 1 : place | 0
        const low = curve[bin] as number
        frameY[i] = low + ((curve[bin + 1] as number) - low) * (place - bin)
      }
    }
  }
}

/** Corrections under half a grey level are not worth a pass over the picture. */
function isIdentity(curve: Float32Array): boolean {
  for (let bin = 0; bin < toneBins; bin++) if (Math.abs((curve[bin] as number) - bin * 8 - 4) > 0.5) return false
  return true
}

/** Neighbouring bins of 8 levels may differ by 2 levels at most, seen from the middle outwards. */
function limitSlope(curve: Float32Array): void {
  const clamp = (bin: number, beside: number) => {
    const anchor = curve[beside] as number
    curve[bin] = Math.min(anchor + 2, Math.max(anchor - 2, curve[bin] as number))
  }
  for (let bin = toneBins / 2 + 1; bin < toneBins; bin++) clamp(bin, bin - 1)
  for (let bin = toneBins / 2 - 1; bin >= 0; bin--) clamp(bin, bin + 1)
}

function smoothOffsets(curve: Float32Array): void {
  let before = curve[0] as number
  for (let bin = 0; bin < toneBins; bin++) {
    const here = curve[bin] as number
    const after = bin + 1 < toneBins ? (curve[bin + 1] as number) : here
    curve[bin] = (before + 2 * here + after) / 4
    before = here
  }
}

function countOf(histogram: Uint16Array | Uint32Array, start: number, length: number): number {
  let count = 0
  for (let bin = 0; bin < length; bin++) count += histogram[start + bin] as number
  return count
}

/** Median with linear place inside its bin; -1 with fewer than `least` samples. */
function medianBin(histogram: Uint16Array | Uint32Array, start: number, length: number, least: number): number {
  const count = countOf(histogram, start, length)
  if (count < least) return -1
  let left = count / 2
  for (let bin = 0; bin < length; bin++) {
    const here = histogram[start + bin] as number
    if (here >= left && here > 0) return bin + left / here
    left -= here
  }
  return length
}

/** `q = p0 + px x + py y` by six rounds of Tukey-weighted least squares. */
function fitTukey(x: Float64Array, y: Float64Array, q: Float64Array, count: number): readonly [number, number, number] {
  if (count < 6) return [0, 0, 0]
  const sorted = q.slice(0, count).sort()
  let p: readonly [number, number, number] = [sorted[count >> 1] as number, 0, 0]
  for (let round = 0; round < 6; round++) {
    const residuals = Float64Array.from({ length: count }, (_, k) => Math.abs(residual(x, y, q, p, k)))
    const scale = Math.max(0.01, 1.48 * (residuals.slice().sort()[count >> 1] as number)) * 4.7
    const sums = new Float64Array(9)
    for (let k = 0; k < count; k++) {
      const r = (residuals[k] as number) / scale
      if (r >= 1) continue
      const weight = (1 - r * r) ** 2
      accumulate(sums, weight, x[k] as number, y[k] as number, q[k] as number)
    }
    const next = solvePlane(sums)
    if (next === null) return p
    p = next
  }
  return p
}

function residual(
  x: Float64Array,
  y: Float64Array,
  q: Float64Array,
  [p0, px, py]: readonly [number, number, number],
  k: number,
): number {
  return (q[k] as number) - p0 - px * (x[k] as number) - py * (y[k] as number)
}

function accumulate(sums: Float64Array, w: number, x: number, y: number, q: number): void {
  const terms = [w, w * x, w * y, w * x * x, w * x * y, w * y * y, w * q, w * q * x, w * q * y]
  for (let k = 0; k < 9; k++) sums[k] = (sums[k] as number) + (terms[k] as number)
}

function solvePlane(sums: Float64Array): readonly [number, number, number] | null {
  const [n = 0, sx = 0, sy = 0, xx = 0, xy = 0, yy = 0, q = 0, qx = 0, qy = 0] = sums
  const det = n * (xx * yy - xy * xy) - sx * (sx * yy - xy * sy) + sy * (sx * xy - xx * sy)
  if (Math.abs(det) < 1e-9) return null
  return [
    (q * (xx * yy - xy * xy) - sx * (qx * yy - xy * qy) + sy * (qx * xy - xx * qy)) / det,
    (n * (qx * yy - qy * xy) - q * (sx * yy - xy * sy) + sy * (sx * qy - qx * sy)) / det,
    (n * (xx * qy - xy * qx) - sx * (sx * qy - qx * sy) + q * (sx * xy - xx * sy)) / det,
  ]
}

/** Takes the median difference to the background off, at most 15: white balance. */
function balance(frame: Float32Array, background: Float32Array, histogram: Uint32Array): void {
  histogram.fill(0)
  for (let j = 0; j < frame.length; j += 7) {
    const difference = (frame[j] as number) - (background[j] as number)
    const bin = Math.min(511, Math.max(0, difference * 8 + 256)) | 0
    histogram[bin] = (histogram[bin] as number) + 1
  }
  const median = medianBin(histogram, 0, 512, 2)
  const offset = Math.min(15, Math.max(-15, (median - 256) / 8))
  if (Math.abs(offset) < 0.1) return
  for (let j = 0; j < frame.length; j++) frame[j] = (frame[j] as number) - offset
}
