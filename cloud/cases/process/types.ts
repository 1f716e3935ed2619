import type { Bilingual } from '../../../contracts/terms.js'
import type { InputId } from './inputs.js'
import type { RoleKey } from './roles.js'

/** Where a row comes from: seed document, statute (named and read), practice (a pack value), memory (unverified). */
export type Mark = 'S' | 'L' | 'P' | 'M'

export const machineIds = [
  'lead',
  'case',
  'service',
  'rectification',
  'hearing',
  'payment',
  'remedy',
  'publicity',
  'device',
] as const
export type MachineId = (typeof machineIds)[number]

export type StateId = `${'L' | 'C' | 'SV' | 'RC' | 'HR' | 'PY' | 'RM' | 'PB' | 'DV'}${number}`
export type TransitionId = `${'t' | 's' | 'sv' | 'rc' | 'hr' | 'py' | 'rm' | 'pb' | 'dv'}${number}`
export type GateId = `G${number}` | `G${number}-${string}`
export type TimerId = `T${number}`
export type DocumentId = `D${number}`
export type FactId = `EV${number}`

/** `off`: never started or stopped. `over` stays until the timer is stopped or started again. */
export type TimerPhase = 'off' | 'running' | 'paused' | 'over'
export type Value = boolean | number | string | null | readonly string[]

/** A run of a companion machine as an expression names it: the newest one, or the newest service run of one document. */
export type RunName = MachineId | `service:${DocumentId}` | 'service:{doc}'

/**
 * What a gate or guard asks. A bare name is an input that must be true. `state` is true when the newest run stands in one of
 * the states (`none`: there is no run), `doc` when the document is made at this very step. Evaluated by `expression.ts` alone.
 */
export type Expr =
  | InputId
  | readonly ['and' | 'or', ...Expr[]]
  | readonly ['not', Expr]
  | readonly ['==' | '!=' | '<' | '<=' | '>' | '>=', InputId, Value]
  | readonly ['in', InputId, readonly Value[]]
  | readonly ['has', InputId, string]
  | readonly ['state', RunName, readonly (StateId | 'none')[]]
  | readonly ['timer', TimerId, readonly TimerPhase[]]
  | readonly ['gate', GateId]
  | readonly ['doc', DocumentId]

export interface State {
  readonly id: StateId
  readonly name: Bilingual
  readonly final?: true
  readonly note?: string
}

export interface Machine {
  readonly id: MachineId
  readonly name: Bilingual
  /** One per what. */
  readonly scope: string
  readonly initial: readonly StateId[]
  readonly states: readonly State[]
  /** Where closing a case may find it. */
  readonly rest: readonly StateId[]
}

/** Something that happens only when its expression holds. */
export type When<Id extends string> = Id | { readonly id: Id; readonly when: Expr }

export interface Transition {
  readonly id: TransitionId
  readonly machine: MachineId
  /** Empty: the step makes the machine. */
  readonly from: readonly StateId[]
  readonly to: StateId
  readonly name: Bilingual
  /** Name of the API's command and of the stored event. */
  readonly command: string
  readonly event: string
  readonly by: readonly RoleKey[]
  /** `true`: each role signs its own part, the last signature fires. Otherwise one of the roles suffices. */
  readonly allSign?: true
  /** Roles by the state the step leaves, instead of `by`. */
  readonly byState?: Readonly<Partial<Record<StateId, readonly RoleKey[]>>>
  /** Under which condition a role may act, for people; `onlyIf` says what of it can be computed. */
  readonly only?: Readonly<Partial<Record<RoleKey, string>>>
  readonly onlyIf?: Readonly<Partial<Record<RoleKey, Expr>>>
  /** `timer`: the end of `timer` may fire it. `inside`: runs only as a part of the steps named in `inside`. */
  readonly trigger?: 'timer' | 'inside'
  readonly timer?: TimerId
  readonly inside?: readonly TransitionId[]
  readonly gates?: readonly GateId[]
  /** Which document's service run `{doc}` of a gate means. */
  readonly gateDoc?: Readonly<Partial<Record<GateId, DocumentId>>>
  readonly guard?: Expr
  readonly note?: string
  readonly reason?: true
  readonly documents?: readonly When<DocumentId>[]
  /** Of these, the ones that must be made at this very step: an earlier one does not do (a new notice, a new decision). */
  readonly anew?: readonly DocumentId[]
  /** Documents that the step may make and need not. */
  readonly mayMake?: readonly DocumentId[]
  readonly starts?: readonly When<TimerId>[]
  readonly stops?: readonly TimerId[]
  readonly pauses?: readonly When<TimerId>[]
  readonly resumes?: readonly TimerId[]
  readonly sets?: Readonly<Partial<Record<InputId, Value>>>
  /** Machines born with the step; `run` names the transition that makes them. */
  readonly creates?: readonly {
    readonly machine: MachineId
    readonly state: StateId
    readonly run?: TransitionId
    readonly when?: Expr
  }[]
  /** Transitions executed in the same transaction when the condition holds. */
  readonly runs?: readonly { readonly id: TransitionId; readonly when: Expr; readonly doc?: DocumentId }[]
  /** Tasks opened, for people. */
  readonly due?: readonly string[]
}

