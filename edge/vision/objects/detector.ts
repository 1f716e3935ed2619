import type { Tensor } from 'onnxruntime-node'
import { InferenceSession } from 'onnxruntime-node'
import type { Box } from '../../../contracts/base/index.js'
import { objectClasses, type Detection, type ObjectClass, type ObjectDetector, type Picture } from '../types.js'
import { Candidates, suppress } from './candidates.js'
import { planDecoder, type Decoder, type OutputShape } from './decode.js'
import { cutToPicture, fitRegion, toPicture } from './fit.js'
import { InputFrame } from './input.js'
import { checkWeights, findManifestFolder, ModelError, readObjectManifest, type ObjectManifest } from './manifest.js'

/** One box under the model's own word for it; `box` in 0..1 of the whole picture. */
export interface ModelDetection {
  readonly box: Box
  readonly label: string
  readonly score: number
}

/** An `ObjectDetector` that also answers in the model's own classes, for measuring and for teaching. */
export interface ObjectModel extends ObjectDetector {
  readonly manifest: ObjectManifest
  /**
   * All boxes of at least `scoreMin`, best first. `groupOf` names the group within which labels suppress each other;
   * null drops a label. Without it each label is its own group.
   */
  look(
    picture: Picture,
    region: Box | null,
    scoreMin: number,
    groupOf?: (label: string) => string | null,
  ): Promise<ModelDetection[]>
  /** Runs the network alone on the input of the last look, as a bare loop would: the other side of `bench inference`. */
  runBare(): Promise<void>
  /** Frees the session. Nothing may be asked afterwards. */
  close(): Promise<void>
}

const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // one thread a session, not spinning: on a shared box two threads cost twice the CPU for the same result (DETECTION.md 7.1)
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

/**
 * Opens the objects model in `folder` (or in its `pulled/`): checks manifest, sha256 and shapes, and runs it once.
 * @throws ModelError that names the file and what to do about it.
 */
export async function openObjectModel(folder: string): Promise<ObjectModel> {
  const home = await findManifestFolder(folder)
  const manifest = await readObjectManifest(home)
  const path = await checkWeights(home, manifest)
  const session = await openSession(path)
  try {
    checkInput(session, manifest, path)
    const decoder = planDecoder(manifest, shapesOf(session.outputMetadata), path)
    const model = new OnnxObjectModel(manifest, path, session, decoder)
    await model.runBare()
    return model
  } catch (fault) {
    await session.release()
    throw fault
  }
}

/** The role `objects` for the pipeline. @throws ModelError as `openObjectModel`. */
export async function openObjectDetector(folder: string): Promise<ObjectDetector> {
  return openObjectModel(folder)
}

async function openSession(path: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, sessionOptions)
  } catch (cause) {
    throw new ModelError(
      'MODEL_MALFORMED',
      `${path} is not a network that this version of onnxruntime can open. Use an ONNX file of opset 21 or lower.`,
      { path },
      { cause },
    )
  }
}

function shapesOf(metadata: readonly InferenceSession.ValueMetadata[]): OutputShape[] {
  return metadata.map((m) => ({ name: m.name, shape: m.isTensor ? m.shape : [] }))
}

function checkInput(session: InferenceSession, m: ObjectManifest, path: string): void {
  const { widthPx, heightPx, layout } = m.input
  const wanted = layout === 'nhwc-uint8' ? [1, heightPx, widthPx, 3] : [1, 3, heightPx, widthPx]
  const type = layout === 'nhwc-uint8' ? 'uint8' : 'float32'
  const [input] = session.inputMetadata
  const shape = input?.isTensor === true ? input.shape : []
  const good =
    session.inputMetadata.length === 1 &&
    input?.isTensor === true &&
    input.type === type &&
    shape.length === 4 &&
    shape.every((d, i) => typeof d === 'string' || d === wanted[i])
  if (good) return
  const found = input?.isTensor === true ? `${input.type} [${shape.join(', ')}]` : 'no single tensor'
  throw new ModelError(
    'MODEL_SHAPE',
    `${path} takes ${found}, but its model.json says ${type} [${wanted.join(', ')}]. Correct "input" there, or use the right file.`,
    { path, found, wanted },
  )
}

class OnnxObjectModel implements ObjectModel {
  readonly manifest: ObjectManifest
  readonly classes: readonly ObjectClass[]
  readonly #path: string
  readonly #session: InferenceSession
  readonly #decoder: Decoder
  readonly #frame: InputFrame
  readonly #feeds: Record<string, Tensor>
  readonly #candidates: Candidates
  readonly #classOf: readonly (ObjectClass | null)[]
  readonly #thresholds: readonly number[]
  readonly #scoreMin: number
  #turn: Promise<unknown> = Promise.resolve()

