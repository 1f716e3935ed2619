import type { Clock, Log } from '../../contracts/base/index.js'
import type { Outbox, UploadRow } from '../evidence/types.js'
import { backOff } from './back-off.js'
import type { Link } from './link.js'
import { putObject, type PutDeps } from './put.js'

/** More records than this waiting: objects wait too. Records go first. */
const recordsFirst = 64
const idleMs = 1_000

/** Brings objects up, one at a time, most urgent first, until they are there. Memory does not grow with what waits. */
export function openUploads(deps: {
  readonly outbox: Outbox
  readonly link: Link
  readonly put: PutDeps
  readonly clock: Clock
  readonly log: Log
}) {
  const { outbox, clock, log } = deps
  const stop = new AbortController()
  const waits = backOff(1_000, 60_000)
  let wake: AbortController | null = null
  const isStopped = (): boolean => stop.signal.aborted

  async function one(upload: UploadRow): Promise<void> {
    const file = outbox.fileOf(upload)
    if (file === null) {
      log.warn({ sha256: upload.sha256 }, 'an object to upload is gone: the ring has overwritten it')
      outbox.endUpload(upload.sha256, 'gone')
      return
    }
    const status = await putObject({ sha256: upload.sha256, bytes: upload.bytes, file }, deps.put, stop.signal)
    if (status === 200 || status === 201) {
      outbox.endUpload(upload.sha256, 'done')
      waits.reset()
      return
    }
    if (status === 413 || status === 422) {
      log.error({ sha256: upload.sha256, file, status }, 'an object was refused: its file is not what was recorded')
      outbox.endUpload(upload.sha256, 'gone')
      return
    }
    throw new Error(`the cloud answered ${status}`)
  }

  async function pause(ms: number): Promise<void> {
    wake = new AbortController()
    await clock.sleep(ms, wake.signal).catch(() => undefined)
    wake = null
  }

  async function run(): Promise<void> {
    let told = false
    while (!isStopped()) {
      const busy = deps.link.isUp() && outbox.pendingCount() > recordsFirst
      const [next] = busy ? [] : outbox.uploads(1)
      if (next === undefined) {
        await pause(idleMs)
        continue
      }
      try {
        await one(next)
        told = false
      } catch (cause) {
        if (isStopped()) return
        if (!told) log.warn({ cause: String(cause) }, 'an object could not be uploaded; trying on')
        told = true
        await clock.sleep(waits.next(), stop.signal).catch(() => undefined)
      }
    }
  }
  const running = run()
  const forget = outbox.onChange(() => wake?.abort())
  return {
    async close(): Promise<void> {
      forget()
      stop.abort()
      wake?.abort()
      await running
    },
  }
}
