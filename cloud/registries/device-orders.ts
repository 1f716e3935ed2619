import {
  apl,
  notYourRole,
  orderRules,
  ownRule,
  RefusedError,
  type DeviceOrder,
  type DeviceOrderBody,
  type DeviceOrderView,
  type ReasonedRefusal,
  type Role,
} from '../../contracts/api/index.js'
import type { Database } from '../store/database.js'
import type { CommandRow } from '../store/records-commands.js'
import type { RecordStore } from '../store/records.js'
import type { cameraStore } from '../store/cameras.js'
import { orderSays } from './order-says.js'

/** The part of the command sender that people's orders need. */
export interface OrderSender {
  request(
    device: string,
    name: DeviceOrder,
    args: never,
    how: { readonly by: string; readonly expiresMs: number },
  ): number
  ordered(device: string, limit: number): CommandRow[]
}

export interface DeviceOrdersDeps {
  readonly database: Database
  readonly records: RecordStore
  readonly cameras: ReturnType<typeof cameraStore>
  readonly commands: OrderSender
  /** Device and camera of a lead; null when there is none. */
  readonly footageOf: (incident: string) => { readonly device: string; readonly cam: string } | null
}

/** Orders of people to boxes: who may, which, and what became of each. Every order is a row with its account. */
export interface DeviceOrders {
  /** @throws RefusedError */
  order(
    actor: { readonly name: string; readonly roles: readonly Role[] },
    device: string,
    body: DeviceOrderBody,
  ): DeviceOrderView
  /** Newest first. @throws RefusedError `DEVICE_NOT_FOUND` */
  list(device: string, limit: number): DeviceOrderView[]
}

/** Orders of one box that may wait at once. */
const waitingMax = 10

export function deviceOrders({ database, records, cameras, commands, footageOf }: DeviceOrdersDeps): DeviceOrders {
  function demandDevice(device: string): void {
    const known = records.devices().find(({ id }) => id === device)
    if (known === undefined) throw new RefusedError(orderRefusals.notFound())
    if (known.removed_at !== null) throw new RefusedError(orderRefusals.removed())
  }
  function argsOf(device: string, { name, cam, incident }: DeviceOrderBody): Record<string, string> {
    if (name !== 'recapture') return {}
    if (cam === undefined || cameras.find(device, cam) === null) throw new RefusedError(orderRefusals.noCamera())
    if (incident === undefined) return { cam }
    const footage = footageOf(incident)
    if (footage?.device !== device || footage.cam !== cam) throw new RefusedError(orderRefusals.otherLead())
    return { cam, incident }
  }
  return {
    order(actor, device, body) {
      const rule = orderRules[body.name]
      if (!rule.roles.some((role) => actor.roles.includes(role))) throw new RefusedError(notYourRole(rule.roles))
      demandDevice(device)
      if (rule.confirm && body.confirm !== device) throw new RefusedError(orderRefusals.confirm(device))
      const args = argsOf(device, body)
      const cseq = database.transaction(() => {
        const waiting = commands.ordered(device, 200).filter(({ state }) => state === 'queued')
        if (waiting.length >= waitingMax) throw new RefusedError(orderRefusals.tooMany())
        return commands.request(device, body.name, args as never, { by: actor.name, expiresMs: rule.livesMs })
      })
      const row = commands.ordered(device, 200).find((one) => one.cseq === cseq)
      if (row === undefined) throw new Error(`order ${cseq} of ${device} is not there`)
      return viewOf(row)
    },
    list(device, limit) {
      if (!records.isDevice(device)) throw new RefusedError(orderRefusals.notFound())
      return commands.ordered(device, limit).map(viewOf)
    },
  }
}

function viewOf(row: CommandRow): DeviceOrderView {
  const { device, cseq, name, state, made_at, expires_at, sent_at, done_at } = row
  const args = JSON.parse(row.args) as Record<string, unknown>
  const result = row.result === null ? null : (JSON.parse(row.result) as Record<string, unknown>)
  return {
    device,
    cseq,
    name,
    args,
    by: row.ordered_by ?? '',
    state,
    made_at,
    expires_at,
    sent_at,
    done_at,
    result,
    says: orderSays({ name, state, result }),
  }
}

const orderRefusals = {
  notFound: (): ReasonedRefusal => ({
    code: 'DEVICE_NOT_FOUND',
    status: 404,
    says: { zh: '没有这台设备。', en: 'There is no such device.' },
    gate: 'R04',
    article: ownRule,
    next: { zh: '回到设备列表。', en: 'Go back to the devices.' },
  }),
  removed: (): ReasonedRefusal => ({
    code: 'DEVICE_REMOVED',
    status: 409,
    says: { zh: '这台设备已移出配置，不再接受命令。', en: 'This device was removed and takes no orders.' },
    gate: 'R04',
    article: ownRule,
    next: { zh: '要再用它，先写回 cloud.yaml。', en: 'To use it again, put it back into cloud.yaml.' },
  }),
  confirm: (device: string): ReasonedRefusal => ({
    code: 'ORDER_NOT_CONFIRMED',
    status: 422,
    says: { zh: `确认要输入设备编号 ${device}。`, en: `To confirm, type the device's id ${device}.` },
    gate: 'R04',
    article: ownRule,
    next: { zh: '照原样输入设备编号，再发一次。', en: 'Type the id exactly, then send it again.' },
  }),
  noCamera: (): ReasonedRefusal => ({
    code: 'CAMERA_NOT_FOUND',
    status: 422,
    says: { zh: '这台设备没有这个摄像机。', en: 'That device has no such camera.' },
    gate: 't7',
    article: ownRule,
    next: { zh: '从设备页选一个摄像机。', en: 'Choose a camera on the device page.' },
  }),
  otherLead: (): ReasonedRefusal => ({
    code: 'LEAD_OF_OTHER_CAMERA',
    status: 422,
    says: { zh: '这条线索不是这个摄像机的。', en: 'That lead is of another camera.' },
    gate: 't7',
    article: apl('五十四', '54'),
    next: { zh: '从线索页复拍。', en: 'Recapture from the page of the lead.' },
  }),
  tooMany: (): ReasonedRefusal => ({
    code: 'ORDERS_WAITING',
    status: 429,
    says: { zh: `这台设备已有 ${waitingMax} 条命令在等。`, en: `${waitingMax} orders already wait for this device.` },
    gate: 'R04',
    article: ownRule,
    next: { zh: '等它回答，或等命令过期。', en: 'Wait for its answers, or until they expire.' },
    retryAfterS: 60,
  }),
} as const
