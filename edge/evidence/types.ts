import type { CameraId, EpochMs } from '../../contracts/base/index.js'
import type { Point } from '../../contracts/base/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import type { ClockReading, CommandOutcome, ConfigFacts, Heartbeat, StillKind } from '../../contracts/records/index.js'
import type { Signer } from '../../contracts/evidence/index.js'
import type { Gap, Segment } from '../capture/types.js'
import type { Incident, IncidentChange } from '../incidents/types.js'

/** How far the incidents of one camera are committed: steps at or before it are not repeated after a restart. */
export interface Mark {
  /** Segment index in which the frame lies, or the last one known. */
  readonly index: number
  readonly mediaMs: number
  readonly wallMs: EpochMs
}

/** What an event needs beyond the incident itself. */
export interface RecordExtra {
  readonly mark: Mark
  readonly damagedFrames: number
  /** Digest of the plate object; null without one. */
  readonly plate: string | null
  /** The camera's own clock against the box's; null when not measured. */
  readonly cameraOffsetMs: number | null
  readonly cameraClock: 'rtcp' | 'onvif' | 'osd' | 'none'
}

export type HoldKind =
  'arrival' | 'confirmation' | 'actor' | 'departure' | 'act' | `recapture-${number}` | `order-${number}`
export interface HoldRow {
  readonly incident: string
  readonly kind: HoldKind
  readonly camera: CameraId
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly pinned: boolean
}

export interface IncidentRow {
  readonly incident: Incident
  /** What earlier records of this incident named already. */
  readonly listed: { readonly segments: readonly number[]; readonly stills: readonly StillKind[] }
  readonly overMs: EpochMs | null
  /** `ord` of its newest record. */
  readonly receiptedOrd: number | null
}

export interface UploadRow {
  readonly sha256: string
  readonly file: string
  readonly bytes: number
  /** 0 stills and lists, 1 held segments, 2 other. */
  readonly class: number
  readonly afterOrd: number
  readonly incident: string | null
}

export interface OutboxRecord {
  readonly ord: number
  readonly chain: string
  readonly seq: number
  /** Canonical envelope. */
  readonly env: string
}

/** What the uplink may know and do. */
export interface Outbox {
  /** Records without a receipt after `ord`, oldest first. */
  readonly pending: (afterOrd: number, countMax: number) => OutboxRecord[]
  pendingCount(): number
  /** `ord` of the record before (chain, seq), so that sending goes on there; null when unknown. */
  before(chain: string, seq: number): number | null
  /** Wakes when something was appended or acknowledged. */
  onChange(listener: () => void): () => void
  /**
   * Takes a verified receipt. `marked`: records are free. `unknown`: of a chain that this box gave up or never had.
   * `fork`: the cloud holds another record at that place; a new chain was begun.
   */
  acknowledge(receipt: ReceiptPayload): Promise<'marked' | 'unknown' | 'fork'>
  /** Objects that may go now, most urgent first. */
  uploads(countMax: number): UploadRow[]
  /** A whole and unchanged file that holds this object; null when it is gone. */
  fileOf(upload: UploadRow): string | null
  endUpload(sha256: string, how: 'done' | 'gone'): void
  /** Executed once: false when this number was used before. */
  isNewCommand(cseq: number): boolean
  sha256OfCommand(cseq: number): string | null
  lastCseq(): number
  /** Commits the number, the answer and, in the same transaction, `effects`. */
  answer(outcome: CommandOutcome, effects?: () => void): Promise<void>
  readonly signer: Signer
}

/** What commands of the cloud make the evidence station do. All are idempotent. */
export interface Orders {
  /** Segments of an incident's windows, or of a time span, are queued for upload; answers what the command's result says. */
  clip(order: FootageOrder): Promise<{ result: Record<string, string | number | string[]>; effects: () => void }>
  still(incident: string): { result: Record<string, string | number | string[]>; effects: () => void }
  hold(order: FootageOrder, cseq: number): { result: Record<string, string | number | string[]>; effects: () => void }
  /** Footage around now is held, to be asked for. */
  recapture(
    camera: CameraId,
    incident: string | null,
    cseq: number,
  ): { result: Record<string, string | number>; effects: () => void }
  /** Once a command number. */
  rotateKey(cseq: number): Promise<string>
  checkTime(): Promise<ClockReading>
}
export type FootageOrder =
  { readonly incident: string } | { readonly camera: CameraId; readonly fromMs: EpochMs; readonly toMs: EpochMs }

export interface StorageState {
  readonly freePercent: number
  /** `low`: the ring must delete its oldest files; `critical`: cameras of lowest priority stop recording (`gap disk_full`). */
  readonly level: 'ok' | 'low' | 'critical'
  /** What the ring may use now; smaller while held footage exceeds its budget. */
  readonly ringBytesMax: number
  readonly heldBytes: number
  readonly heldFull: boolean
}

export interface CameraFacts {
  readonly id: CameraId
  /** Polygons that are pixelated in every still. */
  readonly privateZones: readonly (readonly Point[])[]
}

/** The station: footage and findings in, signed and chained records out. */
export interface Evidence {
  /** The chain's state is decided and the boot record is committed. Calls made earlier wait for it. */
  readonly ready: Promise<void>
  readonly outbox: Outbox
  readonly orders: Orders
  /** Writes a `config` record; events name it from now on. */
  configure(facts: Omit<ConfigFacts, 'version' | 'modelSha256' | 'release'>): Promise<void>
  /** Commits a closed segment; it will be in the next seal. Repeats are harmless. */
  addSegment(segment: Segment): Promise<void>
  addGap(gap: Gap): Promise<void>
  /** One transaction {record, incident, mark}; for `suspected` and `refuted` without a record. Resolves when it is durable. */
  record(change: IncidentChange, extra: RecordExtra): Promise<void>
  /** Segments whose files are still there, for capture's restart. */
  known(camera: CameraId): Segment[]
  /** Highest segment index ever committed for this camera, -1 for none: numbers are never used twice. */
  lastIndex(camera: CameraId): number
  mark(camera: CameraId): Mark | null
  /** Incidents that go on, with their last state. */
  incidents(): Incident[]
  storage(): StorageState
  clock(): ClockReading
  /** Stops timers, writes what is owed, closes the file. */
  close(): Promise<void>
}

export type HealthSource = () => Pick<Heartbeat, 'cameras' | 'temperatureC'>
