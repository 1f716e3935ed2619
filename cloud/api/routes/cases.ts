import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  caseFile,
  caseQuery,
  linkAnswer,
  noticeAnswer,
  noticeBody,
  page,
  problem,
  version,
} from '../../../contracts/api/index.js'
import { readCursor, writeCursor } from '../cursor.js'
import type { AppDeps } from '../deps.js'
import { caseReaders, need } from '../guard.js'

const params = z.object({ id: z.uuid() })
const cursor = z.object({ filed_at: z.string().max(40), id: z.string().max(40) })
const tags = ['cases']
const refused = { 400: problem, 401: problem, 403: problem, 404: problem, 409: problem, 422: problem }

export const caseRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { cases }, done) => {
  app.get(
    '/v1/cases',
    {
      schema: {
        tags,
        summary: 'Cases, newest first',
        querystring: caseQuery,
        response: { 200: page(caseFile), 400: problem, 401: problem, 403: problem },
      },
    },
    (request) => {
      const actor = need(request, caseReaders)
      const { state, limit } = request.query
      const items = cases.list(actor, state ?? null, readCursor(request.query.cursor, cursor), limit + 1)
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: items.slice(0, limit),
        next: last === undefined ? null : writeCursor({ filed_at: last.filed_at, id: last.id }),
      }
    },
  )
  app.get(
    '/v1/cases/:id',
    {
      schema: {
        tags,
        summary: 'One case with its log, and why what is not allowed is not',
        params,
        response: { 200: caseFile, 401: problem, 403: problem, 404: problem },
      },
    },
    (request) => cases.open(need(request, caseReaders), request.params.id),
  )
  app.post(
    '/v1/cases/:id/notice',
    {
      schema: {
        tags,
        summary: 'The legal reviewer issues the notice; link and code are answered once',
        params,
        body: noticeBody,
        response: { 200: noticeAnswer, ...refused },
      },
    },
    async (request) => {
      const { version: seen, text_id, time_note } = request.body
      return cases.issue(need(request, 'any'), request.params.id, {
        version: seen,
        textId: text_id,
        timeNote: time_note ?? null,
      })
    },
  )
  app.post(
    '/v1/cases/:id/link',
    {
      schema: {
        tags,
        summary: 'A new link and code for a lost one; the old link dies',
        params,
        body: z.strictObject({ version }),
        response: { 200: linkAnswer, ...refused },
      },
    },
    async (request) => cases.replaceLink(need(request, 'any'), request.params.id, request.body.version),
  )
  done()
}
