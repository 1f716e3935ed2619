import { Tensor } from 'onnxruntime-node'
import type { Picture } from '../types.js'
import type { Fitted } from './fit.js'
import type { ObjectInput } from './manifest.js'
import { Resizer } from './resize.js'

/** The network's input, filled again for each picture without allocation. */
export class InputFrame {
  readonly tensor: Tensor
  readonly #input: ObjectInput
  readonly #resizer = new Resizer()
  readonly #bytes: Uint8Array
  readonly #floats: Float32Array
  readonly #tables: readonly Float32Array[]
  readonly #scratch: Uint8Array
  #place = ''

  constructor(input: ObjectInput) {
    const { widthPx, heightPx } = input
    this.#input = input
    const isBytes = input.layout === 'nhwc-uint8'
    this.#scratch = new Uint8Array(isBytes ? 0 : widthPx * heightPx * 3)
    this.#bytes = new Uint8Array(isBytes ? widthPx * heightPx * 3 : 0)
    this.#floats = new Float32Array(isBytes ? 0 : widthPx * heightPx * 3)
    this.#tables = [0, 1, 2].map((c) =>
      Float32Array.from({ length: 256 }, (_, byte) => {
        const mean = input.mean[c] ?? 0
        return (byte * input.scale - mean) / (input.deviation[c] ?? 1)
      }),
    )
    this.tensor = isBytes
      ? new Tensor('uint8', this.#bytes, [1, heightPx, widthPx, 3])
      : new Tensor('float32', this.#floats, [1, 3, heightPx, widthPx])
  }

  /** Draws the fitted part of `picture`; the rest keeps the fill colour. */
  draw(picture: Picture, fitted: Fitted): void {
    const place = `${fitted.targetX},${fitted.targetY},${fitted.targetWidth},${fitted.targetHeight}`
    if (place !== this.#place) this.#clear()
    this.#place = place
    if (this.#bytes.length > 0) this.#drawBytes(picture, fitted)
    else this.#drawFloats(picture, fitted)
  }

  #clear(): void {
    const { fill, widthPx, heightPx } = this.#input
    this.#bytes.fill(fill)
    if (this.#floats.length === 0) return
    const plane = widthPx * heightPx
    this.#tables.forEach((table, c) => this.#floats.fill(table[fill] ?? 0, c * plane, (c + 1) * plane))
  }

  #drawBytes(picture: Picture, fitted: Fitted): void {
    const { widthPx, order } = this.#input
    const start = (fitted.targetY * widthPx + fitted.targetX) * 3
    this.#resizer.run(picture, fitted, this.#bytes, start, widthPx * 3)
    if (order === 'rgb') return
    for (let y = 0; y < fitted.targetHeight; y += 1) swapEnds(this.#bytes, start + y * widthPx * 3, fitted.targetWidth)
  }

  #drawFloats(picture: Picture, fitted: Fitted): void {
    const { widthPx, heightPx, order } = this.#input
    const { targetWidth, targetHeight } = fitted
    const scratch = this.#scratch
    const floats = this.#floats
    this.#resizer.run(picture, fitted, scratch, 0, targetWidth * 3)
    this.#tables.forEach((table, c) => {
      let from = order === 'rgb' ? c : 2 - c
      for (let y = 0; y < targetHeight; y += 1) {
        const at = c * widthPx * heightPx + (fitted.targetY + y) * widthPx + fitted.targetX
        for (let x = at; x < at + targetWidth; x += 1, from += 3) floats[x] = table[scratch[from] as number] as number
      }
    })
  }
}

function swapEnds(bytes: Uint8Array, at: number, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const k = at + i * 3
    const first = bytes[k] as number
    bytes[k] = bytes[k + 2] as number
    bytes[k + 2] = first
  }
}
