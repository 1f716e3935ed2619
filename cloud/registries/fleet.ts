import type { AlarmView, DeviceView, Place } from '../../contracts/api/index.js'
import type { Bilingual } from '../../contracts/terms.js'
import { decodeEnvelope } from '../../contracts/evidence/index.js'
import { gapBody, type GapBody } from '../../contracts/records/index.js'
import type { CameraGap } from '../leads/index.js'
import type { VerifiedRecord } from '../ingest/index.js'
import type { cameraStore } from '../store/cameras.js'
import type { AlarmKind, RecordStore } from '../store/records.js'

/** One sentence a kind: what happened, and what it means for evidence. */
const alarmSays: Readonly<Record<AlarmKind, Bilingual>> = {
  fork: {
    zh: '同一序号出现两条不同的记录，这条链已停用，请核查设备。',
    en: 'Two different records at one number: this chain is frozen; check the device.',
  },
  prev_mismatch: {
    zh: '记录与前一条接不上，这条链已停用，请核查设备。',
    en: 'A record does not follow the one before it: this chain is frozen; check the device.',
  },
  hole: { zh: '缺少记录，已要求设备补送。', en: 'Records are missing; the device was asked to send them again.' },
  rollback: {
    zh: '设备回到了旧状态，已开始新的链。',
    en: 'The device went back to an older state; a new chain has begun.',
  },
  chain_lost: { zh: '设备丢失了记录链，已开始新的链。', en: 'The device lost its record chain; a new one has begun.' },
  bad_signature: { zh: '收到签名不对的记录，已拒收。', en: 'A record with a wrong signature was refused.' },
  unreadable: {
    zh: '收到读不懂的记录，已保存，请升级或核查设备。',
    en: 'A record could not be understood; it is kept. Update or check the device.',
  },
  object_digest: { zh: '文件与它的指纹不一致，已停用。', en: 'A file differs from its digest and is not used.' },
  key_closed: {
    zh: '收到用已关闭的密钥签名的记录，或已移除的设备还在连接，已拒绝。',
    en: 'Records signed with a closed key, or a device that was removed still connects: refused.',
  },
  silent: { zh: '设备超过 3 分钟没有消息。', en: 'The device has been silent for more than 3 minutes.' },
}

export interface FleetDeps {
  readonly records: RecordStore
  readonly cameras: ReturnType<typeof cameraStore>
}

const alarmsMax = 200
/** A gap is recorded when it ends; more than these after one act are other days. */
const gapsMax = 500

/** The body of a gap record from its envelope; it was verified when it came. */
function gapOf(envelope: string): GapBody | null {
  const payload = JSON.parse(decodeEnvelope(Buffer.from(envelope)).payload.toString('utf8')) as {
    data: { gap?: unknown }
  }
  return gapBody.safeParse(payload.data.gap).data ?? null
}

/** Boxes, cameras and alarms as the technician's page shows them. */
export function makeFleet({ records, cameras }: FleetDeps) {
  const placeOf = (device: string, cam: string): Place => {
    const known = cameras.find(device, cam)
    if (known === null) return { name: cam }
    return {
      name: known.place,
      lat_deg: known.lat_e7 === null ? null : known.lat_e7 / 1e7,
      lon_deg: known.lon_e7 === null ? null : known.lon_e7 / 1e7,
    }
  }
  /** Holes of one camera's recording that touch a span, by its gap records. */
  const gapsOf = (device: string, cam: string, fromAt: string, toAt: string): CameraGap[] =>
    records
      .ofKind(device, 'gap', fromAt, gapsMax)
      .map(gapOf)
      .filter((gap) => gap !== null)
      .filter((gap) => gap.cam === cam && gap.from < toAt && gap.to > fromAt)
      .sort((a, b) => (a.from < b.from ? -1 : 1))
  return {
    placeOf,
    gapsOf,
    /** Zones as the box's last configuration has them, for drawing: id, kind, polygon in 1/10 000 of the picture. */
    zonesOf: (device: string, cam: string) => cameras.find(device, cam)?.zones ?? [],
    /** Effect of a record, inside ingest's transaction. */
    applyRecord({ device, chain, seq, time, content }: VerifiedRecord): void {
      if (content.kind === 'config') cameras.replace(device, chain, seq, content.body.cameras ?? [])
      if (content.kind === 'heartbeat') cameras.beat(device, time, content.body)
    },
    devices: (): DeviceView[] =>
      records.devices().map(({ id, presence, seen_at, removed_at }) => {
        const health = cameras.lastBeat(id)?.body ?? null
        const beats = (health?.['cameras'] ?? []) as readonly { cam: string; state: string; fault: string | null }[]
        return {
          id,
          online: presence === 'online',
          last_record_at: seen_at,
          removed_at,
          health,
          cameras: cameras.ofDevice(id).map(({ cam }) => {
            const beat = beats.find((one) => one.cam === cam)
            return { cam, place: placeOf(id, cam), state: beat?.state ?? 'unknown', fault: beat?.fault ?? null }
          }),
        }
      }),
    alarms({ open, cursor, limit }: { open: boolean | null; cursor: string | null; limit: number }): {
      items: AlarmView[]
      next: string | null
    } {
      const all = records
        .alarms(alarmsMax)
        .filter(({ cleared_at }) => open === null || (cleared_at === null) === open)
        .map(({ id, device, kind, subject, first_at, cleared_at, count, details }) => ({
          id: String(id),
          device,
          kind,
          raised_at: first_at,
          cleared_at,
          says: alarmSays[kind],
          details: { ...details, subject, count },
        }))
      const start = cursor === null ? 0 : all.findIndex(({ id }) => id === cursor) + 1
      const items = all.slice(start, start + limit)
      return { items, next: start + limit < all.length ? (items.at(-1)?.id ?? null) : null }
    },
  }
}
