import { createReadStream } from 'node:fs'
import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { toRfc3339, type Clock } from '../../contracts/base/index.js'
import { objectPath, type UploadPayload } from '../../contracts/commands/index.js'
import { encodeEnvelope, payloadTypes, signJson, type Signer } from '../../contracts/evidence/index.js'

export interface PutDeps {
  readonly baseUrl: string
  readonly device: string
  readonly signer: () => Signer
  readonly clock: Clock
}

const quietMs = 30_000

/** HTTP status of one upload: 200 there already, 201 new, else why not. Rejects when the cloud does not answer. */
export async function putObject(
  object: { readonly sha256: string; readonly bytes: number; readonly file: string },
  deps: PutDeps,
  signal: AbortSignal,
): Promise<number> {
  const permit: UploadPayload = {
    at: toRfc3339(deps.clock.wallMs()),
    bytes: object.bytes,
    device: deps.device,
    sha256: object.sha256,
    v: 1,
  }
  const envelope = encodeEnvelope(await signJson(payloadTypes.upload, permit, [deps.signer()]))
  const authorization = `DSSE ${Buffer.from(envelope).toString('base64')}`
  const url = new URL(objectPath(object.sha256), deps.baseUrl)
  const head = await send(url, 'HEAD', { authorization }, null, signal)
  if (head !== 404) return head
  return send(
    url,
    'PUT',
    {
      authorization,
      'content-type': 'application/octet-stream',
      'content-length': String(object.bytes),
      'content-digest': `sha-256=:${Buffer.from(object.sha256, 'hex').toString('base64')}:`,
    },
    object.file,
    signal,
  )
}

async function send(
  url: URL,
  method: string,
  headers: Record<string, string>,
  file: string | null,
  signal: AbortSignal,
): Promise<number> {
  const open = url.protocol === 'https:' ? requestSecure : requestPlain
  const request = open(url, { method, headers, signal, timeout: quietMs })
  request.on('timeout', () => request.destroy(new Error('no answer')))
  const answered = answerOf(request)
  answered.catch(() => undefined)
  if (file === null) request.end()
  // The server may answer before it took everything (413, 507); then its answer counts, not the broken pipe.
  else
    await pipeline(createReadStream(file), request).catch((cause: unknown) =>
      Promise.race([answered, Promise.reject(cause as Error)]),
    )
  const response = await answered
  response.resume()
  return response.statusCode ?? 0
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
}
