import type { FastifyPluginCallback } from 'fastify'
import { RefusedError } from '../../contracts/api/index.js'
import type { Box } from '../../contracts/base/index.js'
import type { NoticeData } from '../documents/index.js'
import type { Draft } from './draft.js'
import { codePage, faultPage, firstPage, gonePage } from './entry-pages.js'
import { evidencePage, noticePage, type ClipFacts } from './evidence-pages.js'
import { checkPage, receiptPage, statementPage } from './statement-pages.js'
import { faultsOf, firstOf, readDraft, readFields, type FormFields } from './read-form.js'
import { logLook, sendFile } from './send-file.js'
import { portalCss, portalCssVersion } from './style.js'
import { grounds, say } from './texts.js'
import {
  contextOf,
  enter,
  newFormKey,
  partyCookie,
  queryOf,
  sendPage,
  type PortalDeps,
  type TokenRequest,
  type Visit,
} from './visit.js'

/** CSP of the party's pages (EXPERIENCE.md §7). Only the staff preview may be framed, and only by our own pages. */
export function portalCsp(preview: boolean): string {
  const framed = preview ? "'self'" : "'none'"
  return `default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ${framed}`
}

const sessionS = 30 * 60

/** The party's pages: `/p/<token>` and what lies under it (DESIGN.md §9.6). */
export const portalRoutes: FastifyPluginCallback<PortalDeps> = (app, deps, done) => {
  const { ids, cases, links, policy } = deps
  const schema = { hide: true }
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, readFields(String(body)))
  })
  app.addHook('onRequest', async (request, reply) => {
    const csp = portalCsp(queryOf(request, 'preview') !== null)
    void reply.headers({ 'content-security-policy': csp, 'x-robots-tag': 'noindex, nofollow' })
  })
  app.get(`/p/style-${portalCssVersion}.css`, { schema }, (_request, reply) =>
    reply
      .type('text/css; charset=utf-8')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(portalCss),
  )

  app.get('/p/:token', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    return sendPage(reply, firstPage(visit.context, visit.notice, await clipFacts(deps, visit.caseId)))
  })
  app.post('/p/:token', { schema }, async (request: TokenRequest, reply) => {
    const { token } = request.params
    const context = contextOf(deps, request, reply)
    const fields = fieldsOf(request)
    const draft = firstOf(fields, 'resume') === '' ? null : readDraft(fields, newFormKey(ids))
    const answer = await links.tryCode(token, firstOf(fields, 'code').slice(0, 100), request.ip)
    if (answer.kind === 'unknown') return sendPage(reply, gonePage(context), 404)
    if (answer.kind === 'wait')
      return sendPage(reply.header('retry-after', '3600'), codePage(context, { kind: 'wait' }, draft), 429)
    if (answer.kind === 'wrong') return sendPage(reply, codePage(context, answer, draft), 422)
    const secure = deps.publicUrl.startsWith('https:')
    const path = `/p/${token}`
    void reply.setCookie(partyCookie, answer.secret, {
      path,
      httpOnly: true,
      sameSite: 'strict',
      secure,
      maxAge: sessionS,
    })
    const link = links.find(token)
    if (link !== null) cases.recordOpening(link.case_id)
    return draft === null ? reply.redirect(context.base, 303) : sendPage(reply, statementPage(context, draft, []))
  })
  app.get('/p/:token/evidence', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    const looks = deps.views.views(cases.leadOf(visit.caseId).id).length
    return sendPage(reply, evidencePage(visit.context, visit.notice, await clipFacts(deps, visit.caseId), looks))
  })
  app.get('/p/:token/notice', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    return sendPage(reply, noticePage(visit.context, visit.notice, cases.partyName(visit.caseId)))
  })
  app.get('/p/:token/still/:n', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    const still = visit.notice.stills[Number(request.params.n) - 1]
    const file = still === undefined ? null : await deps.partyCopies.still(still.sha256, boxOf(visit.notice))
    if (file === null) return sendPage(reply, gonePage(visit.context), 404)
    return sendFile(request, reply, file, 'image/jpeg')
  })
  app.get('/p/:token/clip', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    return sendClip(deps, visit, request, reply)
  })

  app.get('/p/:token/statement', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    const about = Number(queryOf(request, 'about') ?? '0')
    const words =
      Number.isInteger(about) && visit.notice.stills[about - 1] !== undefined
        ? say(visit.context.lang, 'still.about', { n: about })
        : ''
    const draft: Draft = {
      key: newFormKey(ids),
      acting: 'party',
      name: '',
      contact: '',
      grounds: grounds.filter((ground) => ground === queryOf(request, 'ground')),
      words,
    }
    return sendPage(reply, statementPage(visit.context, draft, []))
  })
  app.post('/p/:token/statement', { schema }, async (request: TokenRequest, reply) => {
    const fields = fieldsOf(request)
    const visit = enter(deps, request, reply, fields)
    if (visit === null) return reply
    const { context, caseId } = visit
    const draft = readDraft(fields, newFormKey(ids))
    const faults = faultsOf(draft)
    const step = firstOf(fields, 'step')
    if (faults.length > 0 || step === 'edit')
      return sendPage(reply, statementPage(context, draft, faults), faults.length > 0 ? 422 : 200)
    if (step !== 'send') return sendPage(reply, checkPage(context, draft))
    const { key, ...statement } = draft
    try {
      const { n } = cases.recordStatement(caseId, key, statement)
      return await reply.redirect(`${context.base}/receipts/${n}`, 303)
    } catch (error) {
      if (error instanceof RefusedError && error.code === 'STATEMENT_TOO_MANY')
        return sendPage(reply, faultPage(context, 'fault.many'), 429)
      throw error
    }
  })
  app.get('/p/:token/receipts/:n', { schema }, async (request: TokenRequest, reply) => {
    const visit = enter(deps, request, reply)
    if (visit === null) return reply
    const row = cases.statement(visit.caseId, Number(request.params.n))
    if (row === null) return sendPage(reply, gonePage(visit.context), 404)
    return sendPage(reply, receiptPage(visit.context, row, policy.tz))
  })
  done()
}

