import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Clock, Log } from '../../contracts/base/index.js'
import { PanelProblem, problemOf } from './problem.js'

const triesMax = 20
const triesWindowMs = 600_000
const addressesMax = 500
export const contentPolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

/** Password (HTTP Basic, user `panel`), origin of writes, headers, and errors as problem+json. `/healthz` is open. */
export function guard(
  app: FastifyInstance,
  password: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): void {
  const expected = digest(`panel:${password}`)
  const tries = new Tries(clock)

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': contentPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    if (request.routeOptions.url === '/healthz') return
    if (tries.areSpent(request.ip)) throw tooMany
    const given = /^Basic ([A-Za-z0-9+/=]+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined || !timingSafeEqual(digest(Buffer.from(given, 'base64').toString('utf8')), expected)) {
      if (given !== undefined) tries.count(request.ip)
      void reply.header('www-authenticate', 'Basic realm="kerbwatch", charset="UTF-8"')
      throw needsPassword
    }
    // A browser says which page a write comes from; the password goes along with every request, so another site's page must not write.
    const { origin, host } = request.headers
    if (request.method !== 'GET' && request.method !== 'HEAD' && origin !== undefined && hostOf(origin) !== host)
      throw foreign
  })
  app.setNotFoundHandler((_request, reply) => send(reply, notFound))
  app.setErrorHandler((error: unknown, request, reply) => {
    if (error instanceof PanelProblem) return send(reply, error)
    const status = (error as { statusCode?: number }).statusCode ?? 500
    if (status < 500)
      return send(
        reply,
        new PanelProblem(status, 'REQUEST_MALFORMED', { zh: '请求的格式不对。', en: 'The request is malformed.' }),
      )
    log.error({ err: error, url: request.url }, 'the panel could not answer')
    return send(reply, failed)
  })
}

function send(reply: FastifyReply, problem: PanelProblem): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(problemOf(problem))
}

const needsPassword = new PanelProblem(401, 'PASSWORD_NEEDED', {
  zh: '请输入密码，用户名是 panel。',
  en: 'Give the password; the user is panel.',
})
const tooMany = new PanelProblem(429, 'PASSWORD_TRIES', {
  zh: '密码错了 20 次。请等 10 分钟。',
  en: 'The password was wrong 20 times. Wait 10 minutes.',
})
const foreign = new PanelProblem(403, 'ORIGIN_FOREIGN', {
  zh: '这个请求来自别的网站，没有执行。',
  en: 'This request comes from another site; nothing was done.',
})
const notFound = new PanelProblem(404, 'PAGE_UNKNOWN', { zh: '没有这一页。', en: 'There is no such page.' })
const failed = new PanelProblem(500, 'PANEL_FAILED', {
  zh: '盒子没能回答，原因写在它的日志里。录像和记录不受影响。',
  en: 'The box could not answer; its log says why. Footage and records are not affected.',
})

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

/** Wrong passwords per address; bounded: the oldest address is forgotten first. */
class Tries {
  readonly #clock: Clock
  readonly #counts = new Map<string, { count: number; sinceMono: number }>()
  constructor(clock: Clock) {
    this.#clock = clock
  }

  areSpent(address: string): boolean {
    const entry = this.#counts.get(address)
    if (entry === undefined) return false
    if (this.#clock.monoMs() - entry.sinceMono <= triesWindowMs) return entry.count >= triesMax
    this.#counts.delete(address)
    return false
  }

  count(address: string): void {
    const entry = this.#counts.get(address)
    if (entry !== undefined) entry.count += 1
    else this.#counts.set(address, { count: 1, sinceMono: this.#clock.monoMs() })
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > addressesMax && oldest !== undefined) this.#counts.delete(oldest)
  }
}
