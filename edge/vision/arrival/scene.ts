import type { Box } from '../../../contracts/base/index.js'
import { boxFromRect, growBox, outOfRegion, rectFromBox } from '../boxes.js'
import type { PxRect } from '../static/morphology.js'
import { growRect, rectOf, spread, takeComponent } from '../static/morphology.js'
import { planeSize, smooth3 } from '../static/planes.js'
import { isStill, Registration, still, type Shift } from '../static/registration.js'
import type { Picture } from '../types.js'

type PictureSize = Pick<Picture, 'widthPx' | 'heightPx'>

/** What the static layer knows of the part of the picture that a look back shows, at the watch resolution or a whole part of it. */
export interface KnownScene {
  readonly widthPx: number
  readonly heightPx: number
  /** Pixels of the watch resolution across one of these. */
  readonly stepPx: number
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

/** What is at least so many pixels large both ways is told as well from every second row and column, at a quarter of the cost. */
const coarseFromPx = { place: 36, around: 72 } as const

/** The place in question by itself: what stands there is told from its own pixels, however small it is. */
export function knownPlace(view: LayerView, box: Box): KnownScene {
  return knownScene(view, growBox(box, 1.2), box, stepFor(view, box, coarseFromPx.place))
}

/** All that the look back shows: what moves through it is larger than what lies there. */
export function knownSurroundings(view: LayerView, region: Box, box: Box): KnownScene {
  return knownScene(view, region, box, stepFor(view, region, coarseFromPx.around))
}

function stepFor({ widthPx, heightPx }: LayerView, box: Box, fromPx: number): number {
  const { left, top, right, bottom } = rectFromBox(box, widthPx, heightPx)
  return Math.min(right - left, bottom - top) >= fromPx ? 2 : 1
}

/** Cuts what is known of `region`; `box` is the place in question. */
function knownScene(view: LayerView, region: Box, box: Box, stepPx: number): KnownScene {
  const rect = rectFromBox(region, view.widthPx, view.heightPx)
  const inBox = rectFromBox(box, view.widthPx, view.heightPx)
  const widthPx = Math.floor((rect.right - rect.left) / stepPx)
  const heightPx = Math.floor((rect.bottom - rect.top) / stepPx)
  const background = new Float32Array(widthPx * heightPx * 3)
  const now = new Float32Array(widthPx * heightPx * 3)
  const place = new Uint8Array(widthPx * heightPx)
  const ignore = new Uint8Array(widthPx * heightPx)
  const marked = view.silhouette === null ? null : new Set(view.silhouette)
  const share = 1 / (64 * stepPx * stepPx)
  for (let y = 0; y < heightPx * stepPx; y++)
    for (let x = 0; x < widthPx * stepPx; x++) {
      const k = Math.floor(y / stepPx) * widthPx + Math.floor(x / stepPx)
      const px = x + rect.left
      const py = y + rect.top
      const i = py * view.widthPx + px
      const j = (py >> 1) * view.chromaWidthPx + (px >> 1)
      const from = (view.nMs[i] as number) > 0 ? view.candidate : view.background
      addPixel(background, k, view.background, i, j, share)
      addPixel(now, k, from, i, j, share)
      const inside = px >= inBox.left && px < inBox.right && py >= inBox.top && py < inBox.bottom
      if (marked === null ? inside : marked.has(i)) place[k] = 1
      if (view.ignore[i] === 1) ignore[k] = 1
    }
  const shown = { ...rect, right: rect.left + widthPx * stepPx, bottom: rect.top + heightPx * stepPx }
  const shownBox = boxFromRect(shown, view.widthPx, view.heightPx)
  return { widthPx, heightPx, stepPx, region: shownBox, background, now, place, ignore }
}

function addPixel(out: Float32Array, k: number, from: LayerView['background'], i: number, j: number, share: number) {
  out[k * 3] = (out[k * 3] as number) + (from.y[i] as number) * share
  out[k * 3 + 1] = (out[k * 3 + 1] as number) + (from.u[j] as number) * share
  out[k * 3 + 2] = (out[k * 3 + 2] as number) + (from.v[j] as number) * share
}

/** Brings frames of a look back to a scene: Y, U, V at its size. */
class FrameReader {
  readonly #scene: KnownScene
  readonly #widthPx: number
  readonly #heightPx: number
  readonly #across: Axis
  readonly #down: Axis
  /** Samples across and down a pixel of the scene, and where they lie in a row and in a column of the frame (bytes, rows). */
  readonly #taps: number
  readonly #columns: Int32Array
  readonly #rows: Int32Array
  /** Two, so that a frame and the one before it are there together. */
  readonly #out: [Float32Array, Float32Array]

