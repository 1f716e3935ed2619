import { caseStateTerms, roleTerms, type CaseState, type Refusal, type Role } from '../../contracts/api/index.js'
import type { EpochMs } from '../../contracts/base/index.js'
import { emptyFile, propose, type FileView } from './engine/index.js'
import { gates, inputsOfRoad, peopleOfRoad, type GateFacts } from './gates.js'
import { road, roadProcess, type RoadAction } from './road.js'

/** Who takes a step: an account with its roles, or the party through the link. */
export interface CaseActor {
  readonly name: string
  readonly roles: readonly Role[] | 'party'
}

/** Only reasons are asked here, so the moment does not matter; the log of the case has its own. */
const anyMs = 0 as EpochMs

/**
 * Every reason against a step; empty when it may be taken. Asks the one interpreter of the process, with the road as its data;
 * `cloud/delivery` appends to a log only what this allowed.
 */
export function refusalsAgainst(
  action: RoadAction,
  state: CaseState | null,
  actor: CaseActor,
  facts: GateFacts,
): Refusal[] {
  const step = road.find((one) => one.action === action)
  if (step === undefined) return [wrongState(state)]
  if (!mayAct(step.role, actor)) return [notYourRole(step.role)]
  const view = viewOf(state, facts)
  const outcome = propose(roadProcess, view, {
    do: step.id,
    by: [{ role: step.role, person: actor.name }],
    atMs: anyMs,
    version: view.version,
    derived: inputsOfRoad(facts),
  })
  if (outcome.ok) return []
  const said = outcome.refusals.map((one) => inRoadWords(one, state))
  // Two rules of separation may stand against one person; the road says it once.
  return said.filter(({ code }, index) => said.findIndex((one) => one.code === code) === index)
}

function viewOf(state: CaseState | null, facts: GateFacts): FileView {
  const run = { id: 'case/1', machine: 'case', doc: null, inputs: {}, sinceMs: anyMs } as const
  return { ...emptyFile, runs: state === null ? [] : [{ ...run, state }], people: peopleOfRoad(facts) }
}

/** The codes and sentences that the API of this release has. */
function inRoadWords(refusal: Refusal, state: CaseState | null): Refusal {
  if (refusal.code === 'FILE_STATE') return wrongState(state)
  if (refusal.code === 'SEPARATION') return { code: 'GATE_SD3', status: 403, gate: 'SD3', ...gates.SD.refusal }
  return { ...refusal, code: refusal.code.replace('-', '_').toUpperCase() }
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
