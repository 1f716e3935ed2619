/**
 * Labelled stills for training: `node --import tsx models/synth/stills.ts --train 1200 --val 200`.
 * Writes models/synth/work/stills/{train,val}/NNNN.jpg and annotations.json (COCO); the same numbers give the same pictures.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openStudio } from './browser.js'

const CATEGORIES = [
  'person',
  'two_wheeler',
  'tricycle',
  'car',
  'truck',
  'bus',
  'vendor_stall',
  'umbrella',
  'handcart',
  'grill',
  'goods',
  'debris',
]
const [WIDTH, HEIGHT] = [640, 360]
const SHOTS_PER_STREET = { train: 8, val: 5 }

interface Shot {
  readonly kept: readonly { readonly cat: string; readonly box: readonly number[]; readonly visible: number }[]
  readonly dropped: number
  readonly kind: string
}

const { values } = parseArgs({
  options: {
    train: { type: 'string', default: '1200' },
    val: { type: 'string', default: '200' },
    out: { type: 'string' },
    append: { type: 'boolean', default: false },
  },
})
const out = values.out ?? fileURLToPath(new URL('work/stills/', import.meta.url))
let target = ''
const studio = await openStudio(WIDTH, HEIGHT, 4, (name, jpeg) =>
  writeFile(`${target}/${name.padStart(4, '0')}.jpg`, jpeg),
)
for (const split of ['train', 'val'] as const) {
  const count = Number(values[split])
  if (count === 0) continue
  target = `${out}/${split}`
  await mkdir(target, { recursive: true })
  const images: unknown[] = []
  const annotations: unknown[] = []
  const seed0 = split === 'train' ? 10_000 : 500_000
  let done = 0
  if (values.append && existsSync(`${target}/annotations.json`)) {
    const old = JSON.parse(await readFile(`${target}/annotations.json`, 'utf8')) as {
      images: unknown[]
      annotations: unknown[]
    }
    images.push(...old.images)
    annotations.push(...old.annotations)
    done = images.length
  }
  const shots = SHOTS_PER_STREET[split]
  for (let street = Math.floor(done / shots); done < count; street++) {
    await studio.page.evaluate(`kw.street(${seed0 + street})`)
    for (let i = 0; i < shots && done < count; i++) {
      const shot = await studio.page.evaluate<Shot>(`kw.still('${done}')`)
      const id = done + 1
      images.push({
        id,
        file_name: `${String(done).padStart(4, '0')}.jpg`,
        width: WIDTH,
        height: HEIGHT,
        street: seed0 + street,
        light: shot.kind,
      })
      for (const b of shot.kept)
        annotations.push({
          id: annotations.length + 1,
          image_id: id,
          category_id: CATEGORIES.indexOf(b.cat) + 1,
          bbox: b.box,
          area: (b.box[2] ?? 0) * (b.box[3] ?? 0),
          iscrowd: 0,
          visible: Math.round(b.visible * 100) / 100,
        })
      done++
    }
    await studio.page.evaluate('kw.release()')
    await save()
    console.error(`${split}: ${done}/${count} pictures, ${annotations.length} boxes, street ${street}`)
  }
  await save()
  async function save(): Promise<void> {
    const info = {
      description: 'kerbwatch rendered streets',
      licence: 'Apache-2.0',
      exhaustively_labelled: CATEGORIES,
      riders: 'part of the two_wheeler or tricycle box',
    }
    const body = { info, categories: CATEGORIES.map((name, i) => ({ id: i + 1, name })), images, annotations }
    await writeFile(`${target}/annotations.json.tmp`, JSON.stringify(body))
    await rename(`${target}/annotations.json.tmp`, `${target}/annotations.json`)
  }
}
await studio.close()
