import type { InputId, Value } from '../process/index.js'
import { decisionDerivations, missingPapers } from './decision.js'
import { leadDerivations, missingLines, unansweredQueries } from './lead.js'
import type { Derivations, Look } from './look.js'

export type { Around, EvidenceState, Look, OtherAct } from './look.js'
export { addTo, matterOf, noMatter, type Matter, type Said } from './matter.js'
export { lackingParticulars, misplaced, type FiledEntry } from './particulars.js'
export { noRegisters, parseRegisters, type Registers } from './registers.js'

/** Every derived input that is computed from stored facts, registers and pack. */
export const derivations: Derivations = { ...leadDerivations, ...decisionDerivations }

/** Values of all derived inputs at this moment; one that cannot be known is absent, and a gate that asks it says so. */
export function deriveInputs(look: Look): Partial<Record<InputId, Value>> {
  const values: Partial<Record<InputId, Value>> = {}
  for (const [id, derive] of Object.entries(derivations) as [InputId, (typeof derivations)[InputId]][]) {
    const value = derive?.(look)
    if (value !== undefined) values[id] = value
  }
  return values
}

/** What `{lines}` and `{list}` of a refusal stand for. */
export function listsOf(look: Look): Record<string, string> {
  return {
    lines: [...missingLines(look), ...unansweredQueries(look)].join('、'),
    list: missingPapers(look).join('、'),
  }
}
