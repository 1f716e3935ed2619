import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { ownRule, RefusedError, toProblem, type Refusal } from '../../contracts/api/index.js'
import type { Log } from '../../contracts/base/index.js'

/** Turns everything thrown into problem+json. What we do not know is logged with a number and said without its inside. */
export function problemHandler(log: Log) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    sendProblem(reply, refusalsFor(error, request, log))
}

export function sendProblem(reply: FastifyReply, refusals: readonly [Refusal, ...Refusal[]]): FastifyReply {
  const problem = toProblem(refusals)
  if (problem.retry_after_s !== undefined) void reply.header('retry-after', String(problem.retry_after_s))
  return reply.code(problem.status).type('application/problem+json').serializer(JSON.stringify).send(problem)
}

function refusalsFor(
  error: FastifyError | RefusedError,
  request: FastifyRequest,
  log: Log,
): readonly [Refusal, ...Refusal[]] {
  if (error instanceof RefusedError) return error.refusals
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(({ instancePath, message }) => ({
      path: `${error.validationContext ?? ''}${instancePath.replaceAll('/', '.')}`,
      message: message ?? '',
    }))
    return [badRequest(issues)]
  }
  if (error.statusCode === 413)
    return [
      {
        code: 'BODY_TOO_LARGE',
        status: 413,
        says: { zh: '内容太大。', en: 'The body is too large.' },
        next: { zh: '缩短后再提交。', en: 'Make it shorter and send it again.' },
      },
    ]
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return [badRequest([{ path: 'body', message: error.message }])]
  log.error({ err: error, request: request.id, url: request.routeOptions.url }, 'a request failed')
  return [
    {
      code: 'INTERNAL',
      status: 500,
      says: {
        zh: `服务出了错，编号 ${request.id}。您的操作没有生效。`,
        en: `Something failed here, number ${request.id}. Nothing was changed.`,
      },
      next: {
        zh: '稍后再试；还不行就把编号告诉技术员。',
        en: 'Try again; if it stays, give the number to a technician.',
      },
      details: { number: request.id },
    },
  ]
}

function badRequest(issues: readonly { path: string; message: string }[]): Refusal {
  return {
    code: 'REQUEST_MALFORMED',
    status: 400,
    says: { zh: '请求的内容不对。', en: 'The request is not in the right form.' },
    gate: 'form',
    article: ownRule,
    next: { zh: '照接口文档改正后再发。', en: 'Correct it by the API document and send it again.' },
    details: { issues },
  }
}
