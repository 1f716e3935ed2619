import type { Expr, Process, StateId, Transition, TransitionId } from '../process/index.js'
import { processRoles } from '../process/index.js'
import { inputsOf, partsOf } from '../engine/index.js'
import { judging } from '../engine/log-invariants.js'
import { reachesFinal, statesReached } from './reach.js'

/** Something wrong with the process as data: which row, and what. */
export interface ModelFault {
  readonly row: string
  readonly what: string
}

/**
 * Every fault that can be seen in the data itself: names that lead nowhere, states out of reach or without a way out, roads
 * around the gates, gates without source or sentence, separation that no staff can fulfil. Empty for a sound process.
 */
export function checkProcess(process: Process): ModelFault[] {
  return [
    ...nameFaults(process),
    ...expressionFaults(process),
    ...inputFaults(process),
    ...roadFaults(process),
    ...gateFaults(process),
    ...separationFaults(process),
    ...portalFaults(process),
    ...timerFaults(process),
  ]
}

const present = <T>(list: readonly (T | undefined)[]): T[] => list.filter((one) => one !== undefined)
const idOf = (one: string | { readonly id: string }): string => (typeof one === 'string' ? one : one.id)

function nameFaults(process: Process): ModelFault[] {
  const faults: ModelFault[] = []
  const say = (row: string, what: string): void => void faults.push({ row, what })
  const known = (list: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(list.map(({ id }) => id))
  const gates = known(process.gates)
  const timers = known(process.timers)
  const documents = known(process.documents)
  const steps = known(process.transitions)
  const inputs = known(process.inputs)
  const roles: ReadonlySet<string> = new Set(processRoles.map(({ key }) => key))
  for (const list of [
    process.transitions,
    process.gates,
    process.inputs,
    process.facts,
    process.timers,
    process.documents,
  ])
    for (const [index, { id }] of list.entries())
      if (list.findIndex((one) => one.id === id) !== index) say(id, 'stands there twice')
  for (const step of process.transitions) {
    const machine = process.machines.find(({ id }) => id === step.machine)
    const states: ReadonlySet<string> = new Set(machine?.states.map(({ id }) => id))
    for (const state of [...step.from, step.to, ...Object.keys(step.byState ?? {})])
      if (!states.has(state)) say(step.id, `${state} is no state of ${step.machine}`)
    for (const state of step.from)
      if (step.byState !== undefined && step.byState[state] === undefined)
        say(step.id, `nobody may take it from ${state}`)
    for (const role of [
      ...step.by,
      ...present(Object.values(step.byState ?? {})).flat(),
      ...Object.keys(step.only ?? {}),
    ])
      if (!roles.has(role)) say(step.id, `${role} is no role`)
    for (const id of step.gates ?? []) if (!gates.has(id)) say(step.id, `there is no gate ${id}`)
    for (const one of [
      ...(step.starts ?? []),
      ...(step.stops ?? []),
      ...(step.pauses ?? []),
      ...(step.resumes ?? []),
      ...(step.timer === undefined ? [] : [step.timer]),
    ])
      if (!timers.has(idOf(one))) say(step.id, `there is no timer ${idOf(one)}`)
    for (const one of [
      ...(step.documents ?? []),
      ...(step.mayMake ?? []),
      ...(step.anew ?? []),
      ...present(Object.values(step.gateDoc ?? {})),
    ])
      if (!documents.has(idOf(one))) say(step.id, `there is no document ${idOf(one)}`)
    for (const id of step.anew ?? [])
      if (!(step.documents ?? []).some((one) => idOf(one) === id)) say(step.id, `${id} is made anew but not asked`)
    for (const id of [
      ...(step.inside ?? []),
      ...(step.runs ?? []).map((one) => one.id),
      ...(step.creates ?? []).flatMap(({ run }) => run ?? []),
    ])
      if (!steps.has(id)) say(step.id, `there is no step ${id}`)
    for (const id of Object.keys(step.sets ?? {})) if (!inputs.has(id)) say(step.id, `there is no input ${id}`)
    if ((step.trigger === 'timer') !== (step.timer !== undefined))
      say(step.id, 'a timer step names its timer, no other does')
    if (step.by.length === 0) say(step.id, 'nobody may take it')
  }
  for (const fact of process.facts) {
    for (const id of fact.documents ?? []) if (!documents.has(id)) say(fact.id, `there is no document ${id}`)
    for (const id of fact.stops ?? []) if (!timers.has(id)) say(fact.id, `there is no timer ${id}`)
    for (const id of fact.sets ?? []) if (!inputs.has(id)) say(fact.id, `there is no input ${id}`)
    for (const role of fact.by) if (!roles.has(role)) say(fact.id, `${role} is no role`)
  }
  return faults
}

/** Every expression of the process with the row where it stands. */
export function expressionsOf(process: Process): { readonly row: string; readonly expr: Expr }[] {
  return [
    ...process.gates.flatMap(({ id, expr, at }) => [
      { row: id, expr },
      ...Object.entries(at ?? {}).flatMap(([step, one]) =>
        one === undefined ? [] : [{ row: `${id} at ${step}`, expr: one }],
      ),
    ]),
    ...process.transitions.flatMap((step) =>
      present([
        step.guard,
        ...Object.values(step.onlyIf ?? {}),
        ...[...(step.documents ?? []), ...(step.starts ?? []), ...(step.pauses ?? [])].map((one) =>
          typeof one === 'string' ? undefined : one.when,
        ),
        ...(step.creates ?? []).map(({ when }) => when),
        ...(step.runs ?? []).map(({ when }) => when),
      ]).map((expr) => ({ row: step.id, expr })),
    ),
    ...process.facts.flatMap(({ id, guard }) => (guard === undefined ? [] : [{ row: id, expr: guard }])),
    ...process.timers.flatMap(({ id, startOnTimer }) =>
      startOnTimer?.when === undefined ? [] : [{ row: id, expr: startOnTimer.when }],
    ),
  ]
}

function expressionFaults(process: Process): ModelFault[] {
  const states: ReadonlySet<string> = new Set([
    'none',
    ...process.machines.flatMap((one) => one.states.map(({ id }) => id)),
  ])
  const has = (list: readonly { readonly id: string }[], id: string): boolean => list.some((one) => one.id === id)
  return expressionsOf(process).flatMap(({ row, expr }) =>
    partsOf(expr).flatMap((part): ModelFault[] => {
      const fault = (what: string): ModelFault[] => [{ row, what }]
      if (typeof part === 'string') return has(process.inputs, part) ? [] : fault(`there is no input ${part}`)
      switch (part[0]) {
        case 'state': {
          const [machine, doc] = part[1].split(':')
          const bad = part[2].filter((state) => !states.has(state))
          if (!has(process.machines, machine ?? '')) return fault(`there is no machine ${part[1]}`)
          if (doc !== undefined && doc !== '{doc}' && !has(process.documents, doc))
            return fault(`there is no document ${doc}`)
          return bad.length > 0 ? fault(`there is no state ${bad.join(', ')}`) : []
        }
        case 'timer':
          return has(process.timers, part[1]) ? [] : fault(`there is no timer ${part[1]}`)
        case 'doc':
          return has(process.documents, part[1]) ? [] : fault(`there is no document ${part[1]}`)
        case 'gate': {
          const inner = process.gates.find(({ id }) => id === part[1])
          if (inner === undefined) return fault(`there is no gate ${part[1]}`)
          return partsOf(inner.expr).some((one) => Array.isArray(one) && one[0] === 'gate')
            ? fault('gates nest deeper than one')
            : []
        }
        case 'and':
        case 'or':
        case 'not':
          return []
        default: {
          const input = process.inputs.find(({ id }) => id === part[1])
          if (input === undefined) return fault(`there is no input ${part[1]}`)
          const literals = part[0] === 'in' ? part[2] : [part[2]]
          const odd = input.type.includes('|')
            ? literals.filter((one) => !input.type.split('|').includes(String(one)))
            : []
          return odd.length > 0 ? fault(`${part[1]} is never ${odd.join(', ')}`) : []
        }
      }
    }),
  )
}

/** An input that is asked and that nobody can write would refuse its step for ever. */
function inputFaults(process: Process): ModelFault[] {
  const writers: ReadonlySet<string> = new Set([
    'pack',
    ...process.transitions.map(({ id }) => id),
    ...process.facts.map(({ id }) => id),
  ])
  const gateOf = (id: string): Expr => process.gates.find((one) => one.id === id)?.expr ?? ['and']
  const asked = new Set(expressionsOf(process).flatMap(({ expr }) => inputsOf(expr, gateOf)))
  return process.inputs.flatMap(({ id, setBy, kind }) => {
    const unknown = setBy.filter((one) => !writers.has(one))
    const faults = unknown.map((one) => ({ row: id, what: `is set by ${one}, which is not there` }))
    if (asked.has(id) && setBy.length === 0) faults.push({ row: id, what: 'is asked and nobody sets it' })
    const silent = process.transitions
      .filter(({ sets }) => sets !== undefined && id in sets)
      .filter((step) => !setBy.includes(step.id))
    if (kind === 'fact')
      faults.push(...silent.map((step) => ({ row: id, what: `${step.id} sets it and is not named` })))
    return faults
  })
}

/** Gates that every road to a state must have passed (DOMAIN.md §5, §5.4, invariants I1 and I2). */
const roads: readonly {
  readonly to: StateId
  readonly only: readonly TransitionId[]
  readonly through: readonly StateId[]
}[] = [
  { to: 'C13', only: ['t35'], through: ['C1', 'C2', 'C3', 'C5', 'C6', 'C7', 'C12'] },
  { to: 'C26', only: ['t17'], through: [] },
  { to: 'C18', only: ['t36'], through: ['C1'] },
]
const decisionGates = [
  'G1',
  'G2',
  'G3',
  'G4',
  'G5',
  'G7',
  'G8',
  'G9',
  'G10',
  'G11',
  'G12',
  'G13',
  'G14',
  'G15',
  'G16',
  'G17',
  'G18',
] as const

function roadFaults(process: Process): ModelFault[] {
  const faults: ModelFault[] = []
  const say = (row: string, what: string): void => void faults.push({ row, what })
  for (const machine of process.machines) {
    const reached = statesReached(process, machine)
    for (const { id } of machine.states) if (!reached.has(id)) say(id, 'no road leads there')
    for (const { id, final } of machine.states) {
      const exits = process.transitions.filter(({ from, machine: of }) => of === machine.id && from.includes(id))
      if (final !== true && exits.length === 0) say(id, 'nothing leads out of it')
      if (final !== true && !reachesFinal(process, machine, id)) say(id, 'no final state can be reached from it')
    }
  }
  for (const { to, only, through } of roads) {
    const into = process.transitions.filter((step) => step.to === to)
    for (const step of into)
      if (!only.includes(step.id)) say(step.id, `enters ${to}, which belongs to ${only.join(', ')} alone`)
    const machine = process.machines.find(({ id }) => id === 'case')
    for (const state of through)
      if (machine !== undefined && statesReached(process, machine, state, 'C0').has(to))
        say(to, `can be reached around ${state}`)
  }
  for (const step of process.transitions)
    if (
      judging.has(step.to) &&
      [...step.by, ...present(Object.values(step.byState ?? {})).flat()].every(
        (role) => role === 'edge_box' || role === 'system',
      )
    )
      say(step.id, `a machine alone leads into ${step.to}`)
  for (const id of ['t35', 't16'] as const) {
    const step = process.transitions.find((one) => one.id === id)
    const must = id === 't35' ? decisionGates : (['G2', 'G3', 'G4', 'G5', 'G6', 'G7'] as const)
    for (const gate of must) if (step?.gates?.includes(gate) !== true) say(id, `skips ${gate}`)
  }
  return faults
}

function gateFaults(process: Process): ModelFault[] {
  const used = new Set(process.transitions.flatMap(({ gates }) => gates ?? []))
  return process.gates.flatMap(({ id, source, article, refusal, next, expr, at }) => {
    const faults: ModelFault[] = []
    const say = (what: string): void => void faults.push({ row: id, what })
    if (!used.has(id)) say('no step asks it')
    if (!/Art\./.test(source)) say('names no article')
    for (const [name, text] of Object.entries({ article, refusal, next })) {
      if (!/\p{Script=Han}/u.test(text.zh)) say(`${name} has no Chinese`)
      if (!/[a-z]{2}/.test(text.en) || /\p{Script=Han}/u.test(text.en)) say(`${name} has no English`)
    }
    for (const step of Object.keys(at ?? {}))
      if (process.transitions.find((one) => one.id === step)?.gates?.includes(id) !== true)
        say(`has a form for ${step}, which does not ask it`)
    if (Array.isArray(expr) && expr.length < 2) say('asks nothing')
    return faults
  })
}

/** A case needs at least these persons; a pair that one step asks together must not be forbidden to exist. */
function separationFaults(process: Process): ModelFault[] {
  const inCase = process.separation.flatMap(({ conflicts }) => conflicts).filter(({ scope }) => scope === 'case')
  const self = process.separation.flatMap(({ id, conflicts }) =>
    conflicts.filter(({ a, b }) => a === b).map(() => ({ row: id, what: 'forbids a role to itself' })),
  )
  const lacking = (['officer_b', 'legal_reviewer', 'head', 'tech_reviewer'] as const)
    .filter(
      (role) => !inCase.some(({ a, b }) => (a === 'officer_a' && b === role) || (b === 'officer_a' && a === role)),
    )
    .map((role) => ({ row: 'SD3', what: `lets officer_a be ${role} in one case` }))
  return [...self, ...lacking]
}

function portalFaults(process: Process): ModelFault[] {
  const takes = new Set(process.portal.flatMap((one) => one.takes))
  const known: ReadonlySet<string> = new Set([...process.transitions, ...process.facts].map(({ id }) => id))
  const lost = [...takes]
    .filter((id) => !known.has(id))
    .map((id) => ({ row: id, what: 'the portal offers it, but it is not there' }))
  const own = [...process.transitions.filter(({ trigger }) => trigger !== 'inside'), ...process.facts].filter(
    ({ by }) => by.includes('party'),
  )
  return [
    ...lost,
    ...own
      .filter(({ id }) => !takes.has(id))
      .map(({ id }) => ({ row: id, what: 'belongs to the party, but no portal function offers it' })),
  ]
}

/** A timer that nobody starts is dead; one that nobody stops and that does not end by itself would run for ever. */
function timerFaults(process: Process): ModelFault[] {
  const names = (list: (step: Transition) => readonly (string | { readonly id: string })[]): ReadonlySet<string> =>
    new Set(process.transitions.flatMap((step) => list(step).map(idOf)))
  const started = names(({ starts }) => starts ?? [])
  const stopped = names(({ stops }) => stops ?? [])
  return process.timers.flatMap((timer) => {
    const faults: ModelFault[] = []
    if (!started.has(timer.id) && timer.startOnTimer === undefined)
      faults.push({ row: timer.id, what: 'nothing starts it' })
    if (!stopped.has(timer.id) && (timer.stopOnFact ?? []).length === 0 && timer.endsByItself === undefined)
      faults.push({ row: timer.id, what: 'nothing stops it, and it does not say that it ends by itself' })
    for (const id of timer.startOnTimer?.timers ?? [])
      if (!process.timers.some((one) => one.id === id)) faults.push({ row: timer.id, what: `there is no timer ${id}` })
    const fires = process.transitions.filter((step) => step.timer === timer.id)
    if (fires.length > 1 && new Set(fires.map(({ machine }) => machine)).size === 1)
      faults.push({ row: timer.id, what: `its end fires ${fires.map(({ id }) => id).join(' and ')}` })
    return faults
  })
}
