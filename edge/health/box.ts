import type { EpochMs } from '../../contracts/base/index.js'
import type { ClockReading } from '../../contracts/records/index.js'
import type { Ffmpeg } from '../capture/index.js'
import { advice, spanOf, type Advice } from './advice.js'

/** The clock of the box; `ntp` are the servers of the configuration. */
export function clockAdvice(clock: Pick<ClockReading, 'sync' | 'errorUs' | 'source'>, ntp: readonly string[]): Advice {
  const errorMs = clock.errorUs === null ? null : Math.ceil(clock.errorUs / 1_000)
  const error =
    errorMs === null
      ? { zh: '误差不明', en: 'error unknown' }
      : { zh: `误差不超过 ${errorMs} 毫秒`, en: `error at most ${errorMs} ms` }
  const from = clock.source.replace(/^sntp:/, '')
  if (clock.sync === 'synced')
    return advice(
      'ok',
      { zh: '已对时', en: 'synchronised' },
      { zh: `已和 ${from} 对时，${error.zh}。`, en: `Synchronised with ${from}, ${error.en}.` },
    )
  if (clock.sync === 'holdover')
    return advice(
      'warn',
      { zh: '靠自己走时', en: 'holding over' },
      { zh: `对时服务器 2 小时没有应答，${error.zh}。`, en: `No time server answered for 2 hours, ${error.en}.` },
      { zh: `请查到 ${ntp.join('、')} 的网络（UDP 123）。`, en: `Check the network to ${ntp.join(', ')} (UDP 123).` },
    )
  const says = {
    zh: '没有对时。每条记录都注明时间待核。',
    en: 'Not synchronised. Every record says that its time is to be confirmed.',
  }
  const todo =
    ntp.length === 0
      ? { zh: '请在 edge.yaml 的 ntp 里写一个时间服务器。', en: 'Name a time server at ntp in edge.yaml.' }
      : {
          zh: `请查到 ${ntp.join('、')} 的网络（UDP 123），再核对盒子的时间。`,
          en: `Check the network to ${ntp.join(', ')} (UDP 123), then the box’s own time.`,
        }
  return advice('warn', { zh: '没有对时', en: 'unsynchronised' }, says, todo)
}

export interface DiskState {
  readonly freePercent: number | null
  readonly level: 'ok' | 'low' | 'critical'
  readonly heldFull: boolean
  readonly minFreePercent: number
  /** About how much footage lies in the ring, from its size and the cameras' bit rates; null while unknown. */
  readonly keptMs: number | null
}

export function diskAdvice({ freePercent, level, heldFull, minFreePercent, keptMs }: DiskState): Advice {
  const free = freePercent === null ? null : Math.round(freePercent)
  const kept = keptMs === null ? null : spanOf(keptMs)
  const says = {
    zh: `${free === null ? '剩余空间不明' : `还剩 ${free} %`}${kept === null ? '' : `，录像约 ${kept.zh}`}。`,
    en: `${free === null ? 'free space unknown' : `${free} % free`}${kept === null ? '' : `, footage of about ${kept.en}`}.`,
  }
  if (level === 'critical')
    return advice(
      'bad',
      { zh: '快满了', en: 'nearly full' },
      {
        zh: `${says.zh}优先级低的摄像机已停止录像。`,
        en: `${says.en} Cameras of low priority have stopped recording.`,
      },
      {
        zh: '请腾出空间，或调小 edge.yaml 的 storage.ring_mb。',
        en: 'Free space, or lower storage.ring_mb in edge.yaml.',
      },
    )
  if (level === 'low')
    return advice(
      'warn',
      { zh: '不多了', en: 'low' },
      {
        zh: `${says.zh}低于 ${minFreePercent} %，最旧的录像提前删除。`,
        en: `${says.en} Under ${minFreePercent} %: the oldest footage goes early.`,
      },
      {
        zh: '请查盘上别的文件，或调小 edge.yaml 的 storage.ring_mb。',
        en: 'Look for other files on the disk, or lower storage.ring_mb in edge.yaml.',
      },
    )
  if (heldFull)
    return advice(
      'warn',
      { zh: '留存区满', en: 'held space full' },
      {
        zh: `${says.zh}留存的证据段占满了份额，普通录像的份额变小。`,
        en: `${says.en} Held footage fills its share; the ring shrinks.`,
      },
      {
        zh: '请连上云端，或调大 edge.yaml 的 storage.held_mb。',
        en: 'Connect the cloud, or raise storage.held_mb in edge.yaml.',
      },
    )
  return advice('ok', { zh: '够用', en: 'enough' }, says)
}

const originWords: Readonly<Record<Ffmpeg['origin'], { readonly zh: string; readonly en: string }>> = {
  configured: { zh: '配置指定的', en: 'configured' },
  environment: { zh: 'FFMPEG_PATH 指定的', en: 'from FFMPEG_PATH' },
  system: { zh: '系统', en: 'system' },
  package: { zh: '软件包自带的', en: 'packaged' },
}
/** Fixes of security faults reach a distribution's build for about this long. */
const ffmpegYearsMax = 4

