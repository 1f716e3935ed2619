export { openIngest } from './ingest.js'
export type { Ingest, IngestCounts, IngestOptions, VerifiedRecord } from './types.js'
