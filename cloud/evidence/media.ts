import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { toRfc3339, type Clock, type EpochMs, type Log } from '../../contracts/base/index.js'
import { objectBytesMax } from '../../contracts/commands/index.js'
import type { CommandResultBody } from '../../contracts/records/index.js'
import type { VerifiedRecord } from '../ingest/index.js'
import type { Database } from '../store/database.js'
import type { ClipSpanRow } from '../store/clip-spans.js'
import { mediaStore, type ClipRow } from '../store/objects-media.js'
import type { ObjectStore } from '../store/objects.js'
import { readClipList } from './clip-list.js'
import type { Commands } from './commands.js'
import { clipPartial, makeClip, type ClipFrames } from './derivative.js'
import { openSpans, type SpanWish } from './spans.js'

export interface MediaOptions {
  readonly database: Database
  readonly objects: ObjectStore
  readonly commands: Commands
  /** ffmpeg >= 5.1 */
  readonly ffmpeg: string
  /** Scratch for derivatives. */
  readonly workFolder: string
  /** A clip changed: for live pages. */
  readonly onClip?: (incident: string) => void
  readonly clock: Clock
  readonly log: Log
}

/** What the media side must know of a lead. */
export interface Footage {
  readonly incident: string
  readonly device: string
  readonly cam: string
}

export interface Media {
  /** Asks the box for the segments of the act, once; inside the caller's transaction. */
  requestClip(lead: Footage): void
  /** Asks the box for footage between the windows; inside the caller's transaction. */
  requestSpan(wish: SpanWish): void
  /** What was asked for between the windows of a clip, in order of time. */
  spansOf(incident: string): ClipSpanRow[]
  /** Keeps the whole act in the box; inside the caller's transaction. */
  hold(lead: Footage): void
  clipOf(incident: string): {
    readonly state: 'none' | ClipRow['state']
    readonly sha256: string | null
    readonly missingS: number
    readonly percent: number
  }
  /** Frame times and breaks of a derivative; null when there is none of that name. */
  frames(sha256: string): ClipFrames | null
  /** Incident to which a derivative belongs. */
  incidentOfClip(sha256: string): string | null
  hasObject(sha256: string): boolean
  /** Effect of a record, inside ingest's transaction. */
  applyRecord(record: VerifiedRecord): void
  /** An upload is there. */
  readonly onObject: (object: { readonly sha256: string; readonly bytes: number; readonly device: string }) => void
  close(): Promise<void>
}

const lookMs = 2_000
/** Footage that lies so far ahead is waited for before a derivative is made. */
const againAfterMs = 4_000
const stillPatienceMs = 5 * 60_000

