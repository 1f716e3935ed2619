export { restoreIncidents } from './restore.js'
export { initialIncidents, stepIncidents } from './step.js'
export type { IncidentInput, IncidentSetup, IncidentsState } from './step.js'
export type * from './types.js'
