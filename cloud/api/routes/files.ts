import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  fileAnswer,
  fileQuery,
  fileRow,
  inputValue,
  ownRule,
  page,
  paperFields,
  problem,
  RefusedError,
  roles,
  stepBase,
  type Role,
} from '../../../contracts/api/index.js'
import { fromRfc3339 } from '../../../contracts/base/index.js'
import {
  process as law,
  type DocumentId,
  type FactId,
  type InputId,
  type TransitionId,
} from '../../cases/process/index.js'
import type { FileDesk } from '../../delivery/index.js'
import { readCursor, writeCursor } from '../cursor.js'
import type { AppDeps } from '../deps.js'
import { need } from '../guard.js'

const names = <Name extends string>(all: readonly Name[]): z.ZodEnum<{ [Key in Name]: Key }> =>
  z.enum(all as readonly [Name, ...Name[]])

/** Steps and facts that somebody may ask for; those inside others, and those of the device register, are not asked here. */
const asked = [
  ...law.transitions.filter(({ trigger, machine }) => trigger !== 'inside' && machine !== 'device').map(({ id }) => id),
  ...law.facts.map(({ id }) => id),
] as (TransitionId | FactId)[]
const facts = law.inputs.filter(({ kind }) => kind === 'fact').map(({ id }) => id)
const papers = law.documents.map(({ id }) => id)

const stepBody = stepBase
  .extend({
    do: names<TransitionId | FactId>(asked).describe('step or fact of the process (docs/reference/process.md)'),
    set: z.partialRecord(names<InputId>(facts), inputValue).default({}).describe('facts that the step records'),
    documents: z
      .array(z.strictObject({ id: names<DocumentId>(papers), fields: paperFields }))
      .max(10)
      .default([])
      .describe('papers made and signed with the step'),
    doc: names<DocumentId>(papers).optional().describe('whose service, when several documents are being served'),
  })
  .meta({
    examples: [
      {
        do: 't5',
        version: 2,
        documents: [
          {
            id: 'D03',
            fields: {
              elements_seen: 'CV1, CV2',
              exceptions_asked: 'CXV1',
              result: '研判中',
              reason_code: '-',
              time_spent: '2 min',
              operator: 'operator1',
            },
          },
        ],
      },
    ],
  })

const params = z.object({ id: z.uuid() })
const cursor = z.object({ opened_at: z.string().max(40), id: z.string().max(40) })
const tags = ['files']
const refused = { 400: problem, 401: problem, 403: problem, 404: problem, 409: problem, 422: problem }
/** Everybody with a part in a case; administrators and the wall have none. */
const readers = roles.filter(
  (role): role is Exclude<Role, 'wall' | 'sysadmin'> => role !== 'wall' && role !== 'sysadmin',
)

/** Files of the whole legal process, in a cloud whose configuration names a pack. */
export const fileRoutes: FastifyPluginCallbackZod<AppDeps> = (app, { files }, done) => {
  app.get(
    '/v1/files',
    {
      schema: {
        tags,
        summary: 'Files, newest first, each with the next end of a period',
        querystring: fileQuery,
        response: { 200: page(fileRow), 400: problem, 401: problem, 403: problem, 404: problem },
      },
    },
    (request) => {
      need(request, readers)
      const { state, limit } = request.query
      const items = deskOf(files).list(state ?? null, readCursor(request.query.cursor, cursor), limit + 1)
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: items.slice(0, limit),
        next: last === undefined ? null : writeCursor({ opened_at: last.opened_at, id: last.id }),
      }
    },
  )
  app.get(
    '/v1/files/:id',
    {
      schema: {
        tags,
        summary: 'One file: states, log, and every step before you with what speaks against it',
        params,
        response: { 200: fileAnswer, 401: problem, 403: problem, 404: problem },
      },
    },
    (request) => deskOf(files).open(need(request, readers), request.params.id),
  )
  app.post(
    '/v1/files/:id/steps',
    {
      schema: {
        tags,
        summary:
          'Takes one step of the process; refused with every reason. A new id with `t1` and version 0 begins a file',
        params,
        body: stepBody,
        response: { 200: fileAnswer, ...refused },
      },
    },
    (request) => {
      const { role, effective_at: effectiveAt, particulars, ...wish } = request.body
      return deskOf(files).take(
        need(request, 'any'),
        request.params.id,
        {
          ...wish,
          particulars: particulars ?? {},
          effectiveMs: effectiveAt === undefined ? undefined : fromRfc3339(effectiveAt),
        },
        role ?? null,
      )
    },
  )
  done()
}

function deskOf(files: FileDesk | null): FileDesk {
  if (files !== null) return files
  throw new RefusedError({
    code: 'PACK_MISSING',
    status: 404,
    says: {
      zh: '本系统没有启用政策包，没有完整案卷。',
      en: 'This cloud runs no policy pack, so it keeps no whole files.',
    },
    gate: 'pack',
    article: ownRule,
    next: { zh: '请技术员在 cloud.yaml 里写明 pack。', en: 'Ask a technician to name a pack in cloud.yaml.' },
  })
}
