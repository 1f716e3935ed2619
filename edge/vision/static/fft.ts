/** In-place radix-2 transforms of complex pictures whose sides are powers of two. Tables are made once per size. */
export class Fft2 {
  readonly #rows: Fft1
  readonly #columns: Fft1
  readonly #re: Float64Array
  readonly #im: Float64Array
  readonly widthPx: number
  readonly heightPx: number
  constructor(widthPx: number, heightPx: number) {
    this.widthPx = widthPx
    this.heightPx = heightPx
    this.#rows = new Fft1(widthPx)
    this.#columns = new Fft1(heightPx)
    this.#re = new Float64Array(heightPx)
    this.#im = new Float64Array(heightPx)
  }

  /** Forward transform, or the inverse without its 1/n. */
  transform(re: Float64Array, im: Float64Array, inverse: boolean): void {
    const { widthPx, heightPx } = this
    for (let y = 0; y < heightPx; y++)
      this.#rows.transform(
        re.subarray(y * widthPx, (y + 1) * widthPx),
        im.subarray(y * widthPx, (y + 1) * widthPx),
        inverse,
      )
    const columnRe = this.#re
    const columnIm = this.#im
    for (let x = 0; x < widthPx; x++) {
      for (let y = 0, i = x; y < heightPx; y++, i += widthPx) {
        columnRe[y] = re[i] as number
        columnIm[y] = im[i] as number
      }
      this.#columns.transform(columnRe, columnIm, inverse)
      for (let y = 0, i = x; y < heightPx; y++, i += widthPx) {
        re[i] = columnRe[y] as number
        im[i] = columnIm[y] as number
      }
    }
  }
}

class Fft1 {
  readonly #size: number
  readonly #cos: Float64Array
  readonly #sin: Float64Array
  readonly #reversed: Uint32Array
  constructor(size: number) {
    if (size < 2 || (size & (size - 1)) !== 0) throw new Error(`not a power of two: ${size}`)
    this.#size = size
    this.#cos = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size))
    this.#sin = Float64Array.from({ length: size / 2 }, (_, k) => Math.sin((2 * Math.PI * k) / size))
    const bits = Math.log2(size)
    this.#reversed = Uint32Array.from({ length: size }, (_, index) => {
      let out = 0
      for (let bit = 0; bit < bits; bit++) out |= ((index >> bit) & 1) << (bits - 1 - bit)
      return out
    })
  }

  transform(re: Float64Array, im: Float64Array, inverse: boolean): void {
    const size = this.#size
    for (let i = 0; i < size; i++) {
      const j = this.#reversed[i] as number
      if (j <= i) continue
      const a = re[i] as number
      const b = im[i] as number
      re[i] = re[j] as number
      im[i] = im[j] as number
      re[j] = a
      im[j] = b
    }
    const sign = inverse ? 1 : -1
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half)
      for (let start = 0; start < size; start += 2 * half)
        for (let k = 0; k < half; k++) {
          const c = this.#cos[k * stride] as number
          const s = sign * (this.#sin[k * stride] as number)
          const i = start + k
          const j = i + half
          const x = (re[j] as number) * c - (im[j] as number) * s
          const y = (re[j] as number) * s + (im[j] as number) * c
          re[j] = (re[i] as number) - x
          im[j] = (im[i] as number) - y
          re[i] = (re[i] as number) + x
          im[i] = (im[i] as number) + y
        }
    }
  }
}
