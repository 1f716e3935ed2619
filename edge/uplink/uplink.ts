import type { Clock, Log } from '../../contracts/base/index.js'
import type { Evidence } from '../evidence/types.js'
import { openCommands } from './commands.js'
import { checkUrl, type PinnedKey } from './keys.js'
import type { Link } from './link.js'
import { openSender } from './sender.js'
import { openUploads } from './uploads.js'

export interface UplinkOptions {
  readonly device: string
  /** Base address of the cloud's HTTP side. */
  readonly httpUrl: string
  readonly allowPlain: boolean
  readonly commandKey: PinnedKey
  readonly link: Link
  readonly evidence: Evidence
  readonly restart: () => void
  readonly clock: Clock
  readonly log: Log
}

/** Records up until receipted, objects up until there, commands down. The link itself is opened and closed by the caller. */
export function openUplink(options: UplinkOptions): { close(): Promise<void> } {
  checkUrl(options.httpUrl, options.allowPlain)
  const { clock, device, evidence, link, log } = options
  const { outbox } = evidence
  const commands = openCommands({
    device,
    commandKey: options.commandKey,
    outbox,
    orders: evidence.orders,
    clockSync: () => evidence.clock().sync,
    restart: options.restart,
    clock,
    log,
  })
  const sender = openSender({ outbox, link, clock, log })
  const put = { baseUrl: options.httpUrl, device, signer: () => outbox.signer, clock }
  const uploads = openUploads({ outbox, link, put, clock, log })
  link.listen({ onCommand: commands.onCommand })
  return {
    async close() {
      await Promise.all([sender.close(), uploads.close(), commands.settled()])
    },
  }
}
