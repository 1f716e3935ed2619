import { readSecret, type EdgeConfig } from '../config/index.js'
import { createPanel } from './app.js'
import type { PanelDeps } from './state.js'

export type { PanelDeps, PanelState } from './state.js'

/** The installer's pages and their API. Password by HTTP Basic, user `panel`; `/healthz` is open. @throws when the port is taken or the secret is missing. */
export async function openPanel(config: NonNullable<EdgeConfig['panel']>, deps: PanelDeps): Promise<AsyncDisposable> {
  const app = createPanel(await readSecret(config.password_file), deps)
  const colon = config.listen.lastIndexOf(':')
  await app.listen({
    host: config.listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(config.listen.slice(colon + 1)),
  })
  return { [Symbol.asyncDispose]: () => app.close() }
}
