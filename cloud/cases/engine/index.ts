export { offersFor, type Offer } from './allowed.js'
export { proposeTimerEnd } from './clock-out.js'
export { evaluate, inputsOf, partsOf, type Sight, type Verdict } from './expression.js'
export {
  applyEffect,
  applyEntry,
  emptyFile,
  newestRun,
  replay,
  type Effect,
  type FileEntry,
  type FileView,
  type Person,
  type Run,
  type TimerState,
} from './file-view.js'
export type { Outcome, StepRequest } from './attempt.js'
export { inputOf } from './sight.js'
export { documentsOf } from './step-checks.js'
export { propose } from './step.js'
export { mayRecord, rolesOf, separationRefusals } from './who.js'
export { refuse, stateName } from './refusals.js'
