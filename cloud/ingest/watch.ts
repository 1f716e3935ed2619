import { toRfc3339 } from '../../contracts/base/index.js'
import type { RecordStore } from '../store/records.js'
import type { IngestOptions, Wants } from './types.js'

const silentAfterMs = 3 * 60_000
const holeAfterMs = 10 * 60_000
const lookEveryMs = 15_000

interface WatchDeps extends Pick<IngestOptions, 'clock' | 'log' | 'onAlarm'> {
  readonly store: RecordStore
  readonly wants: Wants
  readonly signal: AbortSignal
}

/** Raises `hole` for records that stay away and `silent` for boxes that do, until the signal. Never rejects. */
export async function watchDevices({ store, wants, signal, clock, log, onAlarm }: WatchDeps): Promise<void> {
  const startedMono = clock.monoMs()
  const look = (): void => {
    const [at, mono] = [toRfc3339(clock.wallMs()), clock.monoMs()]
    for (const [device, want] of wants)
      if (
        mono - want.sinceMono > holeAfterMs &&
        store.raise({ device, kind: 'hole', subject: want.chain, at, details: { chain: want.chain, want: want.seq } })
      )
        onAlarm?.({ device, kind: 'hole', subject: want.chain })
    if (mono - startedMono < silentAfterMs) return // after our own absence nobody was silent
    for (const { id, seen_at, removed_at } of store.devices())
      if (removed_at === null && seen_at !== null && clock.wallMs() - Date.parse(seen_at) > silentAfterMs)
        if (store.raise({ device: id, kind: 'silent', subject: '', at, details: { since: seen_at } }))
          onAlarm?.({ device: id, kind: 'silent', subject: '' })
  }
  try {
    for (;;) {
      await clock.sleep(lookEveryMs, signal)
      look()
    }
  } catch (cause) {
    if (!signal.aborted) log.error({ cause: String(cause) }, 'the watch over silent devices ended')
  }
}
