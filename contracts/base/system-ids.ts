import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import type { Ids } from './index.js'

/** Ids and secrets from the operating system's generator. */
export const systemIds: Ids = {
  uuidv7: (atMs) => v7({ msecs: atMs }),
  randomBytes: (count) => randomBytes(count),
}
