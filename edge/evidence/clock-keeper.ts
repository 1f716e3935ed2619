import type { Clock, Ids, Log } from '../../contracts/base/index.js'
import type { ClockReading } from '../../contracts/records/index.js'
import { readClock, startClock, stepClock, type ClockNews } from './clock-state.js'
import type { Routine } from './routine.js'
import { querySntp, type SntpSample } from './sntp.js'

export interface ClockKeeperDeps {
  readonly ntp: readonly string[]
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Writes a `clock` record. */
  readonly tell: (news: ClockNews) => Promise<void>
}

const answerMs = 3_000
/** EVIDENCE.md §6: each 64 to 1,024 s; sooner again after no answer. */
const askFirstMs = 64_000
const askLastMs = 1_024_000

/** Watches the box's clock and asks time servers; what it finds out becomes `clock` records. */
export function openClockKeeper({ ntp, clock, ids, log, tell }: ClockKeeperDeps) {
  let knowledge = startClock(ids.uuidv7(clock.wallMs()), clock.wallMs(), clock.monoMs())

  async function look(sample?: SntpSample): Promise<void> {
    const seen = { wallMs: clock.wallMs(), monoMs: clock.monoMs() }
    const { next, news } = stepClock(knowledge, sample === undefined ? seen : { ...seen, sample })
    knowledge = next
    if (news === null) return
    if (news.cause === 'step') log.warn({ stepUs: news.stepUs }, 'the wall clock of this box stepped')
    await tell(news)
  }

  /** Asks every server; true when one answered. */
  async function ask(): Promise<boolean> {
    const samples = await Promise.allSettled(ntp.map((server) => querySntp(server, clock, answerMs)))
    for (const sample of samples) if (sample.status === 'fulfilled') await look(sample.value)
    return samples.some(({ status }) => status === 'fulfilled')
  }

  return {
    read: (): ClockReading => readClock(knowledge, clock.monoMs()),
    look: () => look(),
    ask,
    /** Asks at once, then at growing distances while answers come. */
    askNowAndThen(routine: Routine): void {
      let askAgainMs = askFirstMs
      routine.add(ask())
      routine.every(
        () => askAgainMs,
        'asking for the time',
        async () => {
          askAgainMs = (await ask()) ? Math.min(askLastMs, askAgainMs * 2) : askFirstMs
        },
      )
    },
  }
}
