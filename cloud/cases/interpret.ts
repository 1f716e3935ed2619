import { caseStateTerms, roleTerms, type CaseState, type Refusal, type Role } from '../../contracts/api/index.js'
import { gates, type GateFacts } from './gates.js'
import { road, type RoadAction, type RoadStep } from './road.js'

/** Who takes a step: an account with its roles, or the party through the link. */
export interface CaseActor {
  readonly name: string
  readonly roles: readonly Role[] | 'party'
}

/**
 * Every reason against a step, in the order of the road's table; empty when it may be taken. The interpreter is the only
 * door: `cloud/delivery` appends to a log only what this allowed.
 */
export function refusalsAgainst(
  action: RoadAction,
  state: CaseState | null,
  actor: CaseActor,
  facts: GateFacts,
): Refusal[] {
  const step: RoadStep | undefined = road.find((one) => one.action === action && one.from === state)
  const known: RoadStep | undefined = step ?? road.find((one) => one.action === action)
  if (known === undefined) return [wrongState(state)]
  if (!mayAct(known.role, actor)) return [notYourRole(known.role)]
  if (step === undefined) return [wrongState(state)]
  return step.gates
    .map((id) => gates[id])
    .filter((gate) => !gate.holds(facts))
    .map((gate) => ({
      code: `GATE_${gate.id.replace('-', '_').toUpperCase()}`,
      status: gate.id === 'SD3' ? (403 as const) : (422 as const),
      gate: gate.id,
      ...gate.refusal,
    }))
}

function mayAct(role: Role | 'party', actor: CaseActor): boolean {
  return role === 'party' ? actor.roles === 'party' : actor.roles !== 'party' && actor.roles.includes(role)
}

function notYourRole(role: Role | 'party'): Refusal {
  const name = role === 'party' ? { zh: '当事人', en: 'party' } : roleTerms[role]
  return {
    code: 'ROLE_WRONG',
    status: 403,
    says: { zh: `这一步由${name.zh}办理。`, en: `This step belongs to the ${name.en}.` },
    next: { zh: '请有这个角色的人办理。', en: 'Ask somebody who has that role.' },
  }
}

function wrongState(state: CaseState | null): Refusal {
  const name = state === null ? { zh: '还没有立案', en: 'not filed' } : caseStateTerms[state]
  return {
    code: 'CASE_STATE',
    status: 409,
    says: {
      zh: `案件现在是“${name.zh}”，这一步不在这里办。`,
      en: `The case is "${name.en}"; this step does not belong here.`,
    },
    next: { zh: '请看最新内容。', en: 'Look at it again.' },
  }
}
