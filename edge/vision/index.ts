import { join, isAbsolute } from 'node:path'
import type { Box, CameraId, Log } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import type { ModelDigests, ModelFolders } from './host.js'
import { openModels, VisionHost } from './host.js'
import { VisionThread } from './pool.js'
import type { CameraSetup } from './setup.js'
import type { Facts, LookBackFacts, LookBackQuestion } from './types.js'

export type { Capability, Geometry } from './geometry.js'
export { capabilityOf, createGeometry } from './geometry.js'
export type { ModelDigests, ModelFolders } from './host.js'
export type { CameraSetup } from './setup.js'

/** Sees for all cameras of a box. */
export interface Vision {
  /** sha256 of the weights in use; absent roles are not filled. */
  readonly digests: ModelDigests
  /** Starts a camera, or starts it afresh with another setup. @throws KerbError `CALIBRATION_REFUSED` */
  configure(camera: CameraId, setup: CameraSetup): Promise<void>
  /**
   * One watch frame; its `rgb` is taken away (transferred). Frames of a camera must come in order of time. `protect` are the boxes
   * of running incidents. null: shed, a newer frame of this camera came before this one's turn.
   * @throws KerbError `CAMERA_UNKNOWN`, `FRAME_SIZE`, `VISION_WORKER_DIED`
   */
  watch(frame: WatchFrame, protect: readonly Box[]): Promise<Facts | null>
  /** Time went by unwatched: the next frame of the camera brings no evidence. */
  gap(camera: CameraId): void
  /** Reads `frames` once and waits when watch frames are in the way. @throws the signal's reason */
  lookBack(question: LookBackQuestion, frames: AsyncIterable<WatchFrame>, signal: AbortSignal): Promise<LookBackFacts>
  /** An operator says that what stands in `box` belongs there. */
  belongsHere(camera: CameraId, box: Box): void
  snapshot(camera: CameraId): Promise<Uint8Array>
  /** False: the snapshot is damaged or belongs to another configuration, model or size; the camera starts fresh. */
  restore(camera: CameraId, bytes: Uint8Array): Promise<boolean>
  close(): Promise<void>
}

export interface VisionOptions {
  /** Worker threads; a camera always stays on the same one. */
  readonly workers: number
  /** Folder of the model folders; names in `models` are taken from there unless they are absolute. */
  readonly modelsDir: string
  readonly models: ModelFolders
  readonly log: Log
}

function foldersOf({ modelsDir, models }: Pick<VisionOptions, 'modelsDir' | 'models'>): ModelFolders {
  const place = (name: string | null) => (name === null ? null : isAbsolute(name) ? name : join(modelsDir, name))
  return { objects: place(models.objects), plume: place(models.plume) }
}

/** Vision on worker threads. @throws KerbError when a model is missing or damaged. */
export async function openVision(options: VisionOptions): Promise<Vision> {
  const folders = foldersOf(options)
  const threads = Array.from({ length: Math.max(1, options.workers) }, () => new VisionThread(folders, options.log))
  try {
    const [digests] = await Promise.all(threads.map((thread) => thread.ready))
    return new ThreadedVision(threads, digests ?? {}, options.log)
  } catch (error) {
    await Promise.all(threads.map((thread) => thread.close()))
    throw error
  }
}

class ThreadedVision implements Vision {
  readonly digests: ModelDigests
  readonly #threads: readonly VisionThread[]
  readonly #log: Log
  readonly #places = new Map<CameraId, VisionThread>()

  constructor(threads: readonly VisionThread[], digests: ModelDigests, log: Log) {
    this.#threads = threads
    this.digests = digests
    this.#log = log
  }

  /** Cameras go round the threads in the order in which they come. */
  #thread(camera: CameraId): VisionThread {
    const known = this.#places.get(camera)
    if (known !== undefined) return known
    const thread = this.#threads[this.#places.size % this.#threads.length] as VisionThread
    this.#places.set(camera, thread)
    return thread
  }

  async configure(camera: CameraId, setup: CameraSetup): Promise<void> {
    await this.#thread(camera).configure({ ...setup, camera })
  }

  watch(frame: WatchFrame, protect: readonly Box[]): Promise<Facts | null> {
    return this.#thread(frame.camera).watch(frame, protect)
  }

  gap(camera: CameraId): void {
    this.#tell(camera, this.#thread(camera).ask({ do: 'gap', camera }))
  }

  belongsHere(camera: CameraId, box: Box): void {
    this.#tell(camera, this.#thread(camera).ask({ do: 'belongs_here', camera, box }))
  }

  #tell(camera: CameraId, answer: Promise<unknown>): void {
    answer.catch((error: unknown) => {
      this.#log.warn({ camera, err: String(error) }, 'vision did not take a message')
    })
  }

  lookBack(question: LookBackQuestion, frames: AsyncIterable<WatchFrame>, signal: AbortSignal): Promise<LookBackFacts> {
    return this.#thread(question.camera).lookBack(question, frames, signal)
  }

  async snapshot(camera: CameraId): Promise<Uint8Array> {
    return (await this.#thread(camera).ask({ do: 'snapshot', camera })) as Uint8Array
  }

  async restore(camera: CameraId, bytes: Uint8Array): Promise<boolean> {
    return (await this.#thread(camera).ask({ do: 'restore', camera, bytes })) as boolean
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

/** The same code on the calling thread, for `eval` and tests: frames are never shed and `rgb` is not taken away. */
export async function openVisionInline(options: Pick<VisionOptions, 'modelsDir' | 'models'>): Promise<Vision> {
  const host = new VisionHost(await openModels(foldersOf(options)))
  return {
    digests: host.digests,
    async configure(camera, setup) {
      await Promise.resolve()
      host.configure({ ...setup, camera })
    },
    watch: (frame, protect) => host.watch(frame, protect, false),
    gap: (camera) => {
      host.gap(camera)
    },
    lookBack: (question, frames, signal) => host.lookBack(question, frames, signal),
    belongsHere: (camera, box) => {
      host.belongsHere(camera, box)
    },
    snapshot: (camera) => host.snapshot(camera),
    restore: (camera, bytes) => host.restore(camera, bytes),
    close: () => Promise.resolve(),
  }
}
