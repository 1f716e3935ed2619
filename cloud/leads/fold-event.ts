import type { ClockState, EventBody } from '../../contracts/records/index.js'
import type { LeadFacts } from '../store/leads.js'

/** One verified event record, as ingest hands it over. */
export interface EventArrival {
  readonly device: string
  /** Box time of the record, RFC 3339. */
  readonly time: string
  readonly chain: string
  readonly seq: number
  readonly clock: ClockState
  readonly body: EventBody
}

/** Bounds of what one lead keeps; the earliest stay. */
export const leadBounds = { stillsMax: 64, windowsMax: 64 } as const
/** A clock error above this makes a time unsure (EVIDENCE.md §6). */
export const clockErrorMsMax = 1_000

/**
 * Adds one record to what is known of its incident. Commutative, associative and idempotent: whatever phases arrive in
 * whichever order and however often, the result is the same. Single values come from the newest record, spans widen,
 * lists unite, and a time that was unsure once stays unsure.
 */
export function foldEvent(before: LeadFacts | null, arrival: EventArrival): LeadFacts {
  const said = factsOf(arrival)
  if (before === null) return said
  const [old, fresh] = before.newest <= said.newest ? [before, said] : [said, before]
  return {
    ...fresh,
    first_at: earlier(old.first_at, fresh.first_at),
    confirmed_at: earlier(old.confirmed_at, fresh.confirmed_at),
    last_at: old.last_at > fresh.last_at ? old.last_at : fresh.last_at,
    time_unsure: old.time_unsure || fresh.time_unsure,
    time_error_ms: larger(old.time_error_ms, fresh.time_error_ms),
    stills: unite(old.stills, fresh.stills, (still) => `${still.at}|${still.sha256}`, leadBounds.stillsMax),
    windows: unite(old.windows, fresh.windows, (span) => `${span.from}|${span.to}|${span.kind}`, leadBounds.windowsMax),
  }
}

function factsOf({ device, time, chain, seq, clock, body }: EventArrival): LeadFacts {
  const errorMs = clock.err_us === null ? null : Math.ceil(clock.err_us / 1_000)
  return {
    device,
    cam: body.cam,
    zone: body.zone,
    cause: body.cause,
    conf_milli: body.conf_milli,
    grade: body.grade,
    first_at: body.from,
    confirmed_at: body.confirmed,
    last_at: body.to,
    over: body.phase === 'over',
    reopened: body.reopened,
    box_e4: body.box_e4,
    measurements: body.measurements,
    reasons: body.reasons,
    actor:
      body.actor === null
        ? null
        : {
            kind: body.actor.kind,
            at: body.actor.at,
            box_e4: body.actor.box_e4,
            score_milli: body.actor.score_milli,
          },
    rule: body.rule,
    thresholds: body.thresholds,
    models: body.models,
    view: {
      moved: body.view.moved,
      dark: body.view.dark,
      blurred: body.view.blurred,
      covered: body.view.covered,
    },
    time_unsure: clock.sync === 'unsynced' || errorMs === null || errorMs > clockErrorMsMax,
    time_error_ms: errorMs,
    stills: unite(
      [],
      body.stills.map(({ kind, at, sha256, w_px, h_px }) => ({ kind, at, sha256, w_px, h_px })),
      (still) => `${still.at}|${still.sha256}`,
      leadBounds.stillsMax,
    ),
    windows: unite(
      [],
      body.windows.map(({ kind, from, to }) => ({ kind, from, to })),
      (span) => `${span.from}|${span.to}|${span.kind}`,
      leadBounds.windowsMax,
    ),
    newest: `${time}|${chain}|${String(seq).padStart(10, '0')}`,
  }
}

const earlier = (a: string, b: string): string => (a < b ? a : b)

/** The larger bound; no bound at all is larger than any. */
function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b)
}

function unite<T>(a: readonly T[], b: readonly T[], keyOf: (item: T) => string, max: number): T[] {
  const byKey = new Map<string, T>()
  for (const item of [...a, ...b]) if (!byKey.has(keyOf(item))) byKey.set(keyOf(item), item)
  return [...byKey.entries()]
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .slice(0, max)
    .map(([, item]) => item)
}
