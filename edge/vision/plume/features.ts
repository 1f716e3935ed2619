/** Order of the classes in the network's answer. */
export const plumeClasses = ['none', 'smoke', 'dust', 'flame', 'steam'] as const

/** Shape of one sample: pictures, channels, rows, columns of cells. Must match `models/train/plume/features.py`. */
export const sampleShape = [8, 8, 16, 16] as const
export const samplePx = 64
const [frameCount, channelCount, cellsSide] = sampleShape
const cellCount = cellsSide * cellsSide

/** Luminance and chroma of one 64x64 crop, chroma around 128, all at full size. */
export interface Crop {
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
}

/** Mean over the 3x3 cells around each, fewer at the border. */
function aroundMeans(cells: Float32Array): Float32Array {
  const out = new Float32Array(cellCount)
  for (let row = 0; row < cellsSide; row += 1)
    for (let col = 0; col < cellsSide; col += 1) {
      let sum = 0
      let count = 0
      for (let y = Math.max(0, row - 1); y <= Math.min(cellsSide - 1, row + 1); y += 1)
        for (let x = Math.max(0, col - 1); x <= Math.min(cellsSide - 1, col + 1); x += 1) {
          sum += cells[y * cellsSide + x] ?? 0
          count += 1
        }
      out[row * cellsSide + col] = sum / count
    }
  return out
}

/** Means over the 4x4 pixels of each cell, of one picture: y, u, v, y squared, y times background, (y - background) squared, step to `other`. */
interface CellMeans {
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
  readonly square: Float32Array
  readonly product: Float32Array
  readonly diffSquare: Float32Array
  readonly step: Float32Array
}

function cellMeans(crop: Crop, back: Crop, other: Crop): CellMeans {
  const fresh = (): Float32Array => new Float32Array(cellCount)
  const out = {
    y: fresh(),
    u: fresh(),
    v: fresh(),
    square: fresh(),
    product: fresh(),
    diffSquare: fresh(),
    step: fresh(),
  }
  for (let cell = 0; cell < cellCount; cell += 1) {
    const corner = (cell >> 4) * 4 * samplePx + (cell & 15) * 4
    let y = 0
    let u = 0
    let v = 0
    let square = 0
    let product = 0
    let diffSquare = 0
    let step = 0
    for (let row = 0; row < 4; row += 1)
      for (let i = corner + row * samplePx; i < corner + row * samplePx + 4; i += 1) {
        const a = crop.y[i] ?? 0
        const b = back.y[i] ?? 0
        y += a
        u += crop.u[i] ?? 0
        v += crop.v[i] ?? 0
        square += a * a
        product += a * b
        diffSquare += (a - b) * (a - b)
        step += Math.abs(a - (other.y[i] ?? 0))
      }
    out.y[cell] = y / 16
    out.u[cell] = u / 16
    out.v[cell] = v / 16
    out.square[cell] = square / 16
    out.product[cell] = product / 16
    out.diffSquare[cell] = diffSquare / 16
    out.step[cell] = step / 16
  }
  return out
}

/** Writes `value`, limited to what the network was trained with. */
function put(out: Float32Array, index: number, value: number): void {
  out[index] = Math.min(4, Math.max(-4, value))
}

/**
 * Cell features of eight crops of one place, 0.2 s apart, over the same crop of the background. Channels: log ratio, difference, frame difference,
 * U, V, log variance, correlation, contrast; each limited to -4..4. Formulas: `models/train/plume/features.py`; the golden file holds both to it.
 */
export function sampleOf(film: readonly Crop[], back: Crop): Float32Array {
  const out = new Float32Array(frameCount * channelCount * cellCount)
  const still = cellMeans(back, back, back)
  const backMean = aroundMeans(still.y)
  const backSquare = aroundMeans(still.square)
  film.slice(0, frameCount).forEach((crop, frame) => {
    // The first picture has none before it and takes the step to the second.
    const cells = cellMeans(crop, back, film[frame === 0 ? 1 : frame - 1] ?? crop)
    const [mean, square, product] = [aroundMeans(cells.y), aroundMeans(cells.square), aroundMeans(cells.product)]
    for (let cell = 0; cell < cellCount; cell += 1) {
      const a = cells.y[cell] ?? 0
      const b = still.y[cell] ?? 0
      const ma = mean[cell] ?? 0
      const mb = backMean[cell] ?? 0
      const diff = a - b
      const varI = Math.max(0, (square[cell] ?? 0) - ma * ma)
      const varB = Math.max(0, (backSquare[cell] ?? 0) - mb * mb)
      const first = frame * channelCount * cellCount + cell
      put(out, first, 2 * Math.log((a + 25) / (b + 25)))
      put(out, first + cellCount, diff / 40)
      put(out, first + 2 * cellCount, (cells.step[cell] ?? 0) / 15)
      put(out, first + 3 * cellCount, ((cells.u[cell] ?? 0) - (still.u[cell] ?? 0)) / 12)
      put(out, first + 4 * cellCount, ((cells.v[cell] ?? 0) - (still.v[cell] ?? 0)) / 12)
      put(out, first + 5 * cellCount, Math.log(Math.max(0, (cells.diffSquare[cell] ?? 0) - diff * diff) + 1) / 3)
      put(out, first + 6 * cellCount, ((product[cell] ?? 0) - ma * mb) / Math.sqrt((varI + 4) * (varB + 4)))
      put(out, first + 7 * cellCount, 0.5 * Math.log((varI + 4) / (varB + 4)))
    }
  })
  return out
}
