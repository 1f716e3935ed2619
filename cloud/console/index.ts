import type { FastifyPluginAsync } from 'fastify'
import type { LeadView } from '../../contracts/api/index.js'
import type { CameraPlaceBody } from '../../contracts/records/index.js'
import type { Policy } from '../documents/index.js'
import { loadAssets, type Assets } from './assets.js'

export { bundleConsole, writeConsole } from './assets.js'

export interface ConsoleDeps {
  /** Origin of the party's pages. */
  readonly publicUrl: string
  readonly policy: Policy
  /** Zones of a camera, for drawing. */
  readonly zonesOf: (device: string, cam: string) => CameraPlaceBody['zones']
}

/** First parts of the console's addresses; each serves the same page, the script shows what the address names (EXPERIENCE.md §2.1). */
const pages = [
  'signin',
  'triage',
  'leads',
  'reviews',
  'filing',
  'cases',
  'devices',
  'alarms',
  'figures',
  'wall',
] as const

/**
 * Staff pages: one HTML page with a style nonce per answer, one script, one style sheet, nothing from elsewhere; and
 * `GET /v1/leads/:id/zones` for drawing.
 */
export function consolePages(deps: ConsoleDeps): FastifyPluginAsync {
  return async (app) => {
    const assets = await loadAssets()
    const schema = { hide: true }
    for (const { path, type, body } of assets.files)
      app.get(path, { schema }, (_request, reply) =>
        reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(body),
      )
    for (const path of ['/', ...pages.flatMap((name) => [`/${name}`, `/${name}/*`])])
      app.get(path, { schema }, (_request, reply) =>
        reply.type('text/html; charset=utf-8').send(pageHtml(assets, deps, reply.styleNonce)),
      )

    // Whoever may read the lead may see its zones: the same person asks the lead's own route, so there is one rule, not two.
    app.get<{ Params: { id: string } }>(
      '/v1/leads/:id/zones',
      { schema: { tags: ['leads'], summary: 'Zones of the lead’s camera as the box last reported them, for drawing' } },
      async (request, reply) => {
        const answer = await app.inject({
          url: `/v1/leads/${encodeURIComponent(request.params.id)}`,
          headers: { cookie: request.headers.cookie ?? '' },
        })
        if (answer.statusCode !== 200)
          return reply
            .code(answer.statusCode)
            .type(String(answer.headers['content-type'] ?? 'application/problem+json'))
            .send(answer.payload)
        const { device, cam } = answer.json<LeadView>()
        const items = deps.zonesOf(device, cam).map(({ id, kind, polygon_e4 }) => ({ id, kind, polygon_e4 }))
        return reply.send({ items, next: null })
      },
    )
  }
}

function pageHtml({ script, style }: Assets, { policy, publicUrl }: ConsoleDeps, nonce: string): string {
  const settings = JSON.stringify({
    demo: policy.demo,
    publicUrl,
    budgetPerHour: policy.budget_leads_per_operator_hour,
    tz: policy.tz,
    authority: policy.authority.name,
    hotline: policy.authority.hotline,
  })
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="kerbwatch-nonce" content="${nonce}"><meta name="kerbwatch-settings" content="${inAttribute(settings)}">
<title>kerbwatch</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
</head>
<body><div id="root"></div><noscript>请启用 JavaScript。Please enable JavaScript.</noscript><script type="module" src="${script}"></script></body>
</html>`
}

function inAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
