export { makeFleet, type FleetDeps } from './fleet.js'
