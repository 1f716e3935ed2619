import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Media as MediaFiles } from './api/index.js'
import type { Media } from './evidence/index.js'
import type { LeadDesk } from './leads/index.js'
import type { LeadRow } from './store/leads.js'
import type { mediaStore } from './store/objects-media.js'
import type { ObjectStore } from './store/objects.js'

interface Parts {
  readonly media: Media
  readonly objects: ObjectStore
  readonly clips: ReturnType<typeof mediaStore>
}

/** Files behind the API's addresses: derivatives and stills by digest, originals with the incident that needs them. */
export function mediaFiles({ media, objects, clips }: Parts): MediaFiles {
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
          reason: 'not_fetched',
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
