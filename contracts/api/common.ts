import { z } from 'zod'

/** Instant at the API: RFC 3339, UTC, milliseconds. */
export const apiInstant = z.string().meta({ format: 'date-time', examples: ['2026-03-02T06:02:11.000Z'] })

/** `?cursor=&limit=`: 50 rows unless told, at most 200. */
export const pageQuery = z.object({
  cursor: z.string().max(400).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const page = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe('cursor of the next page, null at the end') })

export const place = z.object({
  name: z.string(),
  lat_deg: z.number().nullable().optional(),
  lon_deg: z.number().nullable().optional(),
})
export type Place = z.infer<typeof place>

/** Version that the caller saw; a stale one is refused with 409. */
export const version = z.int().min(0).describe('the version you saw')
