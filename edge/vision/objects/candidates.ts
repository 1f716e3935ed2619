/** Boxes read from one network output, before suppression: corners in input pixels. Bounded; buffers are reused. */
export class Candidates {
  readonly capacity: number
  readonly corners: Float32Array
  readonly scores: Float32Array
  readonly labels: Int32Array
  count = 0
  /** How many did not fit in the last read. */
  dropped = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.corners = new Float32Array(capacity * 4)
    this.scores = new Float32Array(capacity)
    this.labels = new Int32Array(capacity)
  }

  clear(): void {
    this.count = 0
    this.dropped = 0
  }

  push(label: number, score: number, x1: number, y1: number, x2: number, y2: number): void {
    if (!(x2 > x1 && y2 > y1) || !Number.isFinite(x2 - x1 + y2 - y1)) return
    if (this.count === this.capacity) {
      this.dropped += 1
      return
    }
    const k = this.count
    this.corners[k * 4] = x1
    this.corners[k * 4 + 1] = y1
    this.corners[k * 4 + 2] = x2
    this.corners[k * 4 + 3] = y2
    this.scores[k] = score
    this.labels[k] = label
    this.count += 1
  }
}

/** Best candidates of one class looked at; what lies under the 400th best of a picture is noise. */
const perClassMax = 400

/**
 * Class-wise suppression of overlaps: indices kept, best score first. `groupOf` joins labels that suppress each other.
 * Work is bounded by `perClassMax` squared per group.
 */
export function suppress(c: Candidates, overlapMax: number, groupOf: (label: number) => number | null): number[] {
  const groups = new Map<number, number[]>()
  for (let k = 0; k < c.count; k += 1) {
    const group = groupOf(c.labels[k] as number)
    if (group === null) continue
    const list = groups.get(group)
    if (list === undefined) groups.set(group, [k])
    else list.push(k)
  }
  const byScore = (a: number, b: number): number => (c.scores[b] as number) - (c.scores[a] as number)
  const kept: number[] = []
  for (const list of groups.values()) {
    const own: number[] = []
    for (const k of list.sort(byScore).slice(0, perClassMax))
      if (!own.some((q) => cornersIou(c.corners, q, k) > overlapMax)) own.push(k)
    kept.push(...own)
  }
  return kept.sort(byScore)
}

function cornersIou(b: Float32Array, p: number, q: number): number {
  const at = (k: number, side: number): number => b[k * 4 + side] as number
  const w = Math.min(at(p, 2), at(q, 2)) - Math.max(at(p, 0), at(q, 0))
  const h = Math.min(at(p, 3), at(q, 3)) - Math.max(at(p, 1), at(q, 1))
  if (w <= 0 || h <= 0) return 0
  const areaP = (at(p, 2) - at(p, 0)) * (at(p, 3) - at(p, 1))
  const areaQ = (at(q, 2) - at(q, 0)) * (at(q, 3) - at(q, 1))
  return (w * h) / (areaP + areaQ - w * h)
}
