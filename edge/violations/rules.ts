import type { Box, CameraId, EpochMs } from '../../contracts/base/index.js'
import { shareInside } from '../../contracts/geometry.js'
import { groundOf } from '../../contracts/ground-plane.js'
import type { Ground, GroundPlane } from '../../contracts/ground-plane.js'
import { causes, zoneKindsOfCause } from '../../contracts/terms.js'
import type { Cause, ZoneKind } from '../../contracts/terms.js'
import type { RuleOverrides } from '../../contracts/thresholds.js'
import { isOpen } from '../../contracts/zones.js'
import type { Zone } from '../../contracts/zones.js'
import { ruleVersions, thresholdsForRecord, zoneThresholds } from './thresholds.js'
import type { ZoneThresholds } from './thresholds.js'

/** What the rules of one camera are made from. */
export interface RuleSetup {
  readonly camera: CameraId
  /** IANA time zone of the camera: schedules are read in it. */
  readonly tz: string
  /** Empty: the whole picture is a zone of the kind each cause needs. */
  readonly zones: readonly Zone[]
  readonly groundPlane: GroundPlane | null
  /** From the least to the most particular, the zone's own come last by themselves. */
  readonly rules: readonly RuleOverrides[]
}

export interface RuleZone {
  readonly id: string
  readonly kind: ZoneKind | 'any'
  readonly zone: Zone | null
  readonly thresholds: ZoneThresholds
}

/** Everything that the rules of one camera read besides facts. Immutable. */
export interface CameraRules {
  readonly camera: CameraId
  readonly tz: string
  readonly ground: Ground | null
  readonly zones: readonly RuleZone[]
}

const wholePicture: Zone['polygon'] = [[0, 0], [1, 0], [1, 1], [0, 1]] // prettier-ignore

/** Zone id when none is drawn. */
export const wholePictureZone = 'all'

/** @throws KerbError `CALIBRATION_REFUSED` with the reason. */
export function createRules(setup: RuleSetup): CameraRules {
  const zones: RuleZone[] = setup.zones.map((zone) => ({
    id: zone.id,
    kind: zone.kind,
    zone,
    thresholds: zoneThresholds([...setup.rules, zone.rules]),
  }))
  if (zones.length === 0)
    zones.push({ id: wholePictureZone, kind: 'any', zone: null, thresholds: zoneThresholds(setup.rules) })
  return { camera: setup.camera, tz: setup.tz, ground: groundOf(setup.groundPlane), zones }
}

/** Version and thresholds in force for a cause in a zone, as the record names them. */
export function ruleOf(
  rules: CameraRules,
  cause: Cause,
  zoneId: string,
): { version: string; thresholds: Record<string, number> } {
  const zone = zoneById(rules, zoneId)
  return { version: ruleVersions[cause], thresholds: zone ? thresholdsForRecord(cause, zone.thresholds) : {} }
}

/** Whether an act of one zone can go on in another: a veil drifts from its site over the road, but two sites are two parties. */
export function mayGoOn(rules: CameraRules, cause: Cause, fromZone: string, intoZone: string): boolean {
  if (fromZone === intoZone) return true
  const sites = [fromZone, intoZone].filter((id) => zoneById(rules, id)?.kind === 'work_site')
  return cause === 'dust' && sites.length === 1
}

export function zoneById(rules: CameraRules, zoneId: string): RuleZone | undefined {
  return rules.zones.find(({ id }) => id === zoneId)
}

/** The part of a box that decides on its zone: where it stands, not what it hides behind it. */
export function lowerHalf([x, y, w, h]: Box): Box {
  return [x, y + h / 2, w, h / 2]
}

/** The zone of this cause in force at `atMs` that holds most of `part`; null when none holds the share its threshold asks for. */
export function zoneFor(
  rules: CameraRules,
  cause: Cause,
  part: Box,
  atMs: EpochMs,
  kinds?: readonly ZoneKind[],
): RuleZone | null {
  const wanted: readonly string[] = kinds ?? zoneKindsOfCause[cause]
  let best: RuleZone | null = null
  let bestShare = 0
  for (const candidate of rules.zones) {
    if (candidate.kind !== 'any' && !wanted.includes(candidate.kind)) continue
    if (candidate.zone && !isOpen(candidate.zone.schedule, atMs, rules.tz)) continue
    const share = shareInside(part, candidate.zone?.polygon ?? wholePicture)
    if (share < candidate.thresholds[cause].zone_ratio_min || share <= bestShare) continue
    best = candidate
    bestShare = share
  }
  return best
}

/** True where an `ignore` zone in force hides at least half of the box. */
export function isIgnored(rules: CameraRules, box: Box, atMs: EpochMs): boolean {
  return coveredByKind(rules, 'ignore', box, atMs) >= 0.5
}

/** True where a permitted stall, in its hours, covers at least half of the box (DESIGN.md §9.2). */
export function isPermitted(rules: CameraRules, box: Box, atMs: EpochMs): boolean {
  return coveredByKind(rules, 'permitted_stall', box, atMs) >= 0.5
}

/** Longest share of the box that one zone of a kind in force covers. */
function coveredByKind(rules: CameraRules, kind: ZoneKind, box: Box, atMs: EpochMs): number {
  let share = 0
  for (const { zone } of rules.zones)
    if (zone?.kind === kind && isOpen(zone.schedule, atMs, rules.tz))
      share = Math.max(share, shareInside(box, zone.polygon))
  return share
}

/** Causes that some zone of this camera can lead to. */
export function activeCauses(rules: CameraRules): readonly Cause[] {
  return causes.filter((cause) => {
    const wanted: readonly string[] = zoneKindsOfCause[cause]
    return rules.zones.some(({ kind }) => kind === 'any' || wanted.includes(kind))
  })
}
