import { z } from 'zod'
import { roles } from './roles.js'

export const accountName = z.string().regex(/^[a-z][a-z0-9_.-]{1,39}$/)
export const signIn = z
  .strictObject({ name: z.string().min(1).max(40), password: z.string().min(1).max(200) })
  .meta({ examples: [{ name: 'operator1', password: 'correct horse battery staple' }] })
export const session = z
  .object({ name: z.string(), roles: z.array(z.enum(roles)) })
  .meta({ id: 'Session', examples: [{ name: 'operator1', roles: ['operator'] }] })
export type Session = z.infer<typeof session>
