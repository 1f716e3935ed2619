import type { Clock, Log } from '../../contracts/base/index.js'
import type { Signer } from '../../contracts/evidence/index.js'
import type { ClockState, RecordContent } from '../../contracts/records/index.js'
import type { Database } from '../store/database.js'
import type { AlarmKind, RecordStore } from '../store/records.js'

/** One record that was verified and is being committed. */
export interface VerifiedRecord {
  readonly device: string
  readonly chain: string
  readonly seq: number
  /** Payload digest. */
  readonly h: string
  /** Box time. */
  readonly time: string
  readonly receivedAt: string
  readonly clock: ClockState
  readonly content: RecordContent
}

export interface IngestOptions {
  readonly database: Database
  /** Signs receipts. */
  readonly signer: Signer
  readonly publish: (topic: string, payload: string, how: { retain: boolean }) => Promise<void>
  /** Runs inside the record's transaction, once per stored record: leads, counters, jobs. Synchronous; throwing rolls the batch back. */
  readonly effects: (tx: Database, record: VerifiedRecord) => void
  /** After the commit, with what was stored: for live pages. */
  readonly committed?: (records: readonly VerifiedRecord[]) => void
  readonly onAlarm?: (alarm: { device: string; kind: AlarmKind; subject: string }) => void
  readonly clock: Clock
  readonly log: Log
}

export interface IngestCounts {
  stored: number
  duplicates: number
  refused: number
  branched: number
  holes: number
}

export interface Ingest {
  /** Takes one MQTT message. Resolves when there is room for the next one: the broker waits for it. */
  readonly onMessage: (topic: string, payload: Buffer) => Promise<void>
  /** Receipts of all open chains, signed and retained again: after a restart of this service or of the broker. */
  republish(): Promise<void>
  register(device: string, spkiBase64: string): void
  /** Devices that the configuration no longer names: their keys close, their records stay. Answers who was removed just now. */
  keepOnly(devices: readonly string[]): string[]
  /** Somebody connects under this name without being configured: an alarm when the device was ours. */
  strangerCame(device: string): void
  readonly store: RecordStore
  readonly counts: Readonly<IngestCounts>
  /** Everything taken so far is committed. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** An integrity fault that was raised just now. */
export interface RaisedAlarm {
  readonly device: string
  readonly kind: AlarmKind
  readonly subject: string
}

/** What one transaction brought. */
export interface BatchResult {
  readonly stored: VerifiedRecord[]
  /** Devices that get a receipt. */
  readonly touched: Set<string>
  readonly alarms: RaisedAlarm[]
}

/** device -> first record that is missing, and since when. */
export type Wants = Map<string, { chain: string; seq: number; sinceMono: number }>
