export { deviceOrders, type DeviceOrders, type OrderSender } from './device-orders.js'
export { makeFleet, type FleetDeps } from './fleet.js'
