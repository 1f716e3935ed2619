import type { Clock } from '../../contracts/base/index.js'
import type { Segment } from '../capture/types.js'
import { decodeFrame, encodeJpeg } from '../evidence/derivatives.js'
import { pixelate } from '../evidence/pixelate.js'
import type { CameraConfig } from '../config/index.js'

const sidePx = 1_280
const bytesMax = 300_000
/** Segments close every 2 s; a page that is left open must not keep a decoder busy. */
const keptMsMin = 10_000

interface Entry {
  readonly index: number
  readonly madeMono: number
  readonly jpeg: Promise<Buffer>
}

/** First picture of the newest closed segment, private zones pixelated; one camera's picture is made at a time. */
export class StillCache {
  readonly #ffmpeg: string | null
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(ffmpeg: string | null, clock: Clock) {
    this.#ffmpeg = ffmpeg
    this.#clock = clock
  }

  /** Cached as long as the segment is the newest, and 10 s at least. @throws DerivativeError */
  async get(camera: CameraConfig, segment: Segment): Promise<Buffer> {
    const now = this.#clock.monoMs()
    const known = this.#entries.get(camera.id)
    if (known && (known.index === segment.index || now - known.madeMono < keptMsMin)) return known.jpeg
    const jpeg = this.#last.then(() => this.#make(camera, segment))
    this.#last = jpeg.catch(() => undefined) // whoever asked is told; the next one has its turn
    this.#entries.set(camera.id, { index: segment.index, madeMono: now, jpeg })
    jpeg.catch(() => this.#entries.delete(camera.id))
    return jpeg
  }

  async #make(camera: CameraConfig, { file }: Segment): Promise<Buffer> {
    const frame = await decodeFrame({ ffmpeg: this.#ffmpeg, file, offsetMs: 0, sidePx })
    const hidden = camera.zones.filter(({ kind }) => kind === 'private').map(({ polygon }) => polygon)
    if (hidden.length > 0) pixelate(frame, hidden)
    return encodeJpeg(this.#ffmpeg, frame, bytesMax)
  }
}
