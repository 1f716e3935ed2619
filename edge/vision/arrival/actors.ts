import type { Box, EpochMs } from '../../../contracts/base/index.js'
import { centreOf, commonArea, coverOf, iouOf } from '../../../contracts/geometry.js'
import type { TrackerState } from '../tracker.js'
import { startTracker, stepTracker } from '../tracker.js'
import type { Detection, ObjectClass, SeenActor } from '../types.js'
import type { PlaceLook } from './scene.js'

/** One thing that moved during a look back. */
interface Path {
  readonly id: string
  readonly boxes: { readonly atMs: number; readonly box: Box }[]
  /** Sum of scores per class as the network said; empty when only its movement was seen. */
  readonly said: Map<ObjectClass, { sum: number; best: number }>
}

export interface PlaceHistory {
  readonly atMs: number
  readonly look: PlaceLook
}

export interface ActorQuestion {
  readonly place: Box
  /** Arrival, or the best guess of it. */
  readonly arrivedMs: number
  readonly known: boolean
  readonly history: readonly PlaceHistory[]
}

const carriers: ReadonlySet<ObjectClass> = new Set(['person', 'two_wheeler', 'tricycle', 'vehicle', 'handcart'])
const blobScore = 0.6
const actorsMost = 12

/** Joins network boxes and moving blobs into paths. */
export class ActorPaths {
  #tracker: TrackerState = startTracker
  readonly #paths = new Map<string, Path>()

