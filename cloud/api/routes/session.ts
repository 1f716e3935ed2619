import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { problem, session, signIn } from '../../../contracts/api/index.js'
import type { AppDeps } from '../deps.js'
import { need, sessionCookie } from '../guard.js'

export const sessionRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { accounts, clock, publicUrl }, done) => {
  const secure = publicUrl.startsWith('https:')
  app.post(
    '/v1/session',
    {
      schema: {
        tags: ['session'],
        summary: 'Sign in; the session is a cookie. A script signs in the same way.',
        body: signIn,
        response: { 200: session, 401: problem, 429: problem },
      },
    },
    async (request, reply) => {
      const { name, password } = request.body
      const { account, secret, untilMs } = await accounts.signIn(name, password, request.ip)
      const maxAge = Math.floor((untilMs - clock.wallMs()) / 1_000)
      void reply.setCookie(sessionCookie, secret, { path: '/', httpOnly: true, sameSite: 'strict', secure, maxAge })
      return { name: account.name, roles: [...account.roles] }
    },
  )
  app.get(
    '/v1/session',
    { schema: { tags: ['session'], summary: 'Who is signed in', response: { 200: session, 401: problem } } },
    (request) => {
      const { name, roles } = need(request, 'any')
      return { name, roles: [...roles] }
    },
  )
  app.delete(
    '/v1/session',
    { schema: { tags: ['session'], summary: 'Sign out', response: { 204: z.null() } } },
    async (request, reply) => {
      const secret = request.cookies[sessionCookie]
      if (secret !== undefined) accounts.signOut(secret)
      void reply.clearCookie(sessionCookie, { path: '/' })
      return reply.code(204).send(null)
    },
  )
  done()
}
