import type { LeadView, Mode, Place } from '../../contracts/api/index.js'
import { fetchSecondsMax, RefusedError } from '../../contracts/api/index.js'
import { type Clock, type EpochMs, fromRfc3339, toRfc3339 } from '../../contracts/base/index.js'
import type { Cause } from '../../contracts/terms.js'
import type { Database } from '../store/database.js'
import { leadStore, type LeadCursor, type LeadFilter, type LeadRow } from '../store/leads.js'
import type { Changes } from './changes.js'
import { foldEvent, type EventArrival } from './fold-event.js'
import {
  leadNow,
  leadRules,
  refusalsOf,
  stepLead,
  type Actor,
  type LeadCommand,
  type LeadContext,
} from './life-cycle.js'
import type { ClipDesk, LeadFootage } from './media.js'
import { leadRefusals } from './refusals.js'
import { toLeadView } from './view.js'

export interface LeadDeskDeps {
  readonly database: Database
  readonly clock: Clock
  readonly clips: ClipDesk
  readonly changes: Changes
  readonly modeOf: (cause: Cause) => Mode
  readonly placeOf: (device: string, cam: string) => Place
}

/** A step as a person asks for it; the desk fills in what the life cycle needs to know. */
export type LeadWish =
  | Exclude<LeadCommand, { readonly action: 'merge' }>
  | { readonly action: 'merge'; readonly into: string; readonly note: string }

/** Leads for people: every call is one transaction; a stale version never writes. */
export interface LeadDesk {
  /** Effect of one event record, inside ingest's transaction. Publish `lead` changes after its commit. */
  applyEvent(arrival: EventArrival): { readonly lead: string; readonly made: boolean }
  list(actor: Actor, filter: LeadFilter, after: LeadCursor | null, limit: number): LeadView[]
  /** Reading one as operator or officer asks for its clip when nobody has. @throws RefusedError `LEAD_NOT_FOUND` */
  open(actor: Actor, id: string): LeadView
  /** @throws RefusedError with every reason against the step; `LEAD_CHANGED` (409) when `version` is stale. */
  act(actor: Actor, id: string, version: number, wish: LeadWish): LeadView
  /** Claims the first free lead of the queue; null when there is none. */
  next(actor: Actor, skip: readonly string[]): LeadView | null
  /**
   * Asks the box for footage between the windows of the clip, for whoever may ask for the clip.
   * @throws RefusedError `FETCH_OUTSIDE` (422) beyond the act, or too long.
   */
  fetchSpan(actor: Actor, id: string, span: { readonly fromMs: EpochMs; readonly toMs: EpochMs }): LeadView
  find(id: string): LeadRow | null
  /** Right to see a still: the lead it belongs to. */
  leadOfStill(sha256: string): string | null
  /** State of the clip, without asking for it. */
  clipOf(id: string): ReturnType<ClipDesk['clipOf']>
  readonly store: ReturnType<typeof leadStore>
}

/** Footage may be fetched from so long before the act to so long after it. */
const aroundMs = 60_000

