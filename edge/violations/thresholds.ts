import { recordThresholds, resolveThresholds } from '../../contracts/thresholds.js'
import type { RuleOverrides, Thresholds } from '../../contracts/thresholds.js'
import type { Cause } from '../../contracts/terms.js'

// The table itself crosses borders (edge.yaml, truth files, records): contracts/thresholds.ts.
export { thresholdTable } from '../../contracts/thresholds.js'

/** Version of each rule: part of every record; raised with every change of what the rule decides. */
export const ruleVersions = {
  vending: 'vending@1.0.0',
  grilling: 'grilling@1.0.0',
  spillage: 'spillage@1.0.0',
  dust: 'dust@1.0.0',
} as const satisfies Record<Cause, string>

/** The values in force in each zone, by zone id and cause. */
export type ZoneThresholds = { readonly [C in Cause]: Thresholds<C> }

/** Layers from the least to the most particular: edge, camera, zone. */
export function zoneThresholds(layers: readonly RuleOverrides[]): ZoneThresholds {
  return {
    vending: resolveThresholds('vending', layers),
    grilling: resolveThresholds('grilling', layers),
    spillage: resolveThresholds('spillage', layers),
    dust: resolveThresholds('dust', layers),
  }
}

/** Thresholds of one cause as an incident and its record carry them. */
export function thresholdsForRecord(cause: Cause, thresholds: ZoneThresholds): Record<string, number> {
  return recordThresholds(cause, thresholds[cause])
}
