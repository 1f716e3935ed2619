import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ClipFrames, Role } from '../../contracts/api/index.js'
import type { Clock, Ids, Log } from '../../contracts/base/index.js'
import type { CaseDesk, Links } from '../delivery/index.js'
import type { NoticeData, Policy } from '../documents/index.js'
import type { LeadDesk } from '../leads/index.js'
import type { PortalStore } from '../store/portal.js'
import { formKeyOf } from './draft.js'
import { codePage, gonePage } from './entry-pages.js'
import type { PageContext } from './frame.js'
import type { PartyCopies } from './party-copy.js'
import { readDraft, type FormFields } from './read-form.js'

/** What the party's pages need of the rest. */
export interface PortalDeps {
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly publicUrl: string
  readonly policy: Policy
  readonly cases: CaseDesk
  readonly leads: LeadDesk
  readonly links: Links
  readonly views: PortalStore
  readonly partyCopies: PartyCopies
  readonly media: { clipFrames(sha256: string): Promise<ClipFrames | null> }
}

/** Somebody who may see the pages: the party with a code, or staff looking at what the party will see. */
export interface Visit {
  readonly context: PageContext
  readonly caseId: string
  readonly notice: NoticeData
  readonly preview: boolean
}
export type TokenRequest = FastifyRequest<{ Params: { token: string; n?: string } }>

export const partyCookie = 'kw_party'
const previewRoles: readonly Role[] = ['legal_reviewer', 'officer_a', 'officer_b', 'head']
const casePattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** First value of a query parameter, null when absent. */
export function queryOf(request: FastifyRequest, name: string): string | null {
  const value = (request.query as Readonly<Record<string, unknown>>)[name]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' ? first.slice(0, 1_000) : null
}

export function sendPage(reply: FastifyReply, text: string, status = 200): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(text)
}

export function newFormKey(ids: Ids): string {
  return formKeyOf(ids.randomBytes(16))
}

/** Language and size: address, then cookie, then Chinese and normal. What the address says is kept in a cookie. */
export function contextOf(
  { policy, publicUrl }: PortalDeps,
  request: TokenRequest,
  reply: FastifyReply,
  keep: Readonly<Record<string, string>> = {},
): PageContext {
  const lang = queryOf(request, 'lang')
  const size = queryOf(request, 'size')
  const secure = publicUrl.startsWith('https:')
  const options = { path: '/p', httpOnly: true, sameSite: 'lax', secure, maxAge: 365 * 24 * 3_600 } as const
  if (lang === 'en' || lang === 'zh') void reply.setCookie('kw_lang', lang, options)
  if (size === 'large' || size === 'normal') void reply.setCookie('kw_size', size, options)
  return {
    base: `/p/${encodeURIComponent(request.params.token)}`,
    lang: (lang ?? request.cookies['kw_lang']) === 'en' ? 'en' : 'zh',
    large: (size ?? request.cookies['kw_size']) === 'large',
    keep,
    policy,
  }
}

/** The visit of a request; null when the page that stands in its way (code, or link gone) has been sent instead. */
export function enter(
  deps: PortalDeps,
  request: TokenRequest,
  reply: FastifyReply,
  fields: FormFields | null = null,
): Visit | null {
  if (queryOf(request, 'preview') !== null) return enterPreview(deps, request, reply)
  const { links, cases, ids } = deps
  const { token } = request.params
  const context = contextOf(deps, request, reply)
  const link = links.find(token)
  const notice = link === null ? null : cases.noticeOf(link.case_id)
  if (link === null || notice === null) {
    void sendPage(reply, gonePage(context), 404)
    return null
  }
  const secret = request.cookies[partyCookie] ?? ''
  if (secret === '' || secret.length > 64 || !links.isIn(token, secret)) {
    // What was written is not lost when the 30 minutes ran out: it waits behind the code.
    const draft = fields === null ? null : readDraft(fields, newFormKey(ids))
    void sendPage(reply, codePage(context, null, draft), draft === null ? 200 : 401)
    return null
  }
  return { context, caseId: link.case_id, notice, preview: false }
}

/** `/p/<case id>?preview`: the same pages for the issuing staff, before there is a link. Reads only. */
function enterPreview(deps: PortalDeps, request: TokenRequest, reply: FastifyReply): Visit | null {
  const { account } = request
  const caseId = request.params.token
  const may = account !== null && previewRoles.some((role) => account.roles.includes(role))
  if (!may || !casePattern.test(caseId) || request.method === 'POST') {
    void sendPage(reply, gonePage(contextOf(deps, request, reply)), 404)
    return null
  }
  const textId = queryOf(request, 'text_id')
  const timeNote = queryOf(request, 'time_note')
  const keep = {
    preview: '1',
    ...(textId === null ? {} : { text_id: textId }),
    ...(timeNote === null ? {} : { time_note: timeNote }),
  }
  const notice = deps.cases.noticeOf(caseId) ?? deps.cases.draft(caseId, textId ?? '', timeNote)
  return { context: contextOf(deps, request, reply, keep), caseId, notice, preview: true }
}
