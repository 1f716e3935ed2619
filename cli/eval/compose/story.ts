import type { Cause } from '../../../contracts/terms.js'
import type { Box } from '../../../contracts/base/index.js'
import type { Colour, Picture } from './canvas.js'
import type { Dice } from './dice.js'
import { beside } from './ground.js'
import type { Spot } from './ground.js'
import { drawPerson } from './props.js'
import type { Brush, Person } from './props.js'

/** What a story is told with: a place in a view, its light, and the times of the clip. */
export interface Stage {
  readonly spot: Spot
  readonly widthPx: number
  readonly heightPx: number
  readonly light: Colour
  readonly dice: Dice
  /** Nothing happens before. */
  readonly leadS: number
  readonly endS: number
}

export interface StoryEvent {
  readonly cause: Cause
  readonly from_s: number
  readonly to_s: number
  readonly box: Box
}

/** Something that happens in a picture. `draw` is a function of time alone: the same second gives the same pixels. */
export interface Story {
  readonly conditions: readonly string[]
  readonly events: readonly StoryEvent[]
  /** What stands there all the time, in the twin as well. */
  setting?(picture: Picture): void
  draw(picture: Picture, atS: number): void
}

/** How far the spot is from the nearer side of the picture and a bit, metres; and on which side that is. */
export function wayIn({ spot, widthPx }: Stage): { readonly metres: number; readonly side: 1 | -1 } {
  const side = spot.xPx < widthPx / 2 ? -1 : 1
  return { side, metres: (side < 0 ? spot.xPx : widthPx - spot.xPx) / spot.pxPerM + 1.5 }
}

/** Metres still to go at a second, for something that comes `metres` with `speedMs`; 0 once it has arrived. */
export function stillToGo(metres: number, speedMs: number, sinceS: number): number {
  return Math.max(0, metres - Math.max(0, sinceS) * speedMs)
}

/** Steps of a walk: two a second. */
export const stepsPerS = 2 * Math.PI

/** A person who comes from `side`, stays `staysS` at `offsetM` beside the spot, and leaves the way they came. */
export function visitor(brush: Brush, stage: Stage, person: Person, { fromS, staysS, offsetM, atS }: { fromS: number; staysS: number; offsetM: number; atS: number }): void {
  const { metres, side } = wayIn(stage)
  const wayM = metres + Math.abs(offsetM)
  const speedMs = Math.max(1.3, wayM / 9)
  const sinceS = atS - fromS
  const arriveS = wayM / speedMs
  if (sinceS < 0 || sinceS > 2 * arriveS + staysS) return
  const away = sinceS < arriveS ? stillToGo(wayM, speedMs, sinceS) : Math.max(0, (sinceS - arriveS - staysS) * speedMs)
  // Somebody who stands still shifts their weight.
  const sway = away === 0 ? 0.04 * Math.sin(sinceS * 0.9 + offsetM) : 0
  drawPerson(brush, beside(stage.spot, offsetM + side * away + sway), person, sinceS * stepsPerS, away > 0)
} // prettier-ignore
