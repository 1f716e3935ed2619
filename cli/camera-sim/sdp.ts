import type { SimClip } from './sim-clip.js'

/** The session description of a mount: one video track, `trackID=0`. */
export function describe(clip: SimClip, host: string, withParameterSets: boolean): string {
  const sets = withParameterSets ? clip.parameterSets : []
  const format = clip.codec === 'h264' ? h264Format(sets) : h265Format(sets)
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${host}`,
    's=kerbwatch camera simulator',
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    'm=video 0 RTP/AVP 96',
    `c=IN IP4 ${host}`,
    `a=rtpmap:96 ${clip.codec === 'h264' ? 'H264' : 'H265'}/90000`,
    ...(format === '' ? [] : [`a=fmtp:96 ${format}`]),
    'a=control:trackID=0',
    '',
  ].join('\r\n')
}

/** RFC 6184 §8.1 */
function h264Format(sets: readonly Buffer[]): string {
  const [sps] = sets
  const level = sps === undefined ? '' : `;profile-level-id=${sps.subarray(1, 4).toString('hex')}`
  const encoded = sets.map((set) => set.toString('base64')).join(',')
  return `packetization-mode=1${level}${encoded === '' ? '' : `;sprop-parameter-sets=${encoded}`}`
}

/** RFC 7798 §7.1 */
function h265Format(sets: readonly Buffer[]): string {
  const names = ['sprop-vps', 'sprop-sps', 'sprop-pps']
  return sets.map((set, i) => `${names[i] ?? ''}=${set.toString('base64')}`).join(';')
}
