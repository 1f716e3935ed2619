import type { ClockReading } from '../../contracts/records/index.js'
import type { SntpSample } from './sntp.js'

/** Wall minus monotonic moved by more than this within one look: a step. */
export const stepMsMin = 50
export const freshMsMax = 2 * 3_600_000
export const syncedErrorMsMax = 250
export const unsyncedErrorMsMin = 2_000
/** Assumed worst drift of an undisciplined clock: EVIDENCE.md §6. */
export const driftPpm = 50

/** What is known of the box's clock; pure, moved by `stepClock`. */
export interface ClockKnowledge {
  readonly boot: string
  readonly bootMonoMs: number
  readonly steps: number
  /** Wall minus monotonic at the last look. */
  readonly differenceMs: number
  /** Newest answer of each server, only those made since the last step. */
  readonly samples: readonly SntpSample[]
  readonly sync: ClockReading['sync']
}

export interface ClockNews {
  readonly stepUs: number
  readonly oldErrorUs: number | null
  readonly cause: 'step' | 'synced' | 'holdover' | 'unsynced'
}

export function startClock(boot: string, wallMs: number, monoMs: number): ClockKnowledge {
  return { boot, bootMonoMs: monoMs, steps: 0, differenceMs: wallMs - monoMs, samples: [], sync: 'unsynced' }
}

/** One look, each second or after an answer. News are written as a `clock` record. */
export function stepClock(
  now: ClockKnowledge,
  look: { readonly wallMs: number; readonly monoMs: number; readonly sample?: SntpSample },
): { next: ClockKnowledge; news: ClockNews | null } {
  const differenceMs = look.wallMs - look.monoMs
  const movedMs = differenceMs - now.differenceMs
  const stepped = Math.abs(movedMs) > stepMsMin
  const { sample } = look
  // What was measured before a step says nothing about the clock after it.
  const kept = stepped ? [] : now.samples
  const samples = sample === undefined ? kept : [...kept.filter(({ server }) => server !== sample.server), sample]
  const before = readClock(now, look.monoMs)
  const moved = { ...now, differenceMs, samples, steps: now.steps + (stepped ? 1 : 0) }
  const sync = syncOf(moved, look.monoMs)
  const next = { ...moved, sync }
  const cause = stepped ? 'step' : sync === now.sync ? null : sync
  if (cause === null) return { next, news: null }
  return { next, news: { cause, stepUs: stepped ? Math.round(movedMs * 1_000) : 0, oldErrorUs: before.errorUs } }
}

/** `err = delay/2 + root delay/2 + root dispersion + 50 ppm x age`. */
function errorMsOf(sample: SntpSample, monoMs: number): number {
  const ageMs = Math.max(0, monoMs - sample.atMonoMs)
  return sample.delayMs / 2 + sample.rootDelayMs / 2 + sample.rootDispersionMs + (ageMs * driftPpm) / 1e6
}

function best(knowledge: ClockKnowledge, monoMs: number): SntpSample | null {
  const [first] = [...knowledge.samples].sort((a, b) => errorMsOf(a, monoMs) - errorMsOf(b, monoMs))
  return first ?? null
}

/** How far our time may be off: what was measured and not corrected counts too. */
function boundMs(sample: SntpSample, monoMs: number): number {
  return errorMsOf(sample, monoMs) + Math.abs(sample.offsetMs)
}

function syncOf(knowledge: ClockKnowledge, monoMs: number): ClockReading['sync'] {
  const sample = best(knowledge, monoMs)
  if (sample === null) return 'unsynced'
  const disagree = knowledge.samples.some(
    (other) => Math.abs(other.offsetMs - sample.offsetMs) > errorMsOf(other, monoMs) + errorMsOf(sample, monoMs),
  )
  const errorMs = boundMs(sample, monoMs)
  if (disagree || errorMs > unsyncedErrorMsMin) return 'unsynced'
  return monoMs - sample.atMonoMs < freshMsMax && errorMs < syncedErrorMsMax ? 'synced' : 'holdover'
}

/** What every record says about the clock. */
export function readClock(knowledge: ClockKnowledge, monoMs: number): ClockReading {
  const sample = best(knowledge, monoMs)
  return {
    boot: knowledge.boot,
    monoUs: Math.round((monoMs - knowledge.bootMonoMs) * 1_000),
    sync: knowledge.sync,
    source: sample === null ? 'none' : `sntp:${sample.server}`,
    offsetUs: sample === null ? null : Math.round(sample.offsetMs * 1_000),
    errorUs: sample === null ? null : Math.ceil(boundMs(sample, monoMs) * 1_000),
    steps: knowledge.steps,
  }
}
