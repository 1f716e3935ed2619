import { Worker } from 'node:worker_threads'
import type { Box, CameraId, Log } from '../../contracts/base/index.js'
import { KerbError } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import type { ModelDigests, ModelFolders } from './host.js'
import type { Hello, Numbered, Reply, Request, WorkerData } from './protocol.js'
import type { CameraSetup } from './setup.js'
import type { Facts, LookBackFacts, LookBackQuestion } from './types.js'

/** More watch frames than this waiting on one thread: the whole-picture look of the network is left out. */
const busyWaiting = 2
/** Under load, one step of a look back is let through after this many watch frames. */
const watchRun = 3

interface Call {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

interface WaitingFrame {
  readonly frame: WatchFrame
  readonly protect: readonly Box[]
  readonly resolve: (facts: Facts | null) => void
  readonly reject: (error: unknown) => void
}

/** One worker thread and the order of work on it: watch frames first, one slot per camera, the newest wins. */
export class VisionThread {
  readonly #models: ModelFolders
  readonly #log: Log
  #worker: Worker
  #calls = new Map<number, Call>()
  #next = 1
  readonly #waiting = new Map<CameraId, WaitingFrame>()
  /** Steps of look backs that wait; the most urgent look back goes first, so that two at once do not both come late. */
  readonly #lookBacks: { readonly dueMs: number; readonly of: number; readonly go: () => void }[] = []
  #inFlight = false
  #runLength = 0
  readonly #setups = new Map<CameraId, CameraSetup>()
  #closed = false
  #ready: Promise<ModelDigests>

  constructor(models: ModelFolders, log: Log) {
    this.#models = models
    this.#log = log
    const { worker, ready } = this.#start()
    this.#worker = worker
    this.#ready = ready
  }

  /** @throws KerbError when a model cannot be opened. */
  get ready(): Promise<ModelDigests> {
    return this.#ready
  }

