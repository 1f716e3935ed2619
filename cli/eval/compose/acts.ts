import { hashOf } from './dice.js'
import { at, beside, boxAt } from './ground.js'
import type { Spot } from './ground.js'
import { drawPlume, dust, smoke } from './plume.js'
import { bodies, drawFlames, drawGrill, drawLoad, drawPerson, drawStall, drawTruck, somebody } from './props.js'
import { stepsPerS, stillToGo, visitor, wayIn } from './story.js'
import type { Stage, Story, StoryEvent } from './story.js'

/** A vendor pushes a cart in, sets out goods and parasol, stays; customers come and go. */
export function vending(stage: Stage): Story {
  const { spot, dice, light, leadS, endS } = stage
  const { metres, side } = wayIn(stage)
  const speedMs = Math.max(1.1, metres / 10)
  const arrivedS = leadS + metres / speedMs
  const [vendor, colour] = [somebody(dice), dice.pick(bodies)]
  const customers = Array.from({ length: 8 }, (_, index) => ({ person: somebody(dice), fromS: arrivedS + 4 + index * dice.between(7, 11), staysS: dice.between(4, 9), offsetM: -side * dice.between(1.2, 1.7) })) // prettier-ignore
  return {
    conditions: [],
    events: [eventOf(stage, 'vending', arrivedS, endS, [-1.1, 1.1], [0, 2.4])],
    draw(picture, atS) {
      if (atS < leadS) return
      const brush = { picture, light }
      const here = beside(spot, side * stillToGo(metres, speedMs, atS - leadS))
      const walks = atS < arrivedS
      drawPerson(brush, beside(here, side * 1.15), vendor, atS * stepsPerS, walks)
      drawStall(brush, here, colour, Math.min(1, Math.max(0, (atS - arrivedS) / 4)))
      for (const customer of customers) if (customer.fromS < endS - 8) visitor(brush, stage, customer.person, { ...customer, atS }) // prettier-ignore
    },
  }
}

/** A grill is carried in and lit: coals, small flames, smoke that goes on. */
export function grilling(stage: Stage): Story {
  const { spot, dice, light, leadS, endS } = stage
  const { metres, side } = wayIn(stage)
  const speedMs = Math.max(1.1, metres / 10)
  const [arrivedS, seed] = [leadS + metres / speedMs, hashOf(String(dice.next()))]
  const litS = arrivedS + 3
  const cook = somebody(dice)
  const emission = { ...smoke, depth: smoke.depth * dice.between(0.85, 1.25), windMs: -side * dice.between(0.25, 0.7) }
  return {
    conditions: [],
    events: [eventOf(stage, 'grilling', litS, endS, emission.windMs > 0 ? [-0.8, 2] : [-2, 0.8], [0, 3.2])],
    draw(picture, atS) {
      if (atS < leadS) return
      const brush = { picture, light }
      const here = beside(spot, side * stillToGo(metres, speedMs, atS - leadS))
      drawPerson(brush, beside(here, side * 0.95), cook, atS * stepsPerS, atS < arrivedS)
      const flicker = dice.named(`flame ${Math.round(atS * 100)}`)
      drawGrill(brush, here, atS < litS ? 0 : flicker.between(0.4, 1))
      if (atS < litS) return
      drawFlames(brush, here, flicker, 0.55)
      drawPlume(picture, here, 0.95, emission, atS - litS, endS, light, seed)
    },
  }
}

/** A truck drives by and loses part of its load, which stays on the road. */
export function spillage(stage: Stage): Story {
  const { spot, dice, light, leadS, endS, widthPx } = stage
  const faces = dice.pick<1 | -1>([1, -1])
  const speedMs = dice.between(6, 9)
  const wayM = (faces > 0 ? spot.xPx : widthPx - spot.xPx) / spot.pxPerM + 3.5
  const [dropS, fallS] = [leadS + (wayM + 3) / speedMs, 0.55]
  const [colour, kind, sizeM] = [dice.pick(bodies), dice.pick(['cartons', 'heap'] as const), dice.between(0.7, 1.1)]
  return {
    conditions: [],
    events: [eventOf(stage, 'spillage', dropS, endS, [-0.65 * sizeM, 0.65 * sizeM], [0, 0.7 * sizeM])],
    draw(picture, atS) {
      const brush = { picture, light }
      const x = faces * (speedMs * (atS - leadS) - wayM)
      if (atS >= dropS) drawLoad(brush, raised(spot, 1.1 * Math.max(0, 1 - ((atS - dropS) / fallS) ** 2)), kind, sizeM)
      if (atS >= leadS && Math.abs(x) * spot.pxPerM < widthPx * 1.2) drawTruck(brush, beside(spot, x), colour, faces)
    },
  }
}

/** Warm dust rises from a place that works, again and again, and drifts away. */
export function dusting(stage: Stage): Story {
  const { spot, dice, light, leadS, endS } = stage
  const seed = hashOf(String(dice.next()))
  const wind = dice.pick([1, -1]) * dice.between(0.5, 0.9)
  const emission = { ...dust, windMs: wind, depth: dust.depth * dice.between(0.9, 1.3) }
  const [worker, colour] = [somebody(dice), dice.pick(bodies)]
  return {
    conditions: ['work_site'],
    events: [eventOf(stage, 'dust', leadS, endS, wind > 0 ? [-2, 5] : [-5, 2], [0, 3])],
    // Truck and man are there from the first picture on, in act and twin alike: they are no news.
    setting(picture) {
      const brush = { picture, light }
      drawTruck(brush, beside(spot, -Math.sign(wind) * 4.5, -1), colour, wind > 0 ? -1 : 1)
      drawPerson(brush, beside(spot, -Math.sign(wind) * 1.6, 0.6), worker, 0, false)
    },
    draw(picture, atS) {
      if (atS >= leadS) drawPlume(picture, spot, 0.1, emission, atS - leadS, endS, light, seed)
    },
  }
}

function raised(spot: Spot, upM: number): Spot {
  return { ...spot, yPx: at(spot, 0, upM)[1] }
}

function eventOf({ spot, widthPx, heightPx }: Stage, cause: StoryEvent['cause'], fromS: number, toS: number, across: readonly [number, number], up: readonly [number, number]): StoryEvent {
  return { cause, from_s: Number(fromS.toFixed(2)), to_s: Number(toS.toFixed(2)), box: boxAt(spot, across, up, widthPx, heightPx) }
} // prettier-ignore
