import type { Clock, Log } from '../../contracts/base/index.js'
import type { ClockReading } from '../../contracts/records/index.js'
import type { WatchCounters } from '../camera-watch.js'
import type { CameraHealth, Ffmpeg, Ring } from '../capture/index.js'
import type { CameraConfig, EdgeConfig } from '../config/index.js'
import type { StorageState } from '../evidence/index.js'

/** One camera, as far as the panel looks at it. */
export interface PanelPost {
  readonly config: CameraConfig
  readonly watch: {
    counters(): Pick<WatchCounters, 'framesSeen' | 'framesShed' | 'gaps' | 'facts' | 'lastSegment' | 'changes'>
  }
  health(): CameraHealth
}

/** What the panel may read of a running box; an `Edge` is one. */
export interface PanelState {
  readonly config: EdgeConfig
  readonly ffmpeg: Pick<Ffmpeg, 'version' | 'origin' | 'path' | 'releasedYear'>
  readonly posts: readonly PanelPost[]
  readonly evidence: { readonly outbox: { pendingCount(): number }; clock(): ClockReading; storage(): StorageState }
  readonly ring: Pick<Ring, 'usage'>
  readonly linkUp: () => boolean
}

/** What the routes need beside the box itself. */
export interface PanelDeps {
  readonly edge: PanelState
  /** `edge.yaml`, which the panel shows and replaces whole. */
  readonly file: string
  readonly clock: Clock
  readonly log: Log
  /** Ends the program so that its supervisor starts it again with the new file. */
  readonly restart: () => void
}
