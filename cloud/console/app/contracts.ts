// What the pages use of the contracts: types, and the constants of files that pull in no library.
export type {
  AlarmView,
  CaseView,
  ClipFrames,
  Counts,
  DeviceOrderView,
  DeviceView,
  LeadAction,
  LeadSeen,
  LeadView,
  Problem,
  Session,
} from '../../../contracts/api/index.js'
export {
  caseStates,
  caseStateTerms,
  closeNeeds,
  closeTerms,
  leadStates,
  leadStateTerms,
  rejectKeys,
  type CloseCode,
  type RejectCode,
} from '../../../contracts/api/states.js'
export { roleTerms, type Role } from '../../../contracts/api/roles.js'
export { causeMarks, causes, causeTerms, type Bilingual, type Cause, type ZoneKind } from '../../../contracts/terms.js'
