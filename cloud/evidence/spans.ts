import { toRfc3339, type Clock, type EpochMs, type Log } from '../../contracts/base/index.js'
import type { CommandResultBody } from '../../contracts/records/index.js'
import { clipSpanStore, type ClipSpanRow } from '../store/clip-spans.js'
import type { Database } from '../store/database.js'
import type { MediaStore } from '../store/objects-media.js'
import type { ObjectStore } from '../store/objects.js'
import { readClipList } from './clip-list.js'
import type { Commands } from './commands.js'

/** A stretch of footage of one camera that a person wants to see. */
export interface SpanWish {
  readonly incident: string
  readonly device: string
  readonly cam: string
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly by: string
}

/** A box that stays away longer has overwritten it. */
const waitMs = 24 * 3_600_000

/** Footage between the windows of a clip: asked for by a person, listed by the box, joined to the clip's segments. */
export function openSpans(deps: {
  readonly database: Database
  readonly store: MediaStore
  readonly objects: ObjectStore
  readonly commands: Commands
  readonly clock: Clock
  readonly log: Log
}) {
  const { database, store, objects, commands, clock, log } = deps
  const spans = clipSpanStore(database)
  const at = (plusMs = 0): string => toRfc3339((clock.wallMs() + plusMs) as EpochMs)
  return {
    of: (incident: string): ClipSpanRow[] => spans.of(incident),
    /** Inside the caller's transaction; the same stretch twice is one command. */
    ask({ incident, device, cam, fromMs, toMs, by }: SpanWish): void {
      const [from_at, to_at] = [toRfc3339(fromMs), toRfc3339(toMs)]
      if (spans.want({ incident, from_at, to_at, device, cam, asked_by: by, asked_at: at() }))
        commands.request(device, 'clip.upload', { cam, from: from_at, to: to_at }, { by, expiresMs: waitMs })
    },
    /** The box's answer, inside ingest's transaction. Incidents that it concerns. */
    answered(device: string, args: { cam: string; from: string; to: string }, body: CommandResultBody): string[] {
      const { list, n, missing_s: missing } = body.result
      const good = body.status === 'ok' && typeof list === 'string'
      if (!good) log.warn({ device, result: body.result }, 'the box could not give the footage between two windows')
      return spans.answered(
        { device, cam: args.cam, from_at: args.from, to_at: args.to },
        {
          state: !good ? 'failed' : Number(n ?? 0) === 0 ? 'gone' : 'listed',
          listSha256: good ? list : null,
          missingS: Number(missing ?? 0),
        },
      )
    },
    /** Lists that arrived: their segments join the clips. Incidents that changed. */
    async takeListed(): Promise<string[]> {
      for (const span of spans.lapsed(at(-waitMs))) spans.fail(span)
      const changed: string[] = []
      for (const span of spans.untaken(20)) {
        const segments = await readClipList(objects.file(span.list_sha256 ?? ''))
        if (segments === null) log.warn({ list: span.list_sha256 }, 'a list of segments cannot be read')
        database.transaction(() => {
          if (segments === null) spans.fail(span)
          else {
            store.addSegments(span.incident, span.list_sha256 ?? '', segments)
            spans.taken(span)
          }
        })
        changed.push(span.incident)
      }
      return changed
    },
  }
}
export type Spans = ReturnType<typeof openSpans>
