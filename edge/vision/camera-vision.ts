import type { Box, EpochMs, Point } from '../../contracts/base/index.js'
import { KerbError } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import type { LayerView } from './arrival/index.js'
import { arrivalLookBack } from './arrival/index.js'
import type { AttendanceEntry } from './attendance.js'
import { AttendanceLog } from './attendance.js'
import { footOf, iouOf } from '../../contracts/geometry.js'
import { boxFromRect, rectFromBox } from './boxes.js'
import type { Geometry } from './geometry.js'
import { createGeometry } from './geometry.js'
import { uprightMovers } from './movers.js'
import type { LookPlan } from './network-looks.js'
import { lookAtRegions, lookedAt, mergeLooks, planLooks } from './network-looks.js'
import { burstLookBack, screenPlumes } from './plume/index.js'
import type { BackgroundPlanes, PlumeScreenState } from './plume/types.js'
import type { CameraSetup, VisionModels } from './setup.js'
import { IntervalMeter, staticMsFor, wholePicture } from './setup.js'
import type { LayerOutput } from './static/layer.js'
import { StaticLayer } from './static/layer.js'
import { rasterPolygons } from './static/masks.js'
import type { Scratch, ScratchPool } from './static/scratch.js'
import type { Thing } from './static/things.js'
import { outlineOf } from './static/things.js'
import type { ThingLooks } from './statics.js'
import { addLook, isSeen, seenStaticOf } from './statics.js'
import type { TrackerState } from './tracker.js'
import { startTracker, stepTracker } from './tracker.js'
import type { Facts, LookBackFacts, LookBackQuestion, SeenObject, SeenPlume } from './types.js'

const plumeAgeMs = 8_000
/** Boxes of a look older than this many key frames are no longer shown. */
const looksKeptFrames = 6

export interface WatchOptions {
  /** Other frames are waiting: the whole-picture look of the network may be left out. */
  readonly busy: boolean
}

/** Everything vision keeps of one camera; turns its watch frames into facts, one at a time and in order. */
export class CameraVision {
  readonly setup: CameraSetup
  readonly layer: StaticLayer
  readonly geometry: Geometry | null
  readonly #scratch: Scratch
  readonly #models: VisionModels
  readonly interval = new IntervalMeter()
  readonly attendance = new AttendanceLog()
  tracker: TrackerState = startTracker
  thingLooks = new Map<string, ThingLooks>()
  lastMs: number | null = null
  #gap = false
  #frames = 0
  #sinceWhole = 1_000
  #objects: readonly SeenObject[] = []
  #objectsAtMs: number | null = null
  #framesSinceLook = 0
  /** What the network saw of the present frame. */
  #looked: readonly Box[] = []
  #plumes: PlumeScreenState | null = null

  /** @throws KerbError `CALIBRATION_REFUSED` */
  constructor(setup: CameraSetup, models: VisionModels, pool: ScratchPool) {
    this.setup = setup
    this.#models = models
    this.#scratch = pool.for(setup.widthPx, setup.heightPx)
    this.geometry = createGeometry(setup.calibration, setup.widthPx, setup.heightPx)
    this.layer = new StaticLayer(this.#scratch, rasterPolygons(setup.ignore, this.#scratch.size))
    for (const frame of setup.seedFrames ?? []) this.#seed(frame)
  }

  get staticMs(): number {
    return staticMsFor(this.setup.dwellMs, this.interval.intervalMs)
  }

  /** What happened since the last frame was not watched: the next frame brings no evidence. */
  gap(): void {
    this.#gap = true
  }

  #seed(frame: WatchFrame): void {
    this.#checkSize(frame)
    const dtMs = this.#evidenceOf(frame)
    this.#stepLayer(frame, dtMs, [])
  }

  /** One watch frame. @throws KerbError `FRAME_SIZE` when the picture does not have the configured size. */
  async watch(frame: WatchFrame, protect: readonly Box[], { busy }: WatchOptions): Promise<Facts> {
    this.#checkSize(frame)
    const dtMs = this.#evidenceOf(frame)
    const seen = this.#stepLayer(frame, dtMs, protect)
    // scratch planes are valid only until the first await
    const plumes = seen.unseen || dtMs <= 0 ? [] : this.#screen(dtMs)
    const movers = seen.unseen ? null : this.#movers()
    const facts = { dtMs: seen.unseen ? 0 : dtMs, unseen: seen.unseen }
    if (!seen.unseen) await this.#look(frame, seen, protect, busy)
    this.#attend(frame, facts.dtMs, movers)
    this.#frames++
    return {
      camera: frame.camera,
      wallMs: frame.wallMs,
      ...facts,
      objects: this.#objects,
      objectsAtMs: this.#objectsAtMs as EpochMs | null,
      statics: this.#statics(seen.things),
      removed: seen.removed.map((rect) => this.#boxOf(rect)),
      plumes,
      view: seen.view,
      lighting: seen.lighting,
    }
  }

  #checkSize({ widthPx, heightPx, rgb }: WatchFrame): void {
    const { setup } = this
    if (widthPx !== setup.widthPx || heightPx !== setup.heightPx || rgb.length !== widthPx * heightPx * 3)
      throw new KerbError(
        'FRAME_SIZE',
        `${setup.camera}: a picture of ${widthPx}x${heightPx} came where ${setup.widthPx}x${setup.heightPx} is configured`,
        { camera: setup.camera },
      )
  }

