import type { Socket as UdpSocket } from 'node:dgram'
import type { Socket } from 'node:net'
import type { Clock } from '../../contracts/base/index.js'
import { frameHeadBytes, senderReport, stamp, type PacketTemplate } from './packetiser.js'
import type { Transport } from './rtsp-message.js'
import type { SimFaults } from './sim-options.js'

export interface UdpPair {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
}

export interface SessionParts {
  readonly socket: Socket
  readonly transport: Transport
  readonly udp: UdpPair | null
  readonly ssrc: number
  readonly firstSeq: number
  readonly firstTicks: number
  readonly faults: SimFaults
  readonly clock: Clock
  /** 0..1, seeded. */
  readonly random: () => number
}

const reportMs = 5_000
/** A camera closes a connection whose reader stands still. */
const tcpBufferBytesMax = 4 << 20
const paceMs = 2

/** One client that is playing. */
export class SimSession {
  readonly #parts: SessionParts
  readonly #startedMonoMs: number
  #seq: number
  #packets = 0
  #bytes = 0
  #reportedMonoMs = -Infinity
  #garbageSent = false
  #queue: Buffer[] = []
  #perTurn = 1
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(parts: SessionParts) {
    this.#parts = parts
    this.#seq = parts.firstSeq
    this.#startedMonoMs = parts.clock.monoMs()
  }

  /** Sends one picture; `ticks` is its time on the mount's line, `frameMs` how long until the next. */
  send(template: PacketTemplate, ticks: number, frameMs: number): void {
    const { clock, faults, transport, ssrc, socket } = this.#parts
    const ageS = (clock.monoMs() - this.#startedMonoMs) / 1000
    const timestamp = this.#timestamp(ticks, ageS)
    const stalled = isStalled(faults, ageS)
    if (!stalled || faults.silent !== true) this.#report(timestamp)
    if (stalled) return
    const numbers = { channel: transport.rtp, seq: this.#seq, timestamp, ssrc }
    const bytes = stamp(template, numbers)
    this.#seq = (this.#seq + template.offsets.length) & 0xffff
    this.#packets += template.offsets.length
    this.#bytes += bytes.length
    if (transport.kind === 'tcp') {
      if (faults.garbageAfterS !== undefined && ageS > faults.garbageAfterS && !this.#garbageSent) {
        this.#garbageSent = true
        socket.write(Buffer.from(Array.from({ length: 5_003 }, () => Math.floor(this.#parts.random() * 256))))
      }
      if (socket.writableLength > tcpBufferBytesMax) socket.destroy()
      else socket.write(this.#lossy(bytes, template.offsets))
    } else this.#pace(bytes, template.offsets, frameMs)
  }

  #timestamp(ticks: number, ageS: number): number {
    const { faults, firstTicks } = this.#parts
    const jump =
      faults.jumpAfterS !== undefined && ageS > faults.jumpAfterS ? Math.round((faults.jumpByS ?? 0) * 90_000) : 0
    return (((firstTicks + ticks + jump) % 2 ** 32) + 2 ** 32) % 2 ** 32
  }

  /** Over TCP a lost packet is one that the camera never wrote. */
  #lossy(bytes: Buffer, offsets: readonly number[]): Buffer {
    const loss = this.#parts.faults.loss ?? 0
    if (loss === 0) return bytes
    return Buffer.concat(cut(bytes, offsets).filter(() => this.#parts.random() >= loss))
  }

  /** Packets of a picture leave in small groups over most of the time until the next: a whole key frame at once overruns sockets. */
  #pace(bytes: Buffer, offsets: readonly number[], frameMs: number): void {
    const loss = this.#parts.faults.loss ?? 0
    for (const packet of cut(bytes, offsets))
      if (loss === 0 || this.#parts.random() >= loss) this.#queue.push(packet.subarray(frameHeadBytes))
    const turns = Math.max(1, Math.floor((0.7 * frameMs) / paceMs))
    this.#perTurn = Math.max(4, Math.ceil(this.#queue.length / turns))
    if (this.#timer === null) this.#turn()
  }

  #turn(): void {
    this.#timer = null
    if (this.#closed) return
    const { udp, transport, socket } = this.#parts
    for (const packet of this.#queue.splice(0, this.#perTurn))
      udp?.rtp.send(packet, transport.rtp, socket.remoteAddress)
    if (this.#queue.length > 0)
      this.#timer = setTimeout(() => {
        this.#turn()
      }, paceMs)
  }

  #report(timestamp: number): void {
    const { clock, faults, transport, udp, socket, ssrc } = this.#parts
    const monoMs = clock.monoMs()
    if (monoMs - this.#reportedMonoMs < reportMs) return
    this.#reportedMonoMs = monoMs
    const ntpMs = faults.rtcpClock === 'unset' ? monoMs - 2_208_988_800_000 : clock.wallMs()
    const report = senderReport(ssrc, ntpMs, timestamp, this.#packets, this.#bytes)
    if (transport.kind === 'udp') udp?.rtcp.send(report, transport.rtcp, socket.remoteAddress)
    else socket.write(Buffer.concat([Buffer.from([0x24, transport.rtcp, 0, report.length]), report]))
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#parts.udp?.rtp.close()
    this.#parts.udp?.rtcp.close()
  }
}

function isStalled({ stallAfterS, stallForS }: SimFaults, ageS: number): boolean {
  if (stallAfterS === undefined || ageS < stallAfterS) return false
  return stallForS === undefined || ageS % (stallAfterS + stallForS) >= stallAfterS
}

function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  return offsets.map((from, i) => bytes.subarray(from, offsets[i + 1] ?? bytes.length))
}
