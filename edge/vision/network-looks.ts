import type { Box } from '../../contracts/base/index.js'
import { centreOf, coverOf, iouOf } from '../../contracts/geometry.js'
import { growBox } from './boxes.js'
import { wholePicture } from './setup.js'
import type { Detection, ObjectDetector, Picture } from './types.js'

const wholeEvery = 5
const cropsMost = 2

export interface LookPlan {
  readonly whole: boolean
  readonly crops: readonly Box[]
}

export interface LookWish {
  /** Places that want a close look: candidates and open suspicions. */
  readonly places: readonly Box[]
  readonly frameIndex: number
  /** Under overload the whole picture goes first. */
  readonly busy: boolean
  readonly sinceWhole: number
  readonly picture: { readonly widthPx: number; readonly heightPx: number; readonly cameraWidthPx: number }
}

/** Which parts of this frame the network shall see (DETECTION.md §7.2): crops of three times the place, the whole every fifth frame. */
export function planLooks({ places, frameIndex, busy, sinceWhole, picture }: LookWish): LookPlan {
  const whole = sinceWhole >= wholeEvery && (!busy || sinceWhole >= 4 * wholeEvery)
  const leastW = Math.min(0.5, Math.max(0.16, 208 / Math.max(picture.cameraWidthPx, picture.widthPx)))
  const leastH = (leastW * picture.widthPx) / picture.heightPx
  const regions: Box[] = []
  for (let at = 0; at < places.length; at++) {
    // each frame starts with another place, so that all get their turn
    const place = places[(at + frameIndex) % places.length] as Box
    if (regions.some((region) => coverOf(place, region) > 0.95 && region[2] < 6 * place[2] + leastW)) continue
    if (regions.length >= cropsMost) break
    regions.push(squareRegion(growBox(place, 3, leastW, leastH), picture.widthPx / picture.heightPx))
  }
  return { whole, crops: regions }
}

/** Networks take squares: the shorter side grows to the longer as far as the picture goes. */
function squareRegion(box: Box, aspect: number): Box {
  const sidePx = Math.max(box[2] * aspect, box[3])
  return growBox(box, 1, Math.min(1, sidePx / aspect), Math.min(1, sidePx))
}

export async function lookAtRegions(detector: ObjectDetector, picture: Picture, plan: LookPlan): Promise<Detection[]> {
  const found: Detection[] = []
  if (plan.whole) found.push(...(await detector.detect(picture, null)))
  for (const region of plan.crops)
    found.push(...(await detector.detect(picture, region)).filter((detection) => !isCutBy(detection.box, region)))
  return withoutDoubles(found)
}

/** A box that ends where the crop ends, inside the picture, is a part of something. */
function isCutBy([x, y, w, h]: Box, region: Box): boolean {
  const [rx, ry, rw, rh] = region
  const edge = 0.012
  const cut = (at: number, limit: number, outer: number, size: number) =>
    Math.abs(at - limit) < edge * size && Math.abs(limit - outer) > 0.01
  return cut(x, rx, 0, rw) || cut(x + w, rx + rw, 1, rw) || cut(y, ry, 0, rh) || cut(y + h, ry + rh, 1, rh)
}

export function withoutDoubles(detections: readonly Detection[]): Detection[] {
  const kept: Detection[] = []
  for (const detection of [...detections].sort((a, b) => b.score - a.score))
    if (!kept.some((other) => other.class === detection.class && iouOf(other.box, detection.box) > 0.5))
      kept.push(detection)
  return kept
}

/** The newer look replaces what was known of the regions it saw. */
export function mergeLooks(known: readonly Detection[], found: readonly Detection[], plan: LookPlan): Detection[] {
  if (plan.whole) return [...found]
  const outside = known.filter(({ box }) => !plan.crops.some((region) => holds(region, box)))
  return withoutDoubles([...found, ...outside])
}

function holds([x, y, w, h]: Box, box: Box): boolean {
  const [cx, cy] = centreOf(box)
  return cx >= x && cx <= x + w && cy >= y && cy <= y + h
}

/** Which parts of the picture were seen: for attendance. */
export function lookedAt(plan: LookPlan): readonly Box[] {
  return plan.whole ? [wholePicture] : plan.crops
}
