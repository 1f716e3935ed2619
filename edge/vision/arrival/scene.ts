import type { Box } from '../../../contracts/base/index.js'
import { boxFromRect, rectFromBox } from '../boxes.js'
import type { PxRect } from '../static/morphology.js'
import { spread, takeComponent } from '../static/morphology.js'
import type { Picture } from '../types.js'

/** What the static layer knows of the part of the picture that a look back shows, at the watch resolution. */
export interface KnownScene {
  readonly widthPx: number
  readonly heightPx: number
  /** Part of the whole picture. */
  readonly region: Box
  /** Background and the look of today, luminance and chroma, interleaved Y, U, V. */
  readonly background: Float32Array
  readonly now: Float32Array
  /** 1 on the thing in question. */
  readonly place: Uint8Array
  /** 1 where nothing may be found. */
  readonly ignore: Uint8Array
}

export interface LayerView {
  readonly widthPx: number
  readonly heightPx: number
  readonly chromaWidthPx: number
  readonly background: { readonly y: Int16Array; readonly u: Int16Array; readonly v: Int16Array }
  readonly candidate: { readonly y: Int16Array; readonly u: Int16Array; readonly v: Int16Array }
  readonly nMs: Int32Array
  readonly ignore: Uint8Array
  /** Indices of the thing's pixels, or null when only a box is known. */
  readonly silhouette: Int32Array | null
}

/** Cuts what is known of `region`; `box` is the place in question. */
export function knownScene(view: LayerView, region: Box, box: Box): KnownScene {
  const rect = rectFromBox(region, view.widthPx, view.heightPx)
  const widthPx = rect.right - rect.left
  const heightPx = rect.bottom - rect.top
  const background = new Float32Array(widthPx * heightPx * 3)
  const now = new Float32Array(widthPx * heightPx * 3)
  const place = new Uint8Array(widthPx * heightPx)
  const ignore = new Uint8Array(widthPx * heightPx)
  const marked = view.silhouette === null ? null : new Set(view.silhouette)
  const inBox = rectFromBox(box, view.widthPx, view.heightPx)
  for (let y = 0, k = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, k++) {
      const px = x + rect.left
      const py = y + rect.top
      const i = py * view.widthPx + px
      const j = (py >> 1) * view.chromaWidthPx + (px >> 1)
      const { background: b, candidate: c } = view
      const changed = (view.nMs[i] as number) > 0
      background.set([(b.y[i] as number) / 64, (b.u[j] as number) / 64, (b.v[j] as number) / 64], k * 3)
      const from = changed ? c : b
      now.set([(from.y[i] as number) / 64, (from.u[j] as number) / 64, (from.v[j] as number) / 64], k * 3)
      const inside = px >= inBox.left && px < inBox.right && py >= inBox.top && py < inBox.bottom
      place[k] = (marked === null ? inside : marked.has(i)) ? 1 : 0
      ignore[k] = view.ignore[i] as number
    }
  return { widthPx, heightPx, region: boxFromRect(rect, view.widthPx, view.heightPx), background, now, place, ignore }
}

/** A frame of the look back as Y, U, V at the scene's size, its light brought to that of the background. */
export function normaliseFrame(scene: KnownScene, picture: Picture, shown: Box): Float32Array {
  const { widthPx, heightPx, region } = scene
  const out = new Float32Array(widthPx * heightPx * 3)
  const scaleX = (region[2] / widthPx / shown[2]) * picture.widthPx
  const scaleY = (region[3] / heightPx / shown[3]) * picture.heightPx
  const startX = ((region[0] - shown[0]) / shown[2]) * picture.widthPx
  const startY = ((region[1] - shown[1]) / shown[3]) * picture.heightPx
  const taps = Math.max(2, Math.min(4, Math.round(Math.max(scaleX, scaleY))))
  for (let y = 0, k = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, k++) {
      let r = 0
      let g = 0
      let b = 0
      for (let row = 0; row < taps; row++)
        for (let column = 0; column < taps; column++) {
          const fx = startX + (x + (column + 0.5) / taps) * scaleX
          const fy = startY + (y + (row + 0.5) / taps) * scaleY
          const px = Math.min(picture.widthPx - 1, Math.max(0, fx)) | 0
          const py = Math.min(picture.heightPx - 1, Math.max(0, fy)) | 0
          const p = (py * picture.widthPx + px) * 3
          r += picture.rgb[p] as number
          g += picture.rgb[p + 1] as number
          b += picture.rgb[p + 2] as number
        }
      const n = taps * taps
      out[k * 3] = (0.299 * r + 0.587 * g + 0.114 * b) / n
      out[k * 3 + 1] = 128 + (-0.168736 * r - 0.331264 * g + 0.5 * b) / n
      out[k * 3 + 2] = 128 + (0.5 * r - 0.418688 * g - 0.081312 * b) / n
    }
  levelGain(scene, out)
  return out
}

