import type { Bilingual } from '../contracts.js'

const words = (zh: string, en: string): Bilingual => ({ zh, en })

/** What a camera's fault means and what to do about it; the codes are the box's (heartbeat, `fault`). */
const says: Readonly<Record<string, Bilingual>> = {
  CAMERA_AUTH: words(
    '摄像机拒绝登录。请改盒子里的密码文件；每分钟只试一次，免得账号被锁。',
    'The camera refuses the password. Change its password file on the box; it is tried once a minute.',
  ),
  CAMERA_SILENT: words(
    '连着，但没有画面了。请看摄像机和网络。',
    'The connection stands without pictures. Check the camera and its network.',
  ),
  CAMERA_TIMEOUT: words('摄像机没有应答。请看电源和网络。', 'The camera does not answer. Check its power and network.'),
  CAMERA_UNREACHABLE: words(
    '到不了这个地址。请看网线、交换机和地址。',
    'No way to this address. Check cable, switch and address.',
  ),
  CAMERA_REFUSED: words(
    '这个地址和端口没有应答。请看摄像机是否开着、RTSP 是否启用。',
    'Nothing answers there. Is the camera on and RTSP enabled?',
  ),
  CAMERA_CLOSED: words('摄像机断开了，正在重连。', 'The camera hung up; connecting again.'),
  CAMERA_BUSY: words(
    '摄像机的连接数满了。请关掉别的观看者，或提高上限。',
    'The camera takes no more connections. Close other viewers or raise its limit.',
  ),
  STREAM_NOT_FOUND: words('摄像机没有这一路流。请改地址里的路径。', 'The camera has no such stream. Correct the path.'),
  STREAM_GARBAGE: words('收到的不是视频。请看端口对不对。', 'What comes is no video. Is it the right port?'),
  STREAM_DAMAGED: words('视频乱了，正在重连。', 'The stream lost its order; connecting again.'),
  PICTURES_DAMAGED: words(
    '画面有损坏。请改用 TCP，或查网络。',
    'Pictures arrive damaged. Use TCP or check the network.',
  ),
  TRANSPORT_REFUSED: words('摄像机不用 TCP 发送，正在试 UDP。', 'The camera does not send over TCP; trying UDP.'),
  NO_KEY_FRAMES: words(
    '没有关键帧。请把 I 帧间隔设为 2 秒，关掉智能编码。',
    'No key frames. Set an I-frame interval of 2 s and switch smart codec off.',
  ),
  NO_KEY_FRAME_YET: words(
    '连接时没等到关键帧，再等等。请把 I 帧间隔设为 2 秒。',
    'No key frame came while connecting. Set an I-frame interval of 2 s.',
  ),
  GOP_LONG: words(
    '关键帧隔得太久。请把 I 帧间隔设为 2 秒，关掉智能编码。',
    'Key frames are too far apart. Set an I-frame interval of 2 s and switch smart codec off.',
  ),
  CLOCK_UNUSABLE: words(
    '摄像机的时间戳不可用，改用到达时间。请设固定帧率。',
    'Its time stamps cannot be used; times of arrival are. Set a fixed frame rate.',
  ),
  TIME_JUMPED: words('时间戳跳变，正在重连。反复出现请升级固件。', 'Time stamps jumped; connecting again.'),
  PICTURE_CHANGED: words('画面尺寸变了，正在重连。', 'The picture size changed; connecting again.'),
  CODEC_LEARNT: words('第一次接上 H.265 摄像机，正在重连。', 'First connection to an H.265 camera; connecting again.'),
  DISK_FULL: words(
    '磁盘快满，这一路暂停录像。请腾出空间，或调小 ring_mb。',
    'The disk is nearly full; recording is paused. Free space or lower ring_mb.',
  ),
  RING_UNWRITABLE: words('录像目录写不进去。请改目录权限。', 'The ring folder cannot be written. Correct its rights.'),
  SOURCE_MISSING: words('文件不在。请改路径。', 'The file does not exist. Correct its path.'),
  FFMPEG_MISSING: words('盒子里没有 ffmpeg。请安装 5.1 以上。', 'No ffmpeg on the box. Install 5.1 or newer.'),
}

/** The fault in words, null for a code that this console does not know: it is shown as it is. */
export function faultText(code: string): Bilingual | null {
  return says[code] ?? null
}
