import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import {
  closeCodes,
  closeNeeds,
  closeTerms,
  counts,
  health,
  policyView,
  problem,
  rejectKeys,
} from '../../../contracts/api/index.js'
import { type EpochMs, toRfc3339 } from '../../../contracts/base/index.js'
import type { AppDeps } from '../deps.js'
import { need } from '../guard.js'

const refused = { 401: problem, 403: problem }

export const otherRoutes: FastifyPluginCallbackZod<AppDeps> = (app, deps, done) => {
  const { leads, cases, policy, clock, healthChecks } = deps
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['health'],
        summary: 'Open to all; 503 when a check fails',
        response: { 200: health, 503: health },
      },
    },
    async (_request, reply) => {
      const checks = healthChecks()
      const ok = Object.values(checks).every((state) => state === 'ok')
      return reply.code(ok ? 200 : 503).send({ ok, checks })
    },
  )
  app.get(
    '/v1/counts',
    {
      schema: {
        tags: ['figures'],
        summary: 'What waits, per cause and state; the budget',
        response: { 200: counts, ...refused },
      },
    },
    (request) => {
      need(request, 'any')
      const nowMs = clock.wallMs()
      const at = (backMs: number): string => toRfc3339((nowMs - backMs) as EpochMs)
      const { claimed, operators } = leads.store.activity(at(3_600_000), at(900_000))
      return {
        leads: leads.store.counts(at(0)),
        cases: cases.counts(),
        budget: {
          claimed_last_hour: claimed,
          operators_active: operators,
          per_operator: claimed / Math.max(1, operators),
          target: policy.budget_leads_per_operator_hour,
        },
        at: at(0),
      }
    },
  )
  app.get(
    '/v1/policy',
    {
      schema: {
        tags: ['policy'],
        summary: 'What pages need of the policy pack',
        response: { 200: policyView, ...refused },
      },
    },
    (request) => {
      need(request, 'any')
      return {
        demo: policy.demo,
        version: policy.version,
        authority: policy.authority,
        modes: policy.modes,
        texts: policy.texts.map(({ text_id, cause, mode, title }) => ({ text_id, cause, mode, title })),
        close_codes: closeCodes.map((code) => {
          const key = (rejectKeys as readonly string[]).indexOf(code)
          return {
            code,
            says: closeTerms[code],
            key: key < 0 ? null : key + 1,
            needs: (closeNeeds as Partial<Record<typeof code, { zh: string; en: string }>>)[code] ?? null,
          }
        }),
      }
    },
  )
  done()
}
