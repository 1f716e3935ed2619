import type { Clock } from '../../contracts/base/index.js'
import type { ObjectModel } from '../../edge/vision/objects/index.js'
import {
  bootstrapAp,
  isLabelled,
  judgePicture,
  summarise,
  vehicleLabels,
  type ClassResult,
  type JudgedPicture,
  type PictureVerdict,
} from './ap.js'
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

export interface SetReport {
  readonly images: number
  readonly classes: Readonly<Record<string, ClassReport>>
  /** Mean over `classes`; null when no class could be judged. */
  readonly map50: number | null
  /** `vehicle` where the file labels only its kinds; not in the mean. */
  readonly derived: Readonly<Record<string, ClassReport>>
}

export interface ImagesReport extends SetReport {
  /** Network, resize and suppression; reading the file is not in it. */
  readonly ms_per_image: number
  /** The same figures for each group of pictures (COCO key `group`) alone, and without it. Empty when there are no groups. */
  readonly groups: Readonly<Record<string, { readonly alone: SetReport; readonly without: SetReport }>>
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

interface Sized {
  readonly sidePx: number
  readonly score: number | null
}

/** What one picture adds to one class. */
interface Part {
  readonly name: string
  readonly verdict: PictureVerdict
  readonly sizes: readonly Sized[]
}

interface Judged {
  readonly group: string | null
  readonly parts: readonly Part[]
}

/** Runs the model over all pictures and judges each class only where it is fully labelled. */
export async function evaluateImages(options: EvaluateOptions): Promise<ImagesReport> {
  const { pictures, model, clock } = options
  const inTruth = new Set(pictures.flatMap((p) => p.truth.map((t) => t.category)))
  const labelled = [...new Set(pictures.flatMap((p) => [...p.labelled]))]
  const named = labelled.filter((name) => inTruth.has(name) || name === 'vehicle')
  const canSay = (name: string): boolean => model.manifest.classes.some((label) => saysClass(model, label, name))
  const names = new Set([...named.filter(canSay), ...(canSay('vehicle') ? ['vehicle'] : [])])
  const judged: Judged[] = []
  let spentMs = 0
  for (const [k, picture] of pictures.entries()) {
    const pixels = await options.read(picture.file)
    const started = clock.monoMs()
    const boxes = await model.look(pixels, null, scoreMin)
    spentMs += clock.monoMs() - started
    const found = boxes.flatMap((d) =>
      namesOf(model, d.label).map((label) => ({ label, score: d.score, box: scaled(d.box, pixels) })),
    )
    const parts = [...names]
      .filter((name) => isLabelled(picture.labelled, name))
      .map((name) => judgeClass({ ...picture, found }, name, pixels, model))
    judged.push({ group: picture.group, parts })
    options.onProgress(k + 1, pictures.length)
  }
  const report = (some: readonly Judged[], bootstrap = 0): SetReport =>
    setReport(some, named, { ...options, bootstrap })
  const groups = [...new Set(judged.flatMap((j) => (j.group === null ? [] : [j.group])))]
  return {
    ...report(judged, options.bootstrap),
    ms_per_image: pictures.length === 0 ? 0 : spentMs / pictures.length,
    groups: Object.fromEntries(
      groups.map((group) => [
        group,
        {
          alone: report(judged.filter((j) => j.group === group)),
          without: report(judged.filter((j) => j.group !== group)),
        },
      ]),
    ),
    unknown_to_model: named.filter((name) => !canSay(name)),
    model: { name: model.name, sha256: model.sha256 },
  }
}

function judgeClass(picture: JudgedPicture, name: string, pixels: Picture, model: ObjectModel): Part {
  const verdict = judgePicture(picture, name, model.manifest.overlap_max)
  const sizes = verdict.truths.map((t) => ({ sidePx: sideAtInput(t.box, pixels, model), score: t.score }))
  return { name, verdict, sizes }
}

function setReport(judged: readonly Judged[], named: readonly string[], options: EvaluateOptions): SetReport {
  const parts = judged.flatMap((j) => j.parts)
  const reports = [...new Set(parts.map((part) => part.name))].map((name) => {
    const own = parts.filter((part) => part.name === name)
    const verdicts = own.map((part) => part.verdict)
    const sizes = own.flatMap((part) => part.sizes)
    return { name, report: classReport(name, verdicts, sizes, options) }
  })
  const filled = reports.filter(({ report }) => report.instances > 0)
  const pick = (wanted: boolean): Record<string, ClassReport> =>
    Object.fromEntries(
      filled.filter(({ name }) => named.includes(name) === wanted).map(({ name, report }) => [name, report]),
    )
  const classes = pick(true)
  const values = Object.values(classes).map((c) => c.ap50)
  return {
    images: judged.length,
    classes,
    map50: values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length,
    derived: pick(false),
  }
}

/** Names under which a model's label answers: its own word, and the word of the rules (a COCO motorcycle is a two_wheeler). */
function namesOf(model: ObjectModel, label: string): string[] {
  const word = model.manifest.class_map[label]
  const twice = word === label || (word === 'vehicle' && vehicleLabels.has(label))
  return word === undefined || word === null || twice ? [label] : [label, word]
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
