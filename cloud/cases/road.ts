import type { CaseAction, CaseState, Role } from '../../contracts/api/index.js'
import type { GateId } from './gates.js'

/** A step of the road: who may take it, from where to where, and through which gates. */
export interface RoadStep {
  readonly action: 'file' | CaseAction | 'open' | 'state'
  readonly role: Role | 'party'
  readonly from: CaseState | null
  readonly to: CaseState
  readonly gates: readonly GateId[]
}

/**
 * The thin road of DESIGN.md §9.6. The opening by the party is recorded; the link is a courtesy and no service, so the case
 * stays in C6 and no period runs.
 */
export const road = [
  { action: 'file', role: 'head', from: null, to: 'C5', gates: ['G8', 'G7', 'G10', 'SD'] },
  { action: 'notice', role: 'legal_reviewer', from: 'C5', to: 'C6', gates: ['G8', 'G7', 'SD', 'G1', 'TIME', 'TEXT'] },
  { action: 'link', role: 'legal_reviewer', from: 'C6', to: 'C6', gates: ['SD'] },
  { action: 'open', role: 'party', from: 'C6', to: 'C6', gates: [] },
  { action: 'state', role: 'party', from: 'C6', to: 'C6', gates: [] },
] as const satisfies readonly RoadStep[]
export type RoadAction = (typeof road)[number]['action']
