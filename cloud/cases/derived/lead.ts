import type { EpochMs } from '../../../contracts/base/index.js'
import { pointInPolygon } from '../../../contracts/geometry.js'
import { dayOf, dayText, dueOf, periodOf } from '../calendar/index.js'
import { usableFigure } from '../pack/index.js'
import { checklists, commonChecklist, exceptions } from '../process/index.js'
import type { Derivations, Look, OtherAct } from './look.js'
import { holdsOn, type Registers } from './registers.js'

interface Spot {
  readonly lat_deg: number
  readonly lon_deg: number
}

/** Where the act was, when it was surveyed. */
function spotOf({ place }: Look['matter']): Spot | null {
  if (place === null || place.lat_deg === null || place.lon_deg === null) return null
  return { lat_deg: place.lat_deg, lon_deg: place.lon_deg }
}

/** Metres between two places on the ground; flat, good to a street. */
export function metresBetween(a: Spot, b: Spot): number {
  const metresPerDegree = 111_320
  const north = (a.lat_deg - b.lat_deg) * metresPerDegree
  const east = (a.lon_deg - b.lon_deg) * metresPerDegree * Math.cos((a.lat_deg * Math.PI) / 180)
  return Math.hypot(north, east)
}

/** The day of the act: of its end, or today while it goes on. */
export function actDay({ input, around }: Look): string {
  const end = input('act.end_at')
  return dayText(dayOf(typeof end === 'string' ? (Date.parse(end) as EpochMs) : around.nowMs))
}

/** Lines of the checklist of the cause that nothing proves yet. */
export function missingLines({ matter }: Look): string[] {
  if (matter.cause === null) return []
  return [...commonChecklist, ...checklists[matter.cause]]
    .filter(({ id, obligatory }) => obligatory && matter.lines[id] === undefined)
    .map(({ id }) => id)
}

/** Exceptions of the cause that nobody asked about yet. */
export function unansweredQueries({ matter }: Look): string[] {
  return matter.cause === null
    ? []
    : exceptions[matter.cause].filter(({ id }) => matter.exceptions[id] === undefined).map(({ id }) => id)
}

type Certificate = Registers['officers'][number]
function certificatesOf({ around }: Look, account: string): readonly Certificate[] {
  return around.registers.officers.filter((row) => row.account === account && row.certificate !== null)
}

/** Same party, cause, place and an overlapping time; null when that cannot be told. */
function sameAct(look: Look): OtherAct[] | null {
  const { matter, around, input } = look
  const radius = usableFigure(around.pack, 'act.radius_m')
  const spot = spotOf(matter)
  if (matter.parties[look.party] === undefined || matter.from === null || !radius.ok) return null
  const { from, cause } = matter
  const end = input('act.end_at')
  const to = typeof end === 'string' ? end : new Date(around.nowMs).toISOString()
  return around.others.filter(
    (other) =>
      other.hasCase &&
      other.cause === cause &&
      // What is not known of either act speaks for the same one: a person looks.
      (spot === null || other.place === null || metresBetween(spot, other.place) <= radius.value) &&
      (other.from === null || other.from <= to) &&
      (other.end === null || from <= other.end),
  )
}

const evidence = {
  'evidence.has_electronic': ({ view, matter, around }) =>
    around.evidence.fromBox || view.documents.includes('D02') || matter.papers['D02'] !== undefined,
  'evidence.signatures_ok': ({ around }) => around.evidence.signatures ?? undefined,
  'evidence.digests_ok': ({ around }) => around.evidence.digests ?? undefined,
  'evidence.chain_ok': ({ around }) => around.evidence.chain ?? undefined,
  'evidence.clock_ok': ({ around }) => {
    const bound = usableFigure(around.pack, 'time.max_offset_ms')
    if (!bound.ok) return undefined
    const { clockErrorMs, clockNamed } = around.evidence
    return clockNamed && clockErrorMs !== null && clockErrorMs <= bound.value
  },
  'evidence.none_lead_only': ({ input }) => input('lead.evidence_grade') !== 'LEAD_ONLY',
} as const satisfies Derivations

const act = {
  'act.no_prior_case': (look) =>
    sameAct(look)?.every(({ outcome }) => !['open', 'penalty', 'no_penalty'].includes(outcome)),
  'act.no_previous_fine': (look) => {
    if (look.input('act.other_fine') === true) return false
    return sameAct(look)?.every(({ outcome }) => outcome !== 'penalty')
  },
  'limitation.open': ({ input, around, matter }) => {
    const end = input('act.end_at')
    const discovered = input('act.discovered_at')
    if (end === null) return true // it goes on
    if (typeof end !== 'string' || typeof discovered !== 'string' || matter.cause === null) return undefined
    const years = periodOf('T09', around.pack, { cause: matter.cause, grave: matter.grave })
    if (!years.ok || years.value === null) return undefined
    // Years ask no table of working days.
    const due = dueOf(Date.parse(end) as EpochMs, years.value, noCalendar)
    return due !== null && Date.parse(discovered) < due.endMs
  },
  'place.in_area': (look) => {
    const spot = spotOf(look.matter)
    if (spot === null) return undefined
    const day = actDay(look)
    return look.around.registers.areas.some(
      (area) => holdsOn(area, day) && pointInPolygon([spot.lon_deg, spot.lat_deg], area.polygon),
    )
  },
  'item.granted': (look) => {
    const { item } = look.matter
    if (item === null) return undefined
    const day = actDay(look)
    return look.around.registers.grants.some((grant) => grant.item === item && holdsOn(grant, day))
  },
  'item.nonsite_listed': ({ matter, around }) => {
    const listed = usableFigure(around.pack, 'nonsite.items')
    return matter.item === null || !listed.ok ? undefined : listed.value.includes(matter.item)
  },
  'checklist.missing': (look) => (look.matter.cause === null ? undefined : missingLines(look).length),
  'exceptions.unanswered': (look) => (look.matter.cause === null ? undefined : unansweredQueries(look).length),
  'exceptions.hit': ({ matter }) => Object.values(matter.exceptions).filter(({ answer }) => answer === 'yes').length,
} as const satisfies Derivations

const officers = {
  'officers.distinct': ({ matter: { officers: pair } }) => pair.a !== null && pair.b !== null && pair.a !== pair.b,
  'officers.valid_today': (look) => {
    const today = dayText(dayOf(look.around.nowMs))
    const { a, b } = look.matter.officers
    return [a, b].every(
      (account) => account !== null && certificatesOf(look, account).some((row) => holdsOn(row, today)),
    )
  },
  'officers.valid_at_acts': (look) =>
    look.matter.acts
      .filter(({ role }) => role === 'officer_a' || role === 'officer_b')
      .every(({ person, atMs }) => certificatesOf(look, person).some((row) => holdsOn(row, dayText(dayOf(atMs))))),
  'officers.no_conflict': ({ matter: { officers: pair, noConflict, recused } }) =>
    [pair.a, pair.b].every((account) => account !== null && noConflict.includes(account) && !recused.includes(account)),
} as const satisfies Derivations

const noCalendar = {
  isWorking: () => true,
  orNextWorking: <D>(day: D): D => day,
  isVerified: () => true,
  years: [],
}

/** Derived inputs of leads and of the filing (t2 to t16). */
export const leadDerivations = { ...evidence, ...act, ...officers } as const satisfies Derivations
