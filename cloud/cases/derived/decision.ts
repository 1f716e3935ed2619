import { dayOf, dayText } from '../calendar/index.js'
import { inForce, lawFor, usableFigure, usableItem, type Amount, type FigureKey, type Item } from '../pack/index.js'
import { actDay } from './lead.js'
import type { Derivations, Look } from './look.js'
import type { ProposalAt } from './matter.js'
import { holdsOn } from './registers.js'

type PartyKind = 'person' | 'organisation'
const partyKind = ({ matter, party }: Look): PartyKind | null => matter.parties[party]?.kind ?? null

/** The version of the item that counts; null while none does, or a person must choose. */
function lawOf(look: Look): Item | null {
  const { around, matter } = look
  const named = around.pack.items.find(({ code }) => code === matter.item)
  if (named === undefined) return null
  const choice = lawFor(around.pack.items, named.family, actDay(look), dayText(dayOf(around.nowMs)))
  return choice.kind === 'one' ? choice.item : null
}

/** Whether a fine lies in what the statute allows; null when the law's way to count needs a figure that nobody gave. */
function inStatute(amount: Amount, fineFen: number, { units, base_fen: baseFen }: ProposalAt): boolean | null {
  if (amount.type === 'range') return fineFen >= amount.min_fen && fineFen <= amount.max_fen
  if (amount.type === 'multiple')
    return baseFen === undefined ? null : fineFen >= amount.min_times * baseFen && fineFen <= amount.max_times * baseFen
  if (units === undefined) return null
  const top = amount.type === 'per_m2' && amount.cap_fen !== null ? amount.cap_fen : Infinity
  return fineFen >= amount.min_fen * units && fineFen <= Math.min(amount.max_fen * units, top)
}

/** A threshold of the pack against what is proposed; null when either is not known. */
function reaches(look: Look, key: FigureKey & ('hearing.threshold' | 'legal_review.amount' | 'collective.amount')) {
  const kind = partyKind(look)
  const { proposal } = look.matter
  const threshold = usableFigure(look.around.pack, key)
  if (kind === null || proposal === null || !threshold.ok) return null
  const bound = kind === 'person' ? threshold.value.person_fen : threshold.value.organisation_fen
  const fine = proposal.fineFen ?? 0
  return threshold.value.operator === '>=' ? fine >= bound : fine > bound
}

/** Whether one proposal asks for nothing that the other does not name. */
const covers = (told: ProposalAt, wanted: ProposalAt): boolean =>
  told.item === wanted.item && wanted.kinds.every((kind) => told.kinds.includes(kind))

const investigators = ({ matter }: Look): ReadonlySet<string> =>
  new Set(matter.acts.filter(({ role }) => role === 'officer_a' || role === 'officer_b').map(({ person }) => person))

/** Newest person who took a step in a role. */
const lastBy = ({ matter }: Look, did: string, role: string): string | null =>
  matter.acts.findLast((act) => act.did === did && act.role === role)?.person ?? null

const audit = {
  'audit.not_investigators': (look) => {
    const halves = [lastBy(look, 'EV17', 'tech_reviewer'), lastBy(look, 'EV17', 'legal_reviewer')]
    const officers = investigators(look)
    return halves.every((person) => person !== null && !officers.has(person)) && halves[0] !== halves[1]
  },
  // Neither half is shown to anybody before both are in (`cloud/delivery/file-view.ts`), so two different persons gave them blind.
  'findings.blind': (look) => {
    const [a, b] = [lastBy(look, 'EV16', 'officer_a'), lastBy(look, 'EV16', 'officer_b')]
    return a !== null && b !== null && a !== b
  },
  'item.law_basis_named': ({ matter, around }) =>
    around.pack.items.some(({ code, law_basis }) => code === matter.item && law_basis !== null),
} as const satisfies Derivations

