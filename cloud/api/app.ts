import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { portalRoutes } from '../portal/index.js'
import type { AppDeps } from './deps.js'
import { problemHandler, sendProblem } from './errors.js'
import { guard } from './guard.js'
import { caseRoutes } from './routes/cases.js'
import { deviceRoutes } from './routes/devices.js'
import { fileRoutes } from './routes/files.js'
import { leadRoutes } from './routes/leads.js'
import { mediaRoutes } from './routes/media.js'
import { otherRoutes } from './routes/other.js'
import { sessionRoutes } from './routes/session.js'
import { streamRoutes } from './stream.js'

/** Largest body of the API and of forms; objects have their own limit in their own plug-in. */
export const bodyBytesMax = 64 * 1024

/** CSP of staff pages (EXPERIENCE.md §7): own scripts only, styles own or with this answer's nonce. */
export function consoleCsp(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "frame-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** The whole server, not yet listening: `app.listen` in the product, `app.inject` in tests. Closing it ends its streams. */
export function buildApp(deps: AppDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    trustProxy: deps.trustProxy ?? false,
    // A segment of 64 MiB at 1 Mbit/s takes nine minutes.
    requestTimeout: 600_000,
    genReqId: () => `e-${Buffer.from(deps.ids.randomBytes(4)).toString('hex')}`,
    routerOptions: { maxParamLength: 200 },
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(problemHandler(deps.log))
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, [
      {
        code: 'NOT_FOUND',
        status: 404,
        says: { zh: '没有这个地址。', en: 'There is no such address.' },
        next: { zh: '回到首页。', en: 'Go to the first page.' },
      },
    ]),
  )
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'kerbwatch',
        version: '1',
        description: 'Leads, cases and notices of the cloud. Refusals are problem+json (schema Problem).',
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  void app.register(cookie)
  secure(app, deps)
  guard(app, deps.accounts, deps.publicUrl)
  for (const routes of [sessionRoutes, leadRoutes, caseRoutes, fileRoutes, mediaRoutes, deviceRoutes, otherRoutes])
    void app.register(routes, deps)
  void app.register(streamRoutes, deps)
  void app.register(portalRoutes, deps)
  for (const plugin of deps.plugins ?? []) void app.register(plugin)
  return app
}

function secure(app: FastifyInstance, { ids, log, publicUrl }: AppDeps): void {
  const https = publicUrl.startsWith('https:')
  void app.register(helmet, {
    contentSecurityPolicy: false, // set below, per kind of page
    hsts: https ? { maxAge: 31_536_000 } : false,
    // The party's address is a secret for other sites. Not `no-referrer`: with it browsers post our own forms with `Origin: null`.
    referrerPolicy: { policy: 'same-origin' },
    frameguard: false, // frame-ancestors of each CSP says more
  })
  app.decorateReply('styleNonce', '')
  app.addHook('onRequest', async (_request, reply) => {
    reply.styleNonce = Buffer.from(ids.randomBytes(16)).toString('base64')
    void reply.headers({ 'content-security-policy': consoleCsp(reply.styleNonce), 'cache-control': 'no-store' })
  })
  app.addHook('onResponse', async (request, reply) => {
    // The pattern, never the address: tokens and ids stay out of the log.
    const { method, id } = request
    const values = {
      id,
      method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    }
    if (reply.statusCode >= 500) log.warn(values, 'answered')
    else log.debug(values, 'answered')
  })
}
