/**
 * Lets two networks of others label the pictures that we may train on, as soft boxes; their weights are not shipped.
 *   node --import tsx models/train/objects/teach.ts ../shared/data/images models/train/work/teacher.json YOLOX_FOLDER PICODET_FOLDER
 * Boxes of the two are joined at IoU 0.5 as 1 - (1 - a)(1 - 0.8 b): DETECTION.md 7.5.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Box } from '../../../contracts/base/index.js'
import { decodePicture } from '../../../cli/eval-images/picture.js'
import { boxIou } from '../../../cli/eval-images/ap.js'
import { readCoco } from '../../../cli/eval-images/coco.js'
import { openObjectModel, type ObjectModel } from '../../../edge/vision/objects/index.js'
import type { Picture } from '../../../edge/vision/types.js'

const classOf: Readonly<Record<string, string>> = {
  person: 'person',
  bicycle: 'two_wheeler',
  motorcycle: 'two_wheeler',
  car: 'car',
  truck: 'truck',
  bus: 'bus',
  umbrella: 'umbrella',
}

interface Taught {
  class: string
  score: number
  box: Box
}

async function ask(model: ObjectModel, picture: Picture, weight: number): Promise<Taught[]> {
  const boxes = await model.look(picture, null, 0.15, (label) => classOf[label] ?? null)
  return boxes.map((d) => ({ class: classOf[d.label] ?? '', score: d.score * weight, box: d.box }))
}

function join2(first: readonly Taught[], second: readonly Taught[]): Taught[] {
  const joined = first.map((t) => ({ ...t }))
  for (const t of second) {
    const twin = joined.find((q) => q.class === t.class && boxIou(q.box, t.box) >= 0.5)
    if (twin === undefined) joined.push({ ...t })
    else twin.score = 1 - (1 - twin.score) * (1 - t.score)
  }
  return joined.filter((t) => t.score >= 0.3)
}

const [images = '', target = '', yoloxFolder = '', picodetFolder = ''] = process.argv.slice(2)
const yolox = await openObjectModel(yoloxFolder)
const picodet = await openObjectModel(picodetFolder)
const streets = join(images, 'street_objects')
const shippable = (await readFile(join(streets, 'train_shippable.txt'), 'utf8')).trim().split('\n')
const litter = await readCoco(join(images, 'litter_taco', 'annotations.json'))
// in the group highway people and vehicles are labelled in full already
const open = (await readCoco(join(streets, 'annotations.json'))).filter((p) => p.group !== 'highway').map((p) => p.file)
const sets: Record<string, string[]> = {
  street_objects: shippable.filter((name) => open.includes(name)),
  litter_taco: litter.map((p) => p.file),
}
const all: Record<string, Record<string, Taught[]>> = {}
for (const [set, names] of Object.entries(sets)) {
  const boxes: Record<string, Taught[]> = {}
  for (const [k, name] of names.entries()) {
    const picture = await decodePicture(join(images, set, name))
    const { widthPx: w, heightPx: h } = picture
    boxes[name] = join2(await ask(yolox, picture, 1), await ask(picodet, picture, 0.8)).map((t) => {
      const [left, top, width, height] = t.box
      return { ...t, box: [left * w, top * h, (left + width) * w, (top + height) * h] as const }
    })
    if (k % 100 === 0) console.log(`${set} ${k + 1} of ${names.length}`)
  }
  all[set] = boxes
}
await writeFile(target, JSON.stringify(all))
