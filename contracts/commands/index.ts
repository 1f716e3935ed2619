export * from './command.js'
export * from './receipt.js'
export * from './upload.js'
