import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { EpochMs, Log } from '../../contracts/base/index.js'
import type { Segment } from '../capture/types.js'
import type { Chain } from './chain.js'
import type { HoldRow, IncidentRow } from './types.js'

export interface HoldOptions {
  readonly chain: Chain
  /** `data/held` */
  readonly folder: string
  readonly heldBytesMax: number
  readonly heldDays: number
  readonly log: Log
}

/** Footage of incidents outside the ring: hard links, so that it costs nothing until the ring lets go of a file. */
export type Holds = ReturnType<typeof openHolds>

export function openHolds(options: HoldOptions) {
  const { chain, folder, log } = options
  let full = false

  const fileOf = (incident: string, camera: string, index: number): string =>
    join(folder, incident, `${camera}-${String(index).padStart(9, '0')}.mp4`)

  function link(incident: string, segment: Segment): void {
    const file = fileOf(incident, segment.camera, segment.index)
    if (!existsSync(file)) {
      if (!existsSync(segment.file)) return // the ring has let go of it: a break that pages show
      mkdirSync(join(folder, incident), { recursive: true })
      try {
        linkSync(segment.file, file)
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return
        log.warn(
          { incident, file: segment.file, cause: String(cause) },
          'cannot hold a segment: keep data on one file system',
        )
        return
      }
    }
    chain.addHeld(incident, segment)
  }

  /** Links everything that the incident's windows cover and that is still there. Safe to repeat. */
  function fill(incident: string): void {
    for (const { camera, fromMs, toMs } of chain.holdsOf(incident))
      for (const segment of chain.segmentsIn(camera, fromMs, toMs)) link(incident, segment)
  }

  function release(incident: string): void {
    rmSync(join(folder, incident), { recursive: true, force: true })
  }

  return {
    fill,
    release,
    fileOf,
    /** A segment was closed: whoever waits for that time holds it. */
    take(segment: Segment): void {
      for (const { incident } of chain.holdsAt(segment.camera, segment.fromMs, segment.toMs)) link(incident, segment)
    },
    /** Where a segment lies now: ring or held. */
    find(segment: Segment): string | null {
      if (existsSync(segment.file)) return segment.file
      for (const incident of chain.heldIncidents()) {
        const file = fileOf(incident, segment.camera, segment.index)
        if (existsSync(file)) return file
      }
      return null
    },
    /** Folders of incidents that no row knows (a crash between release and commit) go; held ones are linked again. */
    settle(): void {
      if (!existsSync(folder)) return
      for (const name of readdirSync(folder)) if (chain.holdsOf(name).length === 0) release(name)
    },
    /**
     * Ends what is due and keeps the budget: receipted and uploaded incidents go first, then those that are over, by age;
     * never one with an open command or an order of the cloud. What cannot go shrinks the ring (`full`).
     */
    tidy(nowMs: EpochMs, ackedOrd: number): { heldBytes: number; full: boolean } {
      const rows = chain.heldIncidents().flatMap((id) => chain.incident(id) ?? [])
      for (const row of rows)
        if (row.overMs !== null && row.overMs + options.heldDays * 86_400_000 < nowMs && mayGo(chain, row)) drop(row)
      // Spans that were ordered without an incident end by age too.
      for (const id of chain.heldIncidents())
        if (
          chain.incident(id) === null &&
          chain.holdsOf(id).every(({ toMs }) => toMs + options.heldDays * 86_400_000 < nowMs)
        )
          dropOf(id)
      let heldBytes = chain.heldBytes()
      if (heldBytes > options.heldBytesMax) {
        for (const row of byExpendability(chain, rows, ackedOrd)) {
          if (heldBytes <= options.heldBytesMax) break
          drop(row)
          heldBytes = chain.heldBytes()
        }
      }
      const wasFull = full
      full = heldBytes > options.heldBytesMax
      if (full && !wasFull)
        log.warn(
          { heldBytes, budget: options.heldBytesMax },
          'held footage is over its budget and none of it may go: the ring shrinks',
        )
      return { heldBytes, full }
    },
  }

  function drop(row: IncidentRow): void {
    dropOf(row.incident.id)
  }

  function dropOf(id: string): void {
    chain.transaction(() => {
      chain.dropHolds(id)
    })
    release(id)
  }
}

const isPinned = (holds: readonly HoldRow[]): boolean => holds.some((hold) => hold.pinned)

function mayGo(chain: Chain, { incident, overMs }: IncidentRow): boolean {
  return overMs !== null && !isPinned(chain.holdsOf(incident.id)) && chain.uploadsOf(incident.id) === 0
}

/** First those whose records are receipted and whose footage is in the cloud, then the others that are over; oldest first. */
function byExpendability(chain: Chain, rows: readonly IncidentRow[], ackedOrd: number): IncidentRow[] {
  const rank = (row: IncidentRow): number => {
    const receipted = row.receiptedOrd !== null && row.receiptedOrd <= ackedOrd
    const digests = chain.heldOf(row.incident.id).flatMap(({ cam, idx }) => chain.segmentAt(cam, idx)?.sha256 ?? [])
    return receipted && digests.every((digest) => chain.wasUploaded(digest)) ? 0 : 1
  }
  return rows
    .filter((row) => mayGo(chain, row))
    .map((row) => ({ row, rank: rank(row) }))
    .sort((a, b) => a.rank - b.rank || (a.row.overMs ?? 0) - (b.row.overMs ?? 0))
    .map(({ row }) => row)
}