export interface Gate {
  readonly id: GateId
  readonly name: Bilingual
  /** What must be true, for people. */
  readonly predicate: string
  readonly source: string
  readonly article: Bilingual
  readonly mark: Mark
  readonly refusal: Bilingual
  readonly next: Bilingual
  readonly expr: Expr
  readonly at?: Readonly<Partial<Record<TransitionId, Expr>>>
}

export interface InputRow {
  readonly id: string
  /** `bool`, `int`, `decimal`, `time`, `date`, `list`, or the values of an enumeration joined by `|`. */
  readonly type: string
  /** `fact`: written by a step. `derived`: a pure function over stored facts, computed afresh at each evaluation. `pack`: policy. */
  readonly kind: 'fact' | 'derived' | 'pack'
  /** Where it is kept; `service` and `remedy`: with that run. */
  readonly scope: string
  readonly setBy: readonly string[]
  readonly by: readonly RoleKey[]
  readonly means?: string
  readonly initial?: Value
}

/** A thing that happens to a file and changes what gates read, without a change of state. */
export interface Fact {
  readonly id: FactId
  readonly command: string
  readonly event: string
  readonly name: Bilingual
  readonly by: readonly RoleKey[]
  readonly scope: string
  readonly states: readonly StateId[] | 'any'
  readonly guard?: Expr
  readonly documents?: readonly DocumentId[]
  readonly sets?: readonly InputId[]
  readonly stops?: readonly TimerId[]
  readonly note?: string
}

/** The legal moment from which a period counts. */
export type TimerOrigin = 'step' | 'act_end' | 'service' | 'decision'

export interface Timer {
  readonly id: TimerId
  readonly name: Bilingual
  readonly start: string
  readonly origin: TimerOrigin
  /** `run`: one per run of the machine that starts it; `file`: one per lead and case. */
  readonly scope: 'file' | 'run'
  /** For people; the numbers that a clock uses stand in `policy/` under `packKey` or, when fixed by statute, in `calendar/periods.ts`. */
  readonly length: string
  readonly calendar: string
  readonly roll: 'next_working_day' | 'no'
  readonly suspension?: string
  readonly effect: string
  readonly source: string
  readonly mark: Mark
  readonly packKey?: string
  /** Timers whose end starts this one, and the condition. */
  readonly startOnTimer?: { readonly timers: readonly TimerId[]; readonly when?: Expr }
  readonly stopOnFact?: readonly FactId[]
  /** Why nobody needs to stop it. */
  readonly endsByItself?: string
}

export interface DocumentRow {
  readonly id: DocumentId
  readonly name: Bilingual
  readonly type: string
  readonly fields: string
  readonly required: readonly string[]
  readonly numbering: string
  readonly signers: string
  /** A service run starts with its issue. */
  readonly served: boolean
}

export interface Sampler {
  readonly id: `QS${number}`
  readonly name: Bilingual
  readonly population: string
  readonly rate: string
  readonly draw: string
  readonly unit: string
  readonly output: string
  readonly mark: string
}

export interface Separation {
  readonly id: `SD${number}`
  readonly rule: string
  readonly mark: string
  readonly conflicts: readonly {
    readonly a: RoleKey
    readonly b: RoleKey
    readonly scope: 'case' | 'device' | 'pack' | 'system'
  }[]
}

export interface PortalFunction {
  readonly id: `P${number}`
  readonly name: Bilingual
  /** Steps and facts of the process that the function lets the party take. */
  readonly takes: readonly (TransitionId | FactId)[]
  /** Identity level that it asks (DOMAIN.md §6, P02). */
  readonly level: 0 | 1 | 2 | 3
}

/** The legal process as data. Changed copies (one gate less) are checked with the same functions. */
export interface Process {
  readonly version: string
  readonly machines: readonly Machine[]
  readonly transitions: readonly Transition[]
  readonly gates: readonly Gate[]
  readonly inputs: readonly (InputRow & { readonly id: InputId })[]
  readonly facts: readonly Fact[]
  readonly timers: readonly Timer[]
  readonly documents: readonly DocumentRow[]
  readonly separation: readonly Separation[]
  readonly samplers: readonly Sampler[]
  readonly portal: readonly PortalFunction[]
}