export function leadDesk(deps: LeadDeskDeps): LeadDesk {
  const { database, clock, clips, changes } = deps
  const store = leadStore(database)

  function contextOf(row: LeadRow, actor: Actor, nowMs: EpochMs): LeadContext {
    return {
      lead: row,
      actor,
      nowMs,
      reviews: store.reviews(row.id, row.round),
      acceptedBy: store.acceptedBy(row.id),
      mode: deps.modeOf(row.facts.cause),
    }
  }
  function viewOf(stored: LeadRow, actor: Actor): LeadView {
    const nowMs = clock.wallMs()
    const row = leadNow(stored, nowMs)
    return toLeadView({
      row,
      context: contextOf(row, actor, nowMs),
      earlierReviews: row.round > 1 ? store.reviews(row.id, row.round - 1) : [],
      place: deps.placeOf(row.facts.device, row.facts.cam),
      clip: clips.clipOf(row.id),
      mode: deps.modeOf(row.facts.cause),
    })
  }
  function get(id: string): LeadRow {
    const row = store.find(id)
    if (row === null) throw new RefusedError(leadRefusals.notFound())
    return row
  }
  /** Runs inside a transaction. True when something changed that others may see. */
  function step(actor: Actor, stored: LeadRow, wish: LeadWish): boolean {
    const nowMs = clock.wallMs()
    const row = leadNow(stored, nowMs)
    const command = wish.action === 'merge' ? { ...wish, hostFits: hostFits(row, wish.into, nowMs) } : wish
    const result = stepLead(command, contextOf(row, actor, nowMs))
    if ('refusals' in result) throw new RefusedError(...result.refusals)
    if (result.review !== undefined) store.addReview(row.id, row.round, result.review)
    if (wish.action === 'claim' || wish.action === 'clip') clips.requestClip(footageOf(row))
    if (wish.action === 'accept') {
      clips.requestClip(footageOf(row))
      clips.hold(footageOf(row))
    }
    if (result.next.version === stored.version) return false
    // Reviews are logged without a name: the reviews themselves carry it once both are in.
    const by = result.review === undefined ? actor.name : 'officers'
    const written = store.saveFlow(row.id, result.next, stored.version, {
      action: result.logged,
      by,
      at: toRfc3339(nowMs),
    })
    if (!written) throw new RefusedError(leadRefusals.changed(store.logAfter(row.id, stored.version)))
    return true
  }
  function hostFits(row: LeadRow, into: string, nowMs: EpochMs): boolean {
    const stored = into === row.id ? null : store.find(into)
    if (stored === null || stored.facts.cause !== row.facts.cause) return false
    return leadNow(stored, nowMs).state !== 'L10'
  }

  return {
    applyEvent(arrival) {
      const id = arrival.body.incident
      const before = store.find(id)
      const result = store.saveFacts(id, foldEvent(before?.facts ?? null, arrival), toRfc3339(clock.wallMs()))
      return { lead: id, made: result === 'made' }
    },
    list: (actor, filter, after, limit) =>
      store.list(filter, after, limit, toRfc3339(clock.wallMs())).map((row) => viewOf(row, actor)),
    open(actor, id) {
      const row = get(id)
      const opens = actor.roles.some((role) => role === 'operator' || role === 'officer_a' || role === 'officer_b')
      if (opens && row.state !== 'L10' && clips.clipOf(id).state === 'none') {
        database.transaction(() => {
          clips.requestClip(footageOf(row))
        })
      }
      return viewOf(row, actor)
    },
    act(actor, id, version, wish) {
      const changed = database.transaction(() => {
        const row = get(id)
        // First of all the role: a stale version tells who did what, which is not for everybody.
        const { roles } = leadRules[wish.action]
        if (!roles.some((role) => actor.roles.includes(role))) throw new RefusedError(leadRefusals.notYourRole(roles))
        if (row.version !== version) throw new RefusedError(leadRefusals.changed(store.logAfter(id, version)))
        return step(actor, row, wish)
      })
      if (changed) changes.publish({ kind: 'lead', id })
      return viewOf(get(id), actor)
    },
    next(actor, skip) {
      const id = database.transaction(() => {
        const row = store.firstFree(toRfc3339(clock.wallMs()), skip)
        if (row === null) return null
        step(actor, row, { action: 'claim' })
        return row.id
      })
      if (id === null) return null
      changes.publish({ kind: 'lead', id })
      return viewOf(get(id), actor)
    },
    fetchSpan(actor, id, { fromMs, toMs }) {
      const row = leadNow(get(id), clock.wallMs())
      const [first, ...others] = refusalsOf('clip', contextOf(row, actor, clock.wallMs()))
      if (first !== undefined) throw new RefusedError(first, ...others)
      const [startMs, endMs] = [fromRfc3339(row.facts.first_at) - aroundMs, fromRfc3339(row.facts.last_at) + aroundMs]
      if (fromMs < startMs || toMs > endMs || toMs <= fromMs || toMs - fromMs > fetchSecondsMax * 1_000)
        throw new RefusedError(
          leadRefusals.spanOutside(toRfc3339(startMs as EpochMs), toRfc3339(endMs as EpochMs), fetchSecondsMax),
        )
      database.transaction(() => {
        clips.requestSpan(footageOf(row), { fromMs, toMs, by: actor.name })
      })
      changes.publish({ kind: 'lead', id })
      return viewOf(get(id), actor)
    },
    find: (id) => store.find(id),
    leadOfStill: (sha256) => store.leadOfStill(sha256),
    clipOf: (id) => clips.clipOf(id),
    store,
  }
}

function footageOf({ id, facts }: LeadRow): LeadFootage {
  return {
    incident: id,
    device: facts.device,
    cam: facts.cam,
    firstMs: fromRfc3339(facts.first_at),
    lastMs: fromRfc3339(facts.last_at),
    over: facts.over,
  }
}
