import type { LeadSeen } from '../../contracts/api/index.js'
import { type EpochMs, fromRfc3339, toRfc3339 } from '../../contracts/base/index.js'
import type { LeadRow } from '../store/leads.js'

/** The box keeps so much before the first sight and after the last one (DESIGN.md §9.5). */
const aroundMs = 30_000

/** A hole in a camera's recording. */
export interface CameraGap {
  readonly from: string
  readonly to: string
  readonly reason: string
}

/** Presence, absence and time without a picture over the whole act, cut to the span that is drawn. */
export function seenOf(
  { facts }: LeadRow,
  gapsOf: (device: string, cam: string, fromAt: string, toAt: string) => readonly CameraGap[],
): LeadSeen {
  const fromMs = fromRfc3339(facts.first_at) - aroundMs
  const toMs = fromRfc3339(facts.last_at) + aroundMs
  const [fromAt, toAt] = [toRfc3339(fromMs as EpochMs), toRfc3339(toMs as EpochMs)]
  const { unseen_s: unseenS } = facts.measurements
  return {
    from_at: fromAt,
    to_at: toAt,
    first_at: facts.first_at,
    confirmed_at: facts.confirmed_at,
    last_at: facts.last_at,
    unseen: gapsOf(facts.device, facts.cam, fromAt, toAt).map(({ from, to, reason }) => ({
      from_at: toRfc3339(Math.max(fromMs, fromRfc3339(from)) as EpochMs),
      to_at: toRfc3339(Math.min(toMs, fromRfc3339(to)) as EpochMs),
      reason,
    })),
    unseen_s: typeof unseenS === 'number' ? unseenS : null,
  }
}
