import type { Box, CameraId } from '../../contracts/base/index.js'
import type { WatchFrame } from '../capture/types.js'
import type { ModelDigests, ModelFolders } from './host.js'
import type { CameraSetup } from './setup.js'
import type { LookBackQuestion } from './types.js'

/** What main asks a worker. Each is answered by one `Reply` with the same number. */
export type Request =
  | { readonly do: 'configure'; readonly setup: CameraSetup }
  | { readonly do: 'watch'; readonly frame: WatchFrame; readonly protect: readonly Box[]; readonly busy: boolean }
  | { readonly do: 'gap'; readonly camera: CameraId }
  | { readonly do: 'belongs_here'; readonly camera: CameraId; readonly box: Box }
  | { readonly do: 'snapshot'; readonly camera: CameraId }
  | { readonly do: 'restore'; readonly camera: CameraId; readonly bytes: Uint8Array }
  | { readonly do: 'look_back'; readonly question: LookBackQuestion }
  /** A frame of the look back `of`; null: there are no more. Answered when the next one is wanted. */
  | { readonly do: 'look_back_frame'; readonly of: number; readonly frame: WatchFrame | null }
  | { readonly do: 'look_back_abort'; readonly of: number; readonly reason: string }

export interface Numbered {
  readonly id: number
  readonly request: Request
}

export interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly fault?: {
    readonly code: string
    readonly message: string
    readonly details: Readonly<Record<string, unknown>>
  }
}

/** First message of a worker: its models, or why they could not be opened. */
export interface Hello {
  readonly id: 0
  readonly digests?: ModelDigests
  readonly fault?: Reply['fault']
}

export interface WorkerData {
  readonly models: ModelFolders
}
