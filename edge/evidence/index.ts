export { EvidenceError, openEvidence, type EvidenceOptions } from './evidence.js'
export type * from './types.js'
