import type { Box, CameraId } from '../../contracts/base/index.js'
import { KerbError } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import { CameraVision } from './camera-vision.js'
import { openObjectDetector } from './objects/index.js'
import { openPlumeClassifier } from './plume/index.js'
import type { CameraSetup, VisionModels } from './setup.js'
import { applySnapshot, bindingOf, takeSnapshot } from './snapshot.js'
import { ScratchPool } from './static/scratch.js'
import type { Facts, LookBackFacts, LookBackQuestion } from './types.js'

/** Manifest folders; null: this role is not filled. */
export interface ModelFolders {
  readonly objects: string | null
  readonly plume: string | null
}

export interface ModelDigests {
  readonly objects?: string
  readonly plume?: string
}

/** @throws KerbError when a folder has no usable model. */
export async function openModels({ objects, plume }: ModelFolders): Promise<VisionModels> {
  return {
    objects: objects === null ? null : await openObjectDetector(objects),
    plume: plume === null ? null : await openPlumeClassifier(plume),
  }
}

export function digestsOf({ objects, plume }: VisionModels): ModelDigests {
  return {
    ...(objects === null ? {} : { objects: objects.sha256 }),
    ...(plume === null ? {} : { plume: plume.sha256 }),
  }
}

interface Seat {
  readonly vision: CameraVision
  readonly binding: string
  /** Steps of one camera never overlap. */
  tail: Promise<unknown>
}

/** The cameras of one thread. */
export class VisionHost {
  readonly #models: VisionModels
  readonly #pool = new ScratchPool()
  readonly #seats = new Map<CameraId, Seat>()

  constructor(models: VisionModels) {
    this.#models = models
  }

  get digests(): ModelDigests {
    return digestsOf(this.#models)
  }

  /** (Re)starts a camera with an empty memory. @throws KerbError `CALIBRATION_REFUSED` */
  configure(setup: CameraSetup): void {
    this.#seats.set(setup.camera, {
      vision: new CameraVision(setup, this.#models, this.#pool),
      binding: bindingOf(setup, this.#models),
      tail: Promise.resolve(),
    })
  }

  #seat(camera: CameraId): Seat {
    const seat = this.#seats.get(camera)
    if (seat === undefined)
      throw new KerbError('CAMERA_UNKNOWN', `vision was not configured for camera ${camera}`, { camera })
    return seat
  }

  #inOrder<T>(seat: Seat, work: () => Promise<T>): Promise<T> {
    const done = seat.tail.then(work, work)
    seat.tail = done.catch(() => undefined)
    return done
  }

  async watch(frame: WatchFrame, protect: readonly Box[], busy: boolean): Promise<Facts> {
    const seat = this.#seat(frame.camera)
    return this.#inOrder(seat, () => seat.vision.watch(frame, protect, { busy }))
  }

  gap(camera: CameraId): void {
    const { vision } = this.#seat(camera)
    vision.gap()
  }

  belongsHere(camera: CameraId, box: Box): void {
    this.#seat(camera).vision.belongsHere(box)
  }

  async lookBack(
    question: LookBackQuestion,
    frames: AsyncIterable<WatchFrame>,
    signal: AbortSignal,
  ): Promise<LookBackFacts> {
    return this.#seat(question.camera).vision.lookBack(question, frames, signal)
  }

  async snapshot(camera: CameraId): Promise<Uint8Array> {
    const seat = this.#seat(camera)
    return this.#inOrder(seat, () => takeSnapshot(seat.vision, seat.binding))
  }

  async restore(camera: CameraId, bytes: Uint8Array): Promise<boolean> {
    const seat = this.#seat(camera)
    return this.#inOrder(seat, () => applySnapshot(seat.vision, bytes, seat.binding))
  }
}
