import { join } from 'node:path'
import type { Chain } from './chain.js'
import type { Holds } from './holds.js'
import type { EvidenceOptions } from './options.js'
import type { Routine } from './routine.js'
import { dropPartialReserve, freeOf, giveReserveBack, isDiskFull, keepReserve, storageState } from './storage.js'
import type { StorageState } from './types.js'

const mb = 1e6

/** What the disk allows: measured now and then, with a reserve that keeps records going when nothing else fits any more. */
export interface DiskWatch {
  state(): StorageState
  measure(): void
  /** Runs an append; a full disk gives the reserve back once, so that the chain can still be appended. */
  withReserve<T>(append: () => Promise<T>): Promise<T>
}

export interface DiskWatchDeps {
  readonly chain: Chain
  readonly holds: Holds
  readonly routine: Routine
  readonly options: Pick<EvidenceOptions, 'dataDir' | 'storage' | 'clock' | 'log'>
}

export function openDiskWatch({ chain, holds, routine, options }: DiskWatchDeps): DiskWatch {
  const { dataDir, clock, log } = options
  const { ringMb, heldMb, minFreePercent, reserveMb } = options.storage
  const reserveFile = join(dataDir, 'reserve.bin')
  dropPartialReserve(reserveFile)
  let state: StorageState = {
    freePercent: 100,
    level: 'ok',
    ringBytesMax: ringMb * mb,
    heldBytes: 0,
    heldFull: false,
  }
  return {
    state: () => state,
    measure() {
      const { heldBytes } = holds.tidy(clock.wallMs(), chain.ackedOrd())
      const { freePercent: before } = state
      state = storageState({
        freePercent: freeOf(dataDir).percent,
        minFreePercent,
        ringBytesMax: ringMb * mb,
        heldBytesMax: heldMb * mb,
        heldBytes,
      })
      if (state.level === 'ok') routine.add(keepReserve(reserveFile, reserveMb * mb, log, routine.signal))
      else if (before !== state.freePercent)
        log.warn({ freePercent: state.freePercent }, 'little room on the disk of this box')
    },
    async withReserve(append) {
      try {
        return await append()
      } catch (cause) {
        if (!isDiskFull(cause) || !giveReserveBack(reserveFile)) throw cause
        log.error({}, 'the disk is full: the reserve was given back to keep records going')
        return append()
      }
    },
  }
}
