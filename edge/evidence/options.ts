import type { Clock, Ids, Log } from '../../contracts/base/index.js'
import type { ReceiptPayload } from '../../contracts/commands/index.js'
import type { CameraFacts, HealthSource } from './types.js'

export interface EvidenceOptions {
  readonly device: string
  /** Version of this program. */
  readonly app: string
  /** `data` of edge.yaml: chain, seals, held footage, stills, lists. */
  readonly dataDir: string
  /** Record key, PEM, made at first start. */
  readonly keyFile: string
  /** Head of the chain on another path; default `<dataDir>/state/head.json`. */
  readonly headFile?: string
  readonly cameras: readonly CameraFacts[]
  readonly storage: {
    readonly ringMb: number
    readonly ringDays: number
    readonly heldMb: number
    readonly heldDays: number
    readonly minFreePercent: number
    readonly reserveMb: number
  }
  /** Time servers; none: the clock says `unsynced`. */
  readonly ntp: readonly string[]
  /** Path of the binary; null for `ffmpeg` of the PATH. */
  readonly ffmpeg: string | null
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** The device's head as the cloud knows it; null when the cloud has none or does not answer. Waited for at most `receiptWaitMs`. */
  readonly receipt: (signal: AbortSignal) => Promise<ReceiptPayload | null>
  readonly receiptWaitMs?: number
  readonly health: HealthSource
}
