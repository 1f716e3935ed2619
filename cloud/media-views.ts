import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { BreakReason } from '../contracts/api/index.js'
import type { Media as MediaFiles } from './api/index.js'
import type { Media } from './evidence/index.js'
import type { ClipDesk, LeadDesk } from './leads/index.js'
import type { LeadRow } from './store/leads.js'
import type { mediaStore } from './store/objects-media.js'
import type { ObjectStore } from './store/objects.js'

interface Parts {
  readonly media: Media
  readonly objects: ObjectStore
  readonly clips: ReturnType<typeof mediaStore>
}

/** Holes of the recording of an incident's camera that touch a span. */
export type GapsIn = (incident: string, fromAt: string, toAt: string) => readonly { from: string; to: string }[]

/** A break that lies in a hole of the recording by more than this cannot be fetched. */
const gapShareMin = 0.8

/** Files behind the API's addresses: derivatives and stills by digest, originals with the incident that needs them. */
export function mediaFiles({ media, objects, clips }: Parts, gapsIn: GapsIn): MediaFiles {
  /** Why footage is missing between two windows. */
  function reasonOf(incident: string, from: string, to: string): BreakReason {
    const spans = media.spansOf(incident).filter((span) => span.from_at < to && span.to_at > from)
    if (spans.some(({ state }) => state === 'requested' || state === 'listed')) return 'fetching'
    if (spans.some(({ state, from_at, to_at }) => state !== 'failed' && from_at <= from && to_at >= to))
      return 'overwritten'
    const lengthMs = Date.parse(to) - Date.parse(from)
    const gapMs = gapsIn(incident, from, to).reduce(
      (sum, gap) =>
        sum +
        Math.max(0, Math.min(Date.parse(to), Date.parse(gap.to)) - Math.max(Date.parse(from), Date.parse(gap.from))),
      0,
    )
    return gapMs > lengthMs * gapShareMin ? 'gap' : 'not_fetched'
  }
  const fileOf = async (sha256: string): Promise<string | null> =>
    (await objects.size(sha256)) === null ? null : objects.file(sha256)
  return {
    async clip(sha256) {
      const incident = media.incidentOfClip(sha256)
      const file = incident === null ? null : await fileOf(sha256)
      return incident === null || file === null ? null : { file, incident }
    },
    clipFrames(sha256) {
      const frames = media.frames(sha256)
      if (frames === null) return Promise.resolve(null)
      const endMs = (frames.frames_ms.at(-1) ?? 0) + 40
      return Promise.resolve({
        frames_ms: [...frames.frames_ms],
        windows: frames.parts.map(({ at_ms, from, to }, index) => ({
          from_ms: at_ms,
          to_ms: frames.parts[index + 1]?.at_ms ?? endMs,
          from_at: from,
          to_at: to,
        })),
        breaks: frames.breaks.map(({ at_ms, from, to }) => ({
          at_ms,
          from_at: from,
          to_at: to,
          reason: reasonOf(frames.incident, from, to),
        })),
      })
    },
    still: fileOf,
    async original(sha256) {
      const incident = clips.incidentOfSegment(sha256)
      const file = incident === null ? null : await fileOf(sha256)
      return incident === null || file === null ? null : { file, incident }
    },
  }
}

/** Media as leads ask for it: a stretch between the windows belongs to the lead's own camera. */
export function clipDesk(media: Media): ClipDesk {
  return {
    requestClip: (lead) => {
      media.requestClip(lead)
    },
    requestSpan: ({ incident, device, cam }, span) => {
      media.requestSpan({ incident, device, cam, ...span })
    },
    hold: (lead) => {
      media.hold(lead)
    },
    clipOf: (incident) => media.clipOf(incident),
  }
}

/** The newest derivative of an incident as a file; null while there is none. */
export async function clipFileOf({ media, objects }: Parts, incident: string): Promise<string | null> {
  const { sha256 } = media.clipOf(incident)
  return sha256 !== null && (await objects.size(sha256)) !== null ? objects.file(sha256) : null
}

/** Recomputes the digests of what the notice rests on: stills and original segments. Null when nothing of it is here. */
export function digestCheck({ objects, clips }: Parts): (lead: LeadRow) => Promise<boolean | null> {
  return async ({ id, facts }) => {
    const digests = [...facts.stills.map(({ sha256 }) => sha256), ...clips.segments(id).map(({ sha256 }) => sha256)]
    let checked = 0
    for (const sha256 of new Set(digests)) {
      if ((await objects.size(sha256)) === null) continue
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(objects.file(sha256))) hash.update(chunk as Buffer)
      if (hash.digest('hex') !== sha256) return false
      checked += 1
    }
    return checked === 0 ? null : true
  }
}

/** A clip changed: whoever watches its lead is told. */
export function tellClip(
  leads: LeadDesk,
  publish: (change: { kind: 'lead'; id: string }) => void,
): (incident: string) => void {
  return (incident) => {
    if (leads.find(incident) !== null) publish({ kind: 'lead', id: incident })
  }
}