/** Which video program is used and how old it is; the package's Linux build is of 2018. */
export function ffmpegAdvice(ffmpeg: Pick<Ffmpeg, 'version' | 'origin' | 'releasedYear'>, nowYear: number): Advice {
  const origin = originWords[ffmpeg.origin]
  const year = ffmpeg.releasedYear ?? null
  const age = year === null ? { zh: '年份不明', en: 'of unknown age' } : { zh: `${year} 年的`, en: `of ${year}` }
  const says = {
    zh: `${origin.zh} ffmpeg ${ffmpeg.version}，${age.zh}。`,
    en: `${origin.en} ffmpeg ${ffmpeg.version}, ${age.en}.`,
  }
  const old = year === null ? ffmpeg.origin === 'package' : nowYear - year > ffmpegYearsMax
  if (!old) return advice('ok', { zh: '可用', en: 'fine' }, says)
  const years = year === null ? null : nowYear - year
  return advice(
    'warn',
    { zh: '太旧', en: 'old' },
    {
      zh: `${says.zh}${years === null ? '' : `已有 ${years} 年，`}能用，但没有后来的安全修补。`,
      en: `${says.en} ${years === null ? 'It' : `It is ${years} years old: it`} works, but lacks the security fixes made since.`,
    },
    {
      zh: '请装系统的 ffmpeg 5.1 以上（apt-get install ffmpeg），再重启盒子。',
      en: 'Install the system’s ffmpeg, 5.1 or newer (apt-get install ffmpeg), then restart the box.',
    },
  )
}

export interface LinkState {
  readonly up: boolean
  readonly downSinceMs: EpochMs | null
  readonly recordsWaiting: number
  readonly nowMs: EpochMs
}

/** The cloud being away is never worse than a warning: records wait and none is lost. */
export function linkAdvice({ up, downSinceMs, recordsWaiting, nowMs }: LinkState): Advice {
  const waiting = { zh: `待送 ${recordsWaiting} 条，一条不丢`, en: `${recordsWaiting} records wait, none is lost` }
  if (up)
    return recordsWaiting < 100
      ? advice(
          'ok',
          { zh: '已连上', en: 'connected' },
          {
            zh: `已连上云端，待送 ${recordsWaiting} 条。`,
            en: `Connected to the cloud, ${recordsWaiting} records wait.`,
          },
        )
      : advice(
          'warn',
          { zh: '正在补送', en: 'catching up' },
          { zh: `已连上云端，正在补送：${waiting.zh}。`, en: `Connected to the cloud, catching up: ${waiting.en}.` },
        )
  const span = downSinceMs === null ? null : spanOf(nowMs - downSinceMs)
  return advice(
    'warn',
    { zh: '断开', en: 'offline' },
    {
      zh: `云端断开${span === null ? '' : ` ${span.zh}`} · ${waiting.zh}。正在自动重试。`,
      en: `Cloud offline${span === null ? '' : ` for ${span.en}`} · ${waiting.en}. It is tried again by itself.`,
    },
    {
      zh: '如果一直不通，请查网络和 edge.yaml 的 cloud.mqtt、cloud.password_file。',
      en: 'If it stays so, check the network, and cloud.mqtt and cloud.password_file in edge.yaml.',
    },
  )
}

export interface LoadState {
  /** Load average of one minute over the count of cores; null where the system has none. */
  readonly loadPerCore: number | null
  /** Watch frames dropped of all that came, 0..1, over the last minutes. */
  readonly droppedRatio: number
}

/** DESIGN.md §9.5: over 10 % of the frames dropped is a `gap overload`. */
export function loadAdvice({ loadPerCore, droppedRatio }: LoadState): Advice {
  const percent = Math.round(droppedRatio * 100)
  const load =
    loadPerCore === null
      ? { zh: '', en: '' }
      : { zh: `每核负载 ${loadPerCore.toFixed(2)}`, en: `load per core ${loadPerCore.toFixed(2)}` }
  const dropped =
    percent === 0
      ? { zh: '没有丢帧', en: 'no frame dropped' }
      : { zh: `丢帧 ${percent} %`, en: `${percent} % of the frames dropped` }
  const says = {
    zh: [load.zh, dropped.zh].filter(Boolean).join('，') + '。',
    en: [load.en, dropped.en].filter(Boolean).join(', ') + '.',
  }
  const todo = {
    zh: '请减少摄像机，或把摄像机的 I 帧间隔改成 2 秒。录像不受影响。',
    en: 'Use fewer cameras, or set their I-frame interval to 2 s. Recording is not affected.',
  }
  if (droppedRatio > 0.1) return advice('bad', { zh: '跟不上', en: 'overloaded' }, says, todo)
  if (droppedRatio > 0.01 || (loadPerCore ?? 0) > 1.5) return advice('warn', { zh: '偏忙', en: 'busy' }, says, todo)
  return advice('ok', { zh: '够用', en: 'enough' }, says)
}
