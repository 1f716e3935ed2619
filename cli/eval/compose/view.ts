import type { Colour, Picture } from './canvas.js'

/** What is known of a fixed view: its empty picture, where things move, whether it really stands still. */
export interface View {
  /** Median of pictures spread over the source. */
  readonly empty: Uint8Array
  /** Mean change against it, grey levels, per cell of a grid of `columns` x `rows`. */
  readonly activity: Float32Array
  readonly columns: number
  readonly rows: number
  /** Largest steady shift against the empty picture, pixels. DETECTION.md §10.3: check each "fixed" background for drift first. */
  readonly driftPx: number
}

const columns = 32
const rows = 18
const sampleCount = 11

export async function viewOf(count: number, picture: (index: number) => Promise<Picture>): Promise<View> {
  const samples: Picture[] = []
  for (let i = 0; i < Math.min(sampleCount, count); i++)
    samples.push(await picture(Math.floor((i * (count - 1)) / Math.max(1, Math.min(sampleCount, count) - 1))))
  const [first] = samples
  if (first === undefined) throw new Error('a view of no picture')
  const empty = medianOf(samples)
  return { empty, activity: activityOf(samples, empty), columns, rows, driftPx: driftOf(samples, empty) }
}

function medianOf(samples: readonly Picture[]): Uint8Array {
  const length = samples[0]?.rgb.length ?? 0
  const empty = new Uint8Array(length)
  const values = new Uint8Array(samples.length)
  for (let i = 0; i < length; i++) {
    for (const [index, { rgb }] of samples.entries()) values[index] = rgb[i] ?? 0
    empty[i] = values.sort()[samples.length >> 1] ?? 0
  }
  return empty
}

function activityOf(samples: readonly Picture[], empty: Uint8Array): Float32Array {
  const sums = new Float32Array(columns * rows)
  const counts = new Float32Array(columns * rows)
  for (const { rgb, widthPx, heightPx } of samples)
    for (let y = 0; y < heightPx; y += 2)
      for (let x = 0; x < widthPx; x += 2) {
        const cell = Math.floor((y * rows) / heightPx) * columns + Math.floor((x * columns) / widthPx)
        const index = (y * widthPx + x) * 3 + 1
        sums[cell] = (sums[cell] ?? 0) + Math.abs((rgb[index] ?? 0) - (empty[index] ?? 0))
        counts[cell] = (counts[cell] ?? 0) + 1
      }
  return sums.map((sum, cell) => sum / Math.max(1, counts[cell] ?? 1))
}

const reach = 5
/** A sample is compared on every so-many-th pixel. */
const stride = 3

/** Median over the samples of the best whole-pixel shift against the empty picture; what moves in the view counts little. */
function driftOf(samples: readonly Picture[], empty: Uint8Array): number {
  const shifts = samples.map((sample) => bestShift(sample, empty)).sort((a, b) => a - b)
  return shifts[(shifts.length * 3) >> 2] ?? 0
}

function bestShift({ rgb, widthPx, heightPx }: Picture, empty: Uint8Array): number {
  let [best, shift] = [Infinity, 0]
  for (let dy = -reach; dy <= reach; dy++)
    for (let dx = -reach; dx <= reach; dx++) {
      let cost = 0
      for (let y = 20; y < heightPx - 20; y += stride * 2)
        for (let x = 20; x < widthPx - 20; x += stride) {
          const difference = (rgb[((y + dy) * widthPx + x + dx) * 3 + 1] ?? 0) - (empty[(y * widthPx + x) * 3 + 1] ?? 0)
          cost += Math.min(25, Math.abs(difference))
        }
      // Of equal fits (a wall, a still) the smallest shift is the right one.
      cost += 1e-3 * Math.hypot(dx, dy)
      if (cost < best) [best, shift] = [cost, Math.hypot(dx, dy)]
    }
  return shift
}

/** Light of a place: how bright and of which colour the ground around it is, against ground in neutral light. */
export function lightAt(empty: Uint8Array, widthPx: number, heightPx: number, [x, y]: readonly [number, number]): Colour {
  const sums = [0, 0, 0]
  let count = 0
  for (let row = Math.max(0, Math.floor((y - 0.15) * heightPx)); row < Math.min(heightPx, (y + 0.1) * heightPx); row++)
    for (let column = Math.max(0, Math.floor((x - 0.12) * widthPx)); column < Math.min(widthPx, (x + 0.12) * widthPx); column++) {
      for (let channel = 0; channel < 3; channel++) sums[channel] = (sums[channel] ?? 0) + (empty[(row * widthPx + column) * 3 + channel] ?? 0)
      count += 1
    }
  const factor = (channel: number): number => Math.min(1.25, Math.max(0.22, (sums[channel] ?? 0) / Math.max(1, count) / 118))
  const mean = (factor(0) + factor(1) + factor(2)) / 3
  // A lawn is green without green light: only half of the colour is taken for the light's.
  const of = (channel: number): number => (factor(channel) + mean) / 2
  return [of(0), of(1), of(2)]
} // prettier-ignore
