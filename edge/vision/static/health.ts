import type { ViewHealth } from '../types.js'
import type { PlaneSize, Planes } from './planes.js'

export type Lighting = 'day' | 'night' | 'infrared'

/** What one frame looks like as a whole, before registration. */
export interface FrameLook {
  readonly meanY: number
  /** Luminance below which 95 % of the pixels lie. */
  readonly p95Y: number
  /** Mean absolute Laplacian of luminance. */
  readonly laplacian: number
  /** Share of 8x8 places without any texture. */
  readonly flatRatio: number
  readonly saturatedRatio: number
  /** Mean distance of the chroma from grey. */
  readonly chroma: number
}

export function lookAt(frame: Planes, { widthPx, heightPx }: PlaneSize): FrameLook {
  const histogram = new Uint32Array(256)
  let sum = 0
  let laplacian = 0
  let count = 0
  let flat = 0
  let places = 0
  let saturated = 0
  for (let y = 2; y < heightPx - 6; y += 8)
    for (let x = 2; x < widthPx - 6; x += 8) {
      let lowest = 255
      let highest = 0
      for (let row = 0; row < 4; row += 2)
        for (let column = 0; column < 4; column += 2) {
          const i = (y + row) * widthPx + x + column
          const here = frame.y[i] as number
          const across = (frame.y[i - 1] as number) + (frame.y[i + 1] as number)
          const along = (frame.y[i - widthPx] as number) + (frame.y[i + widthPx] as number)
          laplacian += Math.abs(across + along - 4 * here)
          sum += here
          count++
          if (here >= 252 || here <= 3) saturated++
          if (here < lowest) lowest = here
          if (here > highest) highest = here
          const bin = Math.min(255, here) | 0
          histogram[bin] = (histogram[bin] as number) + 1
        }
      places++
      if (highest - lowest < 2.5) flat++
    }
  return {
    meanY: sum / count,
    p95Y: quantile(histogram, 0.95 * count),
    laplacian: laplacian / count,
    flatRatio: flat / places,
    saturatedRatio: saturated / count,
    chroma: meanChroma(frame),
  }
}

function quantile(histogram: Uint32Array, rank: number): number {
  let passed = 0
  for (let bin = 0; bin < 256; bin++) {
    passed += histogram[bin] as number
    if (passed >= rank) return bin
  }
  return 255
}

function meanChroma({ u, v }: Planes): number {
  let sum = 0
  let count = 0
  for (let j = 0; j < u.length; j += 7) {
    sum += Math.abs((u[j] as number) - 128) + Math.abs((v[j] as number) - 128)
    count++
  }
  return sum / count
}

/** Kept between frames: how sharp this view usually is, which light it is in, and for how long something has been wrong. */
export interface HealthState {
  readonly lighting: Lighting
  readonly usualLaplacian: number
  readonly frames: number
  readonly dimFrames: number
}

export const startHealth: HealthState = { lighting: 'day', usualLaplacian: 0, frames: 0, dimFrames: 0 }

/** Thresholds are of this project; day and night differ with hysteresis so that dusk does not flicker. */
export function stepHealth(
  state: HealthState,
  look: FrameLook,
): { readonly state: HealthState; readonly view: Omit<ViewHealth, 'moved'> } {
  const dark = look.meanY < 14 && look.p95Y < 40
  const covered = !dark && (look.saturatedRatio > 0.85 || (look.flatRatio > 0.93 && look.laplacian < 0.5))
  const known = state.frames >= 5
  const soft = known && look.laplacian < 0.2 * state.usualLaplacian
  const blurred = !dark && !covered && soft && state.dimFrames >= 1
  const lighting = lightingOf(state, look)
  const usable = !dark && !covered && !soft
  const rate = Math.max(1 / (state.frames + 1), 1 / 200)
  return {
    state: {
      // a changed light starts a new usual sharpness, or dusk would look like a blurred lens
      lighting,
      usualLaplacian: usable
        ? state.usualLaplacian + (look.laplacian - state.usualLaplacian) * rate
        : state.usualLaplacian,
      frames: lighting === state.lighting ? state.frames + (usable ? 1 : 0) : 0,
      dimFrames: soft ? state.dimFrames + 1 : 0,
    },
    view: { dark, covered, blurred },
  }
}

function lightingOf({ lighting, frames }: HealthState, { chroma, meanY }: FrameLook): Lighting {
  if (frames === 0) return chroma < 1.2 ? 'infrared' : meanY < 55 ? 'night' : 'day'
  if (chroma < (lighting === 'infrared' ? 2 : 1)) return 'infrared'
  if (lighting === 'night') return meanY > 70 ? 'day' : 'night'
  return meanY < 50 ? 'night' : 'day'
}
