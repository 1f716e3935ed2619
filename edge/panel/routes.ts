import { existsSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { basename } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { reasonText } from '../health/index.js'
import { DerivativeError } from '../evidence/derivatives.js'
import { checkConfig, readConfig, replaceConfig } from './config-file.js'
import { noCamera, PanelProblem } from './problem.js'
import type { PanelDeps } from './state.js'
import { StillCache } from './still-cache.js'
import type { SuspicionLog } from './suspicions.js'
import { cameraView, healthView } from './views.js'
import type { Watcher } from './watcher.js'
import { editZones, wantedZonesSchema } from './zones-edit.js'

const putConfig = z.strictObject({
  yaml: z.string().max(1 << 20),
  sha256: z.string().nullable().default(null),
  check_only: z.boolean().default(false),
})
const putZones = z.strictObject({
  zones: wantedZonesSchema,
  sha256: z.string().nullable().default(null),
  check_only: z.boolean().default(false),
})
const daySchema = z.object({ day: z.iso.date().optional() })
type CameraParams = { Params: { id: string } }

/** The API of DESIGN.md §9.6 (edge panel), and `PUT /v1/cameras/ID/zones` for the editor. */
export function routes(app: FastifyInstance, deps: PanelDeps, watcher: Watcher, suspicions: SuspicionLog): void {
  const { edge, file, clock } = deps
  const stills = new StillCache(edge.ffmpeg.path, clock)
  const post = (id: string) => {
    const found = edge.posts.find(({ config }) => config.id === id)
    if (found === undefined) throw noCamera(id)
    return found
  }

  app.get('/healthz', () => ({ ok: true, cameras: edge.posts.length }))
  app.get('/v1/cameras', () => ({ items: edge.posts.map((camera, index) => cameraView(camera, index, deps)) }))
  app.get('/v1/health', () => healthView(deps, watcher, loadPerCore()))
  app.get<CameraParams>('/v1/cameras/:id/still', async ({ params }, reply) => {
    const { config, watch } = post(params.id)
    const segment = watch.counters().lastSegment
    if (segment === null || !existsSync(segment.file)) throw noPicture
    try {
      return await reply.type('image/jpeg').send(await stills.get(config, segment))
    } catch (error) {
      throw error instanceof DerivativeError ? noPicture : error
    }
  })
  app.get('/v1/suspicions', async ({ query }) => {
    const parsed = daySchema.safeParse(query)
    if (!parsed.success)
      throw new PanelProblem(400, 'DAY_MALFORMED', { zh: '日期写成 2026-03-02。', en: 'Give the day as 2026-03-02.' })
    const day = parsed.data.day ?? suspicions.today(clock.wallMs())
    await watcher.look()
    const { items, full } = await suspicions.read(day)
    return {
      day,
      full,
      tz: edge.config.site.tz,
      items: items.map((item) => ({ ...item, reasons_text: item.reasons.map(reasonText) })),
    }
  })
  app.get('/v1/config', async () => {
    const { text, sha256 } = await readConfig(file)
    return { file: basename(file), yaml: text, sha256, ...checkConfig(text, file) }
  })
  app.put('/v1/config', async ({ body }, reply) => {
    const { yaml, sha256, check_only } = parsed(putConfig, body)
    if (check_only) return checkConfig(yaml, file)
    return saved(reply, await replaceConfig(file, yaml, sha256))
  })
  app.get<CameraParams>('/v1/cameras/:id/zones', async ({ params }) => {
    const { config } = post(params.id)
    const { sha256 } = await readConfig(file)
    return { zones: config.zones, sha256, tz: edge.config.site.tz }
  })
  app.put<CameraParams>('/v1/cameras/:id/zones', async ({ params, body }, reply) => {
    const { zones, sha256, check_only } = parsed(putZones, body)
    const { text } = await readConfig(file)
    const edit = editZones(text, post(params.id).config.id, zones)
    if (edit === null) throw byHand
    if (check_only) {
      const { faults, warnings } = checkConfig(edit.text, file)
      const own = `cameras[${edge.posts.findIndex(({ config }) => config.id === params.id)}]`
      return { yaml: edit.fragment, faults, warnings: warnings.filter(({ key }) => key.startsWith(own)) }
    }
    return saved(reply, await replaceConfig(file, edit.text, sha256))
  })

  /** The box restarts once the answer is on its way. */
  function saved(reply: FastifyReply, { sha256, warnings }: Awaited<ReturnType<typeof replaceConfig>>): object {
    reply.raw.once('finish', deps.restart)
    deps.log.info({ sha256, file }, 'a new configuration was saved on the panel: the box restarts')
    return { sha256, warnings, backup: `${basename(file)}.bak`, restarting: 'box', says: restarts }
  }
}

function loadPerCore(): number | null {
  const [oneMinute = 0] = loadavg() // zeros on Windows, which has none
  return process.platform === 'win32' ? null : oneMinute / availableParallelism()
}

function parsed<Out>(schema: z.ZodType<Out>, body: unknown): Out {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`
  throw new PanelProblem(400, 'REQUEST_MALFORMED', {
    zh: `请求的格式不对：${where}`,
    en: `The request is malformed: ${where}`,
  })
}

const restarts = {
  zh: '已保存。整个盒子现在重启，约 20 秒后所有摄像机接着看（这一版还不能只重启改动的那一路）。',
  en: 'Saved. The whole box restarts now; all cameras go on in about 20 seconds (this release cannot restart only the changed one).',
}
const noPicture = new PanelProblem(404, 'STILL_NONE', {
  zh: '还没有画面。录下第一段后就有。',
  en: 'No picture yet; it comes with the first closed segment.',
})
const byHand = new PanelProblem(422, 'ZONES_BY_HAND', {
  zh: '这份 edge.yaml 有语法错误，或用别名写区域，编辑器改不了。请在设置页直接改。',
  en: 'This edge.yaml is broken or writes zones by an alias; the editor cannot change it. Edit it on the settings page.',
})
