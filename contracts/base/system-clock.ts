import { setTimeout as delay } from 'node:timers/promises'
import type { Clock, EpochMs, MonoMs } from './index.js'

/** The machine's own clocks. Only composition roots use it; everything else is handed a `Clock`. */
export const systemClock: Clock = {
  wallMs: () => Date.now() as EpochMs,
  monoMs: () => performance.now() as MonoMs,
  sleep: (delayMs, signal) => delay(delayMs, undefined, { signal }),
}
