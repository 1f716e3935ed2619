export { openObjectDetector, openObjectModel, type ModelDetection, type ObjectModel } from './detector.js'
export {
  checkWeights,
  fileSha256,
  findManifestFolder,
  ModelError,
  readObjectManifest,
  type ObjectManifest,
} from './manifest.js'
