export { caseOf, type CaseEntry, type CaseEvent, type CaseFile } from './case-log.js'
export { gates, type GateFacts, type RoadGate } from './gates.js'
export { refusalsAgainst, type CaseActor } from './interpret.js'
export { road, type RoadAction, type RoadStep } from './road.js'
