import type { Point } from '../../../contracts/base/index.js'
import { ellipse, fill, limb } from './canvas.js'
import type { Colour, Paint, Picture } from './canvas.js'
import type { Dice } from './dice.js'
import { at } from './ground.js'
import type { Spot } from './ground.js'

/** Where things are drawn: on a picture, in the light of the place. */
export interface Brush {
  readonly picture: Picture
  /** Factors of red, green and blue. */
  readonly light: Colour
}

/** Colours of clothes, carts and cars, in neutral light. */
export const cloths: readonly [Colour, ...Colour[]] = [[52, 66, 96], [132, 44, 46], [60, 60, 62], [176, 172, 160], [70, 98, 70], [150, 120, 60]] // prettier-ignore
export const bodies: readonly [Colour, ...Colour[]] = [[196, 60, 48], [44, 92, 160], [222, 216, 204], [66, 130, 92], [228, 172, 52]] // prettier-ignore

/** A surface in the light of the place, with its roughness fixed to the spot. */
function lit({ light }: Brush, spot: Spot, [r, g, b]: Colour, levels = 7): Paint {
  const colour: Colour = [r * light[0], g * light[1], b * light[2]]
  return { colour, grain: { origin: [spot.xPx, spot.yPx], grainPx: Math.max(1, spot.pxPerM * 0.09), levels: levels * light[1] } } // prettier-ignore
}

function outline(spot: Spot, metres: readonly Point[]): Point[] {
  return metres.map(([right, up]) => at(spot, right, up))
}

function block(spot: Spot, left: number, right: number, low: number, high: number): Point[] {
  return outline(spot, [[left, low], [right, low], [right, high], [left, high]]) // prettier-ignore
}

/** Soft shade where a thing stands. */
export function contactShadow({ picture }: Brush, spot: Spot, halfM: number): void {
  for (const [grow, shade] of [[1.25, 0.16], [1.1, 0.2], [0.95, 0.28]] as const) // prettier-ignore
    fill(picture, ellipse(at(spot, halfM * 0.08, 0.02), halfM * grow * spot.pxPerM, Math.min(0.3 * halfM, 0.34) * grow * spot.pxPerM), { colour: [0, 0, 0], shade }) // prettier-ignore
}

export interface Person {
  readonly coat: Colour
  readonly legs: Colour
  readonly heightM: number
}
export function somebody(dice: Dice): Person {
  return { coat: dice.pick(cloths), legs: dice.pick([[38, 40, 48], [66, 62, 58], [30, 34, 60]]), heightM: dice.between(1.56, 1.82) } // prettier-ignore
}

/** A person from the side; `stepPhase` runs on while walking and stands still with it. */
export function drawPerson(brush: Brush, spot: Spot, person: Person, stepPhase: number, walks: boolean): void {
  const m = person.heightM / 1.7
  const swing = walks ? Math.sin(stepPhase) * 0.26 : 0.05
  const thick = (metres: number): number => metres * m * spot.pxPerM
  const put = (points: Point[], colour: Colour): void => fill(brush.picture, points, lit(brush, spot, colour))
  contactShadow(brush, spot, 0.24 * m)
  put(limb(at(spot, 0, 0.86 * m), at(spot, -swing, 0.05), thick(0.17)), person.legs)
  put(limb(at(spot, 0.04, 0.86 * m), at(spot, swing, 0.05), thick(0.17)), person.legs)
  put(limb(at(spot, -0.12 * m, 1.34 * m), at(spot, -0.14 * m + swing * 0.8, 0.86 * m), thick(0.11)), person.coat)
  put(outline(spot, [[-0.2, 0.8], [0.2, 0.8], [0.24, 1.38], [0.1, 1.46], [-0.1, 1.46], [-0.24, 1.38]].map(([x = 0, y = 0]): Point => [x * m, y * m])), person.coat) // prettier-ignore
  put(limb(at(spot, 0.14 * m, 1.34 * m), at(spot, 0.2 * m - swing * 0.8, 0.9 * m), thick(0.11)), person.coat)
  put(ellipse(at(spot, 0.01, 1.58 * m), thick(0.1), thick(0.125)), [186, 144, 118])
  put(ellipse(at(spot, -0.01, 1.64 * m), thick(0.105), thick(0.08)), [34, 30, 30])
}

function wheel(brush: Brush, spot: Spot, rightM: number, radiusM: number): void {
  const radius = radiusM * spot.pxPerM
  fill(brush.picture, ellipse(at(spot, rightM, radiusM), radius, radius), lit(brush, spot, [32, 32, 34]))
  fill(brush.picture, ellipse(at(spot, rightM, radiusM), radius * 0.55, radius * 0.55), lit(brush, spot, [128, 128, 130])) // prettier-ignore
}

