/**
 * Measures the shipped objects model and, beside it, networks of others, on every set of labelled pictures that is here;
 * writes figures.json, the short metrics of model.json, and CARD.md.
 *   node --import tsx models/train/objects/figures.ts models/objects-v1 ../shared/data/images [FOLDER OF ANOTHER MODEL]…
 * Figures of a network (by sha256) that are in figures.json already are not measured again.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../../contracts/base/system-clock.js'
import { readCoco } from '../../../cli/eval-images/coco.js'
import { evaluateImages, type ImagesReport } from '../../../cli/eval-images/evaluate.js'
import { decodePicture } from '../../../cli/eval-images/picture.js'
import { openObjectModel } from '../../../edge/vision/objects/index.js'
import { writeCard } from './card.js'

export type Figures = Record<string, { readonly name: string; readonly sets: Record<string, ImagesReport> }>

interface Source {
  readonly set: string
  readonly folder: string
  /** File with the names to be used. */
  readonly only?: string
  readonly keep?: (file: string) => boolean
}

function sourcesOf(images: string): Source[] {
  const streets = join(images, 'street_objects')
  const number = (file: string): number => Number(/\d+/.exec(file)?.[0] ?? 0)
  const sources: Source[] = [
    { set: 'rendered_val', folder: 'models/synth/work/stills/val' },
    { set: 'street_kitti', folder: join(images, 'street_kitti') },
    { set: 'vehicle_plume', folder: join(images, 'vehicle_plume') },
    { set: 'litter_taco_held_back', folder: join(images, 'litter_taco'), keep: (file) => number(file) % 5 === 0 },
    { set: 'vendor_stall', folder: join(images, 'vendor_stall') },
    { set: 'street_objects_test', folder: streets, only: join(streets, 'test.txt') },
  ]
  return sources.filter((source) => existsSync(join(source.folder, 'annotations.json')))
}

async function measure(source: Source, folder: string): Promise<ImagesReport> {
  const only = source.only === undefined ? null : new Set((await readFile(source.only, 'utf8')).split('\n'))
  const all = await readCoco(join(source.folder, 'annotations.json'))
  const pictures = all.filter((p) => (only?.has(p.file) ?? true) && (source.keep?.(p.file) ?? true))
  const model = await openObjectModel(folder)
  try {
    return await evaluateImages({
      pictures,
      model,
      read: (file) => decodePicture(join(source.folder, file)),
      clock: systemClock,
      bootstrap: 300,
      onProgress: () => undefined,
    })
  } finally {
    await model.close()
  }
}

const [own = '', images = '', ...others] = process.argv.slice(2)
const path = join(own, 'figures.json')
const figures: Figures = existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Figures) : {}
const shipped = await openObjectModel(own)
await shipped.close()
for (const folder of [own, ...others]) {
  const model = await openObjectModel(folder)
  await model.close()
  const entry = figures[model.sha256] ?? { name: model.name, sets: {} }
  for (const source of sourcesOf(images)) {
    if (entry.sets[source.set] !== undefined) continue
    entry.sets[source.set] = await measure(source, folder)
    console.log(`${model.name} ${source.set}: map50 ${(entry.sets[source.set]?.map50 ?? NaN).toFixed(3)}`)
    figures[model.sha256] = entry
    await writeFile(path, `${JSON.stringify(figures, null, 1)}\n`)
  }
}
// earlier versions of our own network leave the file
const kept: Figures = Object.fromEntries(
  Object.entries(figures).filter(([sha256, entry]) => entry.name !== shipped.name || sha256 === shipped.sha256),
)
await writeFile(path, `${JSON.stringify(kept, null, 1)}\n`)
await writeCard(own, kept)
