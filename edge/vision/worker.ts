import { parentPort, workerData } from 'node:worker_threads'
import { KerbError } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import { openModels, VisionHost } from './host.js'
import type { Hello, Numbered, Reply, Request, WorkerData } from './protocol.js'

/** Frames of one look back, handed over one by one: the next is asked for when this one has been used. */
class FrameFeed implements AsyncIterable<WatchFrame> {
  #waiting: ((frame: WatchFrame | null) => void) | null = null
  #arrived: { frame: WatchFrame | null; used: () => void } | null = null
  #used: (() => void) | null = null
  readonly abort = new AbortController()

  /** Resolves when the consumer asks for the next frame or has ended. */
  push(frame: WatchFrame | null): Promise<void> {
    return new Promise((used) => {
      if (this.abort.signal.aborted) {
        used()
        return
      }
      if (this.#waiting !== null) {
        const wake = this.#waiting
        this.#waiting = null
        this.#used = used
        wake(frame)
      } else this.#arrived = { frame, used }
    })
  }

  end(): void {
    this.abort.abort(new Error('the look back has ended'))
    this.#used?.()
    this.#arrived?.used()
    this.#waiting?.(null)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchFrame> {
    for (;;) {
      this.#used?.()
      this.#used = null
      const frame = await this.#next()
      if (frame === null) {
        // the end has no next one that could be asked for
        ;(this.#used as (() => void) | null)?.()
        this.#used = null
        return
      }
      yield frame
    }
  }

  #next(): Promise<WatchFrame | null> {
    if (this.#arrived !== null) {
      const { frame, used } = this.#arrived
      this.#arrived = null
      this.#used = used
      return Promise.resolve(frame)
    }
    return new Promise((wake) => {
      this.#waiting = wake
    })
  }
}

const port = parentPort
if (port === null) throw new Error('edge/vision/worker is started as a worker thread only')

function faultOf(error: unknown): NonNullable<Reply['fault']> {
  if (error instanceof KerbError) return { code: String(error.code), message: error.message, details: error.details }
  return {
    code: 'VISION_FAILED',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    details: {},
  }
}

async function serve(host: VisionHost, feeds: Map<number, FrameFeed>, id: number, request: Request): Promise<unknown> {
  switch (request.do) {
    case 'configure':
      host.configure(request.setup)
      return undefined
    case 'watch':
      return host.watch(request.frame, request.protect, request.busy)
    case 'gap':
      host.gap(request.camera)
      return undefined
    case 'belongs_here':
      host.belongsHere(request.camera, request.box)
      return undefined
    case 'snapshot':
      return host.snapshot(request.camera)
    case 'restore':
      return host.restore(request.camera, request.bytes)
    case 'look_back': {
      const feed = new FrameFeed()
      feeds.set(id, feed)
      try {
        return await host.lookBack(request.question, feed, feed.abort.signal)
      } finally {
        feed.end()
        feeds.delete(id)
      }
    }
    case 'look_back_frame':
      return feeds.get(request.of)?.push(request.frame)
    case 'look_back_abort':
      feeds.get(request.of)?.end()
      return undefined
  }
}

try {
  const host = new VisionHost(await openModels((workerData as WorkerData).models))
  const feeds = new Map<number, FrameFeed>()
  port.on('message', ({ id, request }: Numbered) => {
    serve(host, feeds, id, request).then(
      (value) => {
        const reply: Reply = { id, value }
        port.postMessage(reply)
      },
      (error: unknown) => {
        const reply: Reply = { id, fault: faultOf(error) }
        port.postMessage(reply)
      },
    )
  })
  const hello: Hello = { id: 0, digests: host.digests }
  port.postMessage(hello)
} catch (error) {
  const hello: Hello = { id: 0, fault: faultOf(error) }
  port.postMessage(hello)
}
