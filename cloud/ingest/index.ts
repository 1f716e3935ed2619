export { openIngest, type Ingest, type IngestCounts, type IngestOptions, type VerifiedRecord } from './ingest.js'
