import { z } from 'zod'
import { causes } from './terms.js'
import type { Cause } from './terms.js'

/** `s`, `percent` and `count` are whole numbers; the others are fractions and become `<name>_milli` in signed records. */
type Unit = 's' | 'percent' | 'count' | 'fps' | 'hz' | 'ratio' | 'score' | 'm2' | 'm' | 'grey'
interface Threshold {
  readonly default: number
  readonly unit: Unit
  readonly min: number
  readonly max: number
}

const seconds = (value: number, max = 86_400): Threshold => ({ default: value, unit: 's', min: 1, max })
const count = (value: number): Threshold => ({ default: value, unit: 'count', min: 1, max: 1000 })
const ratio = (value: number, max = 1): Threshold => ({ default: value, unit: 'ratio', min: 0, max })
const score = (value: number): Threshold => ({ default: value, unit: 'score', min: 0, max: 1 })
const area = (value: number): Threshold => ({ default: value, unit: 'm2', min: 0, max: 10_000 })
const fps = (value: number): Threshold => ({ default: value, unit: 'fps', min: 0.5, max: 30 })

/** Presence gathered before a claim is due, and how it rises and falls (DETECTION.md §8). */
const common = (dwellS: number) => ({
  dwell_s: seconds(dwellS),
  /** Share of the dwell at which the look back starts. */
  suspect_ratio: ratio(0.4),
  /** What holds already may fall to this share of each measured quantity. */
  stay_ratio: ratio(0.6),
  /** A claim ends after max(absence_s, dwell/2) without it. */
  absence_s: seconds(90),
  /** Presence is remembered up to this many dwells. */
  cap_ratio: ratio(2, 10),
  /** Share of the thing that must lie in the zone. */
  zone_ratio_min: ratio(0.5),
})
const burst = {
  burst_s: seconds(5, 30),
  burst_fps: fps(10),
  /** Second burst at the earliest max(burst_gap_s, dwell/3) after the first. */
  burst_gap_s: seconds(2, 600),
  bursts_min: count(2),
  /** Strength of the cheap screen in watch mode. */
  strength_min: score(0.5),
  /** Classifier: sum of the classes that speak for the cause. */
  emission_score_min: score(0.5),
  /** Above this share of the textured picture it is fog, rain or exposure (DETECTION.md §5.2). */
  global_ratio_max: ratio(0.2),
}

/** Every threshold of the four rules: name with unit, default and bounds. One table for edge.yaml, zones and truth files. */
export const thresholdTable = {
  vending: {
    ...common(120),
    area_m2_min: area(0.4),
    /** 12 m² of stall (DETECTION.md §8), measured with the shadow that it casts. */
    area_m2_max: area(24),
    /** Without calibration: share of the picture. */
    area_ratio_min: ratio(0.002),
    area_ratio_max: ratio(0.2),
    /** Longer side by shorter side of the box in pixels of a 16:9 picture. */
    aspect_max: ratio(5, 50),
    /** Taller than this times its width in pixels it stands like a person: the network must name it. */
    upright_max: ratio(1.6, 50),
    attended_ratio_min: ratio(0.6),
    /** Attendance above what the place has without the thing. */
    lift_min: ratio(0.3),
    /** A thing that the network calls a stall needs less of it. */
    attended_stall_ratio_min: ratio(0.3),
    stall_score_min: score(0.6),
    stall_looks_min: count(3),
    vehicle_score_max: score(0.4),
    /** Share of the box that persons may cover before it counts as persons. */
    person_cover_max: ratio(0.6),
    arrival_before_s: seconds(20, 120),
    arrival_after_s: seconds(10, 120),
    look_back_fps: fps(5),
    carrier_gap_s: seconds(3, 60),
  },
  grilling: {
    ...common(60),
    ...burst,
    area_ratio_max: ratio(0.6),
    /** The source must stay within this distance. */
    anchor_m: { default: 2, unit: 'm', min: 0.1, max: 50 },
    /** The same without calibration, in picture widths. */
    anchor_ratio: ratio(0.12),
    flicker_hz_min: { default: 2.8, unit: 'hz', min: 0, max: 15 },
    flame_cells_min: count(8),
    /** Many flame-coloured cells that flicker slowly: embers and small flames at a distance, sampled at 10 pictures a second. */
    glow_hz_min: { default: 0.7, unit: 'hz', min: 0, max: 15 },
    glow_cells_min: count(12),
    flame_score_min: score(0.5),
    /** Without any flame: mean emission over at least so many bursts, from the first to the last of which so much time passes. */
    smoke_score_min: score(0.6),
    smoke_bursts_min: count(3),
    smoke_span_s: seconds(15),
    /** Share of the seen time in which the place must emit. */
    steady_min: ratio(0.6),
    grill_score_min: score(0.5),
    steam_score_max: score(0.4),
  },
  spillage: {
    ...common(20),
    area_m2_min: area(0.02),
    area_m2_max: area(3),
    area_ratio_min: ratio(0.00005),
    area_ratio_max: ratio(0.02),
    /** Height by width in pixels of a 16:9 picture: what lies on a road is not tall. */
    upright_max: ratio(1.6, 20),
    vehicle_score_max: score(0.4),
    person_cover_max: ratio(0.6),
    arrival_before_s: seconds(12, 120),
    arrival_after_s: seconds(3, 120),
    look_back_fps: fps(12.5),
    carrier_gap_s: seconds(3, 60),
    /** Share of the place that a passing vehicle must have swept. */
    passer_overlap_min: ratio(0.25),
    actor_rank_min: score(0.6),
    actor_margin_min: score(0.2),
    /** Mean new gradient, grey levels a pixel: below it may be a shadow or a puddle (DETECTION.md §3.4 `flat`: 2.6). */
    /** Median colour difference (U plus V) from which on it is no shadow: twice the noise of DETECTION.md §3.2's chroma test. */
    chroma_min: { default: 12, unit: 'grey', min: 0, max: 255 },
    texture_min: { default: 3, unit: 'grey', min: 0, max: 100 },
  },
  dust: {
    ...common(30),
    ...burst,
    /** A cloud of dust fills much of the part that is looked at; fog and exposure fill all of it. */
    global_ratio_max: ratio(0.4),
    area_m2_min: area(4),
    area_ratio_min: ratio(0.004),
    /** Growth of the plume a second, share of itself. */
    growth_min: ratio(0.02),
    /** Drift of the plume, picture widths a second. */
    drift_min: ratio(0.008),
    opacity_percent_min: { default: 20, unit: 'percent', min: 0, max: 100 },
    flame_score_max: score(0.3),
    steam_score_max: score(0.4),
    /** A vehicle may have left the plume's place this long ago. */
    vehicle_gap_s: seconds(10, 120),
  },
} as const satisfies Record<Cause, Readonly<Record<string, Threshold>>>

