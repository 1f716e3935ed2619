import type { Box } from '../../../contracts/base/index.js'
import type { PlumeClassifier } from '../types.js'
import type { Crop } from './features.js'
import { sampleOf, samplePx, sampleShape } from './features.js'
import type { Planes, Rect } from './planes.js'
import { median, resample } from './planes.js'

type Scores = Awaited<ReturnType<PlumeClassifier['classify']>>[number]

/** A picture of a burst, normalised and registered, with its time. */
export interface Timed {
  readonly ms: number
  readonly planes: Planes
}

const squaresPx = [56, 96] as const
const placesMax = 20
const windowMs = 1400
const windowsMax = 3
const stepMs = 200

/**
 * Squares to look at, pixels of the analysed picture: the suspected box itself (with a margin), and a lattice of two sizes whose middles lie in it.
 * The network was trained with sources of 1 to 9 of the 64 pixels of a crop, so both the whole and its parts are worth a look.
 */
export function placesIn(box: Box, widthPx: number, heightPx: number): Rect[] {
  const [x, y, w, h] = [box[0] * widthPx, box[1] * heightPx, box[2] * widthPx, box[3] * heightPx]
  const inside = (side: number, cx: number, cy: number): Rect => ({
    x: Math.min(Math.max(0, cx - side / 2), Math.max(0, widthPx - side)),
    y: Math.min(Math.max(0, cy - side / 2), Math.max(0, heightPx - side)),
    w: side,
    h: side,
  })
  const whole = Math.min(Math.max(48, Math.max(w, h) * 1.25), Math.min(widthPx, heightPx))
  const out = [inside(whole, x + w / 2, y + h / 2)]
  for (const side of squaresPx) {
    if (side > Math.min(widthPx, heightPx)) continue
    const [cols, rows] = [Math.max(1, Math.round((2 * w) / side)), Math.max(1, Math.round((2 * h) / side))]
    for (let row = 0; row < rows; row += 1)
      for (let col = 0; col < cols; col += 1)
        out.push(inside(side, x + ((col + 0.5) * w) / cols, y + ((row + 0.5) * h) / rows))
  }
  const kept = out.filter(
    (a, i) => out.findIndex((b) => Math.hypot(a.x - b.x, a.y - b.y) < 6 && Math.abs(a.w - b.w) < 10) === i,
  )
  // A box over the whole picture has more places than time: every n-th, the whole always among them.
  const every = Math.ceil(kept.length / placesMax)
  return kept.filter((_, i) => i % every === 0)
}

/** One square of planes as the network sees it. */
export function cropOf({ widthPx, heightPx, chromaWidthPx, chromaHeightPx, y, u, v }: Planes, rect: Rect): Crop {
  const half: Rect = { x: rect.x / 2, y: rect.y / 2, w: rect.w / 2, h: rect.h / 2 }
  return {
    y: resample(y, widthPx, heightPx, rect, samplePx, samplePx),
    u: resample(u, chromaWidthPx, chromaHeightPx, half, samplePx, samplePx),
    v: resample(v, chromaWidthPx, chromaHeightPx, half, samplePx, samplePx),
  }
}

/** Indices of the eight pictures nearest to 0.2 s apart, for up to three windows spread over the burst; fewer windows in a short one. */
export function windowsOf(frames: readonly Timed[]): number[][] {
  const first = frames[0]?.ms ?? 0
  const last = frames.at(-1)?.ms ?? 0
  const room = last - first - windowMs
  if (room < -stepMs) return []
  const count = Math.max(1, Math.min(windowsMax, 1 + Math.floor(room / 700)))
  return Array.from({ length: count }, (_, k) => {
    const from = first + (count === 1 ? 0 : (k * room) / (count - 1))
    return Array.from({ length: sampleShape[0] }, (_unused, i) => nearest(frames, from + i * stepMs))
  })
}

function nearest(frames: readonly Timed[], ms: number): number {
  let best = 0
  frames.forEach((frame, i) => {
    if (Math.abs(frame.ms - ms) < Math.abs((frames[best]?.ms ?? 0) - ms)) best = i
  })
  return best
}

/** Share of a score that speaks for an act: steam does not. */
export function fires(scores: Scores): number {
  return scores.smoke + scores.dust + scores.flame
}

const nobody: Scores = { none: 1, smoke: 0, dust: 0, flame: 0, steam: 0 }

function medianScores(all: readonly Scores[]): Scores {
  const middle = (pick: (s: Scores) => number): number => median(all.map(pick))
  const raw = {
    none: middle((s) => s.none),
    smoke: middle((s) => s.smoke),
    dust: middle((s) => s.dust),
    flame: middle((s) => s.flame),
    steam: middle((s) => s.steam),
  }
  const sum = raw.none + raw.smoke + raw.dust + raw.flame + raw.steam
  if (sum <= 0) return nobody
  return {
    none: raw.none / sum,
    smoke: raw.smoke / sum,
    dust: raw.dust / sum,
    flame: raw.flame / sum,
    steam: raw.steam / sum,
  }
}

/** Asks the network about every place in every window: per place the median over windows, of these the place that speaks most for an act. */
export async function bestScores(
  classifier: PlumeClassifier,
  frames: readonly Timed[],
  back: Planes,
  places: readonly Rect[],
): Promise<Scores> {
  const windows = windowsOf(frames)
  if (windows.length === 0) return nobody
  let best: Scores | null = null
  for (const place of places) {
    const crops = new Map<number, Crop>()
    const cropAt = (index: number): Crop => {
      const known = crops.get(index) ?? cropOf(frames[index]?.planes ?? back, place)
      crops.set(index, known)
      return known
    }
    const backCrop = cropOf(back, place)
    const scores = medianScores(
      await classifier.classify(windows.map((window) => sampleOf(window.map(cropAt), backCrop))),
    )
    if (best === null || fires(scores) > fires(best)) best = scores
  }
  return best ?? nobody
}
