import type { Cause } from '../../../contracts/terms.js'
import { dusting, grilling, spillage, vending } from './acts.js'
import { diceOf } from './dice.js'
import { disturbanceNames } from './disturb.js'
import type { DisturbanceName } from './disturb.js'
import { busQueue, cloudShadow, fog, paperInWind, parkedTricycle, puddle, redLamps, sprayCannon, steamVent, stoppedTruck } from './look-alikes.js' // prettier-ignore
import type { Stage, Story } from './story.js'

/** A story by name, and where in the view it belongs: beside the traffic, in it, or anywhere. */
export interface StoryKind {
  readonly act: Cause | null
  readonly place: 'calm' | 'busy' | 'any'
  readonly tell: (stage: Stage) => Story
}

export const stories: Readonly<Record<string, StoryKind>> = {
  vending: { act: 'vending', place: 'calm', tell: vending },
  'bus-queue': { act: null, place: 'calm', tell: busQueue },
  grilling: { act: 'grilling', place: 'calm', tell: grilling },
  steam: { act: null, place: 'any', tell: steamVent },
  spillage: { act: 'spillage', place: 'busy', tell: spillage },
  puddle: { act: null, place: 'busy', tell: puddle },
  dust: { act: 'dust', place: 'calm', tell: dusting },
  fog: { act: null, place: 'any', tell: fog },
  'parked-tricycle': { act: null, place: 'calm', tell: parkedTricycle },
  'red-lamps': { act: null, place: 'calm', tell: redLamps },
  'paper-in-wind': { act: null, place: 'busy', tell: paperInWind },
  'cloud-shadow': { act: null, place: 'any', tell: cloudShadow },
  'stopped-truck': { act: null, place: 'busy', tell: stoppedTruck },
  'spray-cannon': { act: null, place: 'calm', tell: sprayCannon },
}

/** One composite: which story, on which background, spoilt how. An act gets a twin without it. */
export interface Plan {
  readonly name: string
  readonly story: string
  readonly background: number
  readonly seed: string
  readonly disturbances: readonly DisturbanceName[]
}

/**
 * Plans `count` composites over `backgrounds` backgrounds: the stories in turn, each time on the next background, so that every story meets
 * every background before any comes twice. Every third one stays undisturbed. The same arguments give the same plan.
 */
export function planSet(count: number, backgrounds: number, seed: number, only: readonly string[]): Plan[] {
  const names = Object.keys(stories).filter((name) => only.length === 0 || only.includes(name))
  return Array.from({ length: count }, (_, index): Plan => {
    const story = names[index % names.length] ?? ''
    const round = Math.floor(index / names.length)
    const own = `${seed}/${story}/${round}`
    const dice = diceOf(`${own}/plan`)
    const wanted = index % 3 === 0 ? 0 : 1 + dice.whole(2)
    const disturbances = new Set<DisturbanceName>()
    while (disturbances.size < wanted) disturbances.add(dice.pick(disturbanceNames))
    return {
      name: `${story}-${String(round + 1).padStart(2, '0')}`,
      story,
      background: ((index % names.length) + round) % backgrounds,
      seed: own,
      disturbances: [...disturbances],
    }
  })
}
