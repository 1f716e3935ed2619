import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { KerbError, type Box } from '../../contracts/base/index.js'
import type { TruthBox } from './ap.js'

const names = z.array(z.string())
const cocoSchema = z.object({
  info: z.object({ exhaustively_labelled: names.optional() }).default({}),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
  images: z.array(
    z.object({
      id: z.number(),
      file_name: z.string(),
      width: z.number().positive().optional(),
      height: z.number().positive().optional(),
      labelled: names.optional(),
      exhaustively_labelled: names.optional(),
      group: z.string().optional(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.union([z.number(), z.boolean()]).optional(),
      ignore: z.union([z.number(), z.boolean()]).optional(),
    }),
  ),
})

/** One labelled picture; boxes in pixels of the file. */
export interface LabelledPicture {
  readonly file: string
  readonly group: string | null
  readonly labelled: ReadonlySet<string>
  readonly truth: readonly TruthBox[]
}

/**
 * COCO annotations. A picture's own list (`labelled`, or `exhaustively_labelled`) wins over the file's; without any list all
 * categories that occur in the file count as fully labelled.
 * @throws KerbError `COCO_MALFORMED`
 */
export async function readCoco(path: string): Promise<LabelledPicture[]> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new KerbError('COCO_MALFORMED', `${path} cannot be read as JSON`, { path }, { cause })
  }
  return parseCoco(value, path)
}

export function parseCoco(value: unknown, path: string): LabelledPicture[] {
  const result = cocoSchema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new KerbError(
      'COCO_MALFORMED',
      `${path} is not a COCO file: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
      { path },
    )
  }
  const { info, categories, images, annotations } = result.data
  const nameOf = new Map(categories.map((c) => [c.id, c.name]))
  const present = new Set(annotations.map((a) => nameOf.get(a.category_id) ?? ''))
  const ofFile = info.exhaustively_labelled ?? [...present]
  const boxesOf = new Map<number, TruthBox[]>()
  for (const a of annotations) {
    const category = nameOf.get(a.category_id)
    if (category === undefined)
      throw new KerbError('COCO_MALFORMED', `${path}: category ${a.category_id} is not in the list of categories`, {
        path,
      })
    const list = boxesOf.get(a.image_id) ?? []
    list.push({ category, box: a.bbox satisfies Box, ignore: Boolean(a.iscrowd) || Boolean(a.ignore) })
    boxesOf.set(a.image_id, list)
  }
  return images.map((image) => ({
    file: image.file_name,
    group: image.group ?? null,
    labelled: new Set(image.labelled ?? image.exhaustively_labelled ?? ofFile),
    truth: boxesOf.get(image.id) ?? [],
  }))
}
