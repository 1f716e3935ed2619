import type { Point } from '../../../contracts/base/index.js'

/** Interleaved RGB that is drawn on. */
export interface Picture {
  readonly rgb: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}
export type Colour = readonly [red: number, green: number, blue: number]

export interface Paint {
  readonly colour: Colour
  /** 0..1; absent: opaque. */
  readonly alpha?: number
  /** Darkens instead of covering: what is below keeps its pattern, as under a shadow. `colour` is not used. */
  readonly shade?: number
  /** Roughness of the surface, grey levels. It sticks to the thing: `origin` and `grainPx` are in its own measure. */
  readonly grain?: { readonly origin: Point; readonly grainPx: number; readonly levels: number }
}

/** Rows are cut into so many lines for smooth edges. */
const linesPerRow = 4

/** Fills a polygon (even-odd rule) given in pixels, with smooth edges; what lies outside the picture is cut off. */
export function fill(picture: Picture, points: readonly Point[], paint: Paint): void {
  const ys = points.map(([, y]) => y)
  const fromRow = Math.max(0, Math.floor(Math.min(...ys)))
  const toRow = Math.min(picture.heightPx - 1, Math.ceil(Math.max(...ys)))
  const xs = points.map(([x]) => x)
  const span = [
    Math.max(0, Math.floor(Math.min(...xs))),
    Math.min(picture.widthPx, Math.ceil(Math.max(...xs)) + 1),
  ] as const
  const cover = new Float32Array(picture.widthPx)
  for (let row = fromRow; row <= toRow; row++) {
    cover.fill(0, span[0], span[1])
    for (let line = 0; line < linesPerRow; line++) coverLine(cover, crossings(points, row + (line + 0.5) / linesPerRow))
    paintRow(picture, row, cover, span, paint)
  }
}

function crossings(points: readonly Point[], y: number): number[] {
  const xs: number[] = []
  let [px, py] = points.at(-1) ?? [0, 0]
  for (const [x, yy] of points) {
    if (py <= y !== yy <= y) xs.push(px + ((y - py) / (yy - py)) * (x - px))
    ;[px, py] = [x, yy]
  }
  return xs.sort((a, b) => a - b)
}

function coverLine(cover: Float32Array, xs: readonly number[]): void {
  for (let pair = 0; pair + 1 < xs.length; pair += 2) {
    const from = Math.max(0, xs[pair] ?? 0)
    const to = Math.min(cover.length, xs[pair + 1] ?? 0)
    for (let x = Math.floor(from); x < to; x++)
      cover[x] = (cover[x] ?? 0) + (Math.min(to, x + 1) - Math.max(from, x)) / linesPerRow
  }
}

function paintRow(
  { rgb, widthPx }: Picture,
  row: number,
  cover: Float32Array,
  [fromX, toX]: readonly [number, number],
  paint: Paint,
): void {
  const { colour, alpha = 1, shade, grain } = paint
  for (let x = fromX; x < toX; x++) {
    const part = (cover[x] ?? 0) * alpha
    if (part <= 0) continue
    const rough = grain ? grainAt((x - grain.origin[0]) / grain.grainPx, (row - grain.origin[1]) / grain.grainPx) * grain.levels : 0 // prettier-ignore
    for (let channel = 0; channel < 3; channel++) {
      const index = (row * widthPx + x) * 3 + channel
      const below = rgb[index] ?? 0
      const above = shade === undefined ? (colour[channel] ?? 0) + rough : below * (1 - shade)
      rgb[index] = Math.min(255, Math.max(0, below + part * (above - below)))
    }
  }
}

/** Noise of -1..1 that belongs to a place: smooth between whole numbers. */
export function grainAt(x: number, y: number): number {
  const [cx, cy] = [Math.floor(x), Math.floor(y)]
  const [fx, fy] = [x - cx, y - cy]
  const top = cellAt(cx, cy) * (1 - fx) + cellAt(cx + 1, cy) * fx
  const low = cellAt(cx, cy + 1) * (1 - fx) + cellAt(cx + 1, cy + 1) * fx
  return top * (1 - fy) + low * fy
}

function cellAt(x: number, y: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1
}

/** An ellipse as a polygon. */
export function ellipse([cx, cy]: Point, rx: number, ry: number): Point[] {
  return Array.from({ length: 28 }, (_, index): Point => {
    const angle = (index * 2 * Math.PI) / 28
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)]
  })
}

/** A limb: a line of some thickness with a point more at each end. */
export function limb([ax, ay]: Point, [bx, by]: Point, thick: number): Point[] {
  const length = Math.max(1e-6, Math.hypot(bx - ax, by - ay))
  const [dx, dy] = [((bx - ax) / length) * (thick / 2), ((by - ay) / length) * (thick / 2)]
  return [
    [ax - dy, ay + dx],
    [ax - dx, ay - dy],
    [ax + dy, ay - dx],
    [bx + dy, by - dx],
    [bx + dx, by + dy],
    [bx - dy, by + dx],
  ]
}
