/** One line of the segment list: a file that was just closed, with its first and next time in seconds of the stream. */
export interface SegmentLine {
  readonly index: number
  readonly fromMediaMs: number
  readonly toMediaMs: number
}

/** Reads `000000007.mp4,0.000000,3.240000`; null for anything else. */
export function parseSegmentLine(line: string): SegmentLine | null {
  const match = /^(?:[^,\n]{0,4000}\/)?(\d{9,12})\.mp4,(-?\d{1,12}(?:\.\d{1,9})?),(-?\d{1,12}(?:\.\d{1,9})?)$/.exec(
    line.trim(),
  )
  if (match === null) return null
  const index = Number(match[1])
  const fromMediaMs = Number(match[2]) * 1000
  const toMediaMs = Number(match[3]) * 1000
  return Number.isSafeInteger(index) ? { index, fromMediaMs, toMediaMs } : null
}

/** What one line of ffmpeg's standard error means for us; `other` lines are kept only as a tail for the log. */
export type OutputLine =
  | { readonly kind: 'time_base'; readonly num: number; readonly den: number }
  | {
      readonly kind: 'picture'
      readonly pts: number | null
      readonly widthPx: number
      readonly heightPx: number
      readonly key: boolean
    }
  | { readonly kind: 'stream'; readonly codec: string }
  | { readonly kind: 'damage' }
  | { readonly kind: 'loss' }
  | { readonly kind: 'noise' }
  | { readonly kind: 'other' }

const shape = /^\[(?:Parsed_)?showinfo[^\]]*\] (?:\[\w+\] )?(.*)$/
const picture = /^n:\s*\d+ pts:\s*(-?\d+|NOPTS)\s.*\ss:(\d{1,5})x(\d{1,5})\s(?:.*iskey:([01]))?/
const timeBase = /^config in time_base: (\d{1,9})\/(\d{1,9})/

/** Reads one line that `-loglevel level+info` prints. */
export function parseOutputLine(line: string): OutputLine {
  const info = shape.exec(line)
  if (info?.[1] !== undefined) return parseShowinfo(info[1])
  // Printed for H.264 without B-frames once a segment; all frame distances stay right (trap 15).
  if (line.includes('replacing by guess') || line.includes("Opening 'pipe:3'")) return { kind: 'noise' }
  const stream = /^\[info\]\s+Stream #0:\d+[^:]*: Video: (\w+)/.exec(line)
  if (stream?.[1] !== undefined) return { kind: 'stream', codec: stream[1] }
  if (/^\[(h264|hevc) @/.test(line) && /error while decoding|concealing|\[error\]/.test(line)) return { kind: 'damage' }
  if (/RTP: missed \d+ packets|max delay reached/.test(line)) return { kind: 'loss' }
  return { kind: 'other' }
}

function parseShowinfo(text: string): OutputLine {
  const base = timeBase.exec(text)
  if (base !== null) {
    const [num, den] = [Number(base[1]), Number(base[2])]
    return num > 0 && den > 0 ? { kind: 'time_base', num, den } : { kind: 'noise' }
  }
  const shown = picture.exec(text)
  if (shown === null) return { kind: 'noise' } // side data, colour range and the like
  const pts = shown[1] === 'NOPTS' ? null : Number(shown[1])
  return { kind: 'picture', pts, widthPx: Number(shown[2]), heightPx: Number(shown[3]), key: shown[4] !== '0' }
}

/** Cuts a byte stream into lines. A line longer than `charsMax` loses its rest: bytes from outside never fill the memory. */
export class LineSplitter {
  #rest = ''
  readonly #onLine: (line: string) => void
  readonly #charsMax: number
  constructor(onLine: (line: string) => void, charsMax = 16_384) {
    this.#onLine = onLine
    this.#charsMax = charsMax
  }
  push(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/)
    this.#rest = (lines.pop() ?? '').slice(0, this.#charsMax)
    for (const line of lines) if (line !== '') this.#onLine(line.slice(0, this.#charsMax))
  }
  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest)
    this.#rest = ''
  }
}

/** Cuts rawvideo into frames of `frameBytes`; each comes in its own memory, so that it can be handed to another thread. */
export class FrameSplitter {
  #frame: Uint8Array
  #filled = 0
  readonly #onFrame: (rgb: Uint8Array) => void
  constructor(frameBytes: number, onFrame: (rgb: Uint8Array) => void) {
    this.#frame = new Uint8Array(frameBytes)
    this.#onFrame = onFrame
  }
  push(chunk: Uint8Array): void {
    let offset = 0
    while (offset < chunk.length) {
      const take = Math.min(chunk.length - offset, this.#frame.length - this.#filled)
      this.#frame.set(chunk.subarray(offset, offset + take), this.#filled)
      this.#filled += take
      offset += take
      if (this.#filled < this.#frame.length) continue
      const whole = this.#frame
      this.#frame = new Uint8Array(whole.length)
      this.#filled = 0
      this.#onFrame(whole)
    }
  }
}
