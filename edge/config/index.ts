export { parseEdgeConfig, readEdgeConfig, readSecret, type EdgeConfigRead } from './read.js'
export { faultLine, type ConfigFault } from './locate.js'
export type { CameraConfig, EdgeConfig } from './schema.js'
