import type { Box, CameraId, EpochMs, IncidentId } from '../../contracts/base/index.js'
import type { Ground } from '../../contracts/ground-plane.js'
import type { Cause } from '../../contracts/terms.js'
import type { ViewHealth } from '../vision/types.js'
import type { Actor, Finding, LookBackWish, Measurements, Suspicion } from '../violations/types.js'

export type IncidentState = 'suspected' | 'looking_back' | 'confirmed' | 'continuing' | 'over' | 'refuted'

/** One continuing act at one camera, zone and place, whatever the tracker or the network connection loses. */
export interface Incident {
  readonly id: IncidentId
  readonly cause: Cause
  readonly camera: CameraId
  readonly zone: string
  readonly state: IncidentState
  readonly firstMs: EpochMs
  readonly confirmedMs: EpochMs | null
  readonly lastMs: EpochMs
  readonly box: Box
  readonly confidence: number
  readonly grade: 1 | 2 | 3 | 4
  readonly measurements: Measurements
  readonly reasons: readonly string[]
  readonly actor: Actor | null
  readonly arrivedMs: EpochMs | null
  readonly reopened: boolean
  /** `vending@1.0.0` */
  readonly rule: string
  readonly thresholds: Readonly<Record<string, number>>
  readonly view: ViewHealth
}

/** What happened to an incident in one step; evidence and uplink act on these, in order. */
export type IncidentChange =
  | { readonly kind: 'suspected' | 'refuted'; readonly incident: Incident; readonly atMs: EpochMs }
  | {
      readonly kind: 'confirmed' | 'updated' | 'over' | 'reopened'
      readonly incident: Incident
      readonly atMs: EpochMs
    }

/** A look back that somebody must run and answer with a finding. */
export interface LookBackTask {
  readonly incident: IncidentId
  readonly suspicion: Suspicion
  readonly wish: LookBackWish
}

export interface LookBackResult {
  readonly task: LookBackTask
  readonly finding: Finding
  readonly atMs: EpochMs
}

/** What does not change while a camera is watched. */
export interface IncidentSetup {
  readonly camera: CameraId
  readonly ground: Ground | null
  /** Rule version and thresholds in force (violations' `ruleOf`). */
  readonly ruleOf: (
    cause: Cause,
    zone: string,
  ) => { readonly version: string; readonly thresholds: Readonly<Record<string, number>> }
  /** Whether an act of one zone can go on in another (violations' `mayGoOn`). */
  readonly mayGoOn: (cause: Cause, fromZone: string, intoZone: string) => boolean
}
