import { ownRule, reasoned, RefusedError, type Refusal } from '../../contracts/api/index.js'
import { toRfc3339, type EpochMs } from '../../contracts/base/index.js'
import { newestRun, refuse } from '../cases/engine/index.js'
import type { InputId } from '../cases/process/index.js'
import type { OpenFile, StepWish } from './file-book.js'
import { ownFacts } from './file-system.js'

/** What nobody may write from outside. */
export function borderRefusals({ set }: StepWish): Refusal[] {
  return (Object.keys(set) as InputId[])
    .filter((input) => ownFacts.has(input))
    .map((input) => ({
      code: 'INPUT_SYSTEM',
      status: 422,
      says: { zh: `“${input}”由系统登记。`, en: `"${input}" is recorded by the system.` },
      next: { zh: '去掉这一项。', en: 'Leave it out.' },
      details: { input },
    }))
}

/** Only a receipt has a day of its own, and it lies between the sending and now. */
export function effectiveRefusals({ view }: OpenFile, wish: StepWish, nowMs: EpochMs): Refusal[] {
  if (wish.effectiveMs === undefined) return []
  const run = wish.run ?? newestRun(view, wish.doc === undefined ? 'service' : `service:${wish.doc}`)?.id
  const since = view.runs.find(({ id }) => id === run)?.sinceMs
  const good =
    ['sv4', 'sv5'].includes(wish.do) && since !== undefined && wish.effectiveMs >= since && wish.effectiveMs <= nowMs
  if (good) return []
  return [
    {
      code: 'EFFECTIVE_AT',
      status: 422,
      says: {
        zh: '“effective_at”只用于送达回证，且在发出之后、现在之前。',
        en: '"effective_at" is the day on a receipt: after the sending, not after now.',
      },
      next: { zh: '改正日期，或去掉这一项。', en: 'Correct the day, or leave it out.' },
      details: { field: 'effective_at' },
    },
  ]
}

/** All reasons as one answer: each with its rule, and every field that it is about. */
export function refusedWith(step: string, refusals: readonly Refusal[], file: OpenFile): RefusedError {
  const stale = refusals.find(({ code }) => code === 'FILE_CHANGED')
  const issues = refusals.flatMap((one) => fieldsOf(one).map((path) => ({ path, message: one.says.en })))
  const [first, ...others] = refusals.map((one) => reasoned(one, step))
  if (first === undefined) throw new Error('a refusal without reason')
  const history = stale === undefined ? {} : changedSince(file, Number(stale.details?.['wanted']))
  return new RefusedError(
    { ...first, details: { ...first.details, ...history, ...(issues.length === 0 ? {} : { issues }) } },
    ...others,
  )
}

/** Which parts of the body a refusal is about. */
function fieldsOf({ code, details }: Refusal): string[] {
  const { input, document, lacking, field } = (details ?? {}) as Record<string, unknown>
  if (typeof field === 'string') return [`body.${field}`]
  if (typeof input === 'string') return [`body.set.${input}`]
  if (typeof document === 'string') {
    const names = Array.isArray(lacking) ? (lacking as string[]) : []
    return names.length === 0
      ? [`body.documents.${document}`]
      : names.map((name) => `body.documents.${document}.fields.${name}`)
  }
  if (code === 'REASON_MISSING') return ['body.reason']
  return code === 'FILE_CHANGED' ? ['body.version'] : code === 'STEP_UNKNOWN' ? ['body.do'] : []
}

export const fileNotFound: Refusal = {
  code: 'FILE_NOT_FOUND',
  status: 404,
  says: { zh: '没有这份案卷。', en: 'There is no such file.' },
  article: ownRule,
  gate: 'file',
  next: { zh: '核对编号。', en: 'Check the id.' },
}
export const noCaseRole: Refusal = {
  code: 'ROLE_WRONG',
  status: 403,
  says: { zh: '您的账号没有办案角色。', en: 'Your account has no role in cases.' },
  next: { zh: '请有角色的同事办理。', en: 'Ask a colleague who has one.' },
}

/** Everything after the version that a writer saw, for the 409 of the one who was late. */
function changedSince({ log, view }: OpenFile, version: number): Readonly<Record<string, unknown>> {
  const newer = log.filter(({ seq }) => seq > version).slice(-20)
  return {
    version: view.version,
    changed: newer.map(({ seq, by, did, atMs }) => ({
      version: seq,
      by: by.map(({ person }) => person).join(' '),
      action: did,
      at: toRfc3339(atMs),
    })),
  }
}

/** Somebody was faster between reading and writing. */
export function lostRace(file: OpenFile, version: number): RefusedError {
  return refusedWith('version', [refuse.stale(file.view.version, version)], file)
}
