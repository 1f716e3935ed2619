import type { SeenPlume } from '../types.js'
import type { Cell } from './cells.js'
import { airlight } from './opacity.js'

/**
 * Colour of what a plume adds: `warm` when chroma moved towards red and away from blue (dust), otherwise by the airlight
 * (DETECTION 5.2: dark 25-90). Where no airlight can be fitted the brightness of the cell itself serves.
 */
export function colourOf(cells: readonly Cell[]): SeenPlume['colour'] {
  let weight = 0
  let light = 0
  let du = 0
  let dv = 0
  for (const cell of cells) {
    const fitted = airlight(cell)
    const air = fitted > 0 && fitted < 290 ? fitted : cell.meanI
    const w = Math.abs(cell.diff) + 1
    weight += w
    light += w * air
    du += w * cell.du
    dv += w * cell.dv
  }
  if (weight === 0) return 'grey'
  if (dv / weight > 1.5 && du / weight < -1.5) return 'warm'
  const air = light / weight
  if (air <= 90) return 'dark'
  return air >= 185 ? 'white' : 'grey'
}
