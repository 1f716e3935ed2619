import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { alarm, alarmQuery, device, deviceOrder, deviceOrderBody, page, problem } from '../../../contracts/api/index.js'
import type { AppDeps } from '../deps.js'
import { need } from '../guard.js'

const tags = ['devices']
const params = z.object({ device: z.string().regex(/^[a-z0-9-]{3,40}$/) })
const refused = { 401: problem, 403: problem }
const readers = ['technician', 'supervisor', 'head'] as const
const ordersShown = 20

/** Boxes, alarms, and what people order of a box. */
export const deviceRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { fleet, orders }, done) => {
  app.get(
    '/v1/devices',
    { schema: { tags, summary: 'Boxes, their cameras and health', response: { 200: page(device), ...refused } } },
    (request) => {
      need(request, readers)
      return { items: fleet.devices(), next: null }
    },
  )
  app.get(
    '/v1/devices/:device/orders',
    {
      schema: {
        tags,
        summary: 'What people ordered of a box, by whom, and what it answered; newest first',
        params,
        response: { 200: page(deviceOrder), ...refused, 404: problem },
      },
    },
    (request) => {
      need(request, readers)
      return { items: orders.list(request.params.device, ordersShown), next: null }
    },
  )
  app.post(
    '/v1/devices/:device/orders',
    {
      schema: {
        tags,
        summary: 'Sends a signed command; its answer appears in the list. restart and key.rotate ask for the typed id',
        params,
        body: deviceOrderBody,
        response: {
          202: deviceOrder,
          400: problem,
          ...refused,
          404: problem,
          409: problem,
          422: problem,
          429: problem,
        },
      },
    },
    async (request, reply) =>
      reply.code(202).send(orders.order(need(request, 'any'), request.params.device, request.body)),
  )
  app.get(
    '/v1/alarms',
    {
      schema: {
        tags,
        summary: 'Integrity and health alarms, newest first',
        querystring: alarmQuery,
        response: { 200: page(alarm), ...refused },
      },
    },
    (request) => {
      need(request, readers)
      const { open, cursor, limit } = request.query
      return fleet.alarms({ open: open === undefined ? null : open === 'true', cursor: cursor ?? null, limit })
    },
  )
  done()
}
