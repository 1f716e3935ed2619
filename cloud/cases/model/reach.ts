import type { Machine, Process, StateId } from '../process/index.js'

/** States of a machine that its steps can lead to, from its initial states or from `start`, never through `without`. */
export function statesReached(
  process: Process,
  machine: Machine,
  without?: StateId,
  start?: StateId,
): ReadonlySet<StateId> {
  const reached = new Set<StateId>(
    (start === undefined ? machine.initial : [start]).filter((state) => state !== without),
  )
  const steps = process.transitions.filter((step) => step.machine === machine.id)
  for (let before = -1; before !== reached.size;) {
    before = reached.size
    for (const { from, to } of steps) if (to !== without && from.some((state) => reached.has(state))) reached.add(to)
  }
  return reached
}

export function reachesFinal(process: Process, machine: Machine, from: StateId): boolean {
  const reached = statesReached(process, machine, undefined, from)
  return machine.states.some(({ id, final }) => final === true && reached.has(id))
}