export function openMedia(options: MediaOptions): Media {
  const { database, objects, commands, clock, log } = options
  const store = mediaStore(database)
  const spans = openSpans({ database, store, objects, commands, clock, log })
  const stop = new AbortController()
  let wake: AbortController | null = null
  /** Clips whose state changed inside a transaction: told at the next look, after its commit. */
  const told = new Set<string>()
  const kick = (): void => wake?.abort()
  const isStopped = (): boolean => stop.signal.aborted
  const at = (plusMs = 0): string => toRfc3339((clock.wallMs() + plusMs) as EpochMs)

  function applyResult(record: VerifiedRecord, body: CommandResultBody): void {
    const command = commands.applyResult(record.device, body, record.receivedAt)
    if (command?.name === 'recapture') recaptured(JSON.parse(command.args) as { incident?: string }, body)
    if (command?.name !== 'clip.upload') return
    const args = JSON.parse(command.args) as { incident: string } | { cam: string; from: string; to: string }
    if (!('incident' in args)) {
      for (const changed of spans.answered(record.device, args, body)) told.add(changed)
      return
    }
    const { incident } = args
    const { list, n, missing_s: missing, pending_s: pending } = body.result
    if (body.status !== 'ok' || typeof list !== 'string') {
      log.warn({ incident, result: body.result }, 'the box could not give the footage')
      return
    }
    store.listed(incident, { sha256: list, missingS: Number(missing ?? 0), count: Number(n ?? 0) })
    store.setAgain(incident, Number(pending ?? 0) > 0 ? at(Number(pending) * 1_000 + againAfterMs) : null)
  }

  /** Footage of now is held under the incident: its clip is asked for once more when it is closed. */
  function recaptured({ incident }: { incident?: string }, body: CommandResultBody): void {
    const { to } = body.result
    if (incident === undefined || body.status !== 'ok' || typeof to !== 'string') return
    if (store.clip(incident) !== null)
      store.setAgain(incident, toRfc3339((Math.max(Date.parse(to), clock.wallMs()) + againAfterMs) as EpochMs))
  }

  /** The list of a clip is there: its segments are known now. */
  async function takeList(incident: string, listSha256: string): Promise<void> {
    const segments = await readClipList(objects.file(listSha256))
    if (segments === null) log.warn({ list: listSha256 }, 'a list of segments cannot be read')
    database.transaction(() => {
      store.setSegments(incident, listSha256, segments ?? [])
    })
    options.onClip?.(incident)
  }

  async function derive(clip: ClipRow): Promise<void> {
    const target = clipPartial(options.workFolder, clip.incident)
    await mkdir(options.workFolder, { recursive: true })
    try {
      const frames = await makeClip({
        ffmpeg: options.ffmpeg,
        incident: clip.incident,
        segments: store.segments(clip.incident),
        fileOf: objects.file,
        target,
      })
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(target)) hash.update(chunk as Buffer)
      const sha256 = hash.digest('hex')
      await objects.put(sha256, createReadStream(target), objectBytesMax * 4)
      store.derived(clip.incident, { sha256, content: clip.content ?? '', frames: JSON.stringify(frames) })
      options.onClip?.(clip.incident)
    } catch (cause) {
      store.failed(clip.incident)
      log.error({ incident: clip.incident, cause: String(cause) }, 'a clip could not be made')
    } finally {
      await rm(target, { force: true })
    }
  }

  async function look(): Promise<void> {
    const now = at()
    for (const { incident, device } of store.dueAgain(now, 20))
      database.transaction(() => {
        store.setAgain(incident, null)
        commands.request(device, 'clip.upload', { incident })
      })
    for (const { incident, device } of store.missingStills(at(-stillPatienceMs), 20))
      database.transaction(() => {
        store.askedStills(incident, now)
        commands.request(device, 'still.upload', { incident })
      })
    for (const { incident, list_sha256: list } of store.untaken(20)) if (list !== null) await takeList(incident, list)
    for (const incident of await spans.takeListed()) told.add(incident)
    for (const incident of told) options.onClip?.(incident)
    told.clear()
    for (const clip of store.derivable(4)) if (!stop.signal.aborted) await derive(clip)
  }

  async function run(): Promise<void> {
    while (!isStopped()) {
      wake = new AbortController()
      await look().catch((cause: unknown) => {
        log.error({ cause: String(cause) }, 'clips could not be looked through')
      })
      if (isStopped()) return
      await clock.sleep(lookMs, wake.signal).catch(() => undefined)
    }
  }
  const running = run()

  return {
    requestClip({ incident, device, cam }) {
      if (store.wantClip(incident, device, cam, at())) commands.request(device, 'clip.upload', { incident })
    },
    requestSpan: spans.ask,
    spansOf: spans.of,
    hold({ incident, device }) {
      commands.request(device, 'ring.hold', { incident })
    },
    clipOf(incident) {
      const clip = store.clip(incident)
      if (clip === null) return { state: 'none', sha256: null, missingS: 0, percent: 0 }
      const { have, all } = store.progress(incident)
      return {
        state: clip.state,
        sha256: clip.sha256,
        missingS: clip.missing_s,
        percent: all === 0 ? 0 : Math.floor((have / all) * 100),
      }
    },
    frames(sha256) {
      const frames = store.clipBySha(sha256)?.frames
      return frames === undefined || frames === null ? null : (JSON.parse(frames) as ClipFrames)
    },
    incidentOfClip: (sha256) => store.clipBySha(sha256)?.incident ?? null,
    hasObject: store.hasObject,
    applyRecord(record) {
      const { content } = record
      if (content.kind === 'command.result') applyResult(record, content.body)
      if (content.kind !== 'event') return
      const { incident, stills, phase, to } = content.body
      for (const still of stills)
        store.addStill({
          sha256: still.sha256,
          incident,
          device: record.device,
          kind: still.kind,
          at: still.at,
          bytes: still.bytes,
          namedAt: record.receivedAt,
        })
      // The departure belongs to the clip: its window ends 30 s after the last sight.
      if (phase === 'over' && store.clip(incident) !== null)
        store.setAgain(
          incident,
          toRfc3339((Math.max(Date.parse(to) + 30_000, clock.wallMs()) + againAfterMs) as EpochMs),
        )
    },
    onObject({ sha256, bytes, device }) {
      if (store.addObject(sha256, bytes, device, at())) kick()
    },
    async close() {
      stop.abort()
      kick()
      await running
    },
  }
}

export const workFolderOf = (dataDir: string): string => join(dataDir, 'work')
