export { openBroker, type BrokerOptions } from './broker.js'
export { checkPlain, MqttError, type Bus, type OnMessage } from './bus.js'
export { connectBroker, type ExternalOptions } from './external.js'
