import type { Box } from '../../contracts/base/index.js'
import { centreInside, iouOf } from '../../contracts/geometry.js'
import type { Cause } from '../../contracts/terms.js'
import type { TruthEvent } from '../../contracts/truth.js'

/** An incident as the box told it, in seconds of the clip. */
export interface Told {
  readonly cause: Cause
  readonly confirmedS: number
  readonly firstS: number
  readonly lastS: number
  readonly box: Box
  readonly reasons: readonly string[]
  readonly confidence: number
}

export interface Found {
  readonly event: TruthEvent
  readonly told: Told
  readonly delayS: number
  /** Overlap of the two spans of time, 0..1. */
  readonly temporalIou: number
  readonly boxIou: number
  /** Further incidents that told the same act. */
  readonly splits: number
}

export interface Matched {
  readonly found: readonly Found[]
  readonly missed: readonly TruthEvent[]
  readonly falseAlarms: readonly Told[]
  /** Further incidents inside an event that is found already. */
  readonly splits: readonly Told[]
  /** Incidents that only an optional event explains: neither good nor bad. */
  readonly optional: readonly Told[]
}

/** An incident may be confirmed this long after the act has ended. */
const lateS = 30

/**
 * Matches incidents with the truth of one clip (DESIGN.md §7): same cause, confirmed between `from_s` and `to_s` + 30 s, boxes that
 * overlap by an IoU of 0.1 or hold each other's centre. As many events as possible are found; one incident finds one event.
 */
export function matchClip(events: readonly TruthEvent[], tolds: readonly Told[]): Matched {
  const wanted = events.filter(({ optional }) => !optional)
  const finderOf = new Map<TruthEvent, Told>()
  for (const told of tolds) assign(told, wanted, finderOf, new Set())
  const finders = new Set(finderOf.values())
  const rest = tolds.filter((told) => !finders.has(told))
  const splits = rest.filter((told) => wanted.some((event) => explains(event, told)))
  const optional = rest.filter(
    (told) => !splits.includes(told) && events.some((event) => event.optional && explains(event, told)),
  )
  return {
    found: wanted.flatMap((event) => {
      const told = finderOf.get(event)
      return told ? [describe(event, told, splits.filter((split) => splitOf(split, wanted, finderOf) === event).length)] : [] // prettier-ignore
    }),
    missed: wanted.filter((event) => !finderOf.has(event)),
    falseAlarms: rest.filter((told) => !splits.includes(told) && !optional.includes(told)),
    splits,
    optional,
  }
}

/** Augmenting path (Kuhn): an incident may push another one to the next event that it explains as well. */
function assign(
  told: Told,
  events: readonly TruthEvent[],
  finderOf: Map<TruthEvent, Told>,
  tried: Set<TruthEvent>,
): boolean {
  for (const event of events) {
    if (tried.has(event) || !explains(event, told)) continue
    tried.add(event)
    const other = finderOf.get(event)
    if (other !== undefined && !assign(other, events, finderOf, tried)) continue
    finderOf.set(event, told)
    return true
  }
  return false
}

function explains(event: TruthEvent, told: Told): boolean {
  return (
    event.cause.includes(told.cause) &&
    told.confirmedS >= event.from_s &&
    told.confirmedS <= event.to_s + lateS &&
    isSamePlace(event.box, told.box)
  )
}

/** DESIGN.md §7: an IoU of 0.1, or the centre of one in the other. */
export function isSamePlace(a: Box, b: Box): boolean {
  return iouOf(a, b) >= 0.1 || centreInside(a, b)
}

/** The event that a further incident told again: the first found one that explains it. */
function splitOf(
  split: Told,
  wanted: readonly TruthEvent[],
  finderOf: ReadonlyMap<TruthEvent, Told>,
): TruthEvent | undefined {
  return wanted.find((event) => finderOf.has(event) && explains(event, split))
}

function describe(event: TruthEvent, told: Told, splits: number): Found {
  const common = Math.min(event.to_s, told.lastS) - Math.max(event.from_s, told.firstS)
  const span = Math.max(event.to_s, told.lastS) - Math.min(event.from_s, told.firstS)
  return {
    event,
    told,
    delayS: told.confirmedS - event.from_s,
    temporalIou: span > 0 ? Math.max(0, common) / span : 0,
    boxIou: iouOf(event.box, told.box),
    splits,
  }
}
