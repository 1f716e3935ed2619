import type { Box } from '../../contracts/base/index.js'

/** Labels that count as one when the truth says `vehicle`. */
export const vehicleLabels: ReadonlySet<string> = new Set(['vehicle', 'car', 'truck', 'bus', 'van'])
const vehicleKinds = ['car', 'truck', 'bus'] as const

export interface TruthBox {
  readonly category: string
  readonly box: Box
  /** Neither to be found nor a false alarm when found. */
  readonly ignore: boolean
}

export interface FoundBox {
  readonly label: string
  readonly score: number
  readonly box: Box
}

/** One picture: what is there, which classes are fully labelled in it, what a model said. */
export interface JudgedPicture {
  readonly labelled: ReadonlySet<string>
  readonly truth: readonly TruthBox[]
  readonly found: readonly FoundBox[]
}

export interface ClassResult {
  /** Area under the precision envelope over all recalls (PASCAL VOC 2010 and later), IoU >= 0.5. */
  readonly ap50: number
  /** Share found at the model's own threshold. */
  readonly recall: number
  /** Share of boxes at the model's own threshold that are right; null when it gave none. */
  readonly precision: number | null
  readonly instances: number
}

/** One box of the model after matching: right or wrong. */
export interface Verdict {
  readonly score: number
  readonly right: boolean
}

/** What one picture adds to one class. `misses` and `hits` are truth boxes, to be binned by size. */
export interface PictureVerdict {
  readonly verdicts: readonly Verdict[]
  readonly instances: number
  /** Truth boxes with the score of the box that found them, or null. */
  readonly truths: readonly { readonly box: Box; readonly score: number | null }[]
}

/** Intersection over union of two boxes in the same unit. */
export function boxIou(a: Box, b: Box): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (w <= 0 || h <= 0) return 0
  return (w * h) / (a[2] * a[3] + b[2] * b[3] - w * h)
}

/** Is `name` fully labelled in the picture? `vehicle` is so too where all its kinds are. */
export function isLabelled(labelled: ReadonlySet<string>, name: string): boolean {
  return labelled.has(name) || (name === 'vehicle' && vehicleKinds.every((kind) => labelled.has(kind)))
}

function answers(label: string, name: string): boolean {
  return label === name || (name === 'vehicle' && vehicleLabels.has(label))
}

/**
 * Matches one picture's boxes of one class, best score first, each truth box at most once, IoU >= `iouMin`.
 * Boxes of one model that answer the same class and overlap more than `overlapMax` count once (a car said as car and as vehicle).
 */
export function judgePicture(picture: JudgedPicture, name: string, overlapMax: number, iouMin = 0.5): PictureVerdict {
  const mine = picture.truth.filter((t) => answers(t.category, name))
  const truth = mine.filter((t) => !t.ignore)
  const doubtful = mine.filter((t) => t.ignore)
  const scores: (number | null)[] = truth.map(() => null)
  const verdicts: Verdict[] = []
  const taken: FoundBox[] = []
  const found = picture.found.filter((f) => answers(f.label, name)).sort((a, b) => b.score - a.score)
  for (const box of found) {
    if (taken.some((t) => boxIou(t.box, box.box) > overlapMax)) continue
    taken.push(box)
    let best = -1
    let bestIou = iouMin
    truth.forEach((t, k) => {
      const iou = boxIou(t.box, box.box)
      if (scores[k] === null && iou >= bestIou) [best, bestIou] = [k, iou]
    })
    if (best >= 0) scores[best] = box.score
    else if (doubtful.some((t) => boxIou(t.box, box.box) >= iouMin)) continue
    verdicts.push({ score: box.score, right: best >= 0 })
  }
  return {
    verdicts,
    instances: truth.length,
    truths: truth.map((t, k) => ({ box: t.box, score: scores[k] ?? null })),
  }
}

interface Weighed extends Verdict {
  readonly part: number
}

function byScore(parts: readonly PictureVerdict[]): Weighed[] {
  return parts.flatMap((p, part) => p.verdicts.map((v) => ({ ...v, part }))).sort((a, b) => b.score - a.score)
}

/** Area under the precision envelope of verdicts in falling order of score; `weights` says how often each picture counts. */
function areaOf(sorted: readonly Weighed[], weights: Float64Array, instances: number): number {
  if (instances === 0) return 0
  const steps: { recall: number; precision: number }[] = []
  let right = 0
  let said = 0
  sorted.forEach((v, k) => {
    const weight = weights[v.part] ?? 0
    said += weight
    if (v.right) right += weight
    // equal scores are one step, so that their order cannot matter
    if (said > 0 && sorted[k + 1]?.score !== v.score) steps.push({ recall: right / instances, precision: right / said })
  })
  let area = 0
  let envelope = 0
  for (let k = steps.length - 1; k >= 0; k -= 1) {
    const step = steps[k]
    if (step === undefined) break
    envelope = Math.max(envelope, step.precision)
    area += (step.recall - (steps[k - 1]?.recall ?? 0)) * envelope
  }
  return area
}

/** Area under the precision envelope over all recalls. 0 without truth or without boxes. */
export function averagePrecision(verdicts: readonly Verdict[], instances: number): number {
  const sorted = byScore([{ verdicts, instances, truths: [] }])
  return areaOf(sorted, new Float64Array([1]), instances)
}

/** Result of one class over the pictures in which it is fully labelled. */
export function summarise(parts: readonly PictureVerdict[], threshold: number): ClassResult {
  const instances = parts.reduce((sum, p) => sum + p.instances, 0)
  const verdicts = parts.flatMap((p) => p.verdicts)
  const said = verdicts.filter((v) => v.score >= threshold)
  const right = said.filter((v) => v.right).length
  return {
    ap50: averagePrecision(verdicts, instances),
    recall: instances === 0 ? 0 : right / instances,
    precision: said.length === 0 ? null : right / said.length,
    instances,
  }
}

/** 95 % interval of AP50 by drawing pictures with replacement, `draws` times, from a seeded sequence. */
export function bootstrapAp(parts: readonly PictureVerdict[], draws: number, seed: number): readonly [number, number] {
  const next = seededSequence(seed)
  const sorted = byScore(parts)
  const values: number[] = []
  const weights = new Float64Array(parts.length)
  for (let d = 0; d < draws; d += 1) {
    weights.fill(0)
    for (const _ of parts) {
      const k = Math.floor(next() * parts.length)
      weights[k] = (weights[k] ?? 0) + 1
    }
    const instances = parts.reduce((sum, p, k) => sum + p.instances * (weights[k] ?? 0), 0)
    values.push(areaOf(sorted, weights, instances))
  }
  values.sort((a, b) => a - b)
  return [values[Math.floor(draws * 0.025)] ?? 0, values[Math.ceil(draws * 0.975) - 1] ?? 0]
}

/** mulberry32: the same numbers in 0..1 for the same seed. */
function seededSequence(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
