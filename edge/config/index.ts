export { parseEdgeConfig, readEdgeConfig, readSecret, type EdgeConfigRead } from './read.js'
export { faultLine, type ConfigFault } from '../../contracts/yaml-faults.js'
export type { CameraConfig, EdgeConfig } from './schema.js'
