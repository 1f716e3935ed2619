import { isDeepStrictEqual } from 'node:util'
import { isMap, isSeq, parseDocument, YAMLMap, YAMLSeq, type Document } from 'yaml'
import { z } from 'zod'

/** What the editor sends; the file's own schema judges the rest, so that its faults have lines. */
export const wantedZonesSchema = z.array(z.looseObject({ id: z.string().max(40) })).max(64)
export type WantedZones = z.infer<typeof wantedZonesSchema>

/** The new text of the file, and the part of it that people should look at. */
export interface ZonesEdit {
  readonly text: string
  /** The camera's zones as they will stand there. */
  readonly fragment: string
}

/**
 * Puts `zones` in the place of one camera's zones; comments, order of keys and everything else stay. Null when the file has no
 * such camera, or writes its cameras or zones by an alias, which only a person can untangle.
 */
export function editZones(text: string, camera: string, zones: WantedZones): ZonesEdit | null {
  const document = parseDocument(text, { prettyErrors: false })
  if (document.errors.length > 0) return null
  const cameras: unknown = document.get('cameras', true)
  if (!isSeq(cameras)) return null
  const entry = cameras.items.find((item) => isMap(item) && item.get('id') === camera)
  if (!isMap(entry)) return null
  const old: unknown = entry.get('zones', true)
  const value: unknown = entry.get('zones')
  if (value !== undefined && value !== null && !isSeq(old)) return null
  const list = isSeq(old) ? old : new YAMLSeq()
  if (zones.length > 0 && list.items.length === 0) list.flow = entry.flow ?? false
  list.items = zones.map((zone) => zoneNode(document, list, zone))
  if (list !== old) entry.set('zones', list)
  const fragment = parseDocument('{}')
  fragment.contents = new YAMLMap() as never
  fragment.set('zones', list)
  return { text: document.toString({ lineWidth: 0 }), fragment: fragment.toString({ lineWidth: 0 }) }
}

/** The zone's own node with what differs changed, else a new one on one line. */
function zoneNode(document: Document, list: YAMLSeq, zone: WantedZones[number]): unknown {
  const known = list.items.find((item) => isMap(item) && item.get('id') === zone.id)
  if (!isMap(known)) return document.createNode(zone, { flow: true })
  const before = known.toJS(document) as Record<string, unknown>
  for (const [key, value] of Object.entries(zone))
    if (!isDeepStrictEqual(before[key], value)) known.set(key, document.createNode(value, { flow: true }))
  for (const key of Object.keys(before)) if (!(key in zone)) known.delete(key)
  return known
}
