export { diffPacks, type PackChange } from './diff.js'
export { figureKeys, figureRows, type Figure, type FigureKey, type Figures, type FigureValue } from './figures.js'
export type { Amount, Item, PackZone } from './items.js'
export { compareItems, inForce, lawFor, usableItem, type LawChoice } from './law-by-date.js'
export {
  joinLayers,
  missingKeys,
  openValues,
  parseLayer,
  usableFigure,
  type PackLayer,
  type PolicyPack,
  type Usable,
} from './pack.js'
