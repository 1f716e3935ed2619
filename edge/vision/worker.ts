import { parentPort, workerData } from 'node:worker_threads'
import { KerbError } from '../../contracts/base/index.js'
import { FrameFeed } from './frame-feed.js'
import { openModels, VisionHost } from './host.js'
import type { Hello, Numbered, Reply, Request, WorkerData } from './protocol.js'

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
