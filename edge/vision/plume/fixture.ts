import type { CameraId, EpochMs } from '../../../contracts/base/index.js'
import type { LookBackQuestion } from '../types.js'
import { normalise } from './normalise.js'
import { planesOfRgb } from './planes.js'
import type { BackgroundPlanes, BurstFrame, PlumeInput } from './types.js'

/** Seeded pictures for the tests of this folder. Plumes are sums of drifting puffs: another machine than the training's, on purpose. */
export type Act =
  | 'quiet'
  | 'gain'
  | 'shadow'
  | 'fog'
  | 'vehicle'
  | 'rain'
  | 'lamp'
  | 'smoke'
  | 'dark_smoke'
  | 'dust'
  | 'flame'
  | 'steam'

export type Random = () => number

/** Mulberry32: 0..1, the same for the same seed everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296
  }
}

/** Standard normal. */
export function normalOf(random: Random): number {
  return Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())
}

/** A street: wall with windows above, asphalt with marks and kerb below, grain everywhere. RGB float. */
export function street(seed: number, w: number, h: number): Float32Array {
  const random = randomOf(seed)
  const rgb = new Float32Array(w * h * 3)
  const paint = (x0: number, y0: number, bw: number, bh: number, colour: readonly number[]): void => {
    for (let y = Math.max(0, Math.floor(y0)); y < Math.min(h, y0 + bh); y += 1)
      for (let x = Math.max(0, Math.floor(x0)); x < Math.min(w, x0 + bw); x += 1)
        for (let c = 0; c < 3; c += 1) rgb[(y * w + x) * 3 + c] = colour[c] ?? 0
  }
  const wall = [120 + 60 * random(), 110 + 50 * random(), 95 + 50 * random()]
  paint(0, 0, w, h * 0.55, wall)
  paint(0, h * 0.55, w, h, [95 + 20 * random(), 96 + 20 * random(), 98 + 20 * random()])
  for (let i = 0; i < 90; i += 1) {
    const tone = 30 + 190 * random()
    const colour = [tone, tone * (0.8 + 0.4 * random()), tone * (0.7 + 0.5 * random())]
    paint(w * random(), h * 0.95 * random(), w * (0.01 + 0.06 * random()), h * (0.01 + 0.08 * random()), colour)
  }
  for (let i = 0; i < w * h; i += 1) {
    const grain = 7 * normalOf(random)
    for (let c = 0; c < 3; c += 1) rgb[i * 3 + c] = Math.min(250, Math.max(5, (rgb[i * 3 + c] ?? 0) + grain))
  }
  return rgb
}

interface Puff {
  readonly bornS: number
  readonly dx: number
  readonly lift: number
  readonly swirl: number
  readonly mass: number
}

/** Density of a plume at `x, y` (0..1 of the width, from the source) after `s` seconds. */
function puffs(random: Random, seconds: number): Puff[] {
  const out: Puff[] = []
  for (let s = -4; s < seconds; s += 0.1)
    out.push({
      bornS: s,
      dx: normalOf(random),
      lift: 0.7 + 0.6 * random(),
      swirl: 6.3 * random(),
      mass: 0.4 + 1.2 * random(),
    })
  return out
}

export interface Scene {
  readonly widthPx: number
  readonly heightPx: number
  readonly background: BackgroundPlanes
  /** Where the act happens, 0..1. */
  readonly box: readonly [number, number, number, number]
  /** The picture at `s` seconds. */
  at(s: number): Uint8Array
}

const looks = {
  smoke: { air: [150, 152, 156], rise: 0.09, side: 0.02, spread: 0.02, life: 4, opacity: 0.55 },
  dark_smoke: { air: [40, 40, 42], rise: 0.09, side: 0.02, spread: 0.025, life: 4, opacity: 0.7 },
  dust: { air: [196, 172, 138], rise: 0.012, side: 0.07, spread: 0.035, life: 3.5, opacity: 0.6 },
  steam: { air: [235, 235, 236], rise: 0.08, side: 0.01, spread: 0.014, life: 1, opacity: 0.5 },
  flame: { air: [255, 150, 30], rise: 0.11, side: 0.004, spread: 0.014, life: 0.7, opacity: 0.95 },
} as const

