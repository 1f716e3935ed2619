export { startCameraSim, type CameraSim } from './server.js'
export { CameraSimError } from './sim-clip.js'
export { simQuirks, type CameraSimDeps, type CameraSimOptions, type SimFaults, type SimQuirk } from './sim-options.js'
