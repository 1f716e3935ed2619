import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import {
  argsOfCommand,
  commandNames,
  commandPayload,
  receiptPayload,
  uploadPayload,
} from '../contracts/commands/index.js'
import { makeOpenApi } from '../cloud/api/openapi.js'
import { payloadTypes } from '../contracts/evidence/index.js'
import { recordKinds, recordSchema } from '../contracts/records/index.js'
import { permissionsDoc, processDoc } from './process-docs.js'
import { batchBytesMax, batchCountMax, topicKinds, topicPrefix, type TopicKind } from '../contracts/topics.js'

/** One generated file. A station adds its own (the cloud's OpenAPI document, the process as pages) to this list. */
export interface Generator {
  /** Path under `home`. */
  readonly file: string
  /** `contracts/generated` when absent. */
  readonly home?: 'docs/reference'
  readonly make: () => Promise<string>
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const schemaOf = (schema: z.ZodType, title: string): object => ({
  ...(z.toJSONSchema(schema, { target: 'draft-2020-12' }) as object),
  title,
})
const schemaFile = (file: string, schema: z.ZodType, title: string): Generator => ({
  file,
  make: () => Promise.resolve(pretty(schemaOf(schema, title))),
})

const envelope = z.strictObject({
  payload: z.base64().describe('canonical JSON (RFC 8785) of the payload, base64 with padding'),
  payloadType: z.enum([payloadTypes.record, payloadTypes.receipt, payloadTypes.command, payloadTypes.upload]),
  signatures: z
    .array(
      z.strictObject({
        keyid: z.string().regex(/^[0-9a-f]{64}$/),
        sig: z.base64().describe('DER ECDSA P-256 over SHA-256 of the DSSE pre-authentication encoding'),
      }),
    )
    .min(1)
    .max(4),
})

export const generators: Generator[] = [
  schemaFile('envelope.schema.json', envelope, 'DSSE v1 envelope'),
  ...recordKinds.map((kind) =>
    schemaFile(`records/${kind}.v1.schema.json`, recordSchema(kind), `Record ${kind}, version 1`),
  ),
  schemaFile('command.v1.schema.json', commandPayload, 'Command from cloud to box, version 1'),
  ...commandNames.map((name) =>
    schemaFile(`commands/${name}.v1.schema.json`, argsOfCommand[name], `Arguments of ${name}, version 1`),
  ),
  schemaFile('receipt.v1.schema.json', receiptPayload, 'Receipt, version 1'),
  schemaFile('upload.v1.schema.json', uploadPayload, 'Upload permit, version 1'),
  { file: 'asyncapi.json', make: () => Promise.resolve(pretty(asyncApi())) },
  { file: 'openapi.json', make: makeOpenApi },
  { home: 'docs/reference', file: 'process.md', make: () => Promise.resolve(processDoc()) },
  { home: 'docs/reference', file: 'permissions.md', make: () => Promise.resolve(permissionsDoc()) },
]

interface Channel {
  readonly what: string
  readonly messages: Record<string, object>
  /** As the box sees it. */
  readonly action: 'send' | 'receive'
  readonly retain: boolean
}

/** AsyncAPI 3.0 document of the four topics, from the box's side. */
function asyncApi(): object {
  const signed = (payloadType: string, ref: string): object => ({
    contentType: 'application/json',
    summary: `DSSE envelope; payload type ${payloadType}; the payload inside is described by x-payload`,
    payload: { $ref: './envelope.schema.json' },
    'x-payload': { $ref: ref },
  })
  const channels: Record<TopicKind, Channel> = {
    rec: {
      what: `One signed record, or a JSON array of up to ${batchCountMax}, at most ${batchBytesMax} bytes.`,
      action: 'send',
      retain: false,
      messages: Object.fromEntries(
        recordKinds.map((kind) => [kind, signed(payloadTypes.record, `./records/${kind}.v1.schema.json`)]),
      ),
    },
    rcpt: {
      what: 'Signed cumulative receipt: everything of the chain up to seq is durable.',
      action: 'receive',
      retain: true,
      messages: { receipt: signed(payloadTypes.receipt, './receipt.v1.schema.json') },
    },
    cmd: {
      what: 'Signed command; executed once by cseq.',
      action: 'receive',
      retain: false,
      messages: { command: signed(payloadTypes.command, './command.v1.schema.json') },
    },
    presence: {
      what: 'online, or offline by the last will.',
      action: 'send',
      retain: true,
      messages: { presence: { contentType: 'text/plain', payload: { type: 'string', enum: ['online', 'offline'] } } },
    },
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'kerbwatch, box and cloud',
      version: '1.0.0',
      description: 'MQTT 3.1.1 at QoS 1. The broker proves nothing: only a signed receipt frees a record.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      topicKinds.map((kind) => [
        kind,
        {
          address: `${topicPrefix}/{device}/${kind}`,
          description: channels[kind].what,
          parameters: { device: { description: 'id of the box, ^[a-z0-9-]{3,40}$' } },
          messages: channels[kind].messages,
        },
      ]),
    ),
    operations: Object.fromEntries(
      topicKinds.map((kind) => [
        `${channels[kind].action}_${kind}`,
        {
          action: channels[kind].action,
          channel: { $ref: `#/channels/${kind}` },
          bindings: { mqtt: { qos: 1, retain: channels[kind].retain, bindingVersion: '0.2.0' } },
        },
      ]),
    ),
  }
}

const root = fileURLToPath(new URL('../', import.meta.url))
const pathOf = ({ home, file }: Generator): string => join(home ?? 'contracts/generated', file)

/** Names of files that are not what their generator makes. */
export async function staleFiles(list: readonly Generator[] = generators): Promise<string[]> {
  const stale = await Promise.all(
    list.map(async (one) =>
      (await readFile(join(root, pathOf(one)), 'utf8').catch(() => null)) === (await one.make()) ? [] : [pathOf(one)],
    ),
  )
  return stale.flat()
}

/** Writes every file that changed. */
export async function writeGenerated(list: readonly Generator[] = generators): Promise<string[]> {
  const stale = await staleFiles(list)
  for (const one of list.filter((generator) => stale.includes(pathOf(generator)))) {
    await mkdir(dirname(join(root, pathOf(one))), { recursive: true })
    await writeFile(join(root, pathOf(one)), await one.make())
  }
  return stale
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check')
  const stale = check ? await staleFiles() : await writeGenerated()
  for (const file of stale) process.stdout.write(`${check ? 'stale' : 'written'}: ${file}\n`)
  if (check && stale.length > 0) {
    process.stdout.write('run: npm run generate\n')
    process.exitCode = 1
  }
}