  /** `shown`: the part of the picture that the frames show, of `widthPx` x `heightPx` each. */
  constructor(scene: KnownScene, shown: Box, { widthPx, heightPx }: PictureSize, tapsMost: number) {
    const { region } = scene
    this.#scene = scene
    this.#widthPx = widthPx
    this.#heightPx = heightPx
    const scaleX = (region[2] / scene.widthPx / shown[2]) * widthPx
    const scaleY = (region[3] / scene.heightPx / shown[3]) * heightPx
    const startX = ((region[0] - shown[0]) / shown[2]) * widthPx
    const startY = ((region[1] - shown[1]) / shown[3]) * heightPx
    this.#across = { start: startX, scale: scaleX, sizePx: widthPx }
    this.#down = { start: startY, scale: scaleY, sizePx: heightPx }
    this.#taps = Math.max(2, Math.min(tapsMost, Math.round(Math.max(scaleX, scaleY))))
    this.#columns = new Int32Array(scene.widthPx * this.#taps)
    this.#rows = new Int32Array(scene.heightPx * this.#taps)
    const length = scene.widthPx * scene.heightPx * 3
    this.#out = [new Float32Array(length), new Float32Array(length)]
  }

  /** The frame lies off the background by `off`, in pixels of the scene. Valid until the call after the next one. */
  read({ rgb, widthPx, heightPx }: Picture, off: Shift): Float32Array {
    if (widthPx !== this.#widthPx || heightPx !== this.#heightPx)
      throw new Error(`a look back of ${this.#widthPx}x${this.#heightPx} holds a picture of ${widthPx}x${heightPx}`)
    placeTaps(this.#columns, this.#across, this.#taps, off.dxPx, 3)
    placeTaps(this.#rows, this.#down, this.#taps, off.dyPx, 1)
    this.#out.reverse()
    const [out] = this.#out
    for (let y = 0; y < this.#scene.heightPx; y++) this.#readRow(rgb, y, out)
    return out
  }

  #readRow(rgb: Uint8Array, y: number, out: Float32Array): void {
    const taps = this.#taps
    const columns = this.#columns
    const n = taps * taps
    for (let x = 0, at = y * this.#scene.widthPx * 3; x < this.#scene.widthPx; x++, at += 3) {
      let r = 0
      let g = 0
      let b = 0
      for (let row = y * taps; row < (y + 1) * taps; row++) {
        const line = (this.#rows[row] as number) * this.#widthPx * 3
        for (let column = x * taps; column < (x + 1) * taps; column++) {
          const p = line + (columns[column] as number)
          r += rgb[p] as number
          g += rgb[p + 1] as number
          b += rgb[p + 2] as number
        }
      }
      out[at] = (0.299 * r + 0.587 * g + 0.114 * b) / n
      out[at + 1] = 128 + (-0.168736 * r - 0.331264 * g + 0.5 * b) / n
      out[at + 2] = 128 + (0.5 * r - 0.418688 * g - 0.081312 * b) / n
    }
  }
}

/** How the pixels of a scene lie along one side of a frame: `start + k * scale`. */
interface Axis {
  readonly start: number
  readonly scale: number
  readonly sizePx: number
}

function placeTaps(to: Int32Array, { start, scale, sizePx }: Axis, taps: number, off: number, bytes: number): void {
  for (let k = 0; k < to.length; k++)
    to[k] = bytes * (Math.min(sizePx - 1, Math.max(0, start + ((k + 0.5) / taps + off) * scale)) | 0)
}

/**
 * How the frames of a look back lie against the background: a mast that shook when they were taken moves everything by some pixels, and
 * a place that is beside itself looks like nothing that is known.
 */
class SceneRegistration {
  readonly #scene: KnownScene
  readonly #registration: Registration
  readonly #background: Float32Array
  readonly #frame: Float32Array
  readonly #smooth: Float32Array
  readonly #rows: Float32Array
  #last: Shift = still

  constructor(scene: KnownScene) {
    const { widthPx, heightPx, background } = scene
    this.#scene = scene
    this.#registration = new Registration(planeSize(widthPx, heightPx))
    this.#background = new Float32Array(widthPx * heightPx)
    for (let k = 0; k < this.#background.length; k++) this.#background[k] = background[k * 3] as number
    this.#frame = new Float32Array(widthPx * heightPx)
    this.#smooth = new Float32Array(widthPx * heightPx)
    this.#rows = new Float32Array(3 * widthPx)
  }

  find(around: Float32Array): Shift {
    const { widthPx, heightPx } = this.#scene
    for (let k = 0; k < this.#frame.length; k++) this.#frame[k] = around[k * 3] as number
    smooth3(this.#frame, this.#smooth, widthPx, heightPx, 0.5, this.#rows)
    this.#last = this.#registration.find(this.#smooth, this.#background, this.#last)
    return this.#last
  }
}

/** Below this a part of the picture has too little to align on. */
const alignFromPx = 64

/** Reads the place and what is around it from each frame of a look back, both in the light and at the place of the background. */
export class SceneReader {
  readonly #around: KnownScene
  readonly #registration: SceneRegistration | null
  /** Pixels of the place's scene to one of the surroundings'. */
  readonly #finer: number
  readonly #readers: { readonly place: FrameReader; readonly around: FrameReader }
  readonly #ratios = new Float32Array(4_100)

  constructor(place: KnownScene, around: KnownScene, shown: Box, frame: PictureSize) {
    this.#around = around
    this.#registration = Math.min(around.widthPx, around.heightPx) < alignFromPx ? null : new SceneRegistration(around)
    this.#finer = around.stepPx / place.stepPx
    this.#readers = {
      place: new FrameReader(place, shown, frame, 4),
      around: new FrameReader(around, shown, frame, 2),
    }
  }

  /** Valid until the call after the next one. */
  read(frame: Picture): { readonly place: Float32Array; readonly around: Float32Array } {
    let around = this.#readers.around.read(frame, still)
    const off = this.#registration?.find(around) ?? still
    if (!isStill(off)) around = this.#readers.around.read(frame, off)
    const atPlace = { dxPx: off.dxPx * this.#finer, dyPx: off.dyPx * this.#finer }
    const seen = { place: this.#readers.place.read(frame, atPlace), around }
    const gain = this.#gainOf(seen.around)
    applyGain(seen.place, gain)
    applyGain(seen.around, gain)
    return seen
  }

  /** One gain for all that is shown, the median of (Y+8)/(B+8) off the place. */
  #gainOf(frame: Float32Array): number {
    const { background, place } = this.#around
    const stride = Math.max(1, Math.ceil(place.length / 4_000))
    let count = 0
    for (let k = 0; k < place.length; k += stride)
      if (place[k] === 0) this.#ratios[count++] = ((frame[k * 3] as number) + 8) / ((background[k * 3] as number) + 8)
    if (count < 50) return 1
    const median = this.#ratios.subarray(0, count).sort()[count >> 1] as number
    return Math.min(1.6, Math.max(0.6, median))
  }
}

function applyGain(frame: Float32Array, gain: number): void {
  for (let k = 0; k + 2 < frame.length; k += 3) {
    frame[k] = ((frame[k] as number) + 8) / gain - 8
    frame[k + 1] = 128 + ((frame[k + 1] as number) - 128) / gain
    frame[k + 2] = 128 + ((frame[k + 2] as number) - 128) / gain
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
  const { widthPx, heightPx, stepPx, background, now, ignore } = scene
  const mask = new Uint8Array(widthPx * heightPx)
  for (let k = 0; k < mask.length; k++)
    mask[k] = ignore[k] === 0 && difference(frame, background, k) > 26 && difference(frame, now, k) > 22 ? 1 : 0
  const core = erodedCore(mask, widthPx, heightPx)
  if (core === null) return []
  // all that follows happens within five pixels of it
  const rect = growRect(core, 5, widthPx, heightPx)
  const scratch = new Uint8Array(mask.length)
  const [join, cut] = [4 / stepPx, Math.ceil(3 / stepPx)]
  spread(mask, scratch, widthPx, rect, join, join, false)
  spread(mask, scratch, widthPx, rect, cut, cut, true)
  const stack = new Int32Array(mask.length)
  const found: { rect: PxRect; count: number }[] = []
  for (let y = rect.top; y < rect.bottom; y++)
    for (let x = rect.left; x < rect.right; x++) {
      if (mask[y * widthPx + x] === 0) continue
      const count = takeComponent(mask, stack, widthPx, rect, y * widthPx + x)
      if (count >= 60 / stepPx ** 2) found.push({ rect: rectOf(stack.subarray(0, count), widthPx), count })
    }
  return found
    .sort((a, b) => b.count - a.count)
    .slice(0, 24)
    .map(({ rect: one }) => outOfRegion(boxFromRect(one, widthPx, heightPx), scene.region))
}

/** Takes single pixels off (erosion by 3x3, the picture's edge counts as 0); the outline of what is left, null when nothing is. */
function erodedCore(mask: Uint8Array, widthPx: number, heightPx: number): PxRect | null {
  const { length } = mask
  // bit 0: before; bit 1: this pixel and both beside it
  for (let i = 1; i < length - 1; i++)
    if (((mask[i - 1] as number) & (mask[i] as number) & (mask[i + 1] as number) & 1) === 1) mask[i] = 3
  let [left, top, right, bottom] = [widthPx, heightPx, 0, 0]
  for (let y = 1; y < heightPx - 1; y++)
    for (let x = 1, i = y * widthPx + 1; x < widthPx - 1; x++, i++) {
      if (((mask[i - widthPx] as number) & (mask[i] as number) & (mask[i + widthPx] as number) & 2) === 0) continue
      mask[i] = (mask[i] as number) | 4
      if (x < left) left = x
      if (x >= right) right = x + 1
      if (y < top) top = y
      bottom = y + 1
    }
  for (let i = 0; i < length; i++) mask[i] = (mask[i] as number) >> 2
  return right === 0 ? null : { left, top, right, bottom }
}
