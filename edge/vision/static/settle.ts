import type { PlaneSize, Planes } from './planes.js'
import type { LayerArrays } from './state.js'
import { greyUnits } from './state.js'

/**
 * The first background: the median of what is seen in the first 8 s (at least 3, at most 25 frames). Longer would take in what
 * arrives soon after the start; traffic that stood there all the time is told later by the ghost verdict.
 */
const settleMs = 8_000
const framesLeast = 3
const framesMost = 25

export class Settling {
  readonly #size: PlaneSize
  readonly #fromMs: number
  readonly #frames: { readonly y: Uint8Array; readonly u: Uint8Array; readonly v: Uint8Array }[] = []

  constructor(size: PlaneSize, fromMs = 0) {
    this.#size = size
    this.#fromMs = fromMs
  }

  /** Takes a copy in whole grey levels; beyond 25 frames every second older one is thinned out. */
  add({ y, u, v }: Planes): void {
    if (this.#frames.length >= framesMost) for (let at = 1; at < this.#frames.length; at++) this.#frames.splice(at, 1)
    const whole = (plane: Float32Array) => {
      const out = new Uint8Array(plane.length)
      for (let i = 0; i < plane.length; i++) out[i] = Math.min(255, Math.max(0, (plane[i] as number) + 0.5))
      return out
    }
    this.#frames.push({ y: whole(y), u: whole(u), v: whole(v) })
  }

  isDone(evidenceMs: number): boolean {
    return evidenceMs - this.#fromMs >= settleMs && this.#frames.length >= framesLeast
  }

  apply(arrays: LayerArrays): void {
    const { by, bu, bv, cy, nMs, matchesB } = arrays
    const values = new Uint8Array(this.#frames.length)
    const chroma = this.#size.chromaWidthPx * this.#size.chromaHeightPx
    for (let i = 0; i < by.length; i++) {
      const median = this.#median('y', i, values)
      // the running mean is finer than whole grey levels where both agree
      if (Math.abs((by[i] as number) / greyUnits - median) > 6) {
        by[i] = median * greyUnits
        matchesB[i] = Math.max(1, values.length >> 1)
        if (Math.abs((cy[i] as number) / greyUnits - median) < 12) nMs[i] = 0
      }
    }
    for (let j = 0; j < chroma; j++) {
      const u = this.#median('u', j, values)
      const v = this.#median('v', j, values)
      if (Math.abs((bu[j] as number) / greyUnits - u) > 3) bu[j] = u * greyUnits
      if (Math.abs((bv[j] as number) / greyUnits - v) > 3) bv[j] = v * greyUnits
    }
  }

  #median(plane: 'y' | 'u' | 'v', index: number, values: Uint8Array): number {
    let count = 0
    for (const frame of this.#frames) {
      const value = frame[plane][index] as number
      let at = count++
      for (; at > 0 && (values[at - 1] as number) > value; at--) values[at] = values[at - 1] as number
      values[at] = value
    }
    return values[count >> 1] as number
  }
}

/** Background that was hardly ever seen gives way to a candidate seen more often: traffic in the first frame. */
const weakAgeMs = 5_000

export function swapWeak(arrays: LayerArrays, kinds: Uint8Array, { widthPx, chromaWidthPx }: PlaneSize): void {
  const { by, bu, bv, cy, cu, cv, nMs, ageMs, matchesB, matchesC, sigma, sigmaC } = arrays
  for (let i = 0; i < by.length; i++) {
    if (kinds[i] !== 1 || (ageMs[i] as number) >= weakAgeMs) continue
    const seen = matchesC[i] as number
    if (seen < 3 || seen <= (matchesB[i] as number)) continue
    const old = by[i] as number
    by[i] = cy[i] as number
    cy[i] = old
    sigma[i] = sigmaC[i] as number
    ageMs[i] = nMs[i] as number
    nMs[i] = 0
    matchesC[i] = matchesB[i] as number
    matchesB[i] = seen
    const y = (i / widthPx) | 0
    const j = (y >> 1) * chromaWidthPx + ((i - y * widthPx) >> 1)
    bu[j] = cu[j] as number
    bv[j] = cv[j] as number
  }
}
