import { reasoned, RefusedError, type Role } from '../../contracts/api/index.js'
import { newestRun, refuse, rolesOf, type Person } from '../cases/engine/index.js'
import type { EvidenceState } from '../cases/derived/index.js'
import { process as law, processRoles, type FactId, type RoleKey, type TransitionId } from '../cases/process/index.js'
import type { Actor } from '../leads/index.js'
import type { FileBook, FileDeskDeps, OpenFile, StepWish } from './file-book.js'
import { noCaseRole, refusedWith } from './file-refusals.js'
import { ownFactsOf, ownPapers, ownSteps } from './file-system.js'

const system: Person = { role: 'system', person: 'system' }
/** A chain of steps of the system after one act is short; more would be a circle. */
const ownStepsMax = 12

/** Steps inside a transaction of the caller: one somebody wants, and those of the system. */
export function fileSteps({ clock, ids }: FileDeskDeps, { store, read, judge, append, lookAt }: FileBook) {
  /** The step as the interpreter wants it: with what the system itself knows. */
  function completed(file: OpenFile, wish: StepWish, by: readonly Person[], evidence: EvidenceState): StepWish {
    return { ...wish, set: { ...wish.set, ...ownFactsOf(wish.do, lookAt(file, wish, by, evidence)) } }
  }

  function enter(file: OpenFile, wish: StepWish, by: readonly Person[], evidence: EvidenceState): OpenFile {
    const whole = completed(file, wish, by, evidence)
    const outcome = judge(file, whole, by, evidence)
    if (!outcome.ok) throw refusedWith(wish.do, outcome.refusals, file)
    return append(file, outcome.entry, whole)
  }

  /** A step of the system; null when it is not its time. */
  function tryOwn(file: OpenFile, step: TransitionId | FactId, evidence: EvidenceState, extra: Partial<StepWish> = {}) {
    const wish = { ...bare(file, step), documents: ownPapers(step, clock.wallMs()), ...extra }
    const whole = completed(file, wish, [system], evidence)
    const outcome = judge(file, whole, [system], evidence)
    return outcome.ok ? append(file, outcome.entry, whole) : null
  }

  /** What the system notes now: intake, service, correction; each at most once in a row. */
  function settled(file: OpenFile, evidence: EvidenceState): OpenFile {
    let now = file
    for (let turn = 0; turn < ownStepsMax; turn++) {
      const next = ownSteps.reduce<OpenFile | null>((done, step) => done ?? tryOwn(now, step, evidence), null)
      const after = next ?? noteFactsNotice(now, evidence)
      if (after === null) return now
      now = after
    }
    return now
  }

  /** EV09: the notice of recorded facts was served, so its period stops. */
  function noteFactsNotice(file: OpenFile, evidence: EvidenceState): OpenFile | null {
    const served = newestRun(file.view, 'service:D12')?.state === 'SV5'
    if (!served || file.view.timers['T06']?.phase !== 'running') return null
    const receipt = store.papers(file.id).findLast(({ id }) => id === 'D30')
    const documents = receipt === undefined ? [] : [{ id: 'D30' as const, fields: receipt.fields }]
    return tryOwn(file, 'EV09', evidence, { documents })
  }

  /** A filing with several parties: each further one gets its own file, with the log up to here and a gate report of its own. */
  function split(before: OpenFile, wish: StepWish, by: readonly Person[], evidence: EvidenceState): string[] {
    if (wish.do !== 't16') return []
    return before.matter.parties.slice(1).map((_, index) => {
      const id = ids.uuidv7(clock.wallMs())
      let file: OpenFile = { ...read(id), origin: before.origin, party: index + 1, openedAt: before.openedAt }
      const papers = store.papers(before.id)
      for (const entry of before.log)
        file = append(file, entry, {
          particulars: entry.particulars,
          documents: entry.papers.map(({ id: paper, sha256 }) => ({
            id: paper,
            fields: papers.find((one) => one.seq === entry.seq && one.sha256 === sha256)?.fields ?? {},
          })),
        })
      enter(file, wish, by, evidence)
      return id
    })
  }

  return { completed, enter, tryOwn, settled, split }
}
export type FileSteps = ReturnType<typeof fileSteps>

const bare = (file: OpenFile, step: TransitionId | FactId): StepWish => ({
  do: step,
  version: file.view.version,
  set: {},
  documents: [],
  particulars: {},
})

const caseRoles: ReadonlySet<string> = new Set(processRoles.map(({ key }) => key))

/** An account's roles that the process knows; `wall` is none. */
export function personsOf({ name, roles }: Actor): Person[] {
  const held = roles.filter((role): role is Exclude<Role, 'wall'> => caseRoles.has(role))
  return held.map((role) => ({ role, person: name, holds: held }))
}

/**
 * The one role in which somebody acts: the one they name, else the first of theirs that the step takes and nobody signed yet.
 * @throws RefusedError `ROLE_WRONG` for a role that is not theirs
 */
export function personFor(actor: Actor, role: RoleKey | null, { view }: OpenFile, wish: StepWish): Person {
  const all = personsOf(actor)
  const step = [...law.transitions, ...law.facts].find(({ id }) => id === wish.do)
  const machine = step !== undefined && 'machine' in step ? step.machine : null
  const state = machine === null ? null : (newestRun(view, machine)?.state ?? null)
  const roles: readonly RoleKey[] = step === undefined ? [] : rolesOf(step, state)
  const signed = view.signed.filter((one) => one.step === wish.do).map((one) => one.role)
  if (role !== null && all.every((one) => one.role !== role))
    throw new RefusedError(reasoned(refuse.role([role]), 'role'))
  const fits = all.filter((one) => (role === null ? roles.includes(one.role) : one.role === role))
  const found = fits.find((one) => !signed.includes(one.role)) ?? fits[0] ?? all[0]
  if (found === undefined) throw new RefusedError(reasoned(noCaseRole, 'role'))
  return found
}
