import { z } from 'zod'
import { apiInstant } from './common.js'
import { bilingual } from './problem.js'
import type { Role } from './roles.js'

/** Commands that people may send to a box. Footage is asked for through its lead, never here. */
export const deviceOrders = ['time.check', 'recapture', 'restart', 'key.rotate'] as const
export type DeviceOrder = (typeof deviceOrders)[number]

interface OrderRule {
  readonly roles: readonly Role[]
  /** The device's id must be typed: it stops recognition for a while, or changes what later records are signed with. */
  readonly confirm: boolean
  /** After this it makes no sense any more. */
  readonly livesMs: number
}

/** Who may order what, and how long the order lives when the box is away. */
export const orderRules = {
  'time.check': { roles: ['technician'], confirm: false, livesMs: 10 * 60_000 },
  recapture: { roles: ['technician', 'operator'], confirm: false, livesMs: 5 * 60_000 },
  restart: { roles: ['technician'], confirm: true, livesMs: 10 * 60_000 },
  'key.rotate': { roles: ['technician'], confirm: true, livesMs: 60 * 60_000 },
} as const satisfies Record<DeviceOrder, OrderRule>

export const deviceOrderBody = z
  .strictObject({
    name: z.enum(deviceOrders),
    cam: z.string().max(20).optional().describe('recapture: the camera'),
    incident: z.uuid().optional().describe('recapture: the lead that the picture belongs to'),
    confirm: z.string().max(40).optional().describe('restart, key.rotate: the id of the device, typed by a person'),
  })
  .meta({ examples: [{ name: 'restart', confirm: 'kwdev-0001' }] })
export type DeviceOrderBody = z.infer<typeof deviceOrderBody>

/** One order and what became of it. Rows are never deleted: they are the record of who ordered what. */
export const deviceOrder = z
  .object({
    device: z.string(),
    cseq: z.int().describe('number of the command, as the box answers it'),
    name: z.string(),
    args: z.record(z.string(), z.unknown()),
    by: z.string(),
    state: z.enum(['queued', 'ok', 'refused', 'failed', 'expired']),
    made_at: apiInstant,
    expires_at: apiInstant,
    sent_at: apiInstant.nullable(),
    done_at: apiInstant.nullable(),
    result: z.record(z.string(), z.unknown()).nullable().describe('what the box answered, as it signed it'),
    says: bilingual.describe('the answer in words'),
  })
  .meta({ id: 'DeviceOrder' })
export type DeviceOrderView = z.infer<typeof deviceOrder>