  /** `detections` of the network, or null when it did not look at this frame. */
  add(atMs: number, blobs: readonly Box[], detections: readonly Detection[] | null): void {
    const named = (detections ?? []).filter((one) => carriers.has(one.class) && one.score >= 0.25)
    const unnamed = blobs.filter((blob) => !named.some(({ box }) => iouOf(box, blob) > 0.3 || coverOf(blob, box) > 0.7))
    const all: (Detection & { named: boolean })[] = [
      ...named.map((one) => ({ ...one, named: true })),
      ...unnamed.map((box) => ({ box, class: this.#guess(box), score: blobScore, named: false })),
    ]
    const { state, assigned } = stepTracker(this.#tracker, atMs, all, { light: true, deathMs: 1_500 })
    this.#tracker = state
    all.forEach((one, index) => {
      const id = assigned[index]
      if (typeof id !== 'string') return
      const path: Path = this.#paths.get(id) ?? { id, boxes: [], said: new Map() }
      this.#paths.set(id, path)
      path.boxes.push({ atMs, box: one.box })
      if (!one.named) return
      const said = path.said.get(one.class) ?? { sum: 0, best: 0 }
      path.said.set(one.class, { sum: said.sum + one.score, best: Math.max(said.best, one.score) })
    })
  }

  aspect = 16 / 9

  /** Without a network: tall things are people, wide ones vehicles. */
  #guess([, , w, h]: Box): ObjectClass {
    return (w * this.aspect) / h > 0.85 ? 'vehicle' : 'person'
  }

  /** Best rank first (DETECTION.md §4). */
  rank(question: ActorQuestion): { readonly actors: SeenActor[]; readonly vehiclesConsidered: number } {
    const paths = [...this.#paths.values()].filter(({ boxes, said }) => boxes.length >= 2 || said.size > 0)
    const actors = paths.flatMap((path) => actorOf(path, paths, question, (box) => this.#guess(box)))
    actors.sort((a, b) => b.rank - a.rank)
    const vehiclesConsidered = actors.filter((one) => one.class === 'vehicle' && one.overlap > 0.1).length
    return { actors: actors.slice(0, actorsMost), vehiclesConsidered }
  }
}

const windowMs = 5_000
/** Share of the place that something must cover to hide it. */
const standsBefore = 0.6

function actorOf(
  path: Path,
  paths: readonly Path[],
  question: ActorQuestion,
  guess: (box: Box) => ObjectClass,
): SeenActor[] {
  const { place, arrivedMs } = question
  const relevant = path.boxes.filter(({ atMs }) => atMs >= arrivedMs - windowMs && atMs <= arrivedMs + 1_000)
  const covering = relevant.filter(({ box }) => commonArea(footprint(box, path), place) > 0)
  const last = covering.at(-1)
  const first = path.boxes[0]
  if (last === undefined || first === undefined) return []
  const overlap = sweptShare(
    covering.map(({ box }) => footprint(box, path)),
    place,
  )
  const gapMs = Math.max(0, arrivedMs - last.atMs)
  const { kind, score } = classOf(path, guess)
  const entered = coverOf(place, first.box) < 0.05
  const visible = firstVisibility(covering, question)
  const falling = paths.some((other) => other !== path && fellFrom(other, path, place))
  const rank = 0.4 * overlap + 0.3 * Math.exp(-gapMs / 2_000) + (visible ? 0.2 : 0) + (falling ? 0.1 : 0)
  return [
    {
      class: kind,
      score,
      track: path.id,
      atMs: last.atMs as EpochMs,
      box: last.box,
      gapMs,
      overlap,
      hid: hiddenShare(covering, path, question),
      entered,
      travel: travelOf(path),
      sinceMs: first.atMs as EpochMs,
      rank: question.known ? rank : 0.5 * rank,
    },
  ]
}

/** What passes hides what lies behind it; a box around a change of light, or around something else, hides nothing. */
function hiddenShare(covering: Path['boxes'], path: Path, { place, history }: ActorQuestion): number {
  const looks = new Map(history.map(({ atMs, look }) => [atMs, look]))
  const before = covering.filter(({ box }) => coverOf(place, footprint(box, path)) >= standsBefore)
  const hidden = before.filter(({ atMs }) => looks.get(atMs) === 'hidden')
  return before.length === 0 ? 0 : hidden.length / before.length
}

/** The farthest that its middle came from where it began, in its own size: a parked car that the network sees again and again stays at 0. */
function travelOf({ boxes }: Path): number {
  const [first] = boxes
  if (first === undefined) return 0
  const [x, y] = centreOf(first.box)
  return Math.max(
    ...boxes.map(({ box }) => {
      const [cx, cy] = centreOf(box)
      return Math.max(Math.abs(cx - x) / box[2], Math.abs(cy - y) / box[3])
    }),
  )
}

/** What of a box touches the ground: wheels and feet, not the roof. */
function footprint([x, y, w, h]: Box, { said }: Path): Box {
  const upright = said.has('person') && !said.has('vehicle')
  const share = upright ? 0.5 : 0.6
  return [x, y + (1 - share) * h, w, share * h]
}

function classOf({ said, boxes }: Path, guess: (box: Box) => ObjectClass): { kind: ObjectClass; score: number } {
  let best: { kind: ObjectClass; sum: number; score: number } | null = null
  for (const [kind, { sum, best: score }] of said) if (best === null || sum > best.sum) best = { kind, sum, score }
  if (best !== null) return { kind: best.kind, score: best.score }
  const middle = boxes[boxes.length >> 1]
  return { kind: middle === undefined ? 'vehicle' : guess(middle.box), score: 0.3 }
}

/** Share of a 10x10 grid of the place that the path covered at some time. */
function sweptShare(boxes: readonly Box[], [x, y, w, h]: Box): number {
  let swept = 0
  for (let row = 0; row < 10; row++)
    for (let column = 0; column < 10; column++) {
      const px = x + ((column + 0.5) / 10) * w
      const py = y + ((row + 0.5) / 10) * h
      if (boxes.some(([bx, by, bw, bh]) => px >= bx && px <= bx + bw && py >= by && py <= by + bh)) swept++
    }
  return swept / 100
}

/** The place looked as before until this path covered it, and as today at the first sight after it. */
function firstVisibility(
  covering: readonly { readonly atMs: number }[],
  { history, arrivedMs }: ActorQuestion,
): boolean {
  const lastBefore = history.filter(({ look, atMs }) => look === 'before' && atMs <= arrivedMs).at(-1)
  if (lastBefore === undefined) return false
  return covering.some(({ atMs }) => atMs >= lastBefore.atMs - 400 && atMs <= arrivedMs + 400)
}

/** A small thing that began inside the other's box, came down and ended at the place. */
function fellFrom(small: Path, large: Path, place: Box): boolean {
  const first = small.boxes[0]
  const last = small.boxes.at(-1)
  if (first === undefined || last === undefined || small.boxes.length < 2) return false
  const beside = large.boxes.find(({ atMs }) => Math.abs(atMs - first.atMs) <= 400)
  if (beside === undefined || first.box[2] * first.box[3] > 0.35 * beside.box[2] * beside.box[3]) return false
  const inside = coverOf(first.box, beside.box) > 0.5
  const down = centreOf(last.box)[1] > centreOf(first.box)[1]
  return inside && down && commonArea(last.box, place) > 0
}
