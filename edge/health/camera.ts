import type { EpochMs } from '../../contracts/base/index.js'
import type { Bilingual } from '../../contracts/terms.js'
import type { CameraHealth } from '../capture/types.js'
import type { ViewHealth } from '../vision/types.js'
import { advice, spanOf, timeOf, type Advice, type Level } from './advice.js'

/** What is known of one camera, and where its settings stand. */
export interface CameraState {
  readonly id: string
  /** Place in `cameras` of the file, from 0. */
  readonly index: number
  /** `edge.yaml`, as people call it. */
  readonly file: string
  /** Relative or absolute, as the configuration has it; null without one. */
  readonly passwordFile: string | null
  readonly health: CameraHealth
  /** Null before the first look. */
  readonly view: ViewHealth | null
  /** Oldest footage that is still there; null for none. */
  readonly keptSinceMs: EpochMs | null
  readonly nowMs: EpochMs
  readonly tz: string
}

interface FaultText {
  readonly level: Level
  readonly word: Bilingual
  readonly says: Bilingual
  readonly todo: Bilingual
  /** Key of the camera in `edge.yaml` that the repair may need. */
  readonly key?: string
}

/** Sentences for the faults of capture (`edge/capture/verdict.ts`). `{file}` is the password file. */
const faults: Readonly<Record<string, FaultText>> = {
  CAMERA_AUTH: {
    level: 'bad',
    word: { zh: '密码不对', en: 'wrong password' },
    says: {
      zh: '摄像机拒绝登录。每分钟只试一次，不会把账号锁住。',
      en: 'The camera refused the login. It is tried once a minute, so the account is not locked.',
    },
    todo: {
      zh: '请改密码文件 {file}，或改网址里的用户名。',
      en: 'Correct the password file {file}, or the user in the address.',
    },
    key: 'password_file',
  },
  STREAM_NOT_FOUND: {
    level: 'bad',
    word: { zh: '路径不对', en: 'wrong path' },
    says: { zh: '摄像机没有这一路视频流。', en: 'The camera knows no such stream.' },
    todo: {
      zh: '请改网址里的路径，以摄像机说明书为准。',
      en: 'Correct the path of the address; the camera’s manual names it.',
    },
    key: 'url',
  },
  CAMERA_SILENT: {
    level: 'bad',
    word: { zh: '没有画面', en: 'no picture' },
    says: { zh: '连接还在，但没有画面过来。', en: 'The connection stands, but no picture comes.' },
    todo: {
      zh: '请查摄像机和它的网络，必要时断电重启摄像机。',
      en: 'Check the camera and its network; switch it off and on if need be.',
    },
  },
  CAMERA_TIMEOUT: {
    level: 'bad',
    word: { zh: '没有应答', en: 'no answer' },
    says: { zh: '摄像机没有应答。', en: 'The camera does not answer.' },
    todo: { zh: '请查供电和网线，再核对地址。', en: 'Check power and cable, then the address.' },
    key: 'url',
  },
  CAMERA_REFUSED: {
    level: 'bad',
    word: { zh: '连不上', en: 'refused' },
    says: { zh: '这个地址和端口没有程序在听。', en: 'Nothing answers at this address and port.' },
    todo: {
      zh: '请确认摄像机已开机、RTSP 已启用、端口没写错。',
      en: 'Is the camera on, RTSP enabled, the port right?',
    },
    key: 'url',
  },
  CAMERA_UNREACHABLE: {
    level: 'bad',
    word: { zh: '连不上', en: 'unreachable' },
    says: { zh: '到这个地址没有网络通路。', en: 'There is no way to this address.' },
    todo: { zh: '请查网线、交换机和地址。', en: 'Check cable, switch and address.' },
    key: 'url',
  },
  CAMERA_CLOSED: {
    level: 'bad',
    word: { zh: '断开', en: 'closed' },
    says: { zh: '摄像机断开了连接，正在重连。', en: 'The camera closed the connection; connecting again.' },
    todo: {
      zh: '如果反复出现，请查摄像机固件和别的观看者。',
      en: 'If it comes back, look at firmware and other viewers.',
    },
  },
  CAMERA_BUSY: {
    level: 'bad',
    word: { zh: '连接已满', en: 'camera busy' },
    says: { zh: '摄像机不再接受新的连接。', en: 'The camera takes no more connections.' },
    todo: { zh: '请关掉别的观看者，或调高摄像机的连接上限。', en: 'Close other viewers or raise the camera’s limit.' },
  },
  STREAM_GARBAGE: {
    level: 'bad',
    word: { zh: '不是视频', en: 'not video' },
    says: { zh: '收到的内容不是 RTSP 视频。', en: 'What came is no RTSP video.' },
    todo: {
      zh: '请核对端口，可能填成了网页或私有协议的端口。',
      en: 'Check the port: it may be the one of a web page or a private protocol.',
    },
    key: 'url',
  },
  TRANSPORT_REFUSED: {
    level: 'warn',
    word: { zh: '改用 UDP', en: 'trying UDP' },
    says: { zh: '摄像机不支持 TCP，正在改用 UDP。', en: 'The camera does not send over TCP; trying UDP.' },
    todo: { zh: '请把 transport 写成 udp，省去每次的尝试。', en: 'Set transport to udp to save the attempt.' },
    key: 'transport',
  },
  SOURCE_MISSING: {
    level: 'bad',
    word: { zh: '文件不在', en: 'file missing' },
    says: { zh: '作为画面来源的文件不在。', en: 'The file that serves as a camera is not there.' },
    todo: { zh: '请改正路径。', en: 'Correct its path.' },
    key: 'url',
  },
  NO_KEY_FRAME_YET: {
    level: 'warn',
    word: { zh: '等关键帧', en: 'waiting' },
    says: { zh: '连接时没有等到关键帧，正在多等一会儿。', en: 'No key frame came while connecting; waiting longer.' },
    todo: { zh: '请把摄像机的 I 帧间隔设为 2 秒。', en: 'Set the camera’s I-frame interval to 2 s.' },
  },
  NO_KEY_FRAMES: {
    level: 'warn',
    word: { zh: '没有关键帧', en: 'no key frames' },
    says: {
      zh: '摄像机不发关键帧，只好逐帧解码，很费处理器。',
      en: 'The camera sends no key frames, so every picture is decoded, which costs much.',
    },
    todo: {
      zh: '请把 I 帧间隔设为 2 秒，并关掉智能编码。',
      en: 'Set an I-frame interval of 2 s and switch smart codec off.',
    },
  },
  GOP_LONG: {
    level: 'warn',
    word: { zh: '关键帧太疏', en: 'long GOP' },
    says: { zh: '关键帧间隔太长，看得不够勤。', en: 'Key frames are too far apart, so the box looks too rarely.' },
    todo: {
      zh: '请把 I 帧间隔设为 2 秒，并关掉智能编码。',
      en: 'Set an I-frame interval of 2 s and switch smart codec off.',
    },
  },
  CLOCK_UNUSABLE: {
    level: 'warn',
    word: { zh: '时间戳不准', en: 'time stamps off' },
    says: {
      zh: '摄像机的时间戳和实际差 2 % 以上，改用到达时间。',
      en: 'Its time stamps run off real time by more than 2 %; times of arrival are used.',
    },
    todo: { zh: '请设固定帧率。', en: 'Set a fixed frame rate.' },
  },
  TIME_JUMPED: {
    level: 'warn',
    word: { zh: '时间跳变', en: 'time jumped' },
    says: { zh: '摄像机的时间戳跳变，正在重连。', en: 'Its time stamps jumped; connecting again.' },
    todo: { zh: '如果反复出现，请升级摄像机固件。', en: 'If it comes back, update its firmware.' },
  },
  PICTURES_DAMAGED: {
    level: 'warn',
    word: { zh: '画面有损', en: 'damaged' },
    says: {
      zh: '画面带着损坏过来。损坏的画面不作判断。',
      en: 'Pictures arrive damaged. Damaged pictures are not judged.',
    },
    todo: { zh: '请改用 tcp，或查网络丢包。', en: 'Use tcp, or look for packet loss.' },
    key: 'transport',
  },
  STREAM_DAMAGED: {
    level: 'warn',
    word: { zh: '正在重连', en: 'reconnecting' },
    says: { zh: '解码顺序乱了，正在重连。', en: 'The decoder lost its order; connecting again.' },
    todo: { zh: '如果反复出现，请查网络。', en: 'If it comes back, check the network.' },
  },
  PICTURE_CHANGED: {
    level: 'warn',
    word: { zh: '画面尺寸变了', en: 'size changed' },
    says: { zh: '画面尺寸变了，正在重连。', en: 'The picture changed its size; connecting again.' },
    todo: { zh: '请核对区域是否还在原位。', en: 'Check whether the zones still lie where they should.' },
  },
  CODEC_LEARNT: {
    level: 'warn',
    word: { zh: '正在连接', en: 'connecting' },
    says: { zh: '第一次连 H.265 摄像机，正在重连。', en: 'First connection to an H.265 camera; connecting again.' },
    todo: { zh: '等几秒即可。', en: 'Wait a few seconds.' },
  },
  DISK_FULL: {
    level: 'bad',
    word: { zh: '磁盘满', en: 'disk full' },
    says: { zh: '磁盘快满，这一路暂停录像。', en: 'The disk is nearly full; this camera’s recording is paused.' },
    todo: { zh: '请腾出空间，或调小 storage.ring_mb。', en: 'Free space or lower storage.ring_mb.' },
  },
  RING_UNWRITABLE: {
    level: 'bad',
    word: { zh: '写不进盘', en: 'not writable' },
    says: { zh: '录像文件夹写不进去。', en: 'The folder of the footage cannot be written.' },
    todo: { zh: '请改正 data 文件夹的权限。', en: 'Correct the rights of the folder at data.' },
  },
  SEGMENT_FAILED: {
    level: 'bad',
    word: { zh: '存盘失败', en: 'not kept' },
    says: { zh: '有一段录像没有存下来。', en: 'A piece of footage could not be kept.' },
    todo: { zh: '请查磁盘。', en: 'Check the disk.' },
  },
  CAPTURE_FAILED: {
    level: 'bad',
    word: { zh: '录像停了', en: 'stopped' },
    says: { zh: '程序或磁盘出错，这一路的录像停了。', en: 'A fault of the program or the disk stopped the recording.' },
    todo: { zh: '请查磁盘，再重启盒子。', en: 'Check the disk, then restart the box.' },
  },
}

