import type { Point } from '../../../contracts/base/index.js'
import type { Dice } from './dice.js'
import type { Scale } from './ground.js'
import type { View } from './view.js'

/** A person must be so much of the picture's height, or nobody could prove anything there (DETECTION.md §2). */
const personHeight = { min: 0.13, max: 0.4 }
const triesMax = 60

/**
 * A place on the ground for a story: where persons are large enough, and by how much moves there. Of many throws the best is taken, so that
 * the same view gives other places for other seeds.
 */
export function placeFor(wanted: 'calm' | 'busy' | 'any', view: View, scale: Scale, dice: Dice): Point {
  const rowOf = (height: number): number => scale.horizon + height / (1.7 * scale.perMetre)
  const top = Math.min(0.85, Math.max(0.35, rowOf(personHeight.min)))
  const low = Math.max(top + 0.04, Math.min(0.93, rowOf(personHeight.max)))
  const throwOne = (): Point => [dice.between(0.22, 0.78), dice.between(top, low)]
  const throws = Array.from({ length: wanted === 'any' ? 1 : triesMax }, throwOne)
  const rank = (place: Point): number => (wanted === 'busy' ? -1 : 1) * activityAt(view, place)
  // Not the very best each time: one of the better quarter.
  const better = throws.sort((a, b) => rank(a) - rank(b)).slice(0, Math.max(1, throws.length >> 2))
  return better[dice.whole(better.length)] ?? [0.5, low]
}

function activityAt({ activity, columns, rows }: View, [x, y]: Point): number {
  const at = (dx: number, dy: number): number =>
    activity[Math.min(rows - 1, Math.max(0, Math.floor(y * rows) + dy)) * columns + Math.min(columns - 1, Math.max(0, Math.floor(x * columns) + dx))] ?? 0 // prettier-ignore
  return at(0, 0) + at(-1, 0) + at(1, 0) + at(0, -1)
}
