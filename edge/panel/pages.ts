import { readFileSync } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Files of the page, all in the box. */
const assets = {
  'panel.js': 'text/javascript; charset=utf-8',
  'texts.js': 'text/javascript; charset=utf-8',
  'parts.js': 'text/javascript; charset=utf-8',
  'zones.js': 'text/javascript; charset=utf-8',
  'polygon.js': 'text/javascript; charset=utf-8',
  'panel.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const
const paths = ['/', '/cameras/:id', '/zones', '/zones/:id', '/health', '/suspicions', '/settings']
const yearS = 31_536_000

/** One shell for every page; the script draws what the address names. Language: `?lang=`, then cookie, then Chinese. */
export function pages(app: FastifyInstance): void {
  const read = (name: string): string => readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8')
  const shell = read('page.html')
  for (const [name, type] of Object.entries(assets)) {
    const content = read(name)
    app.get(`/assets/${name}`, (_request, reply) => reply.type(type).send(content))
  }
  for (const path of paths)
    app.get<{ Querystring: { lang?: string } }>(path, ({ query, headers }, reply): FastifyReply => {
      const asked = query.lang === 'en' || query.lang === 'zh' ? query.lang : null
      const kept = /(?:^|;\s*)kw_lang=(zh|en)(?:;|$)/.exec(headers.cookie ?? '')?.[1]
      const lang = asked ?? kept ?? 'zh'
      if (asked !== null)
        void reply.header('set-cookie', `kw_lang=${asked}; Path=/; Max-Age=${yearS}; SameSite=Strict; HttpOnly`)
      return reply
        .type('text/html; charset=utf-8')
        .send(shell.replace('lang="zh-CN"', `lang="${lang === 'zh' ? 'zh-CN' : 'en'}"`))
    })
}
