import { toRfc3339, type Clock, type EpochMs, type Ids, type Log } from '../../contracts/base/index.js'
import type { ArgsOf, CommandName } from '../../contracts/commands/index.js'
import {
  encodeEnvelope,
  jcs,
  payloadTypes,
  sha256,
  signEnvelope,
  type Json,
  type Signer,
} from '../../contracts/evidence/index.js'
import type { CommandResultBody } from '../../contracts/records/index.js'
import { topicOf } from '../../contracts/topics.js'
import type { Database } from '../store/database.js'
import { commandStore, type CommandRow } from '../store/records-commands.js'

export interface CommandsOptions {
  readonly database: Database
  /** The cloud's command key. */
  readonly signer: Signer
  /** Name of this service in `urn:kerbwatch:cloud:<name>`. */
  readonly service: string
  readonly publish: (topic: string, payload: string, how: { retain: boolean }) => Promise<void>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** A box that was off for a weekend still gets it; the answer ends it. */
const expiresMs = 7 * 86_400_000
const repeatMs = 15_000
const lookMs = 1_000

export interface Commands {
  /**
   * Writes the wish as a row of the same database, so it may be part of any transaction; the same wish twice is one command.
   * Answers its number. `by`: the account that ordered it; `expiresMs`: how long it makes sense.
   */
  request<Name extends CommandName>(
    device: string,
    name: Name,
    args: ArgsOf<Name>,
    how?: { readonly by?: string; readonly expiresMs?: number },
  ): number
  /** What people ordered of a box, newest first. */
  ordered(device: string, limit: number): CommandRow[]
  /** A box that is no longer ours gets nothing more. */
  endAll(device: string): void
  /** Effect of a `command.result` record, inside ingest's transaction. Answers the command that it ends, null for a repeat. */
  applyResult(device: string, body: CommandResultBody, at: string): CommandRow | null
  close(): Promise<void>
}

/** Signs and sends commands, one at a time a device, again and again until a `command.result` record arrives. */
export function openCommandSender(options: CommandsOptions): Commands {
  const { database, clock, ids, log } = options
  const store = commandStore(database)
  const stop = new AbortController()
  let wake: AbortController | null = null
  const isStopped = (): boolean => stop.signal.aborted

  function insert(device: string, name: string, args: Json, by: string | null, livesMs = expiresMs): number {
    const atMs = clock.wallMs()
    const cseq = store.nextCseq(device)
    const expires = toRfc3339((atMs + livesMs) as EpochMs)
    const payload = jcs({
      data: { args, cseq, expires, name, target: device },
      datacontenttype: 'application/json',
      id: ids.uuidv7(atMs),
      source: `urn:kerbwatch:cloud:${options.service}`,
      specversion: '1.0',
      time: toRfc3339(atMs),
      type: 'kerbwatch.command.v1',
    })
    const made_at = toRfc3339(atMs)
    store.insert({ device, cseq, name, args: jcs(args), payload, made_at, expires_at: expires, ordered_by: by })
    return cseq
  }

  async function send(command: CommandRow): Promise<void> {
    const envelope = await signEnvelope(payloadTypes.command, Buffer.from(command.payload), [options.signer])
    await options.publish(topicOf(command.device, 'cmd'), encodeEnvelope(envelope), { retain: false })
    store.sent(command.device, command.cseq, toRfc3339(clock.wallMs()))
  }

  async function look(): Promise<void> {
    const nowMs = clock.wallMs()
    for (const command of store.heads()) {
      if (Date.parse(command.expires_at) < nowMs) {
        store.end(command.device, command.cseq, 'expired', null, toRfc3339(nowMs))
        continue
      }
      if (command.sent_at !== null && nowMs - Date.parse(command.sent_at) < repeatMs) continue
      await send(command).catch((cause: unknown) => {
        log.debug({ device: command.device, cause: String(cause) }, 'a command could not be sent; it is tried again')
      })
    }
  }

  async function run(): Promise<void> {
    while (!isStopped()) {
      wake = new AbortController()
      await look().catch((cause: unknown) => {
        log.error({ cause: String(cause) }, 'commands could not be looked through')
      })
      if (isStopped()) return
      await clock.sleep(lookMs, wake.signal).catch(() => undefined)
    }
  }
  const running = run()

  return {
    request(
      device,
      name,
      args,
      { by = null, expiresMs: livesMs = expiresMs }: { by?: string | null; expiresMs?: number } = {},
    ) {
      const known = store.queuedLike(device, name, jcs(args as Json))
      if (known !== null) return known
      const cseq = insert(device, name, args as Json, by, livesMs)
      setImmediate(() => wake?.abort())
      return cseq
    },
    applyResult(device, body, at) {
      const command = store.find(device, body.cseq)
      if (command?.state !== 'queued' || sha256(Buffer.from(command.payload)) !== body.sha256) return null
      const last = body.result['last']
      if (body.status === 'refused' && body.result['why'] === 'cseq' && typeof last === 'number') {
        // The box knows higher numbers than we do (our database was restored): the same wishes again, above them.
        const queued = store.queuedOf(device)
        for (const { cseq } of queued) store.remove(device, cseq)
        store.raiseCounter(device, last)
        for (const one of queued) {
          const leftMs = Date.parse(one.expires_at) - clock.wallMs()
          if (leftMs > 0) insert(device, one.name, JSON.parse(one.args) as Json, one.ordered_by, leftMs)
        }
        return null
      }
      store.end(device, body.cseq, body.status, jcs(body.result), at)
      setImmediate(() => wake?.abort())
      return command
    },
    ordered: (device, limit) => store.orderedOf(device, limit),
    endAll(device) {
      store.endAll(device, toRfc3339(clock.wallMs()))
    },
    async close() {
      stop.abort()
      wake?.abort()
      await running
    },
  }
}
