import type { Box, CameraId, Point } from '../../contracts/base/index.js'
import type { Calibration } from '../../contracts/homography.js'
import type { Cause } from '../../contracts/terms.js'
import type { WatchFrame } from '../capture/types.js'
import type { ObjectDetector, PlumeClassifier } from './types.js'

/** What vision must know of one camera. Plain data: it crosses to a worker thread. */
export interface CameraSetup {
  readonly camera: CameraId
  /** Size of the watch pictures. */
  readonly widthPx: number
  readonly heightPx: number
  /** Shortest dwell of any zone of the camera, for each cause that is watched there. */
  readonly dwellMs: Readonly<Partial<Record<Cause, number>>>
  readonly calibration: Calibration | null
  /** Polygons of `ignore` zones, 0..1 of the picture. */
  readonly ignore: readonly (readonly Point[])[]
  /** Pictures of the empty scene from which to learn the background before the first watch frame. */
  readonly seedFrames?: readonly WatchFrame[]
}

export interface VisionModels {
  readonly objects: ObjectDetector | null
  readonly plume: PlumeClassifier | null
}

/** Causes that need to know of things standing still. */
const staticCauses: readonly Cause[] = ['vending', 'spillage', 'grilling']

/**
 * Evidence after which a new thing counts as standing still: max(min(30 s, dwell / 2), 6 key-frame intervals)
 * (DESIGN.md §9.5), for the shortest dwell that needs it.
 */
export function staticMsFor(dwellMs: CameraSetup['dwellMs'], intervalMs: number): number {
  const dwells = staticCauses.flatMap((cause) => dwellMs[cause] ?? [])
  const wanted = dwells.length === 0 ? 30_000 : Math.min(30_000, Math.min(...dwells) / 2)
  return Math.max(wanted, 6 * intervalMs)
}

/** Learns the usual distance of key frames as the median of the last fifteen. */
export class IntervalMeter {
  #recent: number[] = []
  add(intervalMs: number): void {
    this.#recent.push(intervalMs)
    if (this.#recent.length > 15) this.#recent.shift()
  }
  get values(): readonly number[] {
    return this.#recent
  }
  restore(values: readonly number[]): void {
    this.#recent = [...values]
  }
  /** 1 s until anything is known. */
  get intervalMs(): number {
    if (this.#recent.length === 0) return 1_000
    const sorted = [...this.#recent].sort((a, b) => a - b)
    return sorted[sorted.length >> 1] as number
  }
  /** Longest distance that still counts as watched (DESIGN.md §9.5). */
  get capMs(): number {
    return Math.max(4_000, 1.5 * this.intervalMs)
  }
}

export const wholePicture: Box = [0, 0, 1, 1]
