import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { KerbError } from '../../../contracts/base/index.js'
import { objectClasses } from '../types.js'

/** What can be wrong with a model; the message names the file and what to do. */
export class ModelError extends KerbError<
  'MODEL_MISSING' | 'MODEL_MALFORMED' | 'MODEL_DIGEST' | 'MODEL_SHAPE' | 'MODEL_CLASS' | 'MODEL_FAILED'
> {}

const unitScore = z.number().min(0).max(1)
const triple = z.tuple([z.number(), z.number(), z.number()])

const inputSchema = z.strictObject({
  widthPx: z.int().min(32).max(2048).multipleOf(8),
  heightPx: z.int().min(32).max(2048).multipleOf(8),
  layout: z.enum(['nhwc-uint8', 'nchw-float']),
  /** A float input is (byte * scale - mean) / deviation; `mean` and `deviation` are in the order of the channels. */
  scale: z.number().positive().default(1),
  mean: triple.default([0, 0, 0]),
  deviation: triple.default([1, 1, 1]),
  fit: z.enum(['letterbox', 'stretch']),
  /** Where a letterboxed picture lies: YOLOX puts it top left, Ultralytics' exports in the centre. */
  place: z.enum(['top_left', 'centre']).default('top_left'),
  order: z.enum(['rgb', 'bgr']),
  fill: z.int().min(0).max(255).default(114),
})

const manifestSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9_-]{2,40}$/),
  version: z.string().min(1).max(40),
  role: z.literal('objects'),
  file: z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'a plain file name beside model.json'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  classes: z.array(z.string().min(1).max(60)).min(1).max(1000),
  input: inputSchema,
  decoding: z.enum(['boxes-scores', 'yolox', 'yolov8', 'picodet']),
  /** Model class -> class of the rules; a class that is absent or null is dropped. */
  class_map: z.record(z.string(), z.enum(objectClasses).nullable()),
  /** Score from which a box of a model class counts; `default` serves the classes not named. */
  thresholds: z.record(z.string(), unitScore).refine((t) => t['default'] !== undefined, 'needs the key "default"'),
  /** Boxes of one class that overlap more (IoU) are one thing. */
  overlap_max: unitScore.default(0.5),
  licence: z.string().min(1),
  provenance: z.record(z.string(), z.unknown()).default({}),
  metrics: z.record(z.string(), z.unknown()).default({}),
})

/** `model.json` of the role `objects`. */
export type ObjectManifest = z.infer<typeof manifestSchema>
export type ObjectInput = ObjectManifest['input']

/**
 * A manifest from parsed JSON. `path` is only for messages.
 * @throws ModelError `MODEL_MALFORMED`, or `MODEL_CLASS` for a class that the model or the rules do not know.
 */
export function parseObjectManifest(value: unknown, path: string): ObjectManifest {
  const result = manifestSchema.safeParse(value)
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`)
    const ofClass = result.error.issues.some((issue) => issue.path[0] === 'class_map')
    throw new ModelError(
      ofClass ? 'MODEL_CLASS' : 'MODEL_MALFORMED',
      `${path} is not a manifest of an objects model: ${faults.join('; ')}. Correct these keys, or restore the file.`,
      { path, faults },
    )
  }
  const known = new Set(result.data.classes)
  const unknown = [...Object.keys(result.data.class_map), ...Object.keys(result.data.thresholds)].filter(
    (name) => name !== 'default' && !known.has(name),
  )
  if (unknown.length > 0)
    throw new ModelError(
      'MODEL_CLASS',
      `${path} names classes that its list "classes" does not hold: ${[...new Set(unknown)].join(', ')}. Correct class_map or thresholds.`,
      { path, unknown },
    )
  return result.data
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** The folder that holds `model.json`: the folder itself, or `pulled/` in it. @throws ModelError `MODEL_MISSING`. */
export async function findManifestFolder(folder: string): Promise<string> {
  for (const candidate of [folder, join(folder, 'pulled')])
    if (await exists(join(candidate, 'model.json'))) return candidate
  throw new ModelError(
    'MODEL_MISSING',
    `no model.json in ${folder}. Give a folder of models/, or fetch the model with: kerbwatch models pull NAME`,
    { folder },
  )
}

/** @throws ModelError `MODEL_MALFORMED`, `MODEL_CLASS`. */
export async function readObjectManifest(folder: string): Promise<ObjectManifest> {
  const path = join(folder, 'model.json')
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new ModelError('MODEL_MALFORMED', `${path} cannot be read as JSON. Restore the file.`, { path }, { cause })
  }
  return parseObjectManifest(value, path)
}

/** sha256 of a file, hex, without holding it in memory. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Checks the weights against the manifest and gives their path. @throws ModelError `MODEL_MISSING`, `MODEL_DIGEST`. */
export async function checkWeights(folder: string, manifest: ObjectManifest): Promise<string> {
  const path = join(folder, manifest.file)
  if (!(await exists(path)))
    throw new ModelError(
      'MODEL_MISSING',
      `${path} is missing. Fetch it with: kerbwatch models pull ${manifest.name} (or restore it from the release).`,
      { path },
    )
  const found = await fileSha256(path)
  if (found !== manifest.sha256)
    throw new ModelError(
      'MODEL_DIGEST',
      `${path} is not the file its manifest names: sha256 ${found}, expected ${manifest.sha256}. Fetch it again with: kerbwatch models pull ${manifest.name}`,
      { path, found, expected: manifest.sha256 },
    )
  return path
}
