import type { Box, EpochMs } from '../../../contracts/base/index.js'
import type { WatchFrame } from '../../capture/types.js'
import { commonArea, coverOf } from '../../../contracts/geometry.js'
import { growBox, intoRegion, outOfRegion } from '../boxes.js'
import { wholePicture } from '../setup.js'
import { addLook } from '../statics.js'
import type { ArrivalFacts, ClassScores, Detection, LookBackQuestion, ObjectDetector } from '../types.js'
import { ActorPaths } from './actors.js'
import type { LayerView, PlaceLook } from './scene.js'
import { knownPlace, knownSurroundings, lookAtPlace, movingBlobs, placeContrast, SceneReader } from './scene.js'

export type { LayerView } from './scene.js'

const contrastLeast = 6
const looksMost = 12
const lookEveryMs = 2_000
/** Frames on which the network may look for actors, per look back. */
const actorLooksMost = 80
const actorLookEveryMs = 390

export interface ArrivalInput {
  readonly question: LookBackQuestion
  readonly frames: AsyncIterable<WatchFrame>
  /** What the layer knows now; null when it knows nothing yet. */
  readonly view: LayerView | null
  readonly texture: number
  readonly detector: ObjectDetector | null
  readonly signal: AbortSignal
}

interface Moment {
  readonly atMs: number
  readonly look: PlaceLook
}

interface Look {
  readonly atMs: EpochMs
  readonly scores: ClassScores
}

/** How a thing got to its place (DETECTION.md §3.7, §4). Reads every frame once; keeps none. */
export async function arrivalLookBack(input: ArrivalInput): Promise<ArrivalFacts> {
  const { question, detector, signal } = input
  const asked = question.region ?? wholePicture
  const scene = input.view === null ? null : sceneOf(input.view, asked, question.box)
  const telling = scene !== null && placeContrast(scene.place) >= contrastLeast
  const history: Moment[] = []
  const looks: Look[] = []
  const paths = new ActorPaths()
  const around = growBox(question.box, 2.5, 0.1, 0.12)
  let reader: SceneReader | null = null
  let previous: Float32Array | null = null
  let actorLooks = 0
  let lastActorLook = -Infinity
  let frames = 0
  const times: number[] = []
  for await (const frame of input.frames) {
    signal.throwIfAborted()
    if (frame.damaged) continue
    frames++
    const shown = frame.shown ?? asked
    times[times.length === 0 ? 0 : 1] = frame.wallMs
    let look: PlaceLook = 'between'
    let blobs: Box[] = []
    if (scene !== null) {
      paths.aspect = pictureAspect(frame, shown)
      reader ??= new SceneReader(scene.place, scene.around, shown, frame)
      const seen = reader.read(frame)
      if (telling) look = lookAtPlace(scene.place, seen.place, previous)
      blobs = movingBlobs(scene.around, seen.around)
      previous = seen.place
    }
    history.push({ atMs: frame.wallMs, look })
    const near = blobs.some((blob) => commonArea(blob, around) > 0)
    const wantsActors =
      (near || scene === null) && actorLooks < actorLooksMost && frame.wallMs - lastActorLook >= actorLookEveryMs
    const lastLook = looks.at(-1)?.atMs ?? -Infinity
    const wantsLook =
      (look === 'after' || !telling) && looks.length < looksMost && frame.wallMs - lastLook >= lookEveryMs
    let detections: Detection[] | null = null
    if (detector !== null && (wantsActors || wantsLook)) {
      detections = await detectShown(detector, frame, shown, question.box)
      if (wantsActors) {
        actorLooks++
        lastActorLook = frame.wallMs
      }
      if (wantsLook) looks.push({ atMs: frame.wallMs, scores: addLook(undefined, question.box, detections).scores })
    }
    paths.add(frame.wallMs, blobs, detections)
  }
  return answer(input, { history, looks, paths, frames, times, telling })
}

function sceneOf(view: LayerView, shown: Box, box: Box) {
  return { place: knownPlace(view, box), around: knownSurroundings(view, shown, box) }
}

function pictureAspect(frame: WatchFrame, shown: Box): number {
  return frame.widthPx / shown[2] / (frame.heightPx / shown[3])
}

/** Network boxes in coordinates of the whole picture: the part around the place, at the network's full size. */
async function detectShown(detector: ObjectDetector, frame: WatchFrame, shown: Box, place: Box): Promise<Detection[]> {
  const inFrame = intoRegion(place, shown)
  const crop = growBox(inFrame, 4, Math.min(1, 320 / frame.widthPx), Math.min(1, 320 / frame.heightPx))
  const found = await detector.detect(frame, crop)
  return found.map((one) => ({ ...one, box: outOfRegion(one.box, shown) }))
}

interface Gathered {
  readonly history: readonly Moment[]
  readonly looks: readonly Look[]
  readonly paths: ActorPaths
  readonly frames: number
  /** First and last. */
  readonly times: readonly number[]
  readonly telling: boolean
}

function answer({ question, texture }: ArrivalInput, found: Gathered): ArrivalFacts {
  const { history, times } = found
  const arrival = found.telling ? arrivalIn(history) : null
  const { actors, vehiclesConsidered } = found.paths.rank({
    place: question.box,
    arrivedMs: arrival?.atMs ?? question.sinceMs,
    known: arrival !== null,
    history,
  })
  return {
    kind: 'arrival',
    fromMs: (times[0] ?? question.sinceMs) as EpochMs,
    toMs: (times.at(-1) ?? question.sinceMs) as EpochMs,
    frames: found.frames,
    arrivedMs: (arrival?.atMs ?? null) as EpochMs | null,
    stepMs: arrival?.stepMs ?? null,
    actors: actors.filter((actor) => coverOf(question.box, actor.box) > 0 || actor.overlap > 0),
    vehiclesConsidered,
    // one look is weak: those after the arrival count
    looks: found.looks.filter((look) => arrival === null || look.atMs >= arrival.atMs),
    texture,
  }
}

/**
 * First frame from which the place looks as today in at least 80 % of the frames that show it, when it looked otherwise before;
 * and the unhidden time that the change took.
 */
export function arrivalIn(history: readonly Moment[]): { readonly atMs: number; readonly stepMs: number } | null {
  const shown = history.filter(({ look }) => look !== 'hidden')
  const after = shown.map(({ look }) => (look === 'after' ? 1 : 0))
  let sum = 0
  let from = -1
  for (let k = shown.length - 1; k >= 0; k--) {
    sum += after[k] as number
    if (after[k] === 1 && sum >= 0.8 * (shown.length - k)) from = k
  }
  const first = shown[from]
  if (first === undefined || from === 0) return null
  let lastBefore = from - 1
  while (lastBefore >= 0 && shown[lastBefore]?.look !== 'before') lastBefore--
  if (lastBefore < 0) return null
  // time in which the place was seen and looked like neither; what happened behind a passer-by took no time that was seen
  let stepMs = 0
  for (let k = lastBefore + 1; k < from; k++)
    stepMs += (shown[k + 1]?.atMs ?? first.atMs) - (shown[k]?.atMs ?? first.atMs)
  return { atMs: first.atMs, stepMs }
}