const views: Readonly<Record<keyof ViewHealth, Omit<FaultText, 'key'>>> = {
  covered: {
    level: 'bad',
    word: { zh: '被遮挡', en: 'covered' },
    says: { zh: '看不到路面。这段时间不作判断。', en: 'The road is not visible. Nothing is judged for this time.' },
    todo: { zh: '请清理镜头或挪开遮挡。', en: 'Clean the lens or move the obstacle.' },
  },
  moved: {
    level: 'warn',
    word: { zh: '视野变了', en: 'view moved' },
    says: { zh: '视野和原来不同，区域可能不在原位。', en: 'The view is not what it was; the zones may lie elsewhere.' },
    todo: { zh: '请打开区域页，核对后保存。', en: 'Open the zones page, check them, save.' },
  },
  blurred: {
    level: 'warn',
    word: { zh: '模糊', en: 'blurred' },
    says: { zh: '画面模糊。看不清的时间不作判断。', en: 'The picture is blurred. Unclear time is not judged.' },
    todo: { zh: '请擦镜头，再调焦。', en: 'Wipe the lens, then focus it.' },
  },
  dark: {
    level: 'warn',
    word: { zh: '太暗', en: 'dark' },
    says: { zh: '画面太暗。看不清的时间不作判断。', en: 'The picture is too dark. Unclear time is not judged.' },
    todo: { zh: '请开红外或补光。', en: 'Switch on infrared or add light.' },
  },
}

