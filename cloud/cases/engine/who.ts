import type { Refusal } from '../../../contracts/api/index.js'
import type { Expr, Process, RoleKey, StateId, Transition } from '../process/index.js'
import type { Verdict } from './expression.js'
import type { FileView, Person } from './file-view.js'
import { refuse } from './refusals.js'

/** Roles that are no persons of the authority: separation of duties does not bind them. */
const noPersons: ReadonlySet<RoleKey> = new Set(['edge_box', 'system', 'external', 'party', 'complainant'])

export function rolesOf(step: Pick<Transition, 'by' | 'byState'>, state: StateId | null): readonly RoleKey[] {
  return (state !== null ? step.byState?.[state] : undefined) ?? step.by
}

/**
 * Whether these people may record an input: when some of the step's roles own it, one of them must be there. So each officer gives only
 * the own finding, each reviewer the own half of the audit, and only the party the own waiver.
 */
export function mayRecord(owners: readonly RoleKey[], roles: readonly RoleKey[], by: readonly Person[]): boolean {
  return !roles.some((role) => owners.includes(role)) || by.some(({ role }) => owners.includes(role))
}

/** Everything against these people taking the step: wrong role, a condition of the role, separation of duties. */
export function whoRefusals(
  process: Process,
  view: FileView,
  step: Pick<Transition, 'by' | 'byState' | 'only' | 'onlyIf'>,
  state: StateId | null,
  by: readonly Person[],
  ask: (expr: Expr) => Verdict,
): Refusal[] {
  const roles = rolesOf(step, state)
  if (by.length === 0 || by.some(({ role }) => !roles.includes(role))) return [refuse.role(roles)]
  const conditions = by.flatMap(({ role }) => {
    const condition = step.onlyIf?.[role]
    if (condition === undefined) return []
    const verdict = ask(condition)
    if (verdict.missing.length > 0) return verdict.missing.map(refuse.notRecorded)
    return verdict.holds ? [] : [refuse.only(role, step.only?.[role] ?? 'its condition holds')]
  })
  return [...conditions, ...separationRefusals(process, [...view.people, ...by], by)]
}

/**
 * Past acts count, and what the same person does in this very step. Rules of scope `system` bind the account: whoever holds the one
 * role never acts in the other.
 */
export function separationRefusals(process: Process, acts: readonly Person[], by: readonly Person[]): Refusal[] {
  return process.separation.flatMap(({ id, conflicts }) =>
    conflicts
      .flatMap(({ a, b, scope }) => [
        { did: a, wants: b, scope },
        { did: b, wants: a, scope },
      ])
      .flatMap(({ did, wants, scope }) => {
        const clash = by.some(
          (one) =>
            one.role === wants &&
            !noPersons.has(one.role) &&
            (scope === 'system'
              ? one.holds?.includes(did) === true
              : acts.some((act) => act.role === did && act.person === one.person)),
        )
        return clash ? [refuse.separation(id, did, wants)] : []
      }),
  )
}