  #evidenceOf(frame: WatchFrame): number {
    const before = this.lastMs
    this.lastMs = frame.wallMs
    const broken = this.#gap
    this.#gap = false
    if (before === null || broken) return 0
    const passed = frame.wallMs - before
    if (passed <= 0) return 0
    const dtMs = Math.round(Math.min(passed, this.interval.capMs))
    this.interval.add(Math.min(passed, 20_000))
    return dtMs
  }

  #stepLayer(frame: WatchFrame, dtMs: number, protect: readonly Box[]): LayerOutput {
    const { widthPx, heightPx } = this.setup
    return this.layer.step({
      rgb: frame.rgb,
      dtMs,
      atMs: frame.wallMs,
      staticMs: this.staticMs,
      protect: protect.map((box) => rectFromBox(box, widthPx, heightPx)),
      damaged: frame.damaged,
    })
  }

  #boxOf(rect: { left: number; top: number; right: number; bottom: number }): Box {
    return boxFromRect(rect, this.setup.widthPx, this.setup.heightPx)
  }

  #screen(dtMs: number): SeenPlume[] {
    const { frame, background } = this.#scratch
    const { ignore } = this.layer
    const { ageMs } = this.layer.arrays
    const { plumes, state } = screenPlumes(
      {
        background: { ...this.#scratch.size, ...background },
        ...frame,
        isUsable: (i) => (ageMs[i] as number) >= plumeAgeMs && ignore[i] === 0,
        objects: this.#objects,
        dtMs,
        geometry: this.geometry,
      },
      this.#plumes,
    )
    this.#plumes = state
    return plumes
  }

  async #look(frame: WatchFrame, seen: LayerOutput, protect: readonly Box[], busy: boolean): Promise<void> {
    const detector = this.#models.objects
    this.#sinceWhole++
    this.#framesSinceLook++
    if (detector === null) return
    const wanted = seen.things.filter(
      (thing) => thing.visible && thing.verdict !== 'light' && thing.verdict !== 'ghost',
    )
    const places = [...protect, ...wanted.map((thing) => this.#boxOf(thing.rect))]
    const plan = planLooks({
      places,
      frameIndex: this.#frames,
      busy,
      sinceWhole: this.#sinceWhole,
      picture: { widthPx: frame.widthPx, heightPx: frame.heightPx, cameraWidthPx: frame.pictureWidthPx },
    })
    if (!plan.whole && plan.crops.length === 0) {
      this.#ageObjects()
      return
    }
    const found = await lookAtRegions(detector, frame, plan)
    if (plan.whole) this.#sinceWhole = 0
    this.#takeLook(frame, plan, found, seen.things)
  }

  #ageObjects(): void {
    if (this.#framesSinceLook > looksKeptFrames) this.#objects = []
  }

  #takeLook(
    frame: WatchFrame,
    plan: LookPlan,
    found: Awaited<ReturnType<typeof lookAtRegions>>,
    things: readonly Thing[],
  ): void {
    const merged = mergeLooks(this.#objects, found, plan)
    const { state, assigned } = stepTracker(this.tracker, frame.wallMs, merged, {
      light: true,
      deathMs: Math.max(10_000, 8 * this.interval.intervalMs),
    })
    this.tracker = state
    this.#objects = merged.map(({ box, class: kind, score }, index) => ({
      box,
      class: kind,
      score,
      track: assigned[index] ?? null,
    }))
    this.#objectsAtMs = frame.wallMs
    this.#framesSinceLook = 0
    this.#looked = lookedAt(plan)
    for (const thing of things) {
      if (!thing.visible) continue
      const box = this.#boxOf(thing.rect)
      const covered = plan.whole || plan.crops.some((crop) => coversCentre(crop, box))
      if (covered) this.thingLooks.set(thing.id, addLook(this.thingLooks.get(thing.id), box, merged))
    }
    const alive = new Set(things.map((thing) => thing.id))
    for (const id of this.thingLooks.keys()) if (!alive.has(id)) this.thingLooks.delete(id)
  }

  #movers(): Point[] {
    const { widthPx, heightPx } = this.setup
    const vehicles = this.#objects
      .filter(({ class: kind, score }) => kind === 'vehicle' && score >= 0.3)
      .map(({ box }) => box)
    return uprightMovers({ kinds: this.#scratch.kinds, widthPx, heightPx, geometry: this.geometry, vehicles })
  }

  /** Persons that the network sees, and whoever moves upright: those are seen in the whole of every frame. */
  #attend(frame: WatchFrame, dtMs: number, movers: readonly Point[] | null): void {
    // boxes of an older look would count one sighting as many
    const persons = (this.#looked.length === 0 ? [] : this.#objects)
      .filter(({ class: kind, score }) => kind === 'person' && score >= 0.3)
      .map(({ box }) => footOf(box))
    const looked = movers === null ? this.#looked : [wholePicture]
    this.attendance.add({ atMs: frame.wallMs, dtMs, looked, feet: [...persons, ...(movers ?? [])] })
    this.#looked = []
  }

  #statics(things: readonly Thing[]): Facts['statics'] {
    const dwell = Math.min(...Object.values(this.setup.dwellMs), 120_000)
    return things
      .filter((thing) => isSeen(thing, this.thingLooks.get(thing.id)))
      .map((thing) =>
        seenStaticOf({
          thing,
          looks: this.thingLooks.get(thing.id),
          attendance: this.attendance,
          bridgeMs: Math.min(20_000, dwell / 4),
          geometry: this.geometry,
          widthPx: this.setup.widthPx,
          heightPx: this.setup.heightPx,
          originMs: this.layer.scalars.startMs,
        }),
      )
  }

  /** "Belongs here": what stands in `box` is background from now on. */
  belongsHere(box: Box): void {
    this.layer.absorb(rectFromBox(box, this.setup.widthPx, this.setup.heightPx))
  }

  /** A copy of the background for look backs; null before the first frame. */
  background(): { readonly planes: BackgroundPlanes; readonly ageOk: Uint8Array; readonly ignore: Uint8Array } | null {
    if (this.layer.scalars.frames === 0) return null
    const { by, bu, bv, ageMs } = this.layer.arrays
    const grey = (plane: Int16Array) => Float32Array.from(plane, (value) => value / 64)
    return {
      planes: { ...this.#scratch.size, y: grey(by), u: grey(bu), v: grey(bv) },
      ageOk: Uint8Array.from(ageMs, (age) => (age >= plumeAgeMs ? 1 : 0)),
      ignore: Uint8Array.from(this.layer.ignore),
    }
  }

  /** Answers a look back. Reads `frames` once. @throws the signal's reason when aborted. */
  async lookBack(
    question: LookBackQuestion,
    frames: AsyncIterable<WatchFrame>,
    signal: AbortSignal,
  ): Promise<LookBackFacts> {
    const detector = this.#models.objects
    if (question.kind === 'arrival') {
      const thing = this.#thingAt(question.box)
      const view = this.#viewOf(thing)
      return arrivalLookBack({ question, frames, view, texture: thing?.texture ?? 0, detector, signal })
    }
    const known = this.background()
    return burstLookBack({
      question,
      frames,
      signal,
      detector,
      background: known?.planes ?? null,
      ageOk: known?.ageOk ?? null,
      ignore: known?.ignore ?? null,
      objects: this.#objects,
      classifier: this.#models.plume,
      geometry: this.geometry,
    })
  }

  /** The thing whose box fits best; none below a tenth. */
  #thingAt(box: Box): Thing | undefined {
    const fits = this.layer.things.map((thing) => ({
      thing,
      iou: iouOf(this.#boxOf(outlineOf(thing, this.setup.widthPx)), box),
    }))
    return fits.filter(({ iou }) => iou >= 0.1).sort((a, b) => b.iou - a.iou)[0]?.thing
  }

  /** Copies, since watch frames go on while a look back waits for the network. */
  #viewOf(thing: Thing | undefined): LayerView | null {
    if (this.layer.scalars.frames === 0) return null
    const { by, bu, bv, cy, cu, cv, nMs } = this.layer.arrays
    const { widthPx, heightPx, chromaWidthPx } = this.#scratch.size
    return {
      widthPx,
      heightPx,
      chromaWidthPx,
      background: { y: by.slice(), u: bu.slice(), v: bv.slice() },
      candidate: { y: cy.slice(), u: cu.slice(), v: cv.slice() },
      nMs: nMs.slice(),
      ignore: this.layer.ignore,
      silhouette: thing === undefined ? null : thing.silhouette.length > 0 ? thing.silhouette : thing.pixels,
    }
  }

  /** What a snapshot keeps beside the layer. */
  get kept(): KeptState {
    return {
      lastMs: this.lastMs,
      tracker: this.tracker,
      thingLooks: this.thingLooks,
      intervals: this.interval.values,
      attendance: this.attendance.entries,
      plumes: this.#plumes,
    }
  }

  set kept(state: KeptState) {
    this.lastMs = state.lastMs
    this.tracker = state.tracker
    this.thingLooks = state.thingLooks
    this.interval.restore(state.intervals)
    this.attendance.restore(state.attendance)
    this.#plumes = state.plumes
  }
}

export interface KeptState {
  readonly lastMs: number | null
  readonly tracker: TrackerState
  readonly thingLooks: Map<string, ThingLooks>
  readonly intervals: readonly number[]
  readonly attendance: readonly AttendanceEntry[]
  readonly plumes: PlumeScreenState | null
}

function coversCentre([x, y, w, h]: Box, box: Box): boolean {
  const cx = box[0] + box[2] / 2
  const cy = box[1] + box[3] / 2
  return cx >= x && cx <= x + w && cy >= y && cy <= y + h
}
