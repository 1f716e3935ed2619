/**
 * Watches the byte stream of one MQTT client and says when a packet announces more than `bytesMax`. The broker's own parser
 * would gather up to 256 MB before it looks (remaining length, MQTT 3.1.1 §2.2.3).
 */
export function packetLimit(bytesMax: number): (chunk: Uint8Array) => boolean {
  /** Bytes of the present packet's body that are still to come. */
  let body = 0
  /** Position inside the fixed header: 0 is the type byte, then the length bytes. */
  let header = 0
  let length = 0
  return (chunk) => {
    for (let at = 0; at < chunk.byteLength;) {
      if (body > 0) {
        const skip = Math.min(body, chunk.byteLength - at)
        body -= skip
        at += skip
        continue
      }
      const byte = chunk[at] ?? 0
      at += 1
      if (header === 0) {
        header = 1
        length = 0
        continue
      }
      length += (byte & 0x7f) * 2 ** (7 * (header - 1))
      if (length > bytesMax || header > 4) return false
      if (byte >= 0x80) header += 1
      else {
        body = length
        header = 0
      }
    }
    return true
  }
}