/** A post of another type than a form has no fields. */
function fieldsOf(request: TokenRequest): FormFields {
  return request.body instanceof Map ? (request.body as FormFields) : new Map()
}

function boxOf({ box_e4 }: NoticeData): Box {
  const [x, y, w, h] = box_e4
  return [x / 10_000, y / 10_000, w / 10_000, h / 10_000]
}

async function clipFacts({ cases, leads, partyCopies, media }: PortalDeps, caseId: string): Promise<ClipFacts | null> {
  const { id } = cases.leadOf(caseId)
  const bytes = await partyCopies.clipBytes(id)
  if (bytes === null) return null
  const { sha256 } = leads.clipOf(id)
  return { bytes, frames: sha256 === null ? null : await media.clipFrames(sha256) }
}

async function sendClip(
  { cases, leads, partyCopies, views, clock }: PortalDeps,
  { caseId, context, notice, preview }: Visit,
  request: TokenRequest,
  reply: Parameters<typeof sendPage>[0],
): Promise<typeof reply> {
  const { id } = cases.leadOf(caseId)
  const file = await partyCopies.clip(id, boxOf(notice))
  if (file === null) return sendPage(reply, gonePage(context), 404)
  if (!preview)
    logLook(views, clock.wallMs(), {
      by: 'party',
      what: 'party_clip',
      sha256: leads.clipOf(id).sha256 ?? '',
      lead_id: id,
    })
  const name = notice.number.replace(/\D+/g, '-').replace(/^-|-$/g, '')
  if (queryOf(request, 'download') !== null)
    void reply.header('content-disposition', `attachment; filename="${name}.mp4"`)
  return sendFile(request, reply, file, 'video/mp4', 'private, max-age=600')
}
