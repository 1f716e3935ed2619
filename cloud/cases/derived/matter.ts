import type { Particulars, PartyParticulars, Proposal } from '../../../contracts/api/index.js'
import type { EpochMs } from '../../../contracts/base/index.js'
import type { Cause } from '../../../contracts/terms.js'
import type { Person } from '../engine/index.js'
import type { FiledEntry } from './particulars.js'

/** Somebody's act on a day: certificates are asked for that day. */
export interface Act extends Person {
  readonly atMs: EpochMs
  readonly did: string
}

export interface ProposalAt extends Proposal {
  readonly item: string | null
  /** Fen; null: no fine. */
  readonly fineFen: number | null
}

/** What a file is about, folded from what its steps said. Grows only; nothing here asks a rule. */
export interface Matter {
  readonly cause: Cause | null
  readonly place: NonNullable<Particulars['place']> | null
  readonly from: string | null
  readonly grave: boolean
  readonly item: string | null
  readonly parties: readonly PartyParticulars[]
  /** Evidence of each line of the checklist. */
  readonly lines: Readonly<Record<string, string>>
  readonly exceptions: Readonly<Record<string, NonNullable<Particulars['exceptions']>[number]>>
  /** Those on site, proposed, or in office: lead officer and second officer. */
  readonly officers: { readonly a: string | null; readonly b: string | null }
  readonly noConflict: readonly string[]
  readonly recused: readonly string[]
  readonly acts: readonly Act[]
  readonly proposal: ProposalAt | null
  /** What the newest D17 told the party. */
  readonly notified: ProposalAt | null
  readonly draftSha256: string | null
  readonly reviewed: { readonly sha256: string; readonly by: string } | null
  /** Papers of the log, by id: the newest digest. */
  readonly papers: Readonly<Record<string, string>>
}

export const noMatter: Matter = {
  cause: null,
  place: null,
  from: null,
  grave: false,
  item: null,
  parties: [],
  lines: {},
  exceptions: {},
  officers: { a: null, b: null },
  noConflict: [],
  recused: [],
  acts: [],
  proposal: null,
  notified: null,
  draftSha256: null,
  reviewed: null,
  papers: {},
}

/** What one line of the log, or a step in the making, says. `sets`: values of inputs that it writes. */
export interface Said {
  readonly did: string
  readonly by: readonly Person[]
  readonly atMs: EpochMs
  readonly particulars: Particulars
  readonly papers: readonly { readonly id: string; readonly sha256: string }[]
  readonly sets: Readonly<Record<string, unknown>>
  /** Digest of `particulars.draft`, when there is one. */
  readonly draftSha256: string | null
}

/** Adds what a step says. Pure; the same log gives the same matter. */
export function addTo(matter: Matter, said: Said): Matter {
  const { did, by, atMs, particulars: p, papers } = said
  const proposal = proposalAfter(matter, said)
  const told = papers.some(({ id }) => id === 'D17') ? proposal : matter.notified
  const [reviewer] = by
  return {
    ...matter,
    cause: p.cause ?? matter.cause,
    place: p.place ?? matter.place,
    from: p.observed_from ?? matter.from,
    grave: p.grave ?? matter.grave,
    item: p.item ?? matter.item,
    parties: [...matter.parties, ...(p.parties ?? [])],
    lines: { ...matter.lines, ...Object.fromEntries((p.lines ?? []).map(({ line, evidence }) => [line, evidence])) },
    exceptions: { ...matter.exceptions, ...Object.fromEntries((p.exceptions ?? []).map((one) => [one.query, one])) },
    officers: officersAfter(matter, said),
    noConflict: [...new Set([...matter.noConflict, ...(p.no_conflict ?? [])])],
    recused: p.recusal?.granted === true ? [...matter.recused, p.recusal.person] : matter.recused,
    acts: [...matter.acts, ...by.map(({ role, person }) => ({ role, person, atMs, did }))],
    proposal,
    notified: told,
    draftSha256: said.draftSha256 ?? matter.draftSha256,
    reviewed:
      p.draft_sha256 === undefined || reviewer === undefined
        ? matter.reviewed
        : { sha256: p.draft_sha256, by: reviewer.person },
    papers: { ...matter.papers, ...Object.fromEntries(papers.map(({ id, sha256 }) => [id, sha256])) },
  }
}

/** On site (t10, t17) the officers are those who sign; elsewhere those who are named. */
function officersAfter({ officers }: Matter, { did, by, particulars: { officers: named } }: Said): Matter['officers'] {
  if (named !== undefined) return { a: named[0], b: named[1] }
  if (did !== 't10' && did !== 't17') return officers
  const signer = (role: string): string | null => by.find((one) => one.role === role)?.person ?? null
  return { a: signer('officer_a') ?? officers.a, b: signer('officer_b') ?? officers.b }
}

function proposalAfter({ proposal, item }: Matter, { particulars: p, sets }: Said): ProposalAt | null {
  const said = p.proposal ?? proposal
  if (said === null) return null
  const fine = sets['proposal.amount']
  const fineFen = typeof fine === 'number' ? fine : fine === null ? null : (proposal?.fineFen ?? null)
  return { ...said, item: p.item ?? proposal?.item ?? item, fineFen }
}

/** The matter of a whole log. `digestOf` is the digest of a draft's fields. */
export function matterOf(
  log: readonly FiledEntry[],
  digestOf: (fields: Readonly<Record<string, string>>) => string,
): Matter {
  return log.reduce((matter, entry) => addTo(matter, saidBy(entry, digestOf)), noMatter)
}

function saidBy(entry: FiledEntry, digestOf: (fields: Readonly<Record<string, string>>) => string): Said {
  const { did, by, atMs, particulars, papers, effects } = entry
  return {
    did,
    by,
    atMs,
    particulars,
    papers,
    sets: Object.fromEntries(effects.flatMap((one) => (one.kind === 'set' ? [[one.input, one.value]] : []))),
    draftSha256: particulars.draft === undefined ? null : digestOf(particulars.draft),
  }
}
