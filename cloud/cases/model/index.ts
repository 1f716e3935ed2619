export { checkProcess, type ModelFault } from './check.js'
export { explore, withoutGate, type Breach, type Exploration } from './explore.js'
