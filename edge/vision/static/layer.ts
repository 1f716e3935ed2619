import { findCandidates } from './candidates.js'
import type { FrameLook, HealthState, Lighting } from './health.js'
import { lookAt, startHealth, stepHealth } from './health.js'
import { SceneMasks } from './masks.js'
import type { PxRect } from './morphology.js'
import type { PlaneSize, Planes } from './planes.js'
import { chromaOf, luminanceOf, shiftPlane, smooth3 } from './planes.js'
import { rebaseArrays } from './rebase.js'
import type { Shift } from './registration.js'
import type { Scratch } from './scratch.js'
import { Settling, swapWeak } from './settle.js'
import type { LayerArrays } from './state.js'
import { arraysInOrder, createArrays, greyUnits, startSigma } from './state.js'
import { stepPixels } from './step.js'
import type { Thing } from './things.js'
import { agreed, continueThing, isPartOf, latchedVotes, matchThings, recordVerdict, rectsTouch } from './things.js'
import { verifyCandidate } from './verify.js'

export interface LayerInput {
  /** Interleaved RGB of the layer's size. */
  readonly rgb: Uint8Array
  /** Evidence time since the frame before; 0 after a gap. */
  readonly dtMs: number
  /** Media or wall time; only differences count. */
  readonly atMs: number
  readonly staticMs: number
  /** Running incidents: never absorbed, swapped or dropped by a verdict. */
  readonly protect: readonly PxRect[]
  /** The decoder concealed errors. */
  readonly damaged: boolean
}

export interface LayerOutput {
  readonly view: {
    readonly moved: boolean
    readonly dark: boolean
    readonly blurred: boolean
    readonly covered: boolean
  }
  readonly lighting: Lighting
  readonly unseen: boolean
  readonly things: readonly Thing[]
  readonly removed: readonly PxRect[]
  /** Share of pixels that do not show the background. */
  readonly foregroundRatio: number
}

const absorbAfterMs = 24 * 3_600_000
const verificationsMost = 12
const startFramesMost = 60
const provisionalAgeMs = 60_000
const goneRatio = 0.7

/** Scalars that a snapshot keeps beside the arrays. */
export interface LayerScalars {
  startMs: number
  evidenceMs: number
  frames: number
  nextThing: number
  crowdedFrames: number
  rebuilding: number
  offsetXPx: number
  offsetYPx: number
  health: HealthState
  usualIntervalMs: number
}

/**
 * The two-layer static model of one camera (DETECTION.md §3): background and candidate per pixel with explicit evidence time.
 * Everything is deterministic: the same frames give the same bytes of state.
 */
export class StaticLayer {
  readonly arrays: LayerArrays
  readonly #scratch: Scratch
  readonly #size: PlaneSize
  readonly #zoneIgnore: Uint8Array
  readonly ignore: Uint8Array
  readonly masks: SceneMasks
  #settling: Settling | null
  things: Thing[] = []
  scalars: LayerScalars
  #shifts: Shift[] = []

  constructor(scratch: Scratch, zoneIgnore: Uint8Array) {
    this.#scratch = scratch
    this.#size = scratch.size
    this.arrays = createArrays(scratch.size)
    this.#zoneIgnore = zoneIgnore
    this.ignore = Uint8Array.from(zoneIgnore)
    this.masks = new SceneMasks(scratch.size)
    this.#settling = new Settling(scratch.size)
    this.scalars = {
      startMs: 0,
      evidenceMs: 0,
      frames: 0,
      nextThing: 1,
      crowdedFrames: 0,
      rebuilding: 0,
      offsetXPx: 0,
      offsetYPx: 0,
      health: startHealth,
      usualIntervalMs: 1000,
    }
  }

  /** The scratch planes after `step`: frame registered and mapped, background as grey levels. Valid until the next step of any camera. */
  get planes(): { readonly frame: Planes; readonly background: Planes; readonly kinds: Uint8Array } {
    return this.#scratch
  }

