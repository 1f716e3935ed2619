import type { CameraId, Clock, Ids, Log } from '../../contracts/base/index.js'
import type { Chain } from './chain.js'
import type { Holds } from './holds.js'
import type { Ledger } from './ledger.js'
import type { Routine } from './routine.js'
import type { CameraFacts } from './types.js'

/** What the parts of this station share. */
export interface Core {
  readonly chain: Chain
  readonly holds: Holds
  readonly append: Ledger['append']
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly routine: Routine
  readonly ffmpeg: string | null
  readonly dataDir: string
  readonly stillFolder: string
  readonly cameras: ReadonlyMap<CameraId, CameraFacts>
  /** `kwseq` of the configuration in force. */
  readonly configSeq: () => number
  readonly models: () => Readonly<Record<string, string>>
}