const proposal = {
  'item.version_ok': (look) => {
    const law = lawOf(look)
    return law !== null && usableItem(law, actDay(look), look.around.pack.demo) && inForce(law, actDay(look))
  },
  'amount.in_band': (look) => {
    const law = lawOf(look)
    const kind = partyKind(look)
    const wish = look.matter.proposal
    if (law === null || kind === null || wish === null) return undefined
    if (!wish.kinds.every((one) => law.kinds.includes(one))) return false
    if (wish.fineFen === null || wish.fineFen === 0) return !wish.kinds.includes('fine')
    const fine = law.fines.find(({ party }) => party.includes(kind))
    if (fine?.amount == null) return false
    const step = law.benchmark.find(({ id }) => id === wish.benchmark)
    const inStep = (step?.min_fen ?? 0) <= wish.fineFen && wish.fineFen <= (step?.max_fen ?? Infinity)
    const allowed = inStatute(fine.amount, wish.fineFen, wish)
    // Beside the step only with the head's approval; beside the statute never.
    return allowed === null ? undefined : allowed && (inStep || look.input('deviation.approved') === true)
  },
  'amount.summary_ok': (look) => {
    const kind = partyKind(look)
    const fine = look.input('decision.fine')
    if (kind === null || typeof fine !== 'number') return undefined
    return fine <= (kind === 'person' ? 20_000 : 300_000) // APL Art. 51: 200 and 3,000 yuan
  },
  'hearing.right': (look) =>
    // APL Art. 63: a larger amount, or suspension of work.
    look.matter.proposal?.kinds.includes('suspend_work') === true
      ? true
      : (reaches(look, 'hearing.threshold') ?? undefined),
  'review.required': (look) => {
    const scope = usableFigure(look.around.pack, 'legal_review.scope')
    if (!scope.ok) return undefined
    if (scope.value === 'all') return true
    if (scope.value === 'all_nonsite' && look.input('case.road') === 'nonsite') return true
    // APL Art. 58: after a hearing, and larger matters by the pack.
    if (look.view.runs.some(({ machine }) => machine === 'hearing')) return true
    return reaches(look, 'legal_review.amount') ?? undefined
  },
  'collective.required': (look) => {
    const rules = usableFigure(look.around.pack, 'collective.rules')
    const wish = look.matter.proposal
    if (!rules.ok || wish === null) return undefined
    const said = { complex: wish.complex, mitigation: wish.mitigation, transfer: wish.transfer }
    if (rules.value.some((rule) => rule !== 'amount' && said[rule])) return true
    return rules.value.includes('amount') ? (reaches(look, 'collective.amount') ?? undefined) : false
  },
} as const satisfies Derivations

const decision = {
  'notice.complete': ({ view, matter }) => view.documents.includes('D17') || matter.papers['D17'] !== undefined,
  'notice.covers_proposal': ({ matter: { notified, proposal: wish } }) =>
    notified === null || wish === null ? undefined : covers(notified, wish),
  'proposal.not_heavier': ({ matter: { notified, proposal: wish }, did, input }) => {
    if (notified === null || wish === null) return undefined
    const decided = did === 't35' ? input('decision.fine') : null
    const heaviest = Math.max(wish.fineFen ?? 0, typeof decided === 'number' ? decided : 0)
    return covers(notified, wish) && heaviest <= (notified.fineFen ?? 0)
  },
  'review.reviewer_ok': (look) => {
    const reviewer = look.matter.reviewed?.by ?? null
    const today = dayText(dayOf(look.around.nowMs))
    return (
      reviewer !== null &&
      !investigators(look).has(reviewer) &&
      look.around.registers.officers.some((row) => row.account === reviewer && row.legal_review && holdsOn(row, today))
    )
  },
  'review.same_draft': ({ matter: { reviewed, draftSha256, papers }, did }) =>
    reviewed !== null && reviewed.sha256 === (did === 't35' ? papers['D26'] : draftSha256),
  'file.missing': (look) => missingPapers(look).length,
  'publicity.scope_met': ({ around }) => {
    const scope = usableFigure(around.pack, 'publicity.scope')
    return scope.ok && scope.value === 'all_anonymised' ? true : undefined
  },
} as const satisfies Derivations

/** Papers that the log names and whose content is not kept with its digest. */
export function missingPapers({ view, matter }: Look): string[] {
  return [...new Set(view.documents)].filter((id) => matter.papers[id] === undefined)
}

/** Derived inputs from the investigation to the closing of a case. Payment, publicity redaction and device register are not computed yet. */
export const decisionDerivations = { ...audit, ...proposal, ...decision } as const satisfies Derivations