  step(input: LayerInput): LayerOutput {
    const { frame, raw, rows } = this.#scratch
    const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = this.#size
    luminanceOf(input.rgb, raw)
    smooth3(raw, frame.y, widthPx, heightPx, 0.5, rows)
    chromaOf(input.rgb, this.#size, this.#scratch.spare.u, this.#scratch.spare.v)
    smooth3(this.#scratch.spare.u, frame.u, chromaWidthPx, chromaHeightPx, 1 / 3, rows)
    smooth3(this.#scratch.spare.v, frame.v, chromaWidthPx, chromaHeightPx, 1 / 3, rows)
    const look = lookAt(frame, this.#size)
    const { state, view } = stepHealth(this.scalars.health, look)
    if (input.dtMs > 0 || this.scalars.frames === 0) this.scalars.health = state
    const bad = view.dark || view.covered || view.blurred || input.damaged
    if (bad) return this.#blind(view, input)
    if (this.scalars.frames === 0) return this.#begin(input, view)
    return this.#follow(input, view, look)
  }

  #moved(): boolean {
    return Math.hypot(this.scalars.offsetXPx, this.scalars.offsetYPx) > 0.015 * this.#size.widthPx
  }

  /** A frame from which nothing may be concluded updates nothing. */
  #blind(view: Omit<LayerOutput['view'], 'moved'>, _input: LayerInput): LayerOutput {
    for (const thing of this.things) thing.visible = false
    this.#loadBackground()
    return {
      view: { ...view, moved: this.#moved() },
      lighting: this.scalars.health.lighting,
      unseen: true,
      things: this.things,
      removed: [],
      foregroundRatio: 0,
    }
  }

  #begin({ atMs }: LayerInput, view: Omit<LayerOutput['view'], 'moved'>): LayerOutput {
    const { by, bu, bv, sy, su, sv, sigma, matchesB } = this.arrays
    const { frame } = this.#scratch
    for (let i = 0; i < by.length; i++) by[i] = sy[i] = Math.round((frame.y[i] as number) * greyUnits)
    for (let j = 0; j < bu.length; j++) {
      bu[j] = su[j] = Math.round((frame.u[j] as number) * greyUnits)
      bv[j] = sv[j] = Math.round((frame.v[j] as number) * greyUnits)
    }
    sigma.fill(startSigma)
    matchesB.fill(1)
    this.scalars.startMs = atMs
    this.scalars.frames = 1
    this.#settling?.add(frame)
    this.masks.observe(this.#scratch.raw)
    this.#loadBackground()
    return {
      view: { ...view, moved: this.#moved() },
      lighting: this.scalars.health.lighting,
      unseen: this.scalars.rebuilding > 0,
      things: this.things,
      removed: [],
      foregroundRatio: 0,
    }
  }

  #follow(input: LayerInput, view: Omit<LayerOutput['view'], 'moved'>, look: FrameLook): LayerOutput {
    const { scalars, arrays } = this
    const { frame, background, raw, kinds, chromaFits } = this.#scratch
    this.#loadBackground()
    this.#register(look)
    this.#scratch.photometric.apply(frame, background)
    if (input.dtMs <= 0) return this.#still(view)
    scalars.evidenceMs += input.dtMs
    scalars.frames++
    scalars.usualIntervalMs += (input.dtMs - scalars.usualIntervalMs) / Math.min(16, scalars.frames)
    const nowMs = Math.max(0, input.atMs - scalars.startMs)
    const times = { dtMs: input.dtMs, nowMs, evidenceMs: scalars.evidenceMs, staticMs: input.staticMs }
    const foreground = stepPixels(arrays, { frame, background, raw, kinds, chromaFits }, this.#size, times)
    const foregroundRatio = foreground / kinds.length
    this.#settle()
    this.#refreshMasks()
    const removed = this.#updateThings(input, nowMs)
    const crowded = foregroundRatio > 0.5
    scalars.crowdedFrames = crowded ? scalars.crowdedFrames + 1 : 0
    if (scalars.crowdedFrames >= 8) this.#rebuild(input.protect)
    const unseen = foregroundRatio > 0.7 || scalars.rebuilding > 0
    if (scalars.rebuilding > 0) scalars.rebuilding--
    return {
      view: { ...view, moved: this.#moved() },
      lighting: scalars.health.lighting,
      unseen,
      things: this.things,
      removed,
      foregroundRatio,
    }
  }

  /** After a gap: looked at, but no counter moves. */
  #still(view: Omit<LayerOutput['view'], 'moved'>): LayerOutput {
    for (const thing of this.things) thing.visible = false
    this.#shifts = []
    return {
      view: { ...view, moved: this.#moved() },
      lighting: this.scalars.health.lighting,
      unseen: false,
      things: this.things,
      removed: [],
      foregroundRatio: 0,
    }
  }

  #loadBackground(): void {
    const { background } = this.#scratch
    const { by, bu, bv } = this.arrays
    for (let i = 0; i < by.length; i++) background.y[i] = (by[i] as number) / greyUnits
    for (let j = 0; j < bu.length; j++) {
      background.u[j] = (bu[j] as number) / greyUnits
      background.v[j] = (bv[j] as number) / greyUnits
    }
  }

  #register(look: FrameLook): void {
    // without texture there is nothing to align on
    if (look.laplacian < 0.4) return
    const { frame, background, spare, registration } = this.#scratch
    const shift = registration.find(frame.y, background.y, this.#shifts.at(-1))
    this.#shifts.push(shift)
    if (this.#shifts.length > 5) this.#shifts.shift()
    if (shift.dxPx === 0 && shift.dyPx === 0) return
    if (this.#rebaseWhenSteady()) {
      this.#loadBackground()
      return
    }
    const { widthPx, heightPx, chromaWidthPx, chromaHeightPx } = this.#size
    shiftPlane(frame.y, spare.y, widthPx, heightPx, shift.dxPx, shift.dyPx)
    shiftPlane(frame.u, spare.u, chromaWidthPx, chromaHeightPx, shift.dxPx / 2, shift.dyPx / 2)
    shiftPlane(frame.v, spare.v, chromaWidthPx, chromaHeightPx, shift.dxPx / 2, shift.dyPx / 2)
    frame.y.set(spare.y)
    frame.u.set(spare.u)
    frame.v.set(spare.v)
    fillBorder(frame, background, this.#size, shift)
  }

  /** Five frames with nearly the same shift: the camera has moved for good, and the model moves with it. */
  #rebaseWhenSteady(): boolean {
    if (this.#shifts.length < 5) return false
    const xs = this.#shifts.map((shift) => shift.dxPx).sort((a, b) => a - b)
    const ys = this.#shifts.map((shift) => shift.dyPx).sort((a, b) => a - b)
    const spread = Math.max((xs[4] as number) - (xs[0] as number), (ys[4] as number) - (ys[0] as number))
    const dxPx = xs[2] as number
    const dyPx = ys[2] as number
    if (spread >= 0.5 || Math.hypot(dxPx, dyPx) < 0.5) return false
    rebaseArrays(this.arrays, this.#size, this.#scratch.spare, { dxPx, dyPx })
    this.things = this.things.flatMap((thing) => movedThing(thing, this.#size, Math.round(dxPx), Math.round(dyPx)))
    this.scalars.offsetXPx += dxPx
    this.scalars.offsetYPx += dyPx
    this.#shifts = []
    return true
  }

  #settle(): void {
    const { frame } = this.#scratch
    if (this.#settling !== null) {
      this.#settling.add(frame)
      if (this.#settling.isDone(this.scalars.evidenceMs)) {
        this.#settling.apply(this.arrays)
        this.#settling = null
      }
    }
    if (this.scalars.frames <= startFramesMost) swapWeak(this.arrays, this.#scratch.kinds, this.#size)
  }

  #refreshMasks(): void {
    const { frames } = this.scalars
    this.masks.observe(this.#scratch.raw)
    if (frames !== 12 && frames !== 25 && frames % 60 !== 0) return
    const { background } = this.#scratch
    const text = this.masks.textMask()
    const sky = this.masks.skyMask(background.y, background.u, background.v)
    for (let i = 0; i < text.length; i++)
      this.ignore[i] = (this.#zoneIgnore[i] as number) | (text[i] as number) | (sky[i] as number)
  }

  #updateThings({ staticMs, dtMs, protect }: LayerInput, _nowMs: number): PxRect[] {
    const { scalars, arrays } = this
    const candidates = findCandidates(arrays, this.ignore, this.#size, this.#scratch.masks, {
      staticMs,
      lastSeenSinceMs: scalars.evidenceMs - 2.2 * Math.max(dtMs, scalars.usualIntervalMs),
      leastPx: 40,
    })
    const matched = matchThings(this.things, candidates)
    const continued = new Set(matched.values())
    let verifications = 0
    for (const candidate of candidates) {
      let thing = matched.get(candidate)
      if (thing === undefined && this.things.some((other) => isPartOf(candidate, other))) continue
      if (thing === undefined) this.things.push((thing = this.#newThing(candidate)))
      else continueThing(thing, candidate)
      continued.add(thing)
      const latched = thing.objectVotes >= latchedVotes
      const due = !latched && (thing.looks < 8 || scalars.frames % 4 === 0)
      if (due && verifications++ < verificationsMost)
        recordVerdict(thing, verifyCandidate(candidate, arrays, this.#scratch.background, this.#size))
    }
    const removed: PxRect[] = []
    this.things = this.things.filter((thing) =>
      this.#stays(thing, continued.has(thing), dtMs, staticMs, protect, removed),
    )
    return removed
  }

  #newThing(candidate: { pixels: Int32Array; rect: PxRect; sinceMs: number; evidenceMs: number }): Thing {
    let settled = 0
    for (const i of candidate.pixels) if ((this.arrays.ageMs[i] as number) >= provisionalAgeMs) settled++
    return {
      id: `s${this.scalars.nextThing++}`,
      pixels: candidate.pixels,
      silhouette: new Int32Array(0),
      rect: candidate.rect,
      sinceMs: candidate.sinceMs,
      seenMs: candidate.evidenceMs,
      lastEvidenceMs: this.scalars.evidenceMs,
      votes: [],
      objectVotes: 0,
      verdict: 'weak',
      looks: 0,
      goneFrames: 0,
      provisional: settled < 0.5 * candidate.pixels.length,
      texture: 0,
      chroma: 0,
      luminanceRatio: 1,
      visible: true,
    }
  }

  /** Support of the thing in this frame, and what its verdicts ask for. False drops it. */
  #stays(
    thing: Thing,
    continued: boolean,
    dtMs: number,
    staticMs: number,
    protect: readonly PxRect[],
    removed: PxRect[],
  ): boolean {
    const { kinds } = this.#scratch
    let background = 0
    let candidate = 0
    for (const i of thing.pixels) {
      if (kinds[i] === 0) background++
      else if (kinds[i] === 1) candidate++
    }
    const isNew = thing.looks === 1 && thing.lastEvidenceMs === this.scalars.evidenceMs
    thing.visible = candidate >= 0.3 * thing.pixels.length && background <= goneRatio * thing.pixels.length
    if (thing.visible) {
      if (!isNew) thing.seenMs += dtMs
      thing.lastEvidenceMs = this.scalars.evidenceMs
    }
    thing.goneFrames = background > goneRatio * thing.pixels.length ? thing.goneFrames + 1 : 0
    if (thing.goneFrames >= 2) return false
    const guarded = protect.some((rect) => rectsTouch(rect, thing.rect))
    if (guarded) return true
    if (!continued && this.scalars.evidenceMs - thing.lastEvidenceMs > Math.max(60_000, 6 * staticMs)) return false
    if (agreed(thing, 'ghost')) {
      removed.push(thing.rect)
      this.replaceBackground(thing.silhouette, true)
      return false
    }
    if (agreed(thing, 'light') || thing.seenMs > absorbAfterMs) {
      this.replaceBackground(thing.silhouette.length > 0 ? thing.silhouette : thing.pixels, false)
      return false
    }
    return true
  }

  /** Makes the candidate (or, without one, the short mean) the background there; with `swap` the old background stays as candidate. */
  replaceBackground(pixels: Int32Array, swap: boolean): void {
    const { by, bu, bv, cy, cu, cv, sy, su, sv, sigma, sigmaC, nMs, ageMs, matchesB, matchesC } = this.arrays
    const { widthPx, chromaWidthPx } = this.#size
    const done = new Set<number>()
    for (const i of pixels) {
      const has = (nMs[i] as number) > 0
      const old = by[i] as number
      by[i] = has ? (cy[i] as number) : (sy[i] as number)
      if (swap) cy[i] = old
      if (has) sigma[i] = sigmaC[i] as number
      ageMs[i] = nMs[i] as number
      matchesB[i] = matchesC[i] as number
      nMs[i] = 0
      const y = (i / widthPx) | 0
      const j = (y >> 1) * chromaWidthPx + ((i - y * widthPx) >> 1)
      if (done.has(j)) continue
      done.add(j)
      const [u, v] = [bu[j] as number, bv[j] as number]
      bu[j] = has ? (cu[j] as number) : (su[j] as number)
      bv[j] = has ? (cv[j] as number) : (sv[j] as number)
      if (swap) {
        cu[j] = u
        cv[j] = v
      }
    }
  }

  /** "Belongs here": whatever stands in `rect` is background from now on. */
  absorb(rect: PxRect): void {
    for (const thing of this.things)
      if (rectsTouch(rect, thing.rect))
        this.replaceBackground(thing.silhouette.length > 0 ? thing.silhouette : thing.pixels, false)
    this.things = this.things.filter((thing) => !rectsTouch(rect, thing.rect))
  }

  /** The whole scene has changed: a new background from the next frames; things of running incidents keep their pixels. */
  #rebuild(protect: readonly PxRect[]): void {
    const kept = this.things.filter((thing) => protect.some((rect) => rectsTouch(rect, thing.rect)))
    const keep = new Set<number>()
    for (const thing of kept) for (const i of thing.pixels) keep.add(i)
    const { by, sy, cy, nMs, ageMs, matchesB, matchesC, sigma } = this.arrays
    for (let i = 0; i < by.length; i++) {
      if (keep.has(i)) continue
      by[i] = (nMs[i] as number) > 0 ? (cy[i] as number) : (sy[i] as number)
      nMs[i] = 0
      ageMs[i] = 0
      matchesB[i] = 1
      matchesC[i] = 0
      sigma[i] = startSigma
    }
    const { bu, bv, su, sv } = this.arrays
    bu.set(su)
    bv.set(sv)
    this.things = kept
    this.#settling = kept.length === 0 ? new Settling(this.#size, this.scalars.evidenceMs) : null
    Object.assign(this.scalars, { crowdedFrames: 0, rebuilding: 4 })
  }

  /** Bytes of state for comparisons. */
  get state(): readonly ArrayBufferView[] {
    return [...arraysInOrder(this.arrays), this.ignore]
  }

  get isSettling(): boolean {
    return this.#settling !== null
  }

  /** After a restore the background is taken as it is. */
  endSettling(): void {
    this.#settling = null
  }
}

/** Pixels that came in from outside show nothing known: they take the background's value. */
function fillBorder(frame: Planes, background: Planes, size: PlaneSize, { dxPx, dyPx }: Shift): void {
  const fill = (to: Float32Array, from: Float32Array, width: number, height: number, dx: number, dy: number) => {
    const marginX = Math.ceil(Math.abs(dx)) + 2
    const marginY = Math.ceil(Math.abs(dy)) + 2
    for (let y = 0; y < height; y++) {
      const inY = dy > 0 ? y < height - marginY : y >= marginY
      for (let x = 0; x < width; x++) {
        const inX = dx > 0 ? x < width - marginX : x >= marginX
        if (!inX || !inY) to[y * width + x] = from[y * width + x] as number
      }
    }
  }
  fill(frame.y, background.y, size.widthPx, size.heightPx, dxPx, dyPx)
  fill(frame.u, background.u, size.chromaWidthPx, size.chromaHeightPx, dxPx / 2, dyPx / 2)
  fill(frame.v, background.v, size.chromaWidthPx, size.chromaHeightPx, dxPx / 2, dyPx / 2)
}

function movedThing(thing: Thing, { widthPx, heightPx }: PlaneSize, dx: number, dy: number): Thing[] {
  const move = (pixels: Int32Array) =>
    pixels
      .map((i) => {
        const y = ((i / widthPx) | 0) + dy
        const x = (i % widthPx) + dx
        return x < 0 || y < 0 || x >= widthPx || y >= heightPx ? -1 : y * widthPx + x
      })
      .filter((i) => i >= 0)
  const pixels = move(thing.pixels)
  if (pixels.length < 0.5 * thing.pixels.length) return []
  const { left, top, right, bottom } = thing.rect
  const rect = {
    left: Math.max(0, left + dx),
    top: Math.max(0, top + dy),
    right: Math.min(widthPx, right + dx),
    bottom: Math.min(heightPx, bottom + dy),
  }
  return [{ ...thing, pixels, silhouette: move(thing.silhouette), rect }]
}
