import type { FastifyPluginAsync } from 'fastify'
import type { CameraPlaceBody } from '../../contracts/records/index.js'
import type { Policy } from '../documents/index.js'
import { loadAssets } from './assets.js'

export interface ConsoleDeps {
  /** Origin of the party's pages. */
  readonly publicUrl: string
  readonly policy: Policy
  /** Zones of a camera, for drawing. */
  readonly zonesOf: (device: string, cam: string) => CameraPlaceBody['zones']
}

/** Addresses of the console; each serves the same page, the script shows what the address names (EXPERIENCE.md §2.1). */
const pages = ['/', '/signin', '/triage', '/triage/*', '/leads', '/leads/*', '/reviews', '/reviews/*', '/filing', '/filing/*', '/cases', '/cases/*', '/devices', '/devices/*', '/alarms', '/figures', '/wall'] as const

/** Staff pages: one HTML page with a style nonce per answer, one script, one style sheet, nothing from elsewhere. */
export function consolePages(deps: ConsoleDeps): FastifyPluginAsync {
  return async (app) => {
    const assets = await loadAssets()
    for (const { path, type, body } of assets.files)
      app.get(path, (_request, reply) => reply.type(type).header('cache-control', 'public, max-age=31536000, immutable').send(body))
    for (const path of pages)
      app.get(path, (_request, reply) => reply.type('text/html; charset=utf-8').send(pageHtml(assets.script, assets.style, deps, reply.styleNonce)))
  }
}

function pageHtml(script: string, style: string, { policy, publicUrl }: ConsoleDeps, nonce: string): string {
  const settings = JSON.stringify({
    demo: policy.demo,
    publicUrl,
    budgetPerHour: policy.budget_leads_per_operator_hour,
    modes: policy.modes,
  }).replaceAll('<', '\\u003c')
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="kerbwatch-nonce" content="${nonce}"><meta name="kerbwatch-settings" content="${settings.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">
<title>kerbwatch</title>
<link rel="stylesheet" href="${style}">
</head>
<body><div id="root"></div><noscript>请启用 JavaScript。Please enable JavaScript.</noscript><script type="module" src="${script}"></script></body>
</html>`
}
