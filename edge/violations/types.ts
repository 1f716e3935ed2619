import type { Box, CameraId, EpochMs } from '../../contracts/base/index.js'
import type { Cause } from '../../contracts/terms.js'
import type { ArrivalFacts, BurstFacts } from '../vision/types.js'

/** A window of footage that a rule wants to see before it judges. */
export interface LookBackWish {
  readonly kind: 'arrival' | 'burst'
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly fps: number
  /** Part of the picture to decode; null for all of it. */
  readonly region: Box | null
}

/** One rule's standing claim about one place. Emitted on every step while its score is above the look-back threshold. */
export interface Suspicion {
  /** `cause|zone|serial`: stable while the rule holds the claim. */
  readonly key: string
  readonly cause: Cause
  readonly camera: CameraId
  readonly zone: string
  readonly box: Box
  readonly sinceMs: EpochMs
  readonly lastSeenMs: EpochMs
  /** Presence gathered, unseen time excluded. */
  readonly scoreMs: number
  readonly dwellMs: number
  readonly seenMs: number
  readonly unseenMs: number
  /** 0..1, for the order of the queue. */
  readonly strength: number
  /** The condition holds in this step. */
  readonly present: boolean
  /** The score reached the dwell. */
  readonly due: boolean
  readonly lookBack: readonly LookBackWish[]
  readonly measurements: Measurements
  readonly reasons: readonly string[]
}

/** Names and units of DESIGN.md §9.4; absent means not measurable here, never 0. */
export type Measurements = Readonly<Record<string, number | string | boolean | Readonly<Record<string, number>>>>

export interface Actor {
  readonly kind: string
  readonly atMs: EpochMs
  readonly box: Box
  readonly score: number
  readonly margin: number
}

export interface Finding {
  readonly verdict: 'confirmed' | 'refuted' | 'undecided'
  /** Calibrated 0..1 for the queue. */
  readonly confidence: number
  /** 1 (low) .. 4 (high). */
  readonly grade: 1 | 2 | 3 | 4
  readonly measurements: Measurements
  readonly reasons: readonly string[]
  readonly actor: Actor | null
  readonly arrivedMs: EpochMs | null
  /** The place as the look back saw it, better than the watch frames can; null: it adds nothing. */
  readonly box: Box | null
}

/** Everything looked back at for one suspicion so far, oldest first. */
export type LookBackAnswers = readonly (ArrivalFacts | BurstFacts)[]
