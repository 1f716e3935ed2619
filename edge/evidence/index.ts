export { EvidenceError } from './chain-file.js'
export { openEvidence } from './evidence.js'
export type { EvidenceOptions } from './options.js'
export type * from './types.js'
