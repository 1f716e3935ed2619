import type { Clock } from '../../contracts/base/index.js'
import type { ObjectModel } from '../../edge/vision/objects/index.js'
import { bootstrapAp, isLabelled, judgePicture, summarise, type ClassResult, type PictureVerdict } from './ap.js'
import type { LabelledPicture } from './coco.js'
import type { Picture } from '../../edge/vision/types.js'

/** Short side of a box in pixels of the network's input. */
export const sizeBins = [
  { name: 'under_8', fromPx: 0, toPx: 8 },
  { name: '8_16', fromPx: 8, toPx: 16 },
  { name: '16_24', fromPx: 16, toPx: 24 },
  { name: '24_32', fromPx: 24, toPx: 32 },
  { name: 'from_32', fromPx: 32, toPx: Infinity },
] as const

export interface SizeResult {
  readonly recall: number
  readonly instances: number
}

export interface ClassReport extends ClassResult {
  readonly ap50_low?: number
  readonly ap50_high?: number
  readonly by_size: Readonly<Record<string, SizeResult>>
}

export interface ImagesReport {
  readonly images: number
  readonly classes: Readonly<Record<string, ClassReport>>
  /** Mean over `classes`; null when no class could be judged. */
  readonly map50: number | null
  /** Network, resize and suppression; reading the file is not in it. */
  readonly ms_per_image: number
  /** `vehicle` where the file labels only its kinds; not in the mean. */
  readonly derived: Readonly<Record<string, ClassReport>>
  /** Labelled here, but the model has no word for it; not in the mean. */
  readonly unknown_to_model: readonly string[]
  readonly model: { readonly name: string; readonly sha256: string }
}

export interface EvaluateOptions {
  readonly pictures: readonly LabelledPicture[]
  readonly model: ObjectModel
  readonly read: (file: string) => Promise<Picture>
  readonly clock: Clock
  /** Draws of the bootstrap; 0 leaves the intervals out. */
  readonly bootstrap: number
  readonly onProgress: (done: number, total: number) => void
}

/** Boxes under this score change no figure that is reported. */
const scoreMin = 0.01

type Sized = { readonly sidePx: number; readonly score: number | null }

/** Runs the model over all pictures and judges each class only where it is fully labelled. */
export async function evaluateImages(options: EvaluateOptions): Promise<ImagesReport> {
  const { pictures, model, clock } = options
  const inTruth = [...new Set(pictures.flatMap((p) => p.truth.map((t) => t.category)))]
  const labelled = [...new Set(pictures.flatMap((p) => [...p.labelled]))]
  const named = labelled.filter((name) => inTruth.includes(name) || name === 'vehicle')
  const canSay = (name: string): boolean => model.manifest.classes.some((label) => saysClass(model, label, name))
  const judged = named.filter(canSay)
  const derived = judged.includes('vehicle') || !canSay('vehicle') ? [] : ['vehicle']
  const parts = new Map([...judged, ...derived].map((name) => [name, [] as PictureVerdict[]]))
  const sizes = new Map([...parts.keys()].map((name) => [name, [] as Sized[]]))
  let spentMs = 0
  for (const [k, picture] of pictures.entries()) {
    const pixels = await options.read(picture.file)
    const started = clock.monoMs()
    const boxes = await model.look(pixels, null, scoreMin)
    spentMs += clock.monoMs() - started
    const found = boxes.flatMap((d) =>
      namesOf(model, d.label).map((label) => ({ label, score: d.score, box: scaled(d.box, pixels) })),
    )
    for (const [name, list] of parts) {
      if (!isLabelled(picture.labelled, name)) continue
      const part = judgePicture({ ...picture, found }, name, model.manifest.overlap_max)
      list.push(part)
      sizes.get(name)?.push(...part.truths.map((t) => ({ sidePx: sideAtInput(t.box, pixels, model), score: t.score })))
    }
    options.onProgress(k + 1, pictures.length)
  }
  const reports = (names: readonly string[]): Record<string, ClassReport> =>
    Object.fromEntries(
      names
        .map((name) => [name, classReport(name, parts.get(name) ?? [], sizes.get(name) ?? [], options)] as const)
        .filter(([, report]) => report.instances > 0),
    )
  const classes = reports(judged)
  const values = Object.values(classes).map((c) => c.ap50)
  return {
    images: pictures.length,
    classes,
    map50: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length,
    ms_per_image: pictures.length === 0 ? 0 : spentMs / pictures.length,
    derived: reports(derived),
    unknown_to_model: named.filter((name) => !canSay(name)),
    model: { name: model.name, sha256: model.sha256 },
  }
}

/** Names under which a model's label answers: its own word, and the word of the rules (a COCO motorcycle is a two_wheeler). */
function namesOf(model: ObjectModel, label: string): string[] {
  const word = model.manifest.class_map[label]
  return word === undefined || word === null || word === label || word === 'vehicle' ? [label] : [label, word]
}

function saysClass(model: ObjectModel, label: string, name: string): boolean {
  return namesOf(model, label).includes(name) || (name === 'vehicle' && model.manifest.class_map[label] === 'vehicle')
}

function scaled([x, y, w, h]: readonly [number, number, number, number], p: Picture): [number, number, number, number] {
  return [x * p.widthPx, y * p.heightPx, w * p.widthPx, h * p.heightPx]
}

function sideAtInput(box: readonly [number, number, number, number], p: Picture, model: ObjectModel): number {
  const { widthPx, heightPx, fit } = model.manifest.input
  const x = widthPx / p.widthPx
  const y = heightPx / p.heightPx
  const both = Math.min(x, y)
  return fit === 'stretch' ? Math.min(box[2] * x, box[3] * y) : Math.min(box[2], box[3]) * both
}

function classReport(name: string, parts: PictureVerdict[], sizes: Sized[], options: EvaluateOptions): ClassReport {
  const { thresholds } = options.model.manifest
  const threshold = thresholds[name] ?? thresholds['default'] ?? 0.5
  const bySize = sizeBins.flatMap((bin) => {
    const inside = sizes.filter((s) => s.sidePx >= bin.fromPx && s.sidePx < bin.toPx)
    if (inside.length === 0) return []
    const hits = inside.filter((s) => s.score !== null && s.score >= threshold).length
    return [[bin.name, { recall: hits / inside.length, instances: inside.length }] as const]
  })
  const base = { ...summarise(parts, threshold), by_size: Object.fromEntries(bySize) }
  if (options.bootstrap === 0) return base
  const [low, high] = bootstrapAp(parts, options.bootstrap, 7)
  return { ...base, ap50_low: low, ap50_high: high }
}
