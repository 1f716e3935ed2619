import { fromRfc3339 } from '../../contracts/base/index.js'
import type { Clock, EpochMs, Log } from '../../contracts/base/index.js'
import type { RuleOverrides } from '../../contracts/thresholds.js'
import type { TruthEvent } from '../../contracts/truth.js'
import type { GroundPlane, Zone } from '../../contracts/zones.js'
import type { IncidentChange } from '../../edge/incidents/index.js'
import type { Facts } from '../../edge/vision/types.js'
import { matchClip } from './match.js'
import type { Told } from './match.js'
import type { EvalClip } from './read-set.js'
import type { ClipResult } from './report.js'

export interface WatchedClip {
  readonly clip: string
  readonly startsAtMs: EpochMs
  readonly tz: string
  readonly zones: readonly Zone[]
  readonly groundPlane: GroundPlane | null
  readonly rules: RuleOverrides
  readonly intervalS: number
}
/** The product's own line over one file, from frames to incidents. */
export type WatchClip = (
  options: WatchedClip,
) => AsyncIterable<
  { readonly kind: 'facts'; readonly facts: Facts } | { readonly kind: 'change'; readonly change: IncidentChange }
>

export interface WatchSetOptions {
  readonly watch: WatchClip
  /** Size of the pictures looked at; rejects when the file is no video. */
  readonly watchPxOf: (file: string) => Promise<readonly [widthPx: number, heightPx: number]>
  readonly clock: Clock
  readonly log: Log
  readonly intervalS: number
  /** Moves the truth, not the clips: a measure that cannot fail measures nothing. */
  readonly shiftS: number
  readonly onClip: (result: ClipResult) => void
}

/** Watches every clip, one after the other. A clip that fails is a result with an error; the others go on. */
export async function watchSet(clips: readonly EvalClip[], options: WatchSetOptions): Promise<ClipResult[]> {
  const results: ClipResult[] = []
  for (const clip of clips) {
    const result = await watchOne(clip, options)
    options.onClip(result)
    results.push(result)
  }
  return results
}

async function watchOne({ name, file, truth }: EvalClip, options: WatchSetOptions): Promise<ClipResult> {
  const startsAtMs = fromRfc3339(truth.camera.starts_at)
  const { tz, ground_plane: groundPlane } = truth.camera
  const { zones, rules } = truth
  const latest: Latest = new Map()
  const startedMono = options.clock.monoMs()
  let frames = 0
  let lastMs = startsAtMs
  let error: string | null = null
  let watchPx: ClipResult['watchPx'] = null
  try {
    watchPx = await options.watchPxOf(file)
    const stream = options.watch({
      clip: file,
      startsAtMs,
      tz,
      zones,
      groundPlane,
      rules,
      intervalS: options.intervalS,
    })
    for await (const each of stream) {
      if (each.kind === 'facts') {
        frames += 1
        lastMs = each.facts.wallMs
      } else note(each.change, startsAtMs, latest)
    }
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause)
    options.log.error({ clip: name, err: cause }, 'the clip could not be watched to its end')
  }
  const events = truth.events.map((event): TruthEvent => ({
    ...event,
    from_s: event.from_s + options.shiftS,
    to_s: event.to_s + options.shiftS,
  }))
  const all = [...latest.values()]
  const told = all.filter(({ confirmed }) => confirmed).map((each) => each.told)
  return {
    clip: name,
    conditions: truth.conditions,
    events,
    matched: matchClip(events, told),
    unconfirmed: all.filter(({ confirmed }) => !confirmed).map(({ told: each, state }) => ({ ...each, state })),
    watchPx,
    watchedS: frames === 0 ? 0 : (lastMs - startsAtMs) / 1000 + options.intervalS,
    frames,
    elapsedMs: options.clock.monoMs() - startedMono,
    error,
  }
}

/** Every incident as it stood last, by id. */
type Latest = Map<string, { told: Told; confirmed: boolean; state: string }>

/** One incident stays one, however often it is updated or reopened; place and time of the confirmation count. */
function note({ incident, atMs }: IncidentChange, startsAtMs: EpochMs, latest: Latest): void {
  const before = latest.get(incident.id)
  const seconds = (ms: number): number => (ms - startsAtMs) / 1000
  const confirmed = incident.confirmedMs !== null
  latest.set(incident.id, {
    confirmed,
    state: incident.state,
    told: {
      cause: incident.cause,
      confirmedS: before?.confirmed === true ? before.told.confirmedS : seconds(incident.confirmedMs ?? atMs),
      firstS: seconds(incident.firstMs),
      lastS: seconds(incident.lastMs),
      box: before?.confirmed === true ? before.told.box : incident.box,
      reasons: incident.reasons,
      confidence: incident.confidence,
    },
  })
}
