import type { Particulars, Refusal } from '../../../contracts/api/index.js'
import type { FileEntry } from '../engine/index.js'
import type { DocumentId, FactId, TransitionId } from '../process/index.js'

/** Which steps and facts take which particulars; anywhere else they are refused, so that nothing is said twice. */
const belongsTo: Readonly<Record<keyof Particulars, readonly (TransitionId | FactId)[]>> = {
  cause: ['t1'],
  place: ['t1'],
  observed_from: ['t1'],
  grave: ['t1', 't11'],
  item: ['t11', 't17'],
  parties: ['EV22'],
  lines: ['EV15'],
  exceptions: ['EV15'],
  officers: ['t11', 't18', 'EV07'],
  no_conflict: ['t10', 't11', 't17', 't18', 'EV07'],
  recusal: ['EV05'],
  proposal: ['t17', 't25', 't29', 't30', 't31'],
  draft: ['t29', 't30'],
  draft_sha256: ['t32', 't33'],
}

/** Every particular that does not belong to the step. */
export function misplaced(step: string, particulars: Particulars): Refusal[] {
  return (Object.keys(particulars) as (keyof Particulars)[])
    .filter((name) => !(belongsTo[name] as readonly string[]).includes(step))
    .map((name) => ({
      code: 'PARTICULAR_NOT_HERE',
      status: 422,
      says: { zh: `“${name}”不在这一步填写。`, en: `"${name}" is not given with this step.` },
      next: {
        zh: `在 ${belongsTo[name].join('、')} 填写。`,
        en: `Give it with ${belongsTo[name].join(', ')}.`,
      },
      details: { field: `particulars.${name}` },
    }))
}

/** What a step cannot do without: its derived inputs would have nothing to look at. */
const asked: Readonly<Partial<Record<string, readonly (keyof Particulars)[]>>> = {
  t1: ['cause', 'place', 'observed_from'],
  t11: ['item', 'officers', 'no_conflict'],
  t18: ['officers', 'no_conflict'],
  EV05: ['recusal'],
  EV07: ['officers', 'no_conflict'],
  EV22: ['parties'],
  t25: ['proposal'],
  t31: ['proposal'],
  t17: ['item', 'proposal'],
  t29: ['draft'],
  t32: ['draft_sha256'],
  t33: ['draft_sha256'],
}

/** Every particular that the step asks and that was not given. */
export function lackingParticulars(step: string, particulars: Particulars): Refusal[] {
  return (asked[step] ?? [])
    .filter((name) => particulars[name] === undefined)
    .map((name) => ({
      code: 'PARTICULAR_MISSING',
      status: 422,
      says: { zh: `这一步要填写“${name}”。`, en: `This step needs "${name}".` },
      next: { zh: '补上这一项。', en: 'Give it.' },
      details: { field: `particulars.${name}` },
    }))
}

/** A line of a file's log as it is stored: what the interpreter decided, and what was said and handed in with it. */
export interface FiledEntry extends FileEntry {
  readonly particulars: Particulars
  readonly papers: readonly { readonly id: DocumentId; readonly sha256: string }[]
  /** Process and pack by which the step was judged. */
  readonly process: string
  readonly pack: string
}
