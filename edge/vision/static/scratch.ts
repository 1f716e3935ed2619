import type { MaskScratch } from './candidates.js'
import { createMaskScratch } from './candidates.js'
import { PhotometricMap } from './photometric.js'
import type { PlaneSize, Planes } from './planes.js'
import { createPlanes, planeSize } from './planes.js'
import { Registration } from './registration.js'

/** Work space of one picture size; all cameras of that size on one thread share it, since a step is never interrupted. */
export interface Scratch {
  readonly size: PlaneSize
  /** Luminance before smoothing. */
  readonly raw: Float32Array
  readonly frame: Planes
  readonly background: Planes
  readonly spare: Planes
  readonly rows: Float32Array
  readonly kinds: Uint8Array
  readonly chromaFits: Uint8Array
  readonly masks: MaskScratch
  readonly registration: Registration
  readonly photometric: PhotometricMap
}

/** Work spaces by size. Keep one per thread. */
export class ScratchPool {
  readonly #bySize = new Map<string, Scratch>()
  for(widthPx: number, heightPx: number): Scratch {
    const key = `${widthPx}x${heightPx}`
    const known = this.#bySize.get(key)
    if (known !== undefined) return known
    const size = planeSize(widthPx, heightPx)
    const full = widthPx * heightPx
    const made: Scratch = {
      size,
      raw: new Float32Array(full),
      frame: createPlanes(size),
      background: createPlanes(size),
      spare: createPlanes(size),
      rows: new Float32Array(3 * widthPx),
      kinds: new Uint8Array(full),
      chromaFits: new Uint8Array(size.chromaWidthPx * size.chromaHeightPx),
      masks: createMaskScratch(size),
      registration: new Registration(size),
      photometric: new PhotometricMap(size),
    }
    this.#bySize.set(key, made)
    return made
  }
}
