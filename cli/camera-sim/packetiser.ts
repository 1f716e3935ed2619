export type SimCodec = 'h264' | 'h265'

/** NAL units of an Annex B byte stream, without start codes. */
export function splitAnnexB(data: Buffer): Buffer[] {
  const units: Buffer[] = []
  let start = -1
  for (let at = data.indexOf('\0\0\u0001', 0, 'latin1'); at >= 0; at = data.indexOf('\0\0\u0001', at + 3, 'latin1')) {
    if (start >= 0) units.push(trimZeros(data.subarray(start, at)))
    start = at + 3
  }
  if (start >= 0) units.push(trimZeros(data.subarray(start)))
  return units.filter((unit) => unit.length > 0)
}

/** Zero bytes before the next start code belong to it, not to the unit. */
function trimZeros(unit: Buffer): Buffer {
  let end = unit.length
  while (end > 0 && unit[end - 1] === 0) end -= 1
  return unit.subarray(0, end)
}

export function nalType(unit: Buffer, codec: SimCodec): number {
  const first = unit[0] ?? 0
  return codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f
}

/** Access unit delimiters say nothing over RTP, where the marker bit ends a picture. */
export function isDelimiter(unit: Buffer, codec: SimCodec): boolean {
  return nalType(unit, codec) === (codec === 'h264' ? 9 : 35)
}

/** Parameter sets of a picture in the order vps, sps, pps. */
export function parameterSets(units: readonly Buffer[], codec: SimCodec): Buffer[] {
  const wanted = codec === 'h264' ? [7, 8] : [32, 33, 34]
  return wanted.flatMap((type) => units.filter((unit) => nalType(unit, codec) === type).slice(0, 1))
}

/** RTP payloads of one NAL unit: whole, or in fragments (FU-A, RFC 6184 §5.8; FU, RFC 7798 §4.4.3). */
export function payloadsOf(unit: Buffer, codec: SimCodec, bytesMax: number): Buffer[] {
  if (unit.length <= bytesMax) return [unit]
  const headBytes = codec === 'h264' ? 1 : 2
  const type = nalType(unit, codec)
  const indicator =
    codec === 'h264' ? [((unit[0] ?? 0) & 0xe0) | 28] : [((unit[0] ?? 0) & 0x81) | (49 << 1), unit[1] ?? 0]
  const pieceBytes = bytesMax - headBytes - 1
  const payloads: Buffer[] = []
  for (let at = headBytes; at < unit.length; at += pieceBytes) {
    const piece = unit.subarray(at, at + pieceBytes)
    const flags = (at === headBytes ? 0x80 : 0) | (at + pieceBytes >= unit.length ? 0x40 : 0)
    payloads.push(Buffer.concat([Buffer.from([...indicator, flags | type]), piece]))
  }
  return payloads
}

export const rtpHeadBytes = 12
export const frameHeadBytes = 4

/** All packets of one picture, each behind the four bytes of an interleaved frame; numbers are filled in when it is sent. */
export interface PacketTemplate {
  readonly bytes: Buffer
  readonly offsets: readonly number[]
}

/** Prepares a picture once; sending it costs a copy and a few numbers a packet. */
export function prepare(
  units: readonly Buffer[],
  codec: SimCodec,
  mtuBytes: number,
  markEvery: boolean,
): PacketTemplate {
  const parts: Buffer[] = []
  const offsets: number[] = []
  let at = 0
  units.forEach((unit, u) => {
    const payloads = payloadsOf(unit, codec, mtuBytes - rtpHeadBytes)
    payloads.forEach((payload, p) => {
      const last = p === payloads.length - 1 && (markEvery || u === units.length - 1)
      const head = Buffer.alloc(frameHeadBytes + rtpHeadBytes)
      head[0] = 0x24
      head.writeUInt16BE(rtpHeadBytes + payload.length, 2)
      head[4] = 0x80
      head[5] = (last ? 0x80 : 0) | 96
      parts.push(head, payload)
      offsets.push(at)
      at += head.length + payload.length
    })
  })
  return { bytes: Buffer.concat(parts), offsets }
}

export interface PacketNumbers {
  readonly channel: number
  readonly seq: number
  readonly timestamp: number
  readonly ssrc: number
}

/** A copy of a prepared picture with its numbers: the i-th packet gets `seq + i`. */
export function stamp(template: PacketTemplate, { channel, seq, timestamp, ssrc }: PacketNumbers): Buffer {
  const bytes = Buffer.from(template.bytes)
  template.offsets.forEach((at, i) => {
    bytes[at + 1] = channel
    bytes.writeUInt16BE((seq + i) & 0xffff, at + 6)
    bytes.writeUInt32BE(timestamp, at + 8)
    bytes.writeUInt32BE(ssrc, at + 12)
  })
  return bytes
}

/** Seconds between 1900, where NTP begins, and 1970. */
const ntpOffsetS = 2_208_988_800

/** An RTCP sender report (RFC 3550 §6.4.1). `ntpMs` counts from 1970. */
export function senderReport(ssrc: number, ntpMs: number, timestamp: number, packets: number, bytes: number): Buffer {
  const report = Buffer.alloc(28)
  report.writeUInt16BE(0x80c8, 0)
  report.writeUInt16BE(6, 2)
  report.writeUInt32BE(ssrc, 4)
  const seconds = Math.floor(ntpMs / 1000)
  report.writeUInt32BE((seconds + ntpOffsetS) % 2 ** 32, 8)
  report.writeUInt32BE(Math.floor(((ntpMs - seconds * 1000) / 1000) * 2 ** 32), 12)
  report.writeUInt32BE(timestamp, 16)
  report.writeUInt32BE(packets % 2 ** 32, 20)
  report.writeUInt32BE(bytes % 2 ** 32, 24)
  return report
}
