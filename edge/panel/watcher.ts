import type { EpochMs } from '../../contracts/base/index.js'
import type { IncidentChange } from '../incidents/types.js'
import type { PanelDeps, PanelPost } from './state.js'
import type { SuspicionLog } from './suspicions.js'

const tickMs = 5_000
const ticksKept = 60

/**
 * Looks at the box every 5 s: since when the cloud is away, how many frames were dropped in the last 5 minutes, and what
 * changed in the incidents, which it writes into the day file (each camera keeps its last 200 changes in memory).
 */
export class Watcher implements AsyncDisposable {
  readonly #deps: PanelDeps
  readonly #suspicions: SuspicionLog
  readonly #seen = new WeakMap<PanelPost, IncidentChange>()
  readonly #stop = new AbortController()
  #frames: { seen: number; dropped: number }[] = []
  #downSinceMs: EpochMs | null = null
  #running: Promise<void> = Promise.resolve()
  #looking: Promise<void> = Promise.resolve()

  constructor(deps: PanelDeps, suspicions: SuspicionLog) {
    this.#deps = deps
    this.#suspicions = suspicions
  }

  get linkDownSinceMs(): EpochMs | null {
    return this.#downSinceMs
  }

  /** Of the watch frames of the last 5 minutes, 0..1. */
  get droppedRatio(): number {
    const first = this.#frames[0]
    const last = this.#frames.at(-1)
    if (!first || !last) return 0
    const dropped = last.dropped - first.dropped
    const all = last.seen - first.seen + dropped
    return all > 0 ? Math.max(0, Math.min(1, dropped / all)) : 0
  }

  start(): void {
    this.#running = this.#run()
  }

  /** One look, after those that run; whoever shows the list has it first brought up to now. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look())
    return this.#looking
  }

  async #look(): Promise<void> {
    const { edge, clock, log } = this.#deps
    this.#downSinceMs = edge.linkUp() ? null : (this.#downSinceMs ?? clock.wallMs())
    const frames = { seen: 0, dropped: 0 }
    for (const post of edge.posts) {
      const { framesSeen, framesShed } = post.watch.counters()
      frames.seen += framesSeen
      frames.dropped += framesShed + post.health().framesDropped
    }
    this.#frames = [...this.#frames, frames].slice(-ticksKept)
    for (const post of edge.posts) {
      const news = this.#newsOf(post)
      const [newest] = news
      if (newest === undefined) continue
      try {
        await this.#suspicions.append([...news].reverse())
      } catch (error) {
        log.warn(
          { camera: post.config.id, err: error },
          'the list of suspicions could not be written; records are not affected',
        )
      }
      this.#seen.set(post, newest)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the panel closes'))
    await this.#running
  }

  /** Newest first, those after the last one seen. */
  #newsOf(post: PanelPost): IncidentChange[] {
    const { changes } = post.watch.counters()
    const seen = this.#seen.get(post)
    const end = seen === undefined ? -1 : changes.indexOf(seen)
    return end === -1 ? [...changes] : changes.slice(0, end)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.look()
      await this.#deps.clock.sleep(tickMs, signal).catch(() => undefined) // aborted: the loop ends
    }
    await this.look()
  }
}
