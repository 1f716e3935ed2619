import type { Bilingual } from '../../contracts/terms.js'
import { evaluate, separationRefusals, type Person, type Sight } from './engine/index.js'
import type { GateId, InputId, Value } from './process/index.js'
import { roadProcess } from './road.js'

/** What the gates of the thin road ask. Filled in by the shell; a gate never looks anywhere else. */
export interface GateFacts {
  /** Two confirming, blind reviews by different officers are in. */
  readonly reviewsConfirm: boolean
  readonly officers: readonly string[]
  readonly operators: readonly string[]
  readonly head: string | null
  readonly actor: string
  readonly mode: 'LEAD_MODE' | 'EVIDENCE_MODE'
  readonly lawBasis: string | null
  readonly timeUnsure: boolean
  readonly timeNote: string | null
  /** The text exists in the pack, for this cause and mode. */
  readonly textFits: boolean
  /** Every still and segment that the notice shows has the digest of its record; null when there is nothing to check yet. */
  readonly digestsHold: boolean | null
}

/** The facts as the interpreter's inputs. */
export function inputsOfRoad(facts: GateFacts): Partial<Record<InputId, Value>> {
  const finding = facts.reviewsConfirm ? 'proved' : 'none'
  return {
    'item.mode': facts.mode,
    'item.law_basis_named': facts.lawBasis !== null,
    'officers.distinct': facts.officers.length >= 2 && new Set(facts.officers).size === facts.officers.length,
    'finding.a': finding,
    'finding.b': finding,
    'evidence.has_electronic': facts.digestsHold !== null,
    'evidence.digests_ok': facts.digestsHold !== false,
    'evidence.clock_ok': !facts.timeUnsure,
    'time.explained': facts.timeNote !== null && facts.timeNote.trim() !== '',
    'notice.text_fits': facts.textFits,
  }
}

/** Who acted in the matter so far, by role. */
export function peopleOfRoad({ officers, operators, head }: GateFacts): Person[] {
  return [
    ...officers.map((person, index): Person => ({ role: index === 0 ? 'officer_a' : 'officer_b', person })),
    ...operators.map((person): Person => ({ role: 'operator', person })),
    ...(head === null ? [] : [{ role: 'head' as const, person: head }]),
  ]
}

export interface RoadGate {
  readonly id: string
  readonly name: Bilingual
  readonly holds: (facts: GateFacts) => boolean
  readonly refusal: { readonly says: Bilingual; readonly article: Bilingual; readonly next: Bilingual }
}

function gateOf(id: GateId): RoadGate {
  const gate = roadProcess.gates.find((one) => one.id === id)
  if (gate === undefined) throw new Error(`the road has no gate ${id}`)
  return {
    id,
    name: gate.name,
    refusal: { says: gate.refusal, article: gate.article, next: gate.next },
    holds: (facts) => {
      const inputs = inputsOfRoad(facts)
      const sight: Sight = {
        input: (input) => inputs[input],
        state: () => 'none',
        timer: () => 'off',
        gate: () => gate.expr,
        doc: () => false,
      }
      const verdict = evaluate(gate.expr, sight)
      return verdict.holds && verdict.missing.length === 0
    },
  }
}

/** Separation of duties as one line of the issue page: the actor took no other part, and the head was no officer. */
const separation: RoadGate = {
  id: 'SD3',
  name: { zh: '各办各的', en: 'different people' },
  holds: (facts) => {
    const people: Person[] = [...peopleOfRoad(facts), { role: 'legal_reviewer', person: facts.actor }]
    return separationRefusals(roadProcess, people, people).length === 0
  },
  refusal: {
    says: {
      zh: '您已经以别的身份办过这件事，这一步要由另一个人办理（SD3、SD9）。',
      en: 'You already acted in this matter in another role; somebody else must do this step (SD3, SD9).',
    },
    article: { zh: '行政处罚法第五十七、五十八条', en: 'APL Art. 57, 58' },
    next: { zh: '请没有参与过的同事办理。', en: 'Ask a colleague who took no part.' },
  },
}

/** The gates that the thin road passes, each with the sentence, the article and the next step of its refusal. */
export const gates = {
  G1: gateOf('G1'),
  TIME: gateOf('G1-time'),
  G7: gateOf('G7'),
  G8: gateOf('G8'),
  G10: gateOf('G10'),
  SD: separation,
  TEXT: gateOf('G12-text'),
} as const
