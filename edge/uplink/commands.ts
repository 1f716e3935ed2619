import { fromRfc3339, type CameraId, type Clock, type Log } from '../../contracts/base/index.js'
import { commandPayload, readCommand, type Command, type CommandPayload } from '../../contracts/commands/index.js'
import {
  decodeEnvelope,
  parseCanonical,
  payloadTypes,
  sha256,
  verifySignature,
} from '../../contracts/evidence/index.js'
import type { CommandOutcome } from '../../contracts/records/index.js'
import type { FootageOrder, Orders, Outbox } from '../evidence/types.js'
import type { PinnedKey } from './keys.js'

export interface CommandDeps {
  readonly device: string
  readonly commandKey: PinnedKey
  readonly outbox: Outbox
  readonly orders: Orders
  /** `unsynced`: expiry cannot be judged and is not, which the answer says. */
  readonly clockSync: () => 'synced' | 'holdover' | 'unsynced'
  /** Ends this process in order; a supervisor starts it again. */
  readonly restart: () => void
  readonly clock: Clock
  readonly log: Log
}

const waitingMax = 64

/** Signed commands of the cloud, one after the other, each executed once. */
export function openCommands(deps: CommandDeps) {
  const { outbox, log } = deps
  let waiting = 0
  let tail: Promise<void> = Promise.resolve()

  async function take(bytes: Buffer): Promise<void> {
    const command = readEnvelope(bytes, deps.commandKey)
    if (command === null) {
      log.warn({ bytes: bytes.length }, 'a command that the pinned key did not sign was refused')
      return
    }
    const { data } = command.payload
    if (data.target !== deps.device) return
    const base = { cseq: data.cseq, name: data.name, payloadSha256: command.sha256 }
    if (!outbox.isNewCommand(data.cseq)) {
      // The same one again: its answer is on the way. Another one under a used number: say so.
      if (outbox.sha256OfCommand(data.cseq) !== command.sha256)
        await outbox.answer({ ...base, status: 'refused', result: { why: 'cseq', last: outbox.lastCseq() } })
      return
    }
    const unsure = deps.clockSync() === 'unsynced'
    if (!unsure && fromRfc3339(data.expires) < deps.clock.wallMs()) {
      await outbox.answer({ ...base, status: 'refused', result: { why: 'expired' } })
      return
    }
    const note: CommandOutcome['result'] = unsure ? { expiry: 'not checked, clock unsynced' } : {}
    const read = readCommand(data)
    if (read.name === null) {
      await outbox.answer({ ...base, status: 'refused', result: { ...note, why: read.issue } })
      return
    }
    try {
      const done = await execute(read, data.cseq)
      await outbox.answer({ ...base, status: done.status, result: { ...note, ...done.result } }, done.effects)
    } catch (cause) {
      log.error({ name: data.name, cause: String(cause) }, 'a command failed')
      await outbox.answer({ ...base, status: 'failed', result: { ...note, why: String(cause).slice(0, 200) } })
    }
    if (read.name === 'restart') deps.restart()
  }

  async function execute(
    command: Command,
    cseq: number,
  ): Promise<{ status: CommandOutcome['status']; result: CommandOutcome['result']; effects?: () => void }> {
    const { orders } = deps
    switch (command.name) {
      case 'clip.upload':
        return { status: 'ok', ...(await orders.clip(footageOf(command.args))) }
      case 'still.upload':
        return { status: 'ok', ...orders.still(command.args.incident) }
      case 'ring.hold':
        return { status: 'ok', ...orders.hold(footageOf(command.args), cseq) }
      case 'recapture':
        return { status: 'ok', ...orders.recapture(command.args.cam as CameraId, command.args.incident ?? null, cseq) }
      case 'time.check': {
        const now = await orders.checkTime()
        return { status: 'ok', result: { sync: now.sync, src: now.source, off_us: now.offsetUs, err_us: now.errorUs } }
      }
      case 'key.rotate':
        return { status: 'ok', result: { keyid: await orders.rotateKey(cseq) } }
      case 'restart':
        return { status: 'ok', result: {} }
      case 'policy.apply':
      case 'release.apply':
        return { status: 'refused', result: { why: 'not supported by this release' } }
    }
  }

  return {
    onCommand: (bytes: Buffer): void => {
      if (waiting >= waitingMax) return // the cloud sends it again
      waiting += 1
      tail = tail
        .then(() => take(bytes))
        .catch((cause: unknown) => {
          log.error({ cause: String(cause) }, 'a command could not be answered; the cloud sends it again')
        })
        .finally(() => {
          waiting -= 1
        })
    },
    settled: () => tail,
  }
}

function footageOf(args: { incident: string } | { cam: string; from: string; to: string }): FootageOrder {
  if ('incident' in args) return { incident: args.incident }
  return { camera: args.cam as CameraId, fromMs: fromRfc3339(args.from), toMs: fromRfc3339(args.to) }
}

/** Null for anything that is not a command signed by the pinned key. Never throws. */
export function readEnvelope(bytes: Buffer, pinned: PinnedKey): { payload: CommandPayload; sha256: string } | null {
  try {
    const envelope = decodeEnvelope(bytes)
    if (envelope.payloadType !== payloadTypes.command || envelope.signatures.length !== 1) return null
    if (envelope.signatures[0]?.keyid !== pinned.keyid || !verifySignature(envelope, 0, pinned.key)) return null
    const result = commandPayload.safeParse(parseCanonical(envelope.payload))
    return result.success ? { payload: result.data, sha256: sha256(envelope.payload) } : null
  } catch {
    return null
  }
}
