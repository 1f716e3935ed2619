export { burstLookBack } from './burst.js'
export { openPlumeClassifier, PlumeModelError } from './classifier.js'
export { screenPlumes } from './screen.js'
export type {
  BackgroundPlanes,
  BurstFrame,
  BurstInput,
  PlumeInput,
  PlumeScreenState,
  RegionMap,
  ScreenPlumes,
} from './types.js'
