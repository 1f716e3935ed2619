import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  caseFile,
  fetchBody,
  fileBody,
  lead,
  leadQuery,
  leadSeen,
  mergeBody,
  page,
  problem,
  RefusedError,
  rejectBody,
  reviewAnswer,
  reviewBody,
  versionBody,
} from '../../../contracts/api/index.js'
import { fromRfc3339 } from '../../../contracts/base/index.js'
import { leadRefusals, seenOf, type LeadWish } from '../../leads/index.js'
import { readCursor, writeCursor } from '../cursor.js'
import type { AppDeps } from '../deps.js'
import { leadReaders, need } from '../guard.js'

const params = z.object({ id: z.uuid() })
const cursor = z.object({ grade: z.int(), confirmed_at: z.string().max(40), id: z.string().max(40) })
const tags = ['leads']
const refused = { 400: problem, 401: problem, 403: problem, 404: problem, 409: problem, 422: problem }

export const leadRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { leads, cases, fleet }, done) => {
  app.get(
    '/v1/leads',
    {
      schema: {
        tags,
        summary: 'Leads in the order of the queue: strongest grade, then longest waiting',
        querystring: leadQuery,
        response: { 200: page(lead), 400: problem, 401: problem, 403: problem },
      },
    },
    (request) => {
      const actor = need(request, leadReaders)
      const { state, cause, cam, limit } = request.query
      const after = readCursor(request.query.cursor, cursor)
      const items = leads.list(actor, { state, cause, cam }, after, limit + 1)
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: items.slice(0, limit),
        next:
          last === undefined ? null : writeCursor({ grade: last.grade, confirmed_at: last.confirmed_at, id: last.id }),
      }
    },
  )
  app.get(
    '/v1/leads/next',
    {
      schema: {
        tags,
        summary: 'Claims the first free lead of the queue and returns it; 204 when there is none',
        querystring: z.object({
          skip: z.string().max(1_000).optional().describe('ids, by commas, that you just handed back'),
        }),
        response: { 200: lead, 204: z.null(), 401: problem, 403: problem },
      },
    },
    async (request, reply) => {
      const actor = need(request, ['operator'])
      const claimed = leads.next(actor, (request.query.skip ?? '').split(',').filter(Boolean).slice(0, 20))
      return claimed === null ? reply.code(204).send(null) : claimed
    },
  )
  app.get(
    '/v1/leads/:id',
    {
      schema: {
        tags,
        summary: 'One lead. Opened by an operator or officer, its clip is asked for.',
        params,
        response: { 200: lead, 401: problem, 403: problem, 404: problem },
      },
    },
    (request) => leads.open(need(request, leadReaders), request.params.id),
  )

  for (const action of ['claim', 'release', 'accept', 'clip'] as const)
    app.post(
      `/v1/leads/:id/${action}`,
      {
        schema: {
          tags,
          summary: summaries[action],
          params,
          body: versionBody,
          response: { 200: lead, ...refused },
        },
      },
      (request) => {
        const { version, note = '' } = request.body
        const wish: LeadWish = action === 'accept' ? { action, note } : { action }
        return leads.act(need(request, 'any'), request.params.id, version, wish)
      },
    )
  app.post(
    '/v1/leads/:id/fetch',
    {
      schema: {
        tags,
        summary: 'Asks the box for footage between the windows of the clip; it joins the clip when it is here',
        params,
        body: fetchBody,
        response: { 202: lead, ...refused },
      },
    },
    async (request, reply) => {
      const { from_at, to_at } = request.body
      const span = { fromMs: fromRfc3339(from_at), toMs: fromRfc3339(to_at) }
      return reply.code(202).send(leads.fetchSpan(need(request, 'any'), request.params.id, span))
    },
  )
  app.get(
    '/v1/leads/:id/seen',
    {
      schema: {
        tags,
        summary: 'What the box saw of the act, and when it saw nothing',
        params,
        response: { 200: leadSeen, 401: problem, 403: problem, 404: problem },
      },
    },
    (request) => {
      need(request, leadReaders)
      const row = leads.find(request.params.id)
      if (row === null) throw new RefusedError(leadRefusals.notFound())
      return seenOf(row, fleet.gapsOf)
    },
  )
  app.post(
    '/v1/leads/:id/reject',
    {
      schema: {
        tags,
        summary: 'Closes the lead with a reason code',
        params,
        body: rejectBody,
        response: { 200: lead, ...refused },
      },
    },
    (request) => {
      const { version, code, note = '' } = request.body
      return leads.act(need(request, 'any'), request.params.id, version, { action: 'reject', code, note })
    },
  )
  app.post(
    '/v1/leads/:id/merge',
    {
      schema: {
        tags,
        summary: 'Closes the lead as part of another (RX02)',
        params,
        body: mergeBody,
        response: { 200: lead, ...refused },
      },
    },
    (request) => {
      const { version, into, note = '' } = request.body
      return leads.act(need(request, 'any'), request.params.id, version, { action: 'merge', into, note })
    },
  )
  app.post(
    '/v1/leads/:id/reviews',
    {
      schema: {
        tags,
        summary:
          'One officer’s blind verdict. Nothing changes for others until both are in; one rejection returns the lead.',
        params,
        body: reviewBody,
        response: { 201: reviewAnswer, ...refused },
      },
    },
    async (request, reply) => {
      const actor = need(request, 'any')
      const { version, verdict, note } = request.body
      const after = leads.act(actor, request.params.id, version, { action: 'review', verdict, note })
      const at = after.my_review?.at ?? after.reviews.find(({ by }) => by === actor.name)?.at ?? ''
      return reply.code(201).send({ lead: after.id, verdict, at, both_in: after.version !== version })
    },
  )
  app.post(
    '/v1/leads/:id/file',
    {
      schema: {
        tags,
        summary: 'The head files the lead: a case begins',
        params,
        body: fileBody,
        response: { 200: caseFile, ...refused },
      },
    },
    (request) => {
      const { version, party } = request.body
      return cases.file(need(request, 'any'), request.params.id, version, party)
    },
  )
  done()
}

const summaries = {
  claim: 'Takes the lead for 10 minutes; again: for another 10',
  release: 'Hands the lead back',
  accept: 'Accepts the lead: two officers review it, and the box keeps the footage of the whole act',
  clip: 'Asks the box for the clip again',
} as const
