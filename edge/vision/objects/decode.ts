import type { Candidates } from './candidates.js'
import { ModelError, type ObjectManifest } from './manifest.js'

/** One output of a session: row-major values. */
export interface Output {
  readonly name: string
  readonly dims: readonly number[]
  readonly data: Float32Array
}

/** Shape of an output as the file declares it; a free dimension is a string. */
export interface OutputShape {
  readonly name: string
  readonly shape: readonly (number | string)[]
}

/** Reads all boxes of at least `scoreMin` from the outputs, in the order of the plan, into `into`. */
export interface Decoder {
  /** Names of the outputs it reads, in order. */
  readonly outputs: readonly string[]
  /** Most boxes one picture can give. */
  readonly capacity: number
  read(outputs: readonly Float32Array[], scoreMin: number, into: Candidates): void
}

/** Number of cells of a grid per stride, row by row, level by level. */
function cellCount(m: ObjectManifest, strides: readonly number[]): number {
  return strides.reduce((sum, s) => sum + Math.ceil(m.input.widthPx / s) * Math.ceil(m.input.heightPx / s), 0)
}

function shapeFault(m: ObjectManifest, path: string, expected: string, outputs: readonly OutputShape[]): ModelError {
  const found = outputs.map((o) => `${o.name} [${o.shape.join(', ')}]`).join(', ')
  return new ModelError(
    'MODEL_SHAPE',
    `${path} does not give what decoding "${m.decoding}" with ${m.classes.length} classes needs: expected ${expected}, found ${found}. Correct decoding, classes or input in its model.json, or use the right file.`,
    { path, expected, found },
  )
}

/** Picks the decoder that the manifest names and holds the file's declared shapes against it. @throws ModelError `MODEL_SHAPE`. */
export function planDecoder(m: ObjectManifest, outputs: readonly OutputShape[], path: string): Decoder {
  const classes = m.classes.length
  const fits = (o: OutputShape | undefined, ...dims: (number | null)[]): o is OutputShape =>
    o?.shape.length === dims.length &&
    dims.every((d, i) => d === null || typeof o.shape[i] === 'string' || o.shape[i] === d)
  const [first] = outputs
  switch (m.decoding) {
    case 'boxes-scores': {
      const boxes = outputs.find((o) => o.name === 'boxes')
      const scores = outputs.find((o) => o.name === 'scores')
      const best = outputs.find((o) => o.name === 'best')
      const cells = boxes?.shape[1]
      const good =
        typeof cells === 'number' && fits(boxes, 1, cells, 4) && fits(scores, 1, cells, classes) && fits(best, 1, cells)
      if (!good) throw shapeFault(m, path, `boxes [1, n, 4], scores [1, n, ${classes}] and best [1, n]`, outputs)
      return boxesScores(cells, classes)
    }
    case 'yolox': {
      const cells = cellCount(m, yoloxStrides)
      if (!fits(first, 1, cells, 5 + classes)) throw shapeFault(m, path, `[1, ${cells}, ${5 + classes}]`, outputs)
      return yolox(m, first.name, cells)
    }
    case 'yolov8': {
      const cells = cellCount(m, yoloxStrides)
      if (!fits(first, 1, 4 + classes, cells)) throw shapeFault(m, path, `[1, ${4 + classes}, ${cells}]`, outputs)
      return yolov8(first.name, cells, classes)
    }
    case 'picodet': {
      const counts = picodetStrides.map((s) => cellCount(m, [s]))
      const good = counts.every(
        (n, k) => fits(outputs[k], 1, n, classes) && fits(outputs[k + 4], 1, n, 4 * picodetBins),
      )
      if (!good)
        throw shapeFault(
          m,
          path,
          `four [1, n, ${classes}] and four [1, n, ${4 * picodetBins}], n = ${counts.join(', ')}`,
          outputs,
        )
      return picodet(
        m,
        outputs.slice(0, 8).map((o) => o.name),
        counts,
      )
    }
  }
}

/**
 * Our own export: corners in input pixels, one independent score per class, and the best score per cell, so that the many
 * empty cells cost one comparison.
 */
