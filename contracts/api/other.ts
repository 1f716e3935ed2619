import { z } from 'zod'
import { causes } from '../terms.js'
import { apiInstant, pageQuery, place } from './common.js'
import { bilingual } from './problem.js'
import { modes } from './states.js'

export const device = z
  .object({
    id: z.string(),
    online: z.boolean(),
    last_record_at: apiInstant.nullable(),
    removed_at: apiInstant.nullable().describe('taken out of the configuration: its key is closed, its history stays'),
    health: z.record(z.string(), z.unknown()).nullable().describe('the last heartbeat'),
    cameras: z.array(z.object({ cam: z.string(), place, state: z.string(), fault: z.string().nullable() })),
  })
  .meta({ id: 'Device' })
export type DeviceView = z.infer<typeof device>

export const alarm = z
  .object({
    id: z.string(),
    device: z.string(),
    kind: z.string(),
    raised_at: apiInstant,
    cleared_at: apiInstant.nullable(),
    says: bilingual,
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Alarm' })
export type AlarmView = z.infer<typeof alarm>
export const alarmQuery = z.object({ ...pageQuery.shape, open: z.enum(['true', 'false']).optional() })

/**
 * Why a clip has a break. `not_fetched`: the box may have it; `fetching`: asked for; `overwritten`: the box has it no more;
 * `gap`: nothing was recorded then.
 */
export const breakReasons = ['not_fetched', 'fetching', 'overwritten', 'gap'] as const
export type BreakReason = (typeof breakReasons)[number]

/** Times of the pictures of a derivative, and where footage is missing inside it. */
export const clipFrames = z
  .object({
    frames_ms: z.array(z.number()).describe('media time of each frame of the derivative, ascending'),
    windows: z.array(z.object({ from_ms: z.number(), to_ms: z.number(), from_at: apiInstant, to_at: apiInstant })),
    breaks: z.array(
      z.object({
        at_ms: z.number().describe('media time of the break'),
        from_at: apiInstant,
        to_at: apiInstant,
        reason: z.enum(breakReasons),
      }),
    ),
  })
  .meta({ id: 'ClipFrames' })
export type ClipFrames = z.infer<typeof clipFrames>

/** Counts that the bar, the wall and the budget chip show; every count opens as a list of leads. */
export const counts = z
  .object({
    leads: z.array(
      z.object({ cause: z.enum(causes), state: z.string(), n: z.int(), oldest_at: apiInstant.nullable() }),
    ),
    cases: z.array(z.object({ state: z.string(), n: z.int() })),
    budget: z.object({
      claimed_last_hour: z.int(),
      operators_active: z.int(),
      per_operator: z.number(),
      target: z.number(),
    }),
    at: apiInstant,
  })
  .meta({ id: 'Counts' })
export type Counts = z.infer<typeof counts>

/** What pages need of the policy pack. */
export const policyView = z
  .object({
    demo: z.boolean(),
    version: z.string(),
    authority: z.object({ name: bilingual, counter: bilingual, hotline: z.string() }),
    modes: z.record(z.enum(causes), z.enum(modes)),
    texts: z.array(z.object({ text_id: z.string(), cause: z.enum(causes), mode: z.enum(modes), title: bilingual })),
    close_codes: z.array(
      z.object({ code: z.string(), says: bilingual, key: z.int().nullable(), needs: bilingual.nullable() }),
    ),
  })
  .meta({ id: 'Policy' })

export const health = z.object({ ok: z.boolean(), checks: z.record(z.string(), z.string()) }).meta({ id: 'Health' })
