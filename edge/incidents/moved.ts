import type { EpochMs } from '../../contracts/base/index.js'
import { distanceM } from '../../contracts/ground-plane.js'
import type { Ground } from '../../contracts/ground-plane.js'
import { isOpen, isPieceOf, isSamePlace, isWaiting } from './entry.js'
import type { Entry } from './entry.js'
import type { IncidentSetup } from './types.js'

/** A re-sight within this time at the same place continues the act. */
export const resightMs = 15 * 60_000
const movedMMax = 10

/**
 * The confirmed stall that `entry` continues: at most 10 m away, brought by the same kind of carrier, its old place empty now
 * (calibrated cameras only: without metres nothing is claimed). Undefined when there is none.
 */
export function movedFrom(
  entry: Entry,
  all: readonly Entry[],
  nowMs: EpochMs,
  ground: Ground | null,
): Entry | undefined {
  const carrier = entry.finding?.measurements['carrier']
  if (entry.incident.cause !== 'vending' || !isWaiting(entry) || !entry.due || entry.finding?.verdict !== 'confirmed')
    return undefined
  if (typeof carrier !== 'string' || carrier === 'none') return undefined
  return all.find((other) => {
    const { incident } = other
    if (other === entry || incident.cause !== 'vending' || incident.confirmedMs === null) return false
    if (nowMs - incident.lastMs > resightMs || incident.measurements['carrier'] !== carrier) return false
    const metres = distanceM(ground, entry.incident.box, incident.box)
    return metres !== null && metres <= movedMMax && !other.suspicions.some(({ present }) => present)
  })
}

/**
 * The act at the same place that `entry` is part of, now that its look back has shown where it is. Suspicions that began apart, at two
 * ends of a plume or before and after a restart, may turn out to speak of one act: it is told once. Undefined when there is none.
 */
export function partOf(
  entry: Entry,
  all: readonly Entry[],
  nowMs: EpochMs,
  { ground, mayGoOn }: Pick<IncidentSetup, 'ground' | 'mayGoOn'>,
): Entry | undefined {
  if (!isWaiting(entry) || !entry.due || entry.finding?.verdict !== 'confirmed') return undefined
  const { incident } = entry
  const box = entry.finding.box ?? incident.box
  return all.find((other) => {
    const { incident: known } = other
    if (other === entry || known.cause !== incident.cause) return false
    if (!isOpen(other) && !(known.state === 'over' && nowMs - known.lastMs <= resightMs)) return false
    if (!mayGoOn(known.cause, known.zone, incident.zone)) return false
    const said = { cause: incident.cause, sinceMs: incident.firstMs, box }
    return isSamePlace(known.box, box, ground) || isPieceOf(known, said, ground)
  })
}
