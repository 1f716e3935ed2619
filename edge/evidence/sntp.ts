import { createSocket } from 'node:dgram'
import { KerbError, type Clock } from '../../contracts/base/index.js'

export class SntpError extends KerbError<'SNTP_TIMEOUT' | 'SNTP_MALFORMED' | 'SNTP_UNREACHABLE'> {}

/** One answer of a time server, with the four stamps worked out (RFC 5905 §8). */
export interface SntpSample {
  readonly server: string
  /** Server minus us. */
  readonly offsetMs: number
  readonly delayMs: number
  readonly rootDelayMs: number
  readonly rootDispersionMs: number
  readonly atMonoMs: number
}

const packetBytes = 48
const ntpEpochS = 2_208_988_800 // seconds from 1900 to 1970, RFC 5905 §6

/** `host` or `host:port`. @throws SntpError */
export async function querySntp(server: string, clock: Clock, timeoutMs: number): Promise<SntpSample> {
  const [host, port] = splitHost(server)
  const socket = createSocket('udp4')
  const abort = new AbortController()
  try {
    const sentMono = clock.monoMs()
    const sentWall = clock.wallMs()
    const request = Buffer.alloc(packetBytes)
    request[0] = 0x23 // leap 0, version 4, client
    writeStamp(request, 40, sentWall)
    const answer = await new Promise<Buffer>((resolve, reject) => {
      socket.once('message', resolve)
      socket.once('error', (cause) => {
        reject(new SntpError('SNTP_UNREACHABLE', `no time from ${server}`, { server }, { cause }))
      })
      socket.send(request, port, host, (cause) => {
        if (cause !== null) reject(new SntpError('SNTP_UNREACHABLE', `no time from ${server}`, { server }, { cause }))
      })
      clock.sleep(timeoutMs, abort.signal).then(
        () => {
          reject(new SntpError('SNTP_TIMEOUT', `no time from ${server} within ${timeoutMs} ms`, { server }))
        },
        () => undefined,
      )
    })
    // The wall clock may step during the wait: the end is the start plus what the monotonic clock says.
    const gotMono = clock.monoMs()
    return { server, atMonoMs: gotMono, ...parseSntp(answer, request, sentWall, sentWall + (gotMono - sentMono)) }
  } finally {
    abort.abort()
    socket.close()
  }
}

/** @throws SntpError `SNTP_MALFORMED` for anything but a usable answer to our own request. */
export function parseSntp(
  answer: Uint8Array,
  request: Uint8Array,
  sentMs: number,
  gotMs: number,
): Pick<SntpSample, 'offsetMs' | 'delayMs' | 'rootDelayMs' | 'rootDispersionMs'> {
  const bytes = Buffer.from(answer)
  const refuse = (what: string): never => {
    throw new SntpError('SNTP_MALFORMED', `time answer refused: ${what}`)
  }
  if (bytes.length < packetBytes) refuse('short')
  const first = bytes.readUInt8(0)
  const stratum = bytes.readUInt8(1)
  if ((first & 7) !== 4) refuse('not from a server')
  if (first >> 6 === 3) refuse('server is not synchronised')
  if (stratum < 1 || stratum > 15) refuse(`stratum ${stratum}`)
  if (!bytes.subarray(24, 32).equals(Buffer.from(request).subarray(40, 48))) refuse('answers another request')
  const receivedMs = readStamp(bytes, 32)
  const transmittedMs = readStamp(bytes, 40)
  if (bytes.readUInt32BE(40) === 0) refuse('no transmit time')
  const delayMs = gotMs - sentMs - (transmittedMs - receivedMs)
  if (delayMs < -1) refuse('negative delay')
  return {
    offsetMs: (receivedMs - sentMs + (transmittedMs - gotMs)) / 2,
    delayMs: Math.max(0, delayMs),
    rootDelayMs: (bytes.readInt32BE(4) / 65_536) * 1_000,
    rootDispersionMs: (bytes.readUInt32BE(8) / 65_536) * 1_000,
  }
}

function splitHost(server: string): [host: string, port: number] {
  const match = /^(.+):(\d{1,5})$/.exec(server)
  return match?.[1] === undefined ? [server, 123] : [match[1], Number(match[2])]
}

function writeStamp(bytes: Buffer, at: number, ms: number): void {
  const seconds = Math.floor(ms / 1_000)
  bytes.writeUInt32BE((seconds + ntpEpochS) % 2 ** 32, at)
  bytes.writeUInt32BE(Math.floor(((ms - seconds * 1_000) / 1_000) * 2 ** 32) >>> 0, at + 4)
}

/** Era 0 for stamps with the top bit set, era 1 (from 2036) else: RFC 4330 §3. */
function readStamp(bytes: Buffer, at: number): number {
  const seconds = bytes.readUInt32BE(at)
  const era = seconds >= 2 ** 31 ? 0 : 2 ** 32
  return (seconds + era - ntpEpochS) * 1_000 + (bytes.readUInt32BE(at + 4) / 2 ** 32) * 1_000
}
