import type { FastifyInstance, FastifyRequest } from 'fastify'
import { notYourRole, ownRule, RefusedError, type Role } from '../../contracts/api/index.js'
import type { Accounts, SignedIn } from '../accounts/index.js'
import type { Actor } from '../leads/index.js'

/** Name of the staff cookie. */
export const sessionCookie = 'kw_session'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in, from the session cookie; null for strangers. */
    account: SignedIn | null
  }
  interface FastifyReply {
    /** Nonce of this answer's styles: `<style nonce=…>`. */
    styleNonce: string
  }
}

/** Roles that may read leads and their pictures. */
export const leadReaders = ['operator', 'officer_a', 'officer_b', 'head', 'legal_reviewer', 'supervisor'] as const
/** Roles of a case. */
export const caseReaders = ['officer_a', 'officer_b', 'head', 'legal_reviewer', 'supervisor'] as const
/** Originals are for these only, and each view is logged (DESIGN.md §9.5). */
export const originalReaders = ['officer_a', 'officer_b', 'legal_reviewer'] as const

/** Who acts, when they have one of the roles. @throws RefusedError `SIGNED_OUT` (401) or `ROLE_WRONG` (403) */
export function need(request: FastifyRequest, roles: readonly Role[] | 'any'): Actor {
  const { account } = request
  if (account === null)
    throw new RefusedError({
      code: 'SIGNED_OUT',
      status: 401,
      says: { zh: '请先登录。', en: 'Please sign in first.' },
      gate: 'session',
      article: ownRule,
      next: { zh: '登录后再试。', en: 'Sign in and try again.' },
    })
  if (roles !== 'any' && !roles.some((role) => account.roles.includes(role))) throw new RefusedError(notYourRole(roles))
  return account
}

/**
 * Reads the session cookie, and refuses a write that another site started: a browser's `Origin` must be ours, by the
 * configured address or by the one that the browser itself asked. Scripts send none.
 */
export function guard(app: FastifyInstance, accounts: Accounts, publicUrl: string): void {
  const ownOrigin = new URL(publicUrl).origin
  app.decorateRequest('account', null)
  app.addHook('onRequest', (request, _reply, done) => {
    const secret = request.cookies[sessionCookie]
    if (secret !== undefined && secret.length <= 100) request.account = accounts.who(secret)
    const { origin, host } = request.headers
    const reads = ['GET', 'HEAD', 'OPTIONS'].includes(request.method)
    const own = origin === undefined || origin === ownOrigin || hostOf(origin) === host
    done(reads || own ? undefined : foreign(origin))
  })
  const foreign = (origin: string): RefusedError =>
    new RefusedError({
      code: 'ORIGIN_FOREIGN',
      status: 403,
      says: {
        zh: `这个请求来自 ${origin.slice(0, 100)}，不是本站（${ownOrigin}）。`,
        en: `This request came from ${origin.slice(0, 100)}, not from this site (${ownOrigin}).`,
      },
      next: { zh: `请从 ${ownOrigin} 打开页面。`, en: `Open the page at ${ownOrigin}.` },
    })
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}
