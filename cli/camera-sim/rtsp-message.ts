/** A request of RTSP 1.0 (RFC 2326), header names in lower case. */
export interface RtspRequest {
  readonly method: string
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
}

/** What a connection carries: requests, and binary frames (`$`) that the client sends back, such as receiver reports. */
export type RtspItem =
  | { readonly kind: 'request'; readonly request: RtspRequest }
  | { readonly kind: 'frame'; readonly channel: number }
  | { readonly kind: 'malformed' }

const headBytesMax = 16_384
const bodyBytesMax = 65_536

/** Cuts a byte stream into requests and frames. After `malformed` the connection cannot be read any further. */
export class RtspReader {
  #rest = Buffer.alloc(0)
  #broken = false

  push(chunk: Buffer): RtspItem[] {
    if (this.#broken) return []
    this.#rest = Buffer.concat([this.#rest, chunk])
    const items: RtspItem[] = []
    for (;;) {
      const item = this.#next()
      if (item === null) return items
      items.push(item)
      if (item.kind === 'malformed') {
        this.#broken = true
        this.#rest = Buffer.alloc(0)
        return items
      }
    }
  }

  #next(): RtspItem | null {
    while (this.#rest[0] === 0x0d || this.#rest[0] === 0x0a) this.#rest = this.#rest.subarray(1)
    if (this.#rest.length === 0) return null
    return this.#rest[0] === 0x24 ? this.#frame() : this.#request()
  }

  #frame(): RtspItem | null {
    if (this.#rest.length < 4) return null
    const bytes = this.#rest.readUInt16BE(2)
    if (this.#rest.length < 4 + bytes) return null
    const channel = this.#rest.readUInt8(1)
    this.#rest = this.#rest.subarray(4 + bytes)
    return { kind: 'frame', channel }
  }

  #request(): RtspItem | null {
    const headEnd = this.#rest.indexOf('\r\n\r\n')
    if (headEnd < 0) return this.#rest.length > headBytesMax ? { kind: 'malformed' } : null
    if (headEnd > headBytesMax) return { kind: 'malformed' }
    const request = parseRequest(this.#rest.toString('latin1', 0, headEnd))
    if (request === null) return { kind: 'malformed' }
    const bodyBytes = Number(request.headers.get('content-length') ?? 0)
    if (!Number.isInteger(bodyBytes) || bodyBytes < 0 || bodyBytes > bodyBytesMax) return { kind: 'malformed' }
    if (this.#rest.length < headEnd + 4 + bodyBytes) return null
    this.#rest = this.#rest.subarray(headEnd + 4 + bodyBytes)
    return { kind: 'request', request }
  }
}

/** Reads the head of one request, without its final empty line. Null when it is none. */
export function parseRequest(head: string): RtspRequest | null {
  const [first, ...lines] = head.split('\r\n')
  const start = /^([A-Z_]{1,32}) (\S{1,2048}) RTSP\/1\.\d$/.exec(first ?? '')
  if (start?.[1] === undefined || start[2] === undefined) return null
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) return null
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return { method: start[1], url: start[2], headers }
}

/** Where a client wants its packets (SETUP's Transport header): the first offer that we can serve. */
export type Transport =
  | { readonly kind: 'tcp'; readonly rtp: number; readonly rtcp: number }
  | { readonly kind: 'udp'; readonly rtp: number; readonly rtcp: number }

export function parseTransport(header: string, allowed: 'tcp' | 'udp' | 'both'): Transport | null {
  for (const offer of header.split(',')) {
    const tcp = /RTP\/AVP\/TCP/i.test(offer)
    if (/multicast/i.test(offer) || (tcp ? allowed === 'udp' : allowed === 'tcp')) continue
    const pair = (tcp ? /interleaved=(\d{1,3})(?:-(\d{1,3}))?/ : /client_port=(\d{1,5})(?:-(\d{1,5}))?/).exec(offer)
    if (tcp && pair === null) return { kind: 'tcp', rtp: 0, rtcp: 1 }
    if (pair === null) continue
    const rtp = Number(pair[1])
    const rtcp = pair[2] === undefined ? rtp + 1 : Number(pair[2])
    if (Math.max(rtp, rtcp) <= (tcp ? 255 : 65_535)) return { kind: tcp ? 'tcp' : 'udp', rtp, rtcp }
  }
  return null
}
