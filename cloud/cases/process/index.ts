import { documents } from './documents.js'
import { facts } from './facts.js'
import { gates } from './gates.js'
import { inputs } from './inputs.js'
import { machines } from './machines.js'
import { portalFunctions } from './portal.js'
import { separation } from './roles.js'
import { samplers } from './samplers.js'
import { timers } from './timers.js'
import { transitions } from './transitions/index.js'
import type { Process } from './types.js'

export { checklists, commonChecklist, exceptions, noPenaltyGrounds } from './checklists.js'
export type { InputId } from './inputs.js'
export { invariantRules } from './invariants.js'
export { processRoles, type RoleKey } from './roles.js'
export type * from './types.js'

/**
 * The legal process of DOMAIN.md §5. Where it departs from the design's `process.json` 1.1.0, docs/decisions/0011 says why.
 */
export const process: Process = {
  version: '1.1.0+kw1',
  machines,
  transitions,
  gates,
  inputs,
  facts,
  timers,
  documents,
  separation,
  samplers,
  portal: portalFunctions,
}
