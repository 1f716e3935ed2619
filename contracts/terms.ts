/** The four detector families. A legal item (案由) is something else: one cause may lead to several items or to none. */
export const causes = ['vending', 'grilling', 'spillage', 'dust'] as const
export type Cause = (typeof causes)[number]

/** A text in both languages; a missing one does not compile. */
export interface Bilingual {
  readonly zh: string
  readonly en: string
}

/** Name of each cause as pages and papers write it. */
export const causeTerms = {
  vending: { zh: '占道经营', en: 'street vending' },
  grilling: { zh: '露天烧烤', en: 'open-air grilling' },
  spillage: { zh: '泄漏遗撒', en: 'spillage on the road' },
  dust: { zh: '扬尘', en: 'dust' },
} as const satisfies Record<Cause, Bilingual>

/** One character and one shape per cause: a page must be readable without colour. */
export const causeMarks = { vending: '摊', grilling: '烤', spillage: '撒', dust: '尘' } as const satisfies Record<
  Cause,
  string
>

export const zoneKinds = [
  'no_vending',
  'permitted_stall',
  'no_grilling',
  'carriageway',
  'work_site',
  'ignore',
  'private',
] as const
export type ZoneKind = (typeof zoneKinds)[number]

/** Kinds of zone in which a cause can be suspected. */
export const zoneKindsOfCause = {
  vending: ['no_vending'],
  grilling: ['no_grilling'],
  spillage: ['carriageway'],
  dust: ['work_site', 'carriageway'],
} as const satisfies Record<Cause, readonly ZoneKind[]>

export const gapReasons = [
  'rtsp_timeout',
  'closed',
  'auth',
  'refused',
  'damaged',
  'clock',
  'overload',
  'disk_full',
  'stopped',
  'restart',
] as const
export type GapReason = (typeof gapReasons)[number]
