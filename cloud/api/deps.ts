import type { FastifyPluginAsync } from 'fastify'
import type { AlarmView, ClipFrames, DeviceView } from '../../contracts/api/index.js'
import type { Clock, Ids, Log } from '../../contracts/base/index.js'
import type { Accounts } from '../accounts/index.js'
import type { CaseDesk, FileDesk, Links } from '../delivery/index.js'
import type { DeviceOrders } from '../registries/index.js'
import type { Policy } from '../documents/index.js'
import type { CameraGap, Changes, LeadDesk } from '../leads/index.js'
import type { PartyCopies } from '../portal/index.js'
import type { PortalStore } from '../store/portal.js'

/** Files behind `/v1/clips`, `/v1/stills`, `/v1/originals`; `cloud/evidence` provides them. */
export interface Media {
  /** A derivative by its digest, and the incident it shows. */
  clip(sha256: string): Promise<{ readonly file: string; readonly incident: string } | null>
  clipFrames(sha256: string): Promise<ClipFrames | null>
  still(sha256: string): Promise<string | null>
  /** A segment as the camera made it, and an incident that needs it. */
  original(sha256: string): Promise<{ readonly file: string; readonly incident: string } | null>
}

/** Boxes and alarms as the technician sees them; `cloud/ingest` and its tables provide them. */
export interface Fleet {
  devices(): DeviceView[]
  /** Holes in one camera's recording that touch a span. */
  gapsOf(device: string, cam: string, fromAt: string, toAt: string): readonly CameraGap[]
  alarms(query: { open: boolean | null; cursor: string | null; limit: number }): {
    items: AlarmView[]
    next: string | null
  }
}

/** Everything that the server needs, made by `cloud/main.ts`. */
export interface AppDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** `http://127.0.0.1:8080`, without a slash at the end: origin of pages and links. */
  readonly publicUrl: string
  /** Believe `X-Forwarded-For` of a proxy in front. */
  readonly trustProxy?: boolean
  readonly policy: Policy
  readonly accounts: Accounts
  readonly leads: LeadDesk
  readonly cases: CaseDesk
  /** Files of the whole process; null in a cloud without a pack, which keeps the thin road. */
  readonly files: FileDesk | null
  readonly links: Links
  readonly views: PortalStore
  readonly changes: Changes
  readonly media: Media
  readonly fleet: Fleet
  readonly orders: DeviceOrders
  readonly partyCopies: PartyCopies
  /** Named checks; `ok`, or one sentence that says what is wrong. */
  readonly healthChecks: () => Record<string, string>
  /** More routes, encapsulated: `PUT /v1/objects`, the console's pages. */
  readonly plugins?: readonly FastifyPluginAsync[]
}