  constructor(manifest: ObjectManifest, path: string, session: InferenceSession, decoder: Decoder) {
    this.manifest = manifest
    this.#path = path
    this.#session = session
    this.#decoder = decoder
    this.#frame = new InputFrame(manifest.input)
    this.#feeds = { [session.inputNames[0] ?? '']: this.#frame.tensor }
    this.#candidates = new Candidates(decoder.capacity)
    this.#classOf = manifest.classes.map((name) => manifest.class_map[name] ?? null)
    this.classes = objectClasses.filter((name) => this.#classOf.includes(name))
    const fallback = manifest.thresholds['default'] ?? 1
    this.#thresholds = manifest.classes.map((name) => manifest.thresholds[name] ?? fallback)
    this.#scoreMin = Math.min(...this.#thresholds.filter((_, k) => this.#classOf[k] !== null), 1)
  }

  get name(): string {
    return this.manifest.name
  }

  get sha256(): string {
    return this.manifest.sha256
  }

  async detect(picture: Picture, region: Box | null): Promise<Detection[]> {
    return this.#inTurn(async () => {
      const place = await this.#read(picture, region, this.#scoreMin)
      const c = this.#candidates
      const group = (label: number): number | null => {
        const name = this.#classOf[label] ?? null
        return name === null ? null : objectClasses.indexOf(name)
      }
      dropUnder(c, this.#thresholds)
      const found: Detection[] = []
      for (const k of suppress(c, this.manifest.overlap_max, group)) {
        const box = place(k)
        const name = this.#classOf[c.labels[k] as number] ?? null
        if (box !== null && name !== null) found.push({ box, class: name, score: c.scores[k] as number })
      }
      return found
    })
  }

  async look(
    picture: Picture,
    region: Box | null,
    scoreMin: number,
    groupOf: (label: string) => string | null = (label) => label,
  ): Promise<ModelDetection[]> {
    return this.#inTurn(async () => {
      const place = await this.#read(picture, region, scoreMin)
      const c = this.#candidates
      const names = this.manifest.classes.map(groupOf)
      const group = (label: number): number | null => {
        const name = names[label] ?? null
        return name === null ? null : names.indexOf(name)
      }
      const found: ModelDetection[] = []
      for (const k of suppress(c, this.manifest.overlap_max, group)) {
        const box = place(k)
        const label = this.manifest.classes[c.labels[k] as number]
        if (box !== null && label !== undefined) found.push({ box, label, score: c.scores[k] as number })
      }
      return found
    })
  }

  async runBare(): Promise<void> {
    await this.#run()
  }

  async close(): Promise<void> {
    await this.#turn
    await this.#session.release()
  }

  /** Input and candidate buffers are shared, so looks follow one another even when asked at once. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Leaves the candidates filled and says where each lies in the whole picture (null: outside). */
  async #read(picture: Picture, region: Box | null, scoreMin: number): Promise<(k: number) => Box | null> {
    const { widthPx, heightPx, rgb } = picture
    if (widthPx < 2 || heightPx < 2 || rgb.length < widthPx * heightPx * 3)
      throw new ModelError(
        'MODEL_SHAPE',
        `a picture of ${widthPx}x${heightPx} needs ${widthPx * heightPx * 3} bytes of RGB, got ${rgb.length}`,
        { widthPx, heightPx },
      )
    const fitted = fitRegion(picture, region, this.manifest.input)
    this.#frame.draw(picture, fitted)
    const outputs = await this.#run()
    const c = this.#candidates
    c.clear()
    this.#decoder.read(outputs, scoreMin, c)
    return (k) => {
      const at = k * 4
      const corner = (side: number): number => c.corners[at + side] as number
      return cutToPicture(toPicture(fitted, [corner(0), corner(1), corner(2), corner(3)]))
    }
  }

  async #run(): Promise<Float32Array[]> {
    let outputs: InferenceSession.OnnxValueMapType
    try {
      outputs = await this.#session.run(this.#feeds)
    } catch (cause) {
      throw new ModelError(
        'MODEL_FAILED',
        `${this.#path} could not be run. Check it with: kerbwatch models verify ${this.name}`,
        { path: this.#path },
        { cause },
      )
    }
    return this.#decoder.outputs.map((name) => {
      const data = outputs[name]?.data
      if (data instanceof Float32Array) return data
      throw new ModelError(
        'MODEL_SHAPE',
        `${this.#path}: output "${name}" is not float32. Export the network with float32 outputs.`,
        { path: this.#path, name },
      )
    })
  }
}

/** Removes candidates under the threshold of their label, in place. */
function dropUnder(c: Candidates, thresholds: readonly number[]): void {
  const { count } = c
  c.count = 0
  for (let k = 0; k < count; k += 1) {
    const label = c.labels[k] as number
    if ((c.scores[k] as number) < (thresholds[label] ?? 1)) continue
    const at = k * 4
    const corner = (side: number): number => c.corners[at + side] as number
    c.push(label, c.scores[k] as number, corner(0), corner(1), corner(2), corner(3))
  }
}
