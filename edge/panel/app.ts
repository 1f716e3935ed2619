import fastify, { type FastifyInstance } from 'fastify'
import { guard } from './guard.js'
import { pages } from './pages.js'
import { routes } from './routes.js'
import type { PanelDeps } from './state.js'
import { SuspicionLog } from './suspicions.js'
import { Watcher } from './watcher.js'

/** The panel without a port: `app.inject` and `app.listen` both serve it. The watcher ends with the app. */
export function createPanel(password: string, deps: PanelDeps): FastifyInstance {
  const app = fastify({ logger: false, bodyLimit: 2 << 20 })
  const { data, site } = deps.edge.config
  const suspicions = new SuspicionLog(data, site.tz)
  const watcher = new Watcher(deps, suspicions)
  guard(app, password, deps)
  routes(app, deps, watcher, suspicions)
  pages(app)
  app.addHook('onReady', () => {
    watcher.start()
  })
  app.addHook('onClose', () => watcher[Symbol.asyncDispose]())
  return app
}
