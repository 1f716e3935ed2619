import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '../../contracts/base/index.js'
import { spanOf, timeOf } from '../../edge/health/index.js'
import type { EdgeConfig } from '../../edge/config/index.js'
import { querySntp } from '../../edge/evidence/sntp.js'
import { check, plain, type Check } from './check.js'

/** Bit rate that the disk is planned with while a camera's own is not known. */
const assumedBitsPerSecond = 4_000_000
const trialBytes = 16 << 20
const ntpTimeoutMs = 5_000

/** Free space against what the configuration may fill, and a short trial of writing in the data folder. */
export function checkDisk(config: EdgeConfig | null, folder: string, clock: Clock): Check[] {
  const place = nearestFolder(config?.data ?? folder)
  const { bavail, blocks, bsize } = statfsSync(place)
  const [freeMb, allMb] = [Math.round((bavail * bsize) / 1e6), Math.round((blocks * bsize) / 1e6)]
  const freePercent = Math.round((100 * bavail) / blocks)
  const facts = {
    zh: `${place}：剩 ${freeMb} MB（${freePercent} %），共 ${allMb} MB`,
    en: `${place}: ${freeMb} MB free (${freePercent} %) of ${allMb} MB`,
  }
  const checks = [
    config === null
      ? check('disk', freePercent < 5 ? 'warn' : 'ok', facts)
      : spaceCheck(config, facts, freePercent, freeMb, allMb),
  ]
  return [...checks, writeCheck(place, config?.cameras.length ?? 1, clock)]
}

function spaceCheck(
  { storage, cameras }: EdgeConfig,
  facts: Check['says'],
  freePercent: number,
  freeMb: number,
  allMb: number,
): Check {
  const wantedMb = storage.ring_mb + storage.held_mb + storage.reserve_mb
  const keptMs = (storage.ring_mb * 8e9) / (assumedBitsPerSecond * Math.max(1, cameras.length))
  const kept = spanOf(Math.min(keptMs, storage.ring_days * 86_400_000))
  const says = {
    zh: `${facts.zh}；循环录像 ${storage.ring_mb} MB，${cameras.length} 路各 4 Mbit/s 时约 ${kept.zh}`,
    en: `${facts.en}; ring of ${storage.ring_mb} MB: about ${kept.en} for ${cameras.length} cameras at 4 Mbit/s`,
  }
  if (freePercent < storage.min_free_percent)
    return check('disk', 'bad', says, {
      zh: `低于 storage.min_free_percent（${storage.min_free_percent} %）：请腾出空间。`,
      en: `Under storage.min_free_percent (${storage.min_free_percent} %): free space.`,
    })
  if (wantedMb > allMb * (1 - storage.min_free_percent / 100))
    return check('disk', 'warn', says, {
      zh: `ring_mb、held_mb、reserve_mb 共 ${wantedMb} MB，盘装不下：请调小。`,
      en: `ring_mb, held_mb and reserve_mb are ${wantedMb} MB together, more than the disk: lower them.`,
    })
  if (wantedMb > freeMb)
    return check('disk', 'ok', {
      zh: `${says.zh}；已有的录像也算在内`,
      en: `${says.en}; footage that is there already counts in`,
    })
  return check('disk', 'ok', says)
}

/** 16 MiB in 1 MiB pieces, flushed: the ring flushes every segment. */
function writeCheck(place: string, cameraCount: number, clock: Clock): Check {
  const file = join(place, `.kerbwatch-doctor-${process.pid}`)
  try {
    const started = clock.monoMs()
    const handle = openSync(file, 'wx', 0o600)
    const piece = Buffer.alloc(1 << 20, 0x5a)
    for (let at = 0; at < trialBytes; at += piece.length) writeSync(handle, piece)
    fsyncSync(handle)
    closeSync(handle)
    const mbPerS = trialBytes / 1e3 / Math.max(1, clock.monoMs() - started)
    const neededMbPerS = (cameraCount * assumedBitsPerSecond) / 8e6
    const says = {
      zh: `${mbPerS.toFixed(0)} MB/s（${cameraCount} 路要 ${neededMbPerS.toFixed(1)}）`,
      en: `${mbPerS.toFixed(0)} MB/s (${cameraCount} cameras need ${neededMbPerS.toFixed(1)})`,
    }
    if (mbPerS < neededMbPerS)
      return check('disk write', 'bad', says, {
        zh: '盘太慢，会丢录像：请换盘或减少摄像机。',
        en: 'Too slow, footage would be lost: use another disk or fewer cameras.',
      })
    if (mbPerS < 4 * neededMbPerS)
      return check('disk write', 'warn', says, {
        zh: '余量小于 4 倍：请换快一些的盘。',
        en: 'Less than four times what is needed: use a faster disk.',
      })
    return check('disk write', 'ok', says)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return check(
      'disk write',
      'bad',
      { zh: `${place} 写不进去（${code}）`, en: `${place} cannot be written (${code})` },
      {
        zh: '请改正文件夹的权限，或查磁盘是否只读、已满。',
        en: 'Correct the rights of the folder; is the disk read-only or full?',
      },
    )
  } finally {
    rmSync(file, { force: true })
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))
}

/** The machine's time against the time servers of the configuration. */
export async function checkClock(config: EdgeConfig | null, clock: Clock): Promise<Check[]> {
  const nowMs = clock.wallMs()
  if (config === null || config.ntp.length === 0) {
    const tz = config?.site.tz ?? 'Asia/Shanghai'
    const now = `${timeOf(nowMs, tz)} ${tz}`
    return [
      check(
        'clock',
        'warn',
        {
          zh: `${now}，没有对时：每条记录都注明时间待核`,
          en: `${now}, unsynchronised: every record says that its time is to be confirmed`,
        },
        { zh: '请在 edge.yaml 的 ntp 里写一个时间服务器。', en: 'Name a time server at ntp in edge.yaml.' },
      ),
    ]
  }
  return Promise.all(
    config.ntp.map(async (server) => {
      try {
        const { offsetMs } = await querySntp(server, clock, ntpTimeoutMs)
        const off = Math.round(offsetMs)
        const says = { zh: `和 ${server} 差 ${off} 毫秒`, en: `${off} ms off ${server}` }
        return Math.abs(off) < 250
          ? check(`clock ${server}`, 'ok', says)
          : check(`clock ${server}`, 'warn', says, {
              zh: '请让系统对时（如 systemd-timesyncd）。',
              en: 'Let the system keep time (systemd-timesyncd or the like).',
            })
      } catch (error) {
        return check(`clock ${server}`, 'warn', plain((error as Error).message), {
          zh: '请查到它的网络（UDP 123），或在 edge.yaml 的 ntp 换一个。',
          en: 'Check the network to it (UDP 123), or name another at ntp in edge.yaml.',
        })
      }
    }),
  )
}
