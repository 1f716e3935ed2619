import type { Cause } from '../../../contracts/terms.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import type { FileView } from '../engine/index.js'
import type { PolicyPack } from '../pack/index.js'
import type { InputId, Value } from '../process/index.js'
import type { Matter } from './matter.js'
import type { Registers } from './registers.js'

/** What was found out about the electronic objects of a file; `null`: not checked, or nothing there to check yet. */
export interface EvidenceState {
  readonly fromBox: boolean
  readonly signatures: boolean | null
  readonly digests: boolean | null
  readonly chain: boolean | null
  readonly clockErrorMs: number | null
  /** Whether the source of the time is named and in step. */
  readonly clockNamed: boolean
}

/** Another file about the same party. */
export interface OtherAct {
  readonly file: string
  readonly hasCase: boolean
  readonly outcome: string
  readonly cause: Cause | null
  readonly place: { readonly lat_deg: number; readonly lon_deg: number } | null
  readonly from: string | null
  /** Null: it goes on. */
  readonly end: string | null
}

/** All that lies outside the file. */
export interface Around {
  readonly nowMs: EpochMs
  readonly pack: PolicyPack
  readonly registers: Registers
  readonly evidence: EvidenceState
  readonly others: readonly OtherAct[]
}

/** What a derived input looks at: the file with what the step brings already in it. */
export interface Look {
  readonly view: FileView
  readonly matter: Matter
  /** Which party of the lead this file is about. */
  readonly party: number
  readonly around: Around
  /** The step in the making; empty when only looked at. */
  readonly did: string
  readonly input: (id: InputId) => Value | undefined
}

/** One function each; undefined: not known, so that a gate that asks it says so. */
export type Derive = (look: Look) => Value | undefined
export type Derivations = Readonly<Partial<Record<InputId, Derive>>>