function boxesScores(cells: number, classes: number): Decoder {
  return {
    outputs: ['boxes', 'scores', 'best'],
    capacity: Math.min(cells * classes, 20_000),
    read([boxes, scores, best], scoreMin, into) {
      if (boxes === undefined || scores === undefined || best === undefined) return
      for (let cell = 0; cell < cells; cell += 1) {
        if (!((best[cell] as number) >= scoreMin)) continue
        const b = cell * 4
        for (let label = 0; label < classes; label += 1) {
          const score = scores[cell * classes + label] as number
          if (score >= scoreMin)
            into.push(
              label,
              score,
              boxes[b] as number,
              boxes[b + 1] as number,
              boxes[b + 2] as number,
              boxes[b + 3] as number,
            )
        }
      }
    },
  }
}

const yoloxStrides = [8, 16, 32] as const

/** YOLOX raw head: offsets to the cell, log sizes, objectness and class scores after the sigmoid (Megvii's demo/ONNXRuntime). */
function yolox(m: ObjectManifest, name: string, cells: number): Decoder {
  const width = 5 + m.classes.length
  return {
    outputs: [name],
    capacity: cells,
    read([d], scoreMin, into) {
      if (d === undefined) return
      let k = 0
      for (const stride of yoloxStrides) {
        const columns = Math.ceil(m.input.widthPx / stride)
        const end = k + columns * Math.ceil(m.input.heightPx / stride)
        for (let cell = 0; k < end; k += 1, cell += 1) {
          const at = k * width
          const objectness = d[at + 4] as number
          if (!(objectness >= scoreMin)) continue
          const best = bestOf(d, at + 5, 1, m.classes.length)
          const score = objectness * (d[at + 5 + best] as number)
          if (!(score >= scoreMin)) continue
          const cx = ((d[at] as number) + (cell % columns)) * stride
          const cy = ((d[at + 1] as number) + Math.floor(cell / columns)) * stride
          const w = Math.exp(d[at + 2] as number) * stride
          const h = Math.exp(d[at + 3] as number) * stride
          into.push(best, score, cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
        }
      }
    },
  }
}

/** YOLOv8/v11-style export [1, 4 + classes, cells]: centre and size in input pixels, class scores after the sigmoid. */
function yolov8(name: string, cells: number, classes: number): Decoder {
  return {
    outputs: [name],
    capacity: cells,
    read([d], scoreMin, into) {
      if (d === undefined) return
      for (let k = 0; k < cells; k += 1) {
        const best = bestOf(d, 4 * cells + k, cells, classes)
        const score = d[(4 + best) * cells + k] as number
        if (!(score >= scoreMin)) continue
        const cx = d[k] as number
        const cy = d[cells + k] as number
        const w = d[2 * cells + k] as number
        const h = d[3 * cells + k] as number
        into.push(best, score, cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
      }
    },
  }
}

const picodetStrides = [8, 16, 32, 64] as const
const picodetBins = 8

/** PicoDet head without its post-processing: scores after the sigmoid, four sides of eight bins each (arXiv:2111.00902). */
function picodet(m: ObjectManifest, names: readonly string[], counts: readonly number[]): Decoder {
  const classes = m.classes.length
  return {
    outputs: names,
    capacity: counts.reduce((a, b) => a + b, 0),
    read(outputs, scoreMin, into) {
      picodetStrides.forEach((stride, level) => {
        const scores = outputs[level]
        const sides = outputs[level + 4]
        if (scores === undefined || sides === undefined) return
        const columns = Math.ceil(m.input.widthPx / stride)
        for (let k = 0; k < (counts[level] ?? 0); k += 1) {
          const best = bestOf(scores, k * classes, 1, classes)
          const score = scores[k * classes + best] as number
          if (!(score >= scoreMin)) continue
          const cx = ((k % columns) + 0.5) * stride
          const cy = (Math.floor(k / columns) + 0.5) * stride
          const side = (q: number): number => meanBin(sides, k * 4 * picodetBins + q * picodetBins) * stride
          into.push(best, score, cx - side(0), cy - side(1), cx + side(2), cy + side(3))
        }
      })
    },
  }
}

function bestOf(values: Float32Array, from: number, step: number, count: number): number {
  let best = 0
  for (let c = 1; c < count; c += 1)
    if ((values[from + c * step] as number) > (values[from + best * step] as number)) best = c
  return best
}

/** Mean bin number under the softmax of eight values. */
function meanBin(values: Float32Array, from: number): number {
  let sum = 0
  let weighted = 0
  for (let b = 0; b < picodetBins; b += 1) {
    const weight = Math.exp(values[from + b] as number)
    sum += weight
    weighted += weight * b
  }
  return weighted / sum
}