/** One gain for the whole part, the median of (Y+8)/(B+8) off the place. */
function levelGain({ background, place }: KnownScene, frame: Float32Array): void {
  const ratios: number[] = []
  const stride = Math.max(1, Math.floor(place.length / 4000))
  for (let k = 0; k < place.length; k += stride)
    if (place[k] === 0) ratios.push(((frame[k * 3] as number) + 8) / ((background[k * 3] as number) + 8))
  if (ratios.length < 50) return
  const gain = Math.min(1.6, Math.max(0.6, ratios.sort((a, b) => a - b)[ratios.length >> 1] as number))
  for (let k = 0; k < place.length; k++) {
    frame[k * 3] = ((frame[k * 3] as number) + 8) / gain - 8
    frame[k * 3 + 1] = 128 + ((frame[k * 3 + 1] as number) - 128) / gain
    frame[k * 3 + 2] = 128 + ((frame[k * 3 + 2] as number) - 128) / gain
  }
}

export type PlaceLook = 'before' | 'after' | 'hidden' | 'between'

/** How far two pictures differ at a pixel. */
function difference(a: Float32Array, b: Float32Array, k: number): number {
  return (
    Math.abs((a[k * 3] as number) - (b[k * 3] as number)) +
    Math.abs((a[k * 3 + 1] as number) - (b[k * 3 + 1] as number)) +
    Math.abs((a[k * 3 + 2] as number) - (b[k * 3 + 2] as number))
  )
}

/** Mean change of the place from the background to today; under 6 nothing can be told from it. */
export function placeContrast({ background, now, place }: KnownScene): number {
  let sum = 0
  let count = 0
  for (let k = 0; k < place.length; k++)
    if (place[k] === 1) {
      sum += difference(background, now, k)
      count++
    }
  return count === 0 ? 0 : sum / count
}

/** Whether the place looks as before, as today, or like neither; `previous` tells a passer-by from a slow change. */
export function lookAtPlace(scene: KnownScene, frame: Float32Array, previous: Float32Array | null): PlaceLook {
  const { background, now, place } = scene
  let before = 0
  let after = 0
  let count = 0
  let moving = 0
  for (let k = 0; k < place.length; k++) {
    if (place[k] === 0) continue
    const toBefore = difference(frame, background, k)
    const toNow = difference(frame, now, k)
    // pixels vote; where today looks like before they have nothing to say
    if (difference(background, now, k) < 8) continue
    count++
    if (toBefore < toNow && toBefore < 24) before++
    else if (toNow < toBefore && toNow < 24) after++
    if (previous !== null && difference(frame, previous, k) > 24) moving++
  }
  if (count === 0) return 'between'
  if (after >= 0.6 * count && before < 0.25 * count) return 'after'
  if (before >= 0.6 * count && after < 0.25 * count) return 'before'
  return moving > 0.15 * count || before + after < 0.6 * count ? 'hidden' : 'between'
}

/** Boxes (of the whole picture) of what is neither background nor today's standing things: whatever moves. */
export function movingBlobs(scene: KnownScene, frame: Float32Array): Box[] {
  const { widthPx, heightPx, background, now, ignore, region } = scene
  const mask = new Uint8Array(widthPx * heightPx)
  const scratch = new Uint8Array(mask.length)
  for (let k = 0; k < mask.length; k++)
    mask[k] = ignore[k] === 0 && difference(frame, background, k) > 26 && difference(frame, now, k) > 22 ? 1 : 0
  const whole: PxRect = { left: 0, top: 0, right: widthPx, bottom: heightPx }
  spread(mask, scratch, widthPx, whole, 1, 1, true)
  spread(mask, scratch, widthPx, whole, 4, 4, false)
  spread(mask, scratch, widthPx, whole, 3, 3, true)
  const stack = new Int32Array(mask.length)
  const boxes: { box: Box; count: number }[] = []
  for (let k = 0; k < mask.length; k++) {
    if (mask[k] === 0) continue
    const count = takeComponent(mask, stack, widthPx, whole, k)
    if (count < 60) continue
    let left = widthPx
    let right = 0
    let top = heightPx
    let bottom = 0
    for (let at = 0; at < count; at++) {
      const i = stack[at] as number
      const y = (i / widthPx) | 0
      const x = i - y * widthPx
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = Math.max(bottom, y + 1)
    }
    const [x, y, w, h] = boxFromRect({ left, top, right, bottom }, widthPx, heightPx)
    boxes.push({ box: [region[0] + x * region[2], region[1] + y * region[3], w * region[2], h * region[3]], count })
  }
  return boxes
    .sort((a, b) => b.count - a.count)
    .slice(0, 24)
    .map(({ box }) => box)
}
