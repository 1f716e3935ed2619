import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'

/** Seeded generator of uniform numbers 0..1 (mulberry32, public domain by Tommy Ettinger). For tests. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface Patch {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Mean contrast to a grey of 110. */
  readonly contrast: number
  readonly seed: number
  /** A slanting line, 4 px thick, instead of a block: what wires and twigs look like. */
  readonly line?: boolean
}

export interface SceneOptions {
  readonly widthPx: number
  readonly heightPx: number
  readonly seed: number
  /** Standard deviation of the sensor's noise in grey levels; 4 by default. */
  readonly noise?: number
}

/** A street without anybody: textured ground in several scales, tiles and a few kerbs. Larger than the picture, so that it can be moved. */
export class SyntheticScene {
  readonly options: SceneOptions
  readonly #ground: Float32Array
  readonly #width: number
  readonly #height: number
  readonly #noise: Int8Array
  static readonly margin = 32

  constructor(options: SceneOptions) {
    this.options = options
    this.#width = options.widthPx + 2 * SyntheticScene.margin
    this.#height = options.heightPx + 2 * SyntheticScene.margin
    const random = randomOf(options.seed)
    this.#ground = ground(this.#width, this.#height, random)
    // sums of uniform numbers are near enough to a normal distribution; drawn once, read at a new place for each frame
    const sigma = options.noise ?? 4
    this.#noise = Int8Array.from({ length: 262_147 }, () => {
      let sum = -3
      for (let k = 0; k < 6; k++) sum += random()
      return Math.max(-127, Math.min(127, Math.round(sum * sigma * Math.SQRT2)))
    })
  }

  /** `gain` multiplies everything; `dx`, `dy` move the whole view. Patches lie in picture coordinates of the unmoved view. */
  frame(index: number, patches: readonly Patch[] = [], gain = 1, dx = 0, dy = 0): Uint8Array {
    const { widthPx, heightPx } = this.options
    const grey = new Float32Array(widthPx * heightPx)
    for (let y = 0, i = 0; y < heightPx; y++)
      for (let x = 0; x < widthPx; x++, i++)
        grey[i] = this.#ground[
          (y - dy + SyntheticScene.margin) * this.#width + x - dx + SyntheticScene.margin
        ] as number
    for (const patch of patches) draw(grey, widthPx, heightPx, patch, dx, dy)
    const rgb = new Uint8Array(widthPx * heightPx * 3)
    const random = randomOf(this.options.seed * 7919 + index)
    let at = 0
    for (let i = 0; i < grey.length; i++) {
      if (i % 997 === 0) at = Math.floor(random() * this.#noise.length)
      for (let c = 0; c < 3; c++) {
        at = at + 1 < this.#noise.length ? at + 1 : 0
        const tint = c === 0 ? 4 : c === 2 ? -6 : 0
        rgb[i * 3 + c] = Math.max(
          0,
          Math.min(255, ((grey[i] as number) + tint) * gain + (this.#noise[at] as number) + 0.5),
        )
      }
    }
    return rgb
  }

  /** The same as a watch frame of camera `test`, one at `atMs`. */
  watchFrame(index: number, atMs: number, rgb: Uint8Array): WatchFrame {
    const { widthPx, heightPx } = this.options
    return {
      camera: 'test' as CameraId,
      index,
      wallMs: atMs as EpochMs,
      mediaMs: atMs,
      widthPx,
      heightPx,
      rgb,
      damaged: false,
      pictureWidthPx: widthPx,
      pictureHeightPx: heightPx,
    }
  }
}

function ground(width: number, height: number, random: () => number): Float32Array {
  const out = new Float32Array(width * height).fill(110)
  for (const [cell, strength] of [
    [64, 22],
    [24, 14],
    [9, 9],
  ] as const)
    addNoise(out, width, height, cell, strength, random)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      // slabs with joints, two kerbs
      if (x % 37 < 2 || y % 29 < 2) out[i] = (out[i] as number) - 18
      if (Math.abs(y - 0.45 * height - 0.1 * x) < 2) out[i] = (out[i] as number) + 35
      if (Math.abs(y - 0.8 * height + 0.05 * x) < 3) out[i] = (out[i] as number) + 45
    }
  return out
}

/** Value noise on a grid, interpolated. */
function addNoise(
  out: Float32Array,
  width: number,
  height: number,
  cell: number,
  strength: number,
  random: () => number,
): void {
  const columns = Math.ceil(width / cell) + 2
  const grid = Float32Array.from(
    { length: columns * (Math.ceil(height / cell) + 2) },
    () => (random() - 0.5) * 2 * strength,
  )
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const gx = x / cell
      const gy = y / cell
      const i = Math.floor(gy) * columns + Math.floor(gx)
      const fx = gx - Math.floor(gx)
      const fy = gy - Math.floor(gy)
      const top = (grid[i] as number) * (1 - fx) + (grid[i + 1] as number) * fx
      const bottom = (grid[i + columns] as number) * (1 - fx) + (grid[i + columns + 1] as number) * fx
      out[y * width + x] = (out[y * width + x] as number) + top * (1 - fy) + bottom * fy
    }
}

/** A textured thing: blocks of its own around its contrast. */
function draw(grey: Float32Array, width: number, height: number, patch: Patch, dx: number, dy: number): void {
  const random = randomOf(patch.seed)
  const blocks = Float32Array.from({ length: 400 }, () => 110 + patch.contrast + (random() - 0.5) * 50)
  for (let y = 0; y < patch.height; y++)
    for (let x = 0; x < patch.width; x++) {
      const px = patch.left + x + dx
      const py = patch.top + y + dy
      if (patch.line === true && Math.abs(x * patch.height - y * patch.width) > 3 * patch.width) continue
      if (px < 0 || py < 0 || px >= width || py >= height) continue
      grey[py * width + px] = blocks[(Math.floor(y / 5) * 20 + Math.floor(x / 5)) % 400] as number
    }
}
