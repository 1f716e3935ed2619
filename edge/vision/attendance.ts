import type { Box, Point } from '../../contracts/base/index.js'
import { distanceToBox } from './boxes.js'
import type { Geometry } from './geometry.js'

/** Who stood where at one key frame. */
export interface AttendanceEntry {
  readonly atMs: number
  /** Evidence time that this frame stands for. */
  readonly dtMs: number
  /** Parts of the picture (0..1) that the network looked at in this frame. */
  readonly looked: readonly Box[]
  /** Foot points of persons. */
  readonly feet: readonly Point[]
}

export interface Attendance {
  readonly attendedMs: number
  /** Evidence time in which the network had looked there. */
  readonly lookedMs: number
  readonly baseRatio: number
}

const hourMs = 3_600_000
const entriesMost = 7_200
const ringM = 1.5

/** Up to one hour of person foot points, and what they say about a ring around a place (DETECTION.md §6). */
export class AttendanceLog {
  #entries: AttendanceEntry[] = []

  add(entry: AttendanceEntry): void {
    this.#entries.push(entry)
    const oldest = entry.atMs - 2 * hourMs
    if (this.#entries.length > entriesMost || (this.#entries[0] as AttendanceEntry).atMs < oldest)
      this.#entries = this.#entries.slice(Math.max(1, this.#entries.length - entriesMost))
  }

  get entries(): readonly AttendanceEntry[] {
    return this.#entries
  }

  restore(entries: readonly AttendanceEntry[]): void {
    this.#entries = [...entries]
  }

  /**
   * A sighting lasts until the next look; between two sightings at most `bridgeMs` apart the person counts as there, since the
   * network loses people who sit.
   */
  around(box: Box, sinceMs: number, bridgeMs: number, geometry: Geometry | null): Attendance {
    const after = this.#share((entry) => entry.atMs >= sinceMs, box, bridgeMs, geometry)
    const before = this.#share(
      (entry) => entry.atMs < sinceMs - 1 && entry.atMs >= sinceMs - hourMs,
      box,
      bridgeMs,
      geometry,
    )
    return {
      attendedMs: after.attendedMs,
      lookedMs: after.lookedMs,
      baseRatio: before.lookedMs > 0 ? before.attendedMs / before.lookedMs : 0,
    }
  }

  #share(
    takes: (entry: AttendanceEntry) => boolean,
    box: Box,
    bridgeMs: number,
    geometry: Geometry | null,
  ): { attendedMs: number; lookedMs: number } {
    let attendedMs = 0
    let lookedMs = 0
    let openMs = 0
    let lastSeenMs = -Infinity
    let present = false
    for (const entry of this.#entries) {
      if (!takes(entry)) continue
      const looked = entry.looked.some((region) => sees(region, box))
      lookedMs += entry.dtMs
      if (looked) present = entry.feet.some((foot) => inRing(foot, box, geometry))
      if (!present) {
        openMs += entry.dtMs
        continue
      }
      if (looked) {
        if (entry.atMs - lastSeenMs <= bridgeMs) attendedMs += openMs
        openMs = 0
        lastSeenMs = entry.atMs
      }
      attendedMs += entry.dtMs
    }
    return { attendedMs, lookedMs }
  }
}

function sees(looked: Box, box: Box): boolean {
  const [cx, cy] = [box[0] + box[2] / 2, box[1] + box[3] / 2]
  return cx >= looked[0] && cx <= looked[0] + looked[2] && cy >= looked[1] && cy <= looked[1] + looked[3]
}

/** Within 1.5 m of the thing on the ground; without calibration within one and a half of its widths, measured in its own scale. */
export function inRing(foot: Point, box: Box, geometry: Geometry | null): boolean {
  const [x, y, w, h] = box
  if (geometry !== null) {
    const nearest: Point = [Math.min(x + w, Math.max(x, foot[0])), Math.min(y + h, Math.max(y + h / 2, foot[1]))]
    if (geometry.onGround(foot) && geometry.onGround(nearest)) return geometry.distanceM(foot, nearest) <= ringM
  }
  const [dx, dy] = distanceToBox(foot, box)
  // depth is foreshortened, so half the distance counts down the picture; narrow things still have people's room around them
  const reach = 1.5 * Math.max(w, 0.03)
  return dx <= reach && dy <= Math.max(0.6 * h, 0.06)
}
