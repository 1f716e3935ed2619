import type { PlaneSize } from './planes.js'

/** Luminance and chroma are kept in 1/64 grey level, deviations in 1/256. */
export const greyUnits = 64
export const deviationUnits = 256

/** What the layer knows of every pixel. Flat arrays; 28 bytes a pixel and 12 bytes a chroma pixel. */
export interface LayerArrays {
  readonly by: Int16Array
  readonly bu: Int16Array
  readonly bv: Int16Array
  readonly cy: Int16Array
  readonly cu: Int16Array
  readonly cv: Int16Array
  readonly sy: Int16Array
  readonly su: Int16Array
  readonly sv: Int16Array
  /** Running mean absolute deviation x 1.25 while the background (the candidate) matches. */
  readonly sigma: Uint16Array
  readonly sigmaC: Uint16Array
  /** Evidence time of background support, saturating. */
  readonly ageMs: Uint32Array
  /** Candidate evidence, 0 .. 6 x staticMs. */
  readonly nMs: Int32Array
  /** Candidate first seen, milliseconds of media time since the model's start. */
  readonly firstMs: Uint32Array
  /** Candidate last seen, in evidence time, so that a gap does not age it. */
  readonly lastMs: Uint32Array
  /** Matches of the candidate and of the background so far, saturating at 255. */
  readonly matchesC: Uint8Array
  readonly matchesB: Uint8Array
}

export function createArrays(size: PlaneSize): LayerArrays {
  const full = size.widthPx * size.heightPx
  const half = size.chromaWidthPx * size.chromaHeightPx
  return {
    by: new Int16Array(full),
    bu: new Int16Array(half),
    bv: new Int16Array(half),
    cy: new Int16Array(full),
    cu: new Int16Array(half),
    cv: new Int16Array(half),
    sy: new Int16Array(full),
    su: new Int16Array(half),
    sv: new Int16Array(half),
    sigma: new Uint16Array(full),
    sigmaC: new Uint16Array(full),
    ageMs: new Uint32Array(full),
    nMs: new Int32Array(full),
    firstMs: new Uint32Array(full),
    lastMs: new Uint32Array(full),
    matchesC: new Uint8Array(full),
    matchesB: new Uint8Array(full),
  }
}

/** Every array in a fixed order, for snapshots and comparisons of state. */
export function arraysInOrder(
  arrays: LayerArrays,
): readonly (Int16Array | Uint16Array | Uint32Array | Int32Array | Uint8Array)[] {
  const { by, bu, bv, cy, cu, cv, sy, su, sv, sigma, sigmaC, ageMs, nMs, firstMs, lastMs, matchesC, matchesB } = arrays
  return [by, bu, bv, cy, cu, cv, sy, su, sv, sigma, sigmaC, ageMs, nMs, firstMs, lastMs, matchesC, matchesB]
}

export const startSigma = 3 * deviationUnits
export const startSigmaC = 4 * deviationUnits
