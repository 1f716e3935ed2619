export * from './dsse.js'
export * from './jcs.js'
export * from './merkle.js'
export * from './note.js'