type Table = typeof thresholdTable
/** Values of one cause, in the table's units. */
export type Thresholds<C extends Cause = Cause> = Readonly<Record<keyof Table[C] & string, number>>
/** What a file may say about thresholds: any of them, per cause. */
export type RuleOverrides = { readonly [C in Cause]?: Partial<Thresholds<C>> | undefined }

const wholeUnits: readonly Unit[] = ['s', 'percent', 'count']

function causeSchema<C extends Cause>(cause: C): z.ZodType<Partial<Thresholds<C>>> {
  const shape: Record<string, z.ZodType> = {}
  for (const [name, { unit, min, max }] of Object.entries<Threshold>(thresholdTable[cause]))
    shape[name] = (wholeUnits.includes(unit) ? z.int() : z.number()).min(min).max(max).optional()
  return z.strictObject(shape) as unknown as z.ZodType<Partial<Thresholds<C>>>
}

/** `rules:` of edge.yaml, of a camera, of a zone and of a truth file. Unknown causes and thresholds are faults. */
export const ruleOverridesSchema = z.strictObject({
  vending: causeSchema('vending').optional(),
  grilling: causeSchema('grilling').optional(),
  spillage: causeSchema('spillage').optional(),
  dust: causeSchema('dust').optional(),
})

/** Defaults, then each layer over the one before: edge, camera, zone. */
export function resolveThresholds<C extends Cause>(cause: C, layers: readonly RuleOverrides[]): Thresholds<C> {
  const values: Record<string, number> = {}
  for (const [name, { default: value }] of Object.entries<Threshold>(thresholdTable[cause])) values[name] = value
  for (const layer of layers) Object.assign(values, layer[cause])
  return values as Thresholds<C>
}

/** Longest dwell that any of the layers leads to, seconds: a ring must hold it. */
export function dwellMaxS(layers: readonly RuleOverrides[]): number {
  return Math.max(...causes.map((cause) => resolveThresholds(cause, layers).dwell_s))
}

/** Thresholds as signed records carry them: whole numbers; fractions as thousandths under `<name>_milli`. */
export function recordThresholds(cause: Cause, values: Readonly<Record<string, number>>): Record<string, number> {
  const table: Readonly<Record<string, Threshold>> = thresholdTable[cause]
  const out: Record<string, number> = {}
  for (const [name, { unit }] of Object.entries(table)) {
    const value = values[name]
    if (value === undefined) continue
    if (wholeUnits.includes(unit)) out[name] = Math.round(value)
    else out[`${name}_milli`] = Math.round(value * 1000)
  }
  return out
}