/** A seeded scene of one act, with its background as the static layer would give it. */
export function scene(act: Act, seed: number, w = 320, h = 180): Scene {
  const base = street(seed, w, h)
  const random = randomOf(seed * 7919 + 13)
  const all = puffs(random, 40)
  const [sx, sy] = [0.35 + 0.3 * random(), 0.72]
  const bytes = Uint8Array.from(base, (v) => Math.round(v))
  const look = act in looks ? looks[act as keyof typeof looks] : null
  return {
    widthPx: w,
    heightPx: h,
    background: planesOfRgb(bytes, w, h, w, h),
    box: [Math.max(0, sx - 0.14), 0.3, 0.3, 0.5],
    at(s) {
      const noise = randomOf(seed * 31 + Math.round(s * 1000))
      const density = look === null ? null : densityAt(all, look, s, sx, sy, w, h)
      const out = new Uint8Array(w * h * 3)
      for (let y = 0; y < h; y += 1)
        for (let x = 0; x < w; x += 1) {
          const i = y * w + x
          const a = density === null || look === null ? 0 : look.opacity * (1 - Math.exp(-(density[i] ?? 0)))
          const grain = (noise() + noise() - 1) * 5
          for (let c = 0; c < 3; c += 1) {
            const plain = (base[i * 3 + c] ?? 0) * (1 - a) + a * (look?.air[c] ?? 0)
            out[i * 3 + c] = Math.min(255, Math.max(0, disturbed(act, plain, x / w, y / h, c, s) + grain))
          }
        }
      return out
    },
  }
}

function densityAt(
  all: readonly Puff[],
  look: (typeof looks)[keyof typeof looks],
  s: number,
  sx: number,
  sy: number,
  w: number,
  h: number,
): Float32Array {
  const out = new Float32Array(w * h)
  for (const puff of all) {
    const age = s - puff.bornS
    if (age < 0 || age > look.life * 1.5) continue
    const cx =
      (sx + look.side * age + puff.dx * look.spread * (0.2 + age * 0.5) + 0.012 * Math.sin(2.1 * s + puff.swirl)) * w
    const cy = sy * h - look.rise * puff.lift * age * w
    const r = look.spread * (0.5 + 0.45 * age) * w
    const mass = puff.mass * (look === looks.flame ? 2.5 : 0.5) * Math.max(0, 1 - age / (look.life * 1.5))
    for (let y = Math.max(0, Math.floor(cy - 2.5 * r)); y < Math.min(h, cy + 2.5 * r); y += 1)
      for (let x = Math.max(0, Math.floor(cx - 2.5 * r)); x < Math.min(w, cx + 2.5 * r); x += 1)
        out[y * w + x] = (out[y * w + x] ?? 0) + mass * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (r * r))
  }
  return out
}

function disturbed(act: Act, value: number, x: number, y: number, channel: number, s: number): number {
  if (act === 'gain') return value * (1 + 0.15 * Math.sin(0.9 * s))
  if (act === 'fog') return value * 0.6 + 0.4 * (170 + 10 * Math.sin(0.4 * s))
  if (act === 'shadow') return Math.abs(x + 0.25 * y - ((0.09 * s) % 1.4)) < 0.09 ? value * 0.5 : value
  if (act === 'lamp') return value + 60 * Math.exp(-((x - 0.5) ** 2 + (y - 0.6) ** 2) / 0.02) * (Math.floor(s / 3) % 2)
  if (act === 'rain') return Math.abs((x * 37 + y * 3 + s * 11.7) % 1) < 0.03 ? value + 35 : value
  if (act === 'vehicle') {
    const cx = ((s * 0.31) % 1.6) - 0.3
    const inside = Math.abs(x - cx) < 0.12 && y > 0.55 && y < 0.78
    return inside ? ([60, 70, 140][channel] ?? 0 + (y > 0.6 && y < 0.66 ? 60 : 0)) : value
  }
  return value
}

export function question(box: readonly [number, number, number, number]): LookBackQuestion {
  return {
    kind: 'burst',
    camera: 'c01' as CameraId,
    box,
    region: null,
    sinceMs: 1_700_000_000_000 as EpochMs,
    dueMs: 1_700_000_000_000 as EpochMs,
  }
}

/** A burst of the scene from `fromS`, `seconds` long. */
export function* burstOf(place: Scene, fromS: number, seconds: number, fps: number): Generator<BurstFrame> {
  for (let i = 0; i < seconds * fps; i += 1)
    yield {
      wallMs: 1_700_000_000_000 + (fromS + i / fps) * 1000,
      widthPx: place.widthPx,
      heightPx: place.heightPx,
      rgb: place.at(fromS + i / fps),
    }
}

/** What the static layer would hand to the screen at `s` seconds; `gain` is taken out as its photometric map would. */
export function screenInput(place: Scene, s: number, dtMs: number): PlumeInput {
  const { widthPx: w, heightPx: h, background } = place
  const frame = planesOfRgb(place.at(s), w, h, w, h)
  normalise(frame, background, [0, 0, 0, 0], null)
  return {
    background,
    y: frame.y,
    u: frame.u,
    v: frame.v,
    objects: [],
    dtMs,
    geometry: null,
    isUsable: () => true,
  }
}