/** The most urgent thing about one camera. */
export function cameraAdvice(state: CameraState): Advice {
  const { health, view } = state
  const { fault } = health
  if (fault !== null) return faultAdvice(fault, state)
  if (health.state !== 'running')
    return advice(
      'warn',
      { zh: '正在连接', en: 'connecting' },
      { zh: '正在连接摄像机。', en: 'Connecting to the camera.' },
    )
  for (const kind of ['covered', 'moved', 'blurred', 'dark'] as const)
    if (view?.[kind] === true) return advice(views[kind].level, views[kind].word, views[kind].says, views[kind].todo)
  return advice('ok', { zh: '正常', en: 'fine' }, factsLine(state))
}

function faultAdvice({ code, message, sinceMs }: NonNullable<CameraHealth['fault']>, state: CameraState): Advice {
  const since = timeOf(sinceMs, state.tz)
  const text = faults[code]
  if (text === undefined)
    return advice(
      'bad',
      { zh: '有故障', en: 'fault' },
      { zh: `${since} 起：${message}`, en: `Since ${since}: ${message}` },
    )
  const key = text.key === undefined ? '' : `cameras[${state.index}].${text.key}`
  const where: Bilingual =
    key === '' ? { zh: '', en: '' } : { zh: `（${state.file}：${key}）`, en: ` (${state.file}: ${key})` }
  const fill = (sentence: string): string => sentence.replace('{file}', state.passwordFile ?? 'password_file')
  return advice(
    text.level,
    text.word,
    { zh: `${since} 起：${text.says.zh}`, en: `Since ${since}: ${text.says.en}` },
    { zh: fill(text.todo.zh) + where.zh, en: fill(text.todo.en) + where.en },
  )
}

/** `关键帧 2.0 秒 · 1280×720 · 保存 6 天 4 时` */
function factsLine({ health, keptSinceMs, nowMs }: CameraState): Bilingual {
  const { gopMs, pictureWidthPx, pictureHeightPx } = health
  const parts: Bilingual[] = []
  if (gopMs !== null) {
    const seconds = (gopMs / 1_000).toFixed(1)
    const far = gopMs > 3_000
    parts.push({
      zh: `关键帧 ${seconds} 秒${far ? '，偏长，建议 2 秒' : ''}`,
      en: `key frame ${seconds} s${far ? ', long, 2 s is better' : ''}`,
    })
  }
  if (pictureWidthPx !== null && pictureHeightPx !== null) {
    const size = `${pictureWidthPx}×${pictureHeightPx}`
    parts.push({ zh: size, en: size })
  }
  if (keptSinceMs !== null) {
    const span = spanOf(nowMs - keptSinceMs)
    parts.push({ zh: `保存 ${span.zh}`, en: `keeps ${span.en}` })
  }
  if (parts.length === 0) return { zh: '在看。', en: 'It watches.' }
  return { zh: parts.map(({ zh }) => zh).join(' · '), en: parts.map(({ en }) => en).join(' · ') }
}