  #start(): { worker: Worker; ready: Promise<ModelDigests> } {
    const data: WorkerData = { models: this.#models }
    const worker = new Worker(entryOf(import.meta.url), { workerData: data, execArgv: [] })
    const ready = new Promise<ModelDigests>((resolve, reject) => {
      worker.on('message', (reply: Reply | Hello) => {
        if (reply.id !== 0) this.#answer(reply as Reply)
        else if (reply.fault !== undefined) reject(errorOf(reply.fault))
        else resolve((reply as Hello).digests ?? {})
      })
      worker.on('error', (error) => {
        reject(error)
        if (this.#worker === worker) this.#lost(error)
      })
      worker.on('exit', (code) => {
        reject(new KerbError('VISION_WORKER_DIED', `the vision thread ended with code ${code}`, { code }))
        if (this.#worker === worker) this.#lost(new Error(`ended with code ${code}`))
      })
    })
    ready.catch(() => undefined)
    return { worker, ready }
  }

  /** A thread that dies takes its memory of the cameras along; the next one starts them afresh. */
  #lost(error: Error): void {
    if (this.#closed) return
    this.#log.error(
      { err: error.message },
      'the vision thread died and is started again; its cameras learn their background anew',
    )
    const died = new KerbError('VISION_WORKER_DIED', `the vision thread died: ${error.message}`, {})
    const { worker, ready } = this.#start()
    this.#worker = worker
    this.#ready = ready
    const calls = [...this.#calls.values()]
    this.#calls = new Map()
    for (const setup of this.#setups.values()) this.#ask({ do: 'configure', setup }).catch(() => undefined)
    for (const call of calls) call.reject(died)
  }

  #answer({ id, value, fault }: Reply): void {
    const call = this.#calls.get(id)
    if (call === undefined) return
    this.#calls.delete(id)
    if (fault === undefined) call.resolve(value)
    else call.reject(errorOf(fault))
  }

  #ask(request: Request, id = this.#next++): Promise<unknown> {
    if (this.#closed) return Promise.reject(new KerbError('VISION_CLOSED', 'vision has been closed', {}))
    const frame = 'frame' in request ? request.frame : null
    const message: Numbered = { id, request }
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject })
      this.#worker.postMessage(message, frame === null ? [] : [frame.rgb.buffer as ArrayBuffer])
    })
  }

  async configure(setup: CameraSetup): Promise<void> {
    const { seedFrames: _, ...kept } = setup
    this.#setups.set(setup.camera, kept)
    await this.#ask({ do: 'configure', setup })
  }

  watch(frame: WatchFrame, protect: readonly Box[]): Promise<Facts | null> {
    return new Promise((resolve, reject) => {
      this.#waiting.get(frame.camera)?.resolve(null)
      // keeps its place in the order: a camera with fast key frames does not push others back
      this.#waiting.set(frame.camera, { frame: whole(frame), protect, resolve, reject })
      this.#pump()
    })
  }

  #pump(): void {
    if (this.#inFlight) return
    const next = this.#waiting.entries().next()
    const lookBack = this.#lookBacks.length > 0 && (next.done === true || this.#runLength >= watchRun)
    if (lookBack) {
      this.#runLength = 0
      this.#lookBacks
        .sort((a, b) => a.dueMs - b.dueMs || a.of - b.of)
        .shift()
        ?.go()
      return
    }
    if (next.done === true) return
    const [camera, { frame, protect, resolve, reject }] = next.value
    this.#waiting.delete(camera)
    this.#inFlight = true
    this.#runLength++
    const done = () => {
      this.#inFlight = false
      this.#pump()
    }
    this.#ask({ do: 'watch', frame, protect, busy: this.#waiting.size >= busyWaiting })
      .then((facts) => {
        resolve(facts as Facts)
      }, reject)
      .finally(done)
  }

  /** Waits until no watch frame is in the way, or its turn under load has come. */
  #turn(of: number, dueMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#lookBacks.push({ dueMs, of, go: resolve })
      this.#pump()
    })
  }

  async lookBack(
    question: LookBackQuestion,
    frames: AsyncIterable<WatchFrame>,
    signal: AbortSignal,
  ): Promise<LookBackFacts> {
    signal.throwIfAborted()
    const id = this.#next++
    const answer = this.#ask({ do: 'look_back', question }, id)
    const ended = new AbortController()
    const stop = () => {
      ended.abort(signal.reason)
      this.#ask({ do: 'look_back_abort', of: id, reason: String(signal.reason) }).catch(() => undefined)
    }
    signal.addEventListener('abort', stop, { once: true })
    const feeding = this.#feed(id, question.dueMs, frames, ended.signal)
    try {
      feeding.catch(stop)
      const facts = (await answer) as LookBackFacts
      signal.throwIfAborted()
      await feeding
      return facts
    } catch (error) {
      signal.throwIfAborted()
      // the source's own fault says more than that the thread got no frames
      await feeding
      throw error
    } finally {
      ended.abort()
      signal.removeEventListener('abort', stop)
    }
  }

  async #feed(id: number, dueMs: number, frames: AsyncIterable<WatchFrame>, ended: AbortSignal): Promise<void> {
    const source = frames[Symbol.asyncIterator]()
    const take = (): Promise<IteratorResult<WatchFrame>> => {
      const taken = source.next()
      taken.catch(() => undefined) // awaited below, after the frame before it
      return taken
    }
    try {
      // the decoder makes the next frame while the thread works on this one
      for (let next = take(), one = await next; one.done !== true; one = await next) {
        if (ended.aborted) return
        next = take()
        await this.#turn(id, dueMs)
        await this.#ask({ do: 'look_back_frame', of: id, frame: whole(one.value) })
        this.#pump()
      }
    } finally {
      await source.return?.()
    }
    await this.#ask({ do: 'look_back_frame', of: id, frame: null })
  }

  /** Everything that is a single question. */
  ask(
    request: Exclude<Request, { do: 'watch' | 'look_back' | 'look_back_frame' | 'look_back_abort' | 'configure' }>,
  ): Promise<unknown> {
    return this.#ask(request)
  }

  async close(): Promise<void> {
    this.#closed = true
    const closed = new KerbError('VISION_CLOSED', 'vision has been closed', {})
    for (const { resolve } of this.#waiting.values()) resolve(null)
    for (const { go } of this.#lookBacks) go()
    for (const { reject } of this.#calls.values()) reject(closed)
    await this.#worker.terminate()
  }
}

/**
 * Built, the thread is plain JavaScript. From source it must load TypeScript by itself: Node 20 does not carry a loader given with
 * `--import` over to worker threads.
 */
function entryOf(here: string): URL {
  if (!here.endsWith('.ts')) return new URL('./worker.js', here)
  const entry = new URL('./worker.ts', here).href
  const loader = import.meta.resolve('tsx/esm/api')
  const code = `import { register } from ${JSON.stringify(loader)}; register(); await import(${JSON.stringify(entry)})`
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`)
}

/** A view into a larger buffer would take its neighbours along when transferred. */
function whole(frame: WatchFrame): WatchFrame {
  const { rgb } = frame
  return rgb.byteLength === rgb.buffer.byteLength ? frame : { ...frame, rgb: rgb.slice() }
}

function errorOf({ code, message, details }: NonNullable<Reply['fault']>): KerbError {
  return new KerbError(code, message, details)
}