/** A vendor's cart, 1.7 m wide: box with goods, and a parasol of 2.2 m once it is set up (0..1). */
export function drawStall(brush: Brush, spot: Spot, colour: Colour, setUp: number): void {
  const put = (points: Point[], paint: Colour, levels = 8): void => fill(brush.picture, points, lit(brush, spot, paint, levels)) // prettier-ignore
  contactShadow(brush, spot, 0.95)
  wheel(brush, spot, -0.55, 0.26)
  wheel(brush, spot, 0.55, 0.26)
  put(block(spot, -0.85, 0.85, 0.34, 0.9), colour)
  put(block(spot, -0.85, 0.85, 0.9, 1), [210, 206, 196])
  const goods: readonly Colour[] = [
    [214, 70, 38],
    [236, 168, 40],
    [92, 150, 58],
    [196, 44, 60],
    [232, 206, 92],
  ]
  const shown = Math.round(goods.length * setUp)
  for (const [index, fruit] of goods.slice(0, shown).entries())
    put(ellipse(at(spot, -0.66 + index * 0.33, 1.06), 0.17 * spot.pxPerM, 0.13 * spot.pxPerM), fruit, 22)
  if (setUp < 0.5) return
  const spread = Math.min(1, (setUp - 0.5) * 2)
  put(block(spot, -0.03, 0.03, 1, 2.25), [120, 118, 112])
  const half = 0.25 + 0.85 * spread
  put(outline(spot, [[-half, 1.95], [-half * 0.55, 2.3], [0, 2.42], [half * 0.55, 2.3], [half, 1.95]]), [206, 52, 44], 10) // prettier-ignore
  put(outline(spot, [[-half * 0.35, 1.95], [-half * 0.18, 2.36], [half * 0.18, 2.36], [half * 0.35, 1.95]]), [232, 224, 206]) // prettier-ignore
}

/** A cargo tricycle from the side, 2.4 m long. */
export function drawTricycle(brush: Brush, spot: Spot, colour: Colour): void {
  const put = (points: Point[], paint: Colour): void => fill(brush.picture, points, lit(brush, spot, paint))
  contactShadow(brush, spot, 1.2)
  wheel(brush, spot, -0.75, 0.28)
  wheel(brush, spot, -0.2, 0.28)
  wheel(brush, spot, 1, 0.28)
  put(block(spot, -1.15, 0.3, 0.42, 1.05), colour)
  put(limb(at(spot, 0.3, 0.5), at(spot, 1, 0.3), 0.07 * spot.pxPerM), [60, 60, 62])
  put(limb(at(spot, 1, 0.3), at(spot, 0.82, 1.05), 0.06 * spot.pxPerM), [60, 60, 62])
  put(block(spot, 0.4, 0.66, 0.66, 0.74), [40, 38, 36])
}

/** A grill on legs, 1.1 m wide, with glowing coals (`glow` 0..1 flickers). */
export function drawGrill(brush: Brush, spot: Spot, glow: number): void {
  const put = (points: Point[], paint: Colour): void => fill(brush.picture, points, lit(brush, spot, paint))
  contactShadow(brush, spot, 0.6)
  for (const x of [-0.48, 0.48]) put(limb(at(spot, x, 0), at(spot, x * 0.9, 0.7), 0.05 * spot.pxPerM), [50, 48, 46])
  put(block(spot, -0.55, 0.55, 0.62, 0.86), [58, 54, 52])
  fill(brush.picture, block(spot, -0.5, 0.5, 0.84, 0.92), { colour: [255, 96 + 70 * glow, 18], alpha: 0.55 + 0.45 * glow }) // prettier-ignore
}

/** Small flames over a grill; each picture throws its own. A flame shines by itself: no light of the place. */
export function drawFlames({ picture }: Brush, spot: Spot, dice: Dice, heightM: number): void {
  for (let index = 0; index < 7; index++) {
    const x = -0.45 + index * 0.15 + dice.between(-0.04, 0.04)
    const top = 0.9 + heightM * dice.between(0.25, 1)
    const sway = dice.between(-0.07, 0.07)
    fill(picture, outline(spot, [[x - 0.07, 0.88], [x + 0.07, 0.88], [x + sway, top]]), { colour: [255, 132, 24], alpha: 0.9 }) // prettier-ignore
    fill(picture, outline(spot, [[x - 0.035, 0.88], [x + 0.035, 0.88], [x + sway / 2, 0.9 + (top - 0.9) * 0.55]]), { colour: [255, 226, 120], alpha: 0.9 }) // prettier-ignore
  }
}

/** A flatbed truck from the side, 6 m long, driving to the right; `faces` -1 turns it. */
export function drawTruck(brush: Brush, spot: Spot, colour: Colour, faces: 1 | -1): void {
  const put = (left: number, right: number, low: number, high: number, paint: Colour): void =>
    fill(brush.picture, block(spot, left * faces, right * faces, low, high), lit(brush, spot, paint))
  contactShadow(brush, spot, 3.1)
  for (const x of [-2.2, -1.3, 1.9]) wheel(brush, spot, x * faces, 0.46)
  put(-3, 3, 0.5, 0.85, [44, 44, 46])
  put(-3, 1.1, 0.85, 2, colour)
  put(-2.9, 1, 2, 2.2, [150, 122, 84])
  put(1.25, 3, 0.85, 2.45, colour)
  put(2, 2.9, 1.6, 2.3, [60, 78, 92])
}

/** Boxes or a heap that lie on the road. */
export function drawLoad(brush: Brush, spot: Spot, kind: 'cartons' | 'heap', sizeM: number): void {
  contactShadow(brush, spot, sizeM * 0.62)
  if (kind === 'heap') {
    fill(brush.picture, outline(spot, [[-0.6, 0], [-0.42, 0.16], [-0.1, 0.34], [0.14, 0.3], [0.44, 0.12], [0.62, 0]].map(([x = 0, y = 0]): Point => [x * sizeM, y * sizeM])), lit(brush, spot, [186, 148, 92], 26)) // prettier-ignore
    return
  }
  for (const [x, y, w] of [[-0.5, 0, 0.5], [0.08, -0.06, 0.42], [-0.2, 0.3, 0.4]] as const) // prettier-ignore
    fill(brush.picture, block(spot, x * sizeM, (x + w) * sizeM, y * sizeM, (y + 0.34) * sizeM), lit(brush, spot, [176, 132, 84], 16)) // prettier-ignore
}
