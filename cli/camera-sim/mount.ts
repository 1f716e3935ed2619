import type { Clock } from '../../contracts/base/index.js'
import { prepare, type PacketTemplate } from './packetiser.js'
import type { SimSession } from './session.js'
import type { SimClip } from './sim-clip.js'

export interface MountOptions {
  readonly clip: SimClip
  readonly mtuBytes: number
  readonly markEvery: boolean
  /** Pictures come this much as fast as their time stamps say. */
  readonly rate: number
  readonly join: 'live' | 'start'
  readonly clock: Clock
}

/** One camera: plays its clip in a loop, the same picture to every client at the same time. Costs nothing while nobody looks. */
export class Mount {
  readonly clip: SimClip
  readonly #options: MountOptions
  readonly #templates: readonly PacketTemplate[]
  readonly #sessions = new Set<SimSession>()
  #zeroMonoMs: number | null
  /** Counts pictures over all laps. */
  #next = 0
  #timer: NodeJS.Timeout | null = null

  constructor(options: MountOptions) {
    this.#options = options
    this.clip = options.clip
    this.#templates = options.clip.pictures.map((picture) =>
      prepare(picture.units, options.clip.codec, options.mtuBytes, options.markEvery),
    )
    this.#zeroMonoMs = options.join === 'live' ? options.clock.monoMs() : null
  }

  get clients(): number {
    return this.#sessions.size
  }

  /** Time stamp of the next picture, for RTP-Info. */
  nextTicks(): number {
    return this.#ticksOf(this.#firstDue())
  }

  join(session: SimSession): void {
    this.#zeroMonoMs ??= this.#options.clock.monoMs()
    this.#sessions.add(session)
    if (this.#timer !== null) return
    this.#next = this.#firstDue()
    this.#arm()
  }

  leave(session: SimSession): void {
    this.#sessions.delete(session)
    if (this.#sessions.size > 0 || this.#timer === null) return
    clearTimeout(this.#timer)
    this.#timer = null
  }

  #ticksOf(n: number): number {
    const { pictures, durationTicks } = this.clip
    const lap = Math.floor(n / pictures.length)
    return lap * durationTicks + (pictures[n % pictures.length]?.ticks ?? 0)
  }

  #dueMonoMs(n: number): number {
    return (this.#zeroMonoMs ?? 0) + this.#ticksOf(n) / 90 / this.#options.rate
  }

  /** The first picture that is not in the past. */
  #firstDue(): number {
    if (this.#zeroMonoMs === null) return 0
    const { pictures, durationTicks } = this.clip
    const ticks = (this.#options.clock.monoMs() - this.#zeroMonoMs) * 90 * this.#options.rate
    let n = Math.max(0, Math.floor(ticks / durationTicks) * pictures.length)
    while (this.#ticksOf(n) < ticks - 1) n += 1
    return n
  }

  #arm(): void {
    const waitMs = this.#dueMonoMs(this.#next) - this.#options.clock.monoMs()
    this.#timer = setTimeout(
      () => {
        this.#tick()
      },
      Math.max(0, waitMs),
    )
  }

  #tick(): void {
    const template = this.#templates[this.#next % this.#templates.length]
    const ticks = this.#ticksOf(this.#next)
    const frameMs = (this.#ticksOf(this.#next + 1) - ticks) / 90 / this.#options.rate
    if (template !== undefined) for (const session of this.#sessions) session.send(template, ticks, frameMs)
    this.#next += 1
    this.#timer = null
    if (this.#sessions.size > 0) this.#arm()
  }
}
