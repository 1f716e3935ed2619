import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { z } from 'zod'
import { KerbError } from '../../../contracts/base/index.js'
import type { PlumeClassifier } from '../types.js'
import { plumeClasses, sampleShape } from './features.js'

/** The model folder cannot be used. The message names the file and what to do. */
export class PlumeModelError extends KerbError<'MODEL_MISSING' | 'MODEL_MANIFEST' | 'MODEL_HASH' | 'MODEL_SHAPE'> {}

const manifestForm = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  role: z.literal('plume'),
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  classes: z
    .array(z.string())
    .refine((c) => c.join() === plumeClasses.join(), `classes must be ${plumeClasses.join(', ')}`),
  input: z.object({
    name: z.string().min(1),
    shape: z
      .array(z.number().int())
      .refine((s) => s.join() === sampleShape.join(), `shape must be [${sampleShape.join(', ')}]`),
    layout: z.literal('frames, channels, rows, columns'),
  }),
  output: z.object({ name: z.string().min(1) }),
})

type Manifest = z.infer<typeof manifestForm>

const batchMax = 16
const modelBytesMax = 16 * 1024 * 1024
type Scores = Readonly<Record<(typeof plumeClasses)[number], number>>

async function readBounded(path: string): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    throw new PlumeModelError(
      'MODEL_MISSING',
      `cannot read ${path}: put the plume model's folder back, or pull it again`,
      { path },
      { cause },
    )
  }
  if (bytes.byteLength > modelBytesMax)
    throw new PlumeModelError('MODEL_MANIFEST', `${path} is larger than any plume model may be`, {
      path,
      bytes: bytes.byteLength,
    })
  return bytes
}

function parseManifest(bytes: Buffer, path: string): Manifest {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new PlumeModelError('MODEL_MANIFEST', `${path} is not JSON: restore it from the release`, { path }, { cause })
  }
  const parsed = manifestForm.safeParse(body)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
  throw new PlumeModelError(
    'MODEL_MANIFEST',
    `${path} is no manifest of a plume model (${faults}): use a model of this release`,
    { path, faults },
  )
}

function scoresAt(data: Float32Array, row: number): Scores {
  const at = (column: number): number => data[row * plumeClasses.length + column] ?? 0
  return { none: at(0), smoke: at(1), dust: at(2), flame: at(3), steam: at(4) }
}

/** One run on an empty sample: shows wrong inputs, outputs and shapes before the first incident does. */
async function probe(session: InferenceSession, manifest: Manifest, path: string): Promise<void> {
  const refuse = (what: string, cause?: unknown): PlumeModelError =>
    new PlumeModelError(
      'MODEL_SHAPE',
      `${path} does not fit its manifest (${what}): use file and manifest of one release`,
      { path, what },
      { cause },
    )
  const { input, output } = manifest
  if (!session.inputNames.includes(input.name)) throw refuse(`no input "${input.name}"`)
  if (!session.outputNames.includes(output.name)) throw refuse(`no output "${output.name}"`)
  const length = sampleShape.reduce((a, b) => a * b, 1)
  let answer: Tensor | undefined
  try {
    answer = (
      await session.run({ [input.name]: new Tensor('float32', new Float32Array(length), [1, ...sampleShape]) })
    )[output.name]
  } catch (cause) {
    throw refuse(`an input of [1, ${sampleShape.join(', ')}] is refused`, cause)
  }
  if (answer?.dims.join() !== `1,${plumeClasses.length}` || answer.type !== 'float32')
    throw refuse(`output is ${answer?.type ?? 'absent'} [${answer?.dims.join() ?? ''}]`)
}

/**
 * Opens `model.json` and the network beside it. One thread, no spinning: a burst is rare and must not take a core from the cameras.
 * @throws PlumeModelError `MODEL_MISSING`, `MODEL_MANIFEST`, `MODEL_HASH`, `MODEL_SHAPE`
 */
export async function openPlumeClassifier(manifestDir: string): Promise<PlumeClassifier> {
  const manifestPath = join(manifestDir, 'model.json')
  const manifest = parseManifest(await readBounded(manifestPath), manifestPath)
  const modelPath = join(manifestDir, manifest.file)
  const bytes = await readBounded(modelPath)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== manifest.sha256)
    throw new PlumeModelError(
      'MODEL_HASH',
      `${modelPath} has sha256 ${sha256}, its manifest says ${manifest.sha256}: copy both again from the release`,
      { modelPath, sha256, expected: manifest.sha256 },
    )
  let session: InferenceSession
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    })
  } catch (cause) {
    throw new PlumeModelError(
      'MODEL_SHAPE',
      `${modelPath} is no network this runtime can load: copy it again from the release`,
      { modelPath },
      { cause },
    )
  }
  await probe(session, manifest, modelPath)
  return {
    name: `${manifest.name}@${manifest.version}`,
    sha256,
    async classify(samples) {
      const out: Scores[] = []
      for (let first = 0; first < samples.length; first += batchMax)
        out.push(...(await runBatch(session, manifest, samples.slice(first, first + batchMax))))
      return out
    },
  }
}

async function runBatch(
  session: InferenceSession,
  manifest: Manifest,
  batch: readonly Float32Array[],
): Promise<Scores[]> {
  const length = sampleShape.reduce((a, b) => a * b, 1)
  const data = new Float32Array(batch.length * length)
  batch.forEach((sample, i) => {
    if (sample.length !== length)
      throw new PlumeModelError('MODEL_SHAPE', `a plume sample has ${sample.length} numbers, not ${length}`, {})
    data.set(sample, i * length)
  })
  const answer = (
    await session.run({ [manifest.input.name]: new Tensor('float32', data, [batch.length, ...sampleShape]) })
  )[manifest.output.name]
  const scores = answer?.data as Float32Array
  return batch.map((_, row) => scoresAt(scores, row))
}
