import type { DeviceOrderView } from '../../contracts/api/index.js'
import type { Bilingual } from '../../contracts/terms.js'

const waiting: Bilingual = { zh: '已签名，等设备回答。', en: 'Signed; waiting for the box.' }
const expired: Bilingual = {
  zh: '设备没有在期限内回答，命令作废。',
  en: 'The box did not answer in time; the order is void.',
}

/** What became of an order, in words. Values come from the box's signed answer; what it does not say is not made up. */
export function orderSays({ name, state, result }: Pick<DeviceOrderView, 'name' | 'state' | 'result'>): Bilingual {
  if (state === 'queued') return waiting
  if (state === 'expired') return expired
  const why = result?.['why']
  const reason = typeof why === 'string' ? why : ''
  if (state === 'refused') return { zh: `设备拒绝：${refusedZh[reason] ?? reason}`, en: `The box refused: ${reason}` }
  if (state === 'failed') return { zh: `设备没能做到：${reason}`, en: `The box could not do it: ${reason}` }
  switch (name) {
    case 'time.check':
      return timeSays(result)
    case 'recapture':
      return {
        zh: `已留住 ${text(result, 'from')} 至 ${text(result, 'to')} 的录像。`,
        en: `Footage from ${text(result, 'from')} to ${text(result, 'to')} is held.`,
      }
    case 'restart':
      return {
        zh: '设备收到，正在重启；回来后会有启动记录。',
        en: 'The box took it and restarts; its boot record follows.',
      }
    case 'key.rotate':
      return {
        zh: `新密钥 ${text(result, 'keyid').slice(0, 12)}… 已启用，旧密钥签的记录仍可核对。`,
        en: `New key ${text(result, 'keyid').slice(0, 12)}… is in use; records of the old one stay verifiable.`,
      }
    default:
      return { zh: '已完成。', en: 'Done.' }
  }
}

const refusedZh: Readonly<Record<string, string>> = {
  expired: '到达时已过期',
  cseq: '编号用过',
  'not supported by this release': '这个版本不支持',
}
const syncZh: Readonly<Record<string, string>> = { synced: '已对时', holdover: '守时', unsynced: '没有对时' }

function timeSays(result: DeviceOrderView['result']): Bilingual {
  const sync = text(result, 'sync')
  const [off, err] = [result?.['off_us'], result?.['err_us']]
  const offMs = typeof off === 'number' ? (off / 1_000).toFixed(1) : null
  const errMs = typeof err === 'number' ? (err / 1_000).toFixed(1) : null
  return {
    zh: `时钟：${syncZh[sync] ?? sync}${offMs === null ? '' : `，偏差 ${offMs} ms`}${errMs === null ? '' : `，误差不超过 ${errMs} ms`}；来源 ${text(result, 'src')}。`,
    en: `Clock: ${sync}${offMs === null ? '' : `, off by ${offMs} ms`}${errMs === null ? '' : `, error at most ${errMs} ms`}; source ${text(result, 'src')}.`,
  }
}

function text(result: DeviceOrderView['result'], name: string): string {
  const value = result?.[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
}
