import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { clipFrames, problem, RefusedError, type Refusal } from '../../../contracts/api/index.js'
import type { AppDeps } from '../deps.js'
import { leadReaders, need, originalReaders } from '../guard.js'
import { logLook, sendFile } from '../../portal/index.js'

const params = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) })
const tags = ['media']
const refused = { 401: problem, 403: problem, 404: problem }
const gone: Refusal = {
  code: 'MEDIA_NOT_FOUND',
  status: 404,
  says: { zh: '这个文件不在这里。', en: 'That file is not here.' },
  next: { zh: '回到线索，看录像的状态。', en: 'Go back to the lead and see the state of its clip.' },
}

/** Pictures and clips, by the rights of the lead they belong to. Every look at a clip or an original is logged. */
export const mediaRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { media, leads, views, clock }, done) => {
  app.get(
    '/v1/stills/:sha256',
    { schema: { tags, summary: 'A still of a lead (JPEG)', params, response: refused } },
    async (request, reply) => {
      need(request, leadReaders)
      const { sha256 } = request.params
      const file = leads.leadOfStill(sha256) === null ? null : await media.still(sha256)
      if (file === null) throw new RefusedError(gone)
      return sendFile(request, reply, file, 'image/jpeg')
    },
  )
  app.get(
    '/v1/clips/:sha256',
    { schema: { tags, summary: 'The playing copy of a lead’s clip (MP4, Range)', params, response: refused } },
    async (request, reply) => {
      const { name } = need(request, leadReaders)
      const { sha256 } = request.params
      const clip = await media.clip(sha256)
      if (clip === null || leads.find(clip.incident) === null) throw new RefusedError(gone)
      logLook(views, clock.wallMs(), { by: name, what: 'clip', sha256, lead_id: clip.incident })
      return sendFile(request, reply, clip.file, 'video/mp4')
    },
  )
  app.get(
    '/v1/clips/:sha256/frames',
    {
      schema: {
        tags,
        summary: 'Times of the pictures of a clip, and its breaks',
        params,
        response: { 200: clipFrames, ...refused },
      },
    },
    async (request) => {
      need(request, leadReaders)
      const frames = await media.clipFrames(request.params.sha256)
      if (frames === null) throw new RefusedError(gone)
      return frames
    },
  )
  app.get(
    '/v1/originals/:sha256',
    {
      schema: {
        tags,
        summary: 'A segment as the camera made it: officers and legal staff only, each view is logged',
        params,
        response: refused,
      },
    },
    async (request, reply) => {
      const { name } = need(request, originalReaders)
      const { sha256 } = request.params
      const original = await media.original(sha256)
      if (original === null || leads.find(original.incident) === null) throw new RefusedError(gone)
      logLook(views, clock.wallMs(), { by: name, what: 'original', sha256, lead_id: original.incident })
      return sendFile(request, reply, original.file, 'video/mp4')
    },
  )
  done()
}
