import { mkdir, readdir, statfs, unlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CameraId, Clock, Log } from '../../contracts/base/index.js'
import { boundOf, planDeletion, planRelief, recordingFloor, type Deletion, type RingShare } from './deletion-plan.js'
import { RingCamera, type RingMember } from './ring-camera.js'
import { fileName } from './ring-files.js'

export interface RingOptions {
  /** `data/ring`; one folder a camera is made in it. */
  readonly dir: string
  readonly ringMb: number
  readonly ringDays: number
  /** Below it the oldest files go; below half of it the cameras of low priority pause. */
  readonly minFreePercent: number
}

export interface RingDeps {
  readonly clock: Clock
  readonly log: Log
  /** Free share of the file system in percent; the system's own answer unless a test says otherwise. */
  readonly freePercent?: (dir: string) => Promise<number>
  /** What the ring may use at this moment, at most `ringMb`: less while held footage is over its budget. */
  readonly bytesMax?: () => number
}

/** All footage on the disk: bounded by size, age and free space; shared by all cameras. */
export interface Ring {
  readonly dir: string
  /** Enters a camera; its folder is read once. A camera that comes again (configuration change) takes its place over. */
  enter(member: RingMember): Promise<RingCamera>
  /** Deletes what is over the bounds. Called after each segment; cheap when nothing is to do. */
  maintain(): Promise<void>
  /** After `No space left on device`: makes room at once. */
  relieve(): Promise<void>
  /** False while this camera has to pause for the disk. */
  mayRecord(camera: CameraId): boolean
  usage(): {
    readonly bytes: number
    readonly segments: number
    readonly freePercent: number | null
    readonly deleted: number
  }
}

const freeCheckMs = 5_000
const reliefFiles = 16

/** Opens the folder, counts files of cameras that are no longer configured too (they go first). @throws when it cannot be made. */
export async function openRing(options: RingOptions, deps: RingDeps): Promise<Ring> {
  const dir = resolve(options.dir)
  await mkdir(dir, { recursive: true })
  const ring = new DiskRing({ ...options, dir }, deps)
  await ring.adoptOrphans()
  return ring
}

async function systemFreePercent(dir: string): Promise<number> {
  const { bavail, blocks } = await statfs(dir)
  return blocks === 0 ? 100 : (bavail / blocks) * 100
}

class DiskRing implements Ring {
  readonly dir: string
  readonly #options: RingOptions
  readonly #deps: RingDeps
  readonly #cameras = new Map<CameraId, RingCamera>()
  #freePercent: number | null = null
  #freeCheckedMs = -Infinity
  #recordingFloor = -Infinity
  #deletedCount = 0
  #running: Promise<void> = Promise.resolve()

  constructor(options: RingOptions, deps: RingDeps) {
    this.dir = options.dir
    this.#options = options
    this.#deps = deps
  }

  async adoptOrphans(): Promise<void> {
    for (const item of await readdir(this.dir, { withFileTypes: true }))
      if (item.isDirectory() && /^[a-z0-9-]{2,20}$/.test(item.name)) {
        const camera = item.name as CameraId
        const orphan = new RingCamera({ camera, priority: -Infinity, known: [], lastIndex: -1 }, this, this.#deps.log)
        await orphan.adoptFiles(true)
        this.#cameras.set(camera, orphan)
      }
  }

  async enter(member: RingMember): Promise<RingCamera> {
    const entered = new RingCamera(member, this, this.#deps.log)
    await mkdir(entered.dir, { recursive: true })
    await entered.adoptFiles(false)
    this.#cameras.set(member.camera, entered)
    return entered
  }

  maintain(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#maintainOnce())
      .catch((cause: unknown) => {
        this.#deps.log.error({ cause: String(cause) }, 'the ring could not be kept within its bounds')
      })
    return this.#running
  }

  async #maintainOnce(): Promise<void> {
    const shares = this.#shares()
    const bytesMax = boundOf(shares, this.#options.ringMb * 1e6, this.#deps.bytesMax?.() ?? Infinity)
    const oldestMs = this.#deps.clock.wallMs() - this.#options.ringDays * 86_400_000
    await this.#delete(planDeletion(shares, bytesMax, oldestMs))
    const monoMs = this.#deps.clock.monoMs()
    if (monoMs - this.#freeCheckedMs < freeCheckMs) return
    this.#freeCheckedMs = monoMs
    await this.#keepFree()
  }

  async #keepFree(): Promise<void> {
    const min = this.#options.minFreePercent
    for (let round = 0; ; round += 1) {
      this.#freePercent = await (this.#deps.freePercent ?? systemFreePercent)(this.dir)
      if (this.#freePercent >= min || round === 64) break
      const plan = planRelief(this.#shares(), reliefFiles)
      if (plan.length === 0) break
      await this.#delete(plan)
    }
    const priorities = [...this.#cameras.values()].map((camera) => camera.priority).filter(Number.isFinite)
    const floor = recordingFloor(priorities, this.#freePercent, min)
    // Recording starts again only well above the line where it stopped.
    if (floor >= this.#recordingFloor || this.#freePercent >= min * 0.6) this.#recordingFloor = floor
  }

  async relieve(): Promise<void> {
    await this.#delete(planRelief(this.#shares(), reliefFiles))
    this.#freeCheckedMs = -Infinity
    await this.maintain()
  }

  mayRecord(camera: CameraId): boolean {
    return (this.#cameras.get(camera)?.priority ?? 0) >= this.#recordingFloor
  }

  usage(): { bytes: number; segments: number; freePercent: number | null; deleted: number } {
    const shares = this.#shares()
    return {
      bytes: shares.reduce((sum, share) => sum + share.entries.reduce((part, entry) => part + entry.bytes, 0), 0),
      segments: shares.reduce((sum, share) => sum + share.entries.length, 0),
      freePercent: this.#freePercent,
      deleted: this.#deletedCount,
    }
  }

  #shares(): RingShare[] {
    return [...this.#cameras.values()].map((camera) => camera.share())
  }

  async #delete(plan: readonly Deletion[]): Promise<void> {
    for (const { camera, index } of plan) {
      const owner = this.#cameras.get(camera)
      if (owner === undefined) continue
      try {
        await unlink(join(owner.dir, fileName(index)))
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
      }
      owner.forget(index)
      this.#deletedCount += 1
    }
  }
}
