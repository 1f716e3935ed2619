import { z } from 'zod'
import type { Box, EpochMs } from '../base/index.js'
import { causes, type Cause } from '../terms.js'
import {
  boxE4,
  cameraId,
  count,
  instant,
  milli,
  segmentIndex,
  sha256Hex,
  toBoxE4,
  toInstant,
  toIntegers,
  toMilli,
  uuidv7,
} from './fields.js'

export const eventPhases = ['confirmed', 'updated', 'over'] as const
export type EventPhase = (typeof eventPhases)[number]
export const stillKinds = ['arrival', 'act', 'latest'] as const
export type StillKind = (typeof stillKinds)[number]
export const windowKinds = ['arrival', 'confirmation', 'actor', 'departure', 'act'] as const
export type WindowKind = (typeof windowKinds)[number]

const names = z.record(z.string().max(60), z.int())
/** Measurements by cause: DESIGN.md §9.4. Absent means not measurable here, never 0. */
export const measurements = z
  .object({
    dwell_s: count.optional(),
    seen_s: count.optional(),
    unseen_s: count.optional(),
    area_cm2: count.optional(),
    class_milli: z.record(z.string().max(60), milli).optional(),
    attended_milli: z.int().optional(),
    lift_milli: z.int().optional(),
    arrived_at: instant.optional(),
    carrier: z.enum(['person', 'two_wheeler', 'tricycle', 'van', 'none']).optional(),
    stall_seen: z.boolean().optional(),
    bursts: count.optional(),
    plume_milli: z.int().optional(),
    flicker_mhz: count.optional(),
    flame_cells: count.optional(),
    grill_milli: z.int().optional(),
    opacity_percent: z.int().optional(),
    opacity_low: z.int().optional(),
    opacity_high: z.int().optional(),
    blobs: count.optional(),
    step_s: count.optional(),
    carrier_gap_ms: z.int().optional(),
    vehicles_considered: count.optional(),
    growth_milli: z.int().optional(),
    drift_cm_s: z.int().optional(),
    front_light: z.boolean().optional(),
    sun_azimuth_deg: z.int().optional(),
  })
  .catchall(z.union([z.int(), z.string().max(200), z.boolean(), names]))
export type EventMeasurements = z.infer<typeof measurements>

const actor = z.looseObject({
  kind: z.string().max(40),
  at: instant,
  box_e4: boxE4,
  score_milli: milli,
  margin_milli: z.int(),
  /** Digest of an object that goes up by itself; plate text never enters a record. */
  plate: sha256Hex.nullable(),
})
const still = z.looseObject({
  kind: z.enum(stillKinds),
  at: instant,
  sha256: sha256Hex,
  bytes: count,
  w_px: count,
  h_px: count,
  /** Segment that it was made from, and the media time of the frame inside it. */
  idx: segmentIndex,
  pts_ms: count,
})
export type EventStill = z.infer<typeof still>
const window = z.looseObject({ kind: z.enum(windowKinds), from: instant, to: instant })
export type EventWindow = z.infer<typeof window>
const segment = z.looseObject({ cam: cameraId, idx: segmentIndex, sha256: sha256Hex })
export type EventSegment = z.infer<typeof segment>

/** What the box says about one incident: confirmed, updated, over. */
export const eventBody = z.looseObject({
  incident: uuidv7,
  phase: z.enum(eventPhases),
  reopened: z.boolean(),
  cam: cameraId,
  zone: z.string().max(60),
  cause: z.enum(causes),
  /** First seen, confirmed, last seen. */
  from: instant,
  confirmed: instant,
  to: instant,
  box_e4: boxE4,
  conf_milli: milli,
  /** For the queue, 4 is the strongest. */
  grade: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
  rule: z.string().max(60),
  thresholds: names,
  /** `kwseq` of the `config` record in force. */
  config_seq: count,
  models: z.record(z.string().max(40), sha256Hex),
  measurements,
  reasons: z.array(z.string().max(80)).max(32),
  actor: actor.nullable(),
  stills: z.array(still).max(8),
  windows: z.array(window).max(16),
  segments: z.array(segment).max(200),
  view: z.looseObject({
    moved: z.boolean(),
    dark: z.boolean(),
    blurred: z.boolean(),
    covered: z.boolean(),
    damaged_frames: count,
  }),
  /** The camera's own clock against the box's. */
  cam_off_ms: z.int().nullable(),
  cam_src: z.enum(['rtcp', 'onvif', 'osd', 'none']),
})
export type EventBody = z.infer<typeof eventBody>

/** The inside's view of one event. */
export interface EventFacts {
  readonly incident: string
  readonly phase: EventPhase
  readonly reopened: boolean
  readonly camera: string
  readonly zone: string
  readonly cause: Cause
  readonly firstMs: EpochMs
  readonly confirmedMs: EpochMs
  readonly lastMs: EpochMs
  readonly box: Box
  readonly confidence: number
  readonly grade: 1 | 2 | 3 | 4
  readonly rule: string
  readonly thresholds: Readonly<Record<string, number>>
  readonly configSeq: number
  readonly models: Readonly<Record<string, string>>
  readonly measurements: Readonly<Record<string, number | string | boolean | Readonly<Record<string, number>>>>
  readonly reasons: readonly string[]
  readonly actor: {
    readonly kind: string
    readonly atMs: EpochMs
    readonly box: Box
    readonly score: number
    readonly margin: number
    readonly plate: string | null
  } | null
  readonly stills: readonly {
    readonly kind: StillKind
    readonly atMs: EpochMs
    readonly sha256: string
    readonly bytes: number
    readonly widthPx: number
    readonly heightPx: number
    readonly index: number
    readonly ptsMs: number
  }[]
  readonly windows: readonly { readonly kind: WindowKind; readonly fromMs: EpochMs; readonly toMs: EpochMs }[]
  readonly segments: readonly { readonly camera: string; readonly index: number; readonly sha256: string }[]
  readonly view: {
    readonly moved: boolean
    readonly dark: boolean
    readonly blurred: boolean
    readonly covered: boolean
  }
  readonly damagedFrames: number
  readonly cameraOffsetMs: number | null
  readonly cameraClock: EventBody['cam_src']
}

function toMeasurements(facts: EventFacts['measurements']): EventMeasurements {
  const out: Record<string, number | string | boolean | Record<string, number>> = {}
  for (const [name, value] of Object.entries(facts)) {
    if (typeof value === 'number') {
      if (Number.isFinite(value)) out[name] = Math.round(value) + 0
    } else if (typeof value === 'object') {
      out[name] = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, Math.round(part) + 0]))
    } else out[name] = value
  }
  return out
}

export function toEventBody(facts: EventFacts): EventBody {
  const { actor: who } = facts
  return {
    incident: facts.incident,
    phase: facts.phase,
    reopened: facts.reopened,
    cam: facts.camera,
    zone: facts.zone,
    cause: facts.cause,
    from: toInstant(facts.firstMs),
    confirmed: toInstant(facts.confirmedMs),
    to: toInstant(facts.lastMs),
    box_e4: toBoxE4(facts.box),
    conf_milli: toMilli(facts.confidence),
    grade: facts.grade,
    rule: facts.rule,
    thresholds: toIntegers(facts.thresholds),
    config_seq: facts.configSeq,
    models: { ...facts.models },
    measurements: toMeasurements(facts.measurements),
    reasons: facts.reasons.slice(0, 32).map((reason) => reason.slice(0, 80)),
    actor:
      who === null
        ? null
        : {
            kind: who.kind,
            at: toInstant(who.atMs),
            box_e4: toBoxE4(who.box),
            score_milli: toMilli(who.score),
            margin_milli: Math.round(who.margin * 1_000),
            plate: who.plate,
          },
    stills: facts.stills.map((one) => ({
      kind: one.kind,
      at: toInstant(one.atMs),
      sha256: one.sha256,
      bytes: one.bytes,
      w_px: one.widthPx,
      h_px: one.heightPx,
      idx: one.index,
      pts_ms: Math.max(0, Math.round(one.ptsMs)),
    })),
    windows: facts.windows.map(({ kind, fromMs, toMs }) => ({ kind, from: toInstant(fromMs), to: toInstant(toMs) })),
    segments: facts.segments.map(({ camera, index, sha256 }) => ({ cam: camera, idx: index, sha256 })),
    view: {
      moved: facts.view.moved,
      dark: facts.view.dark,
      blurred: facts.view.blurred,
      covered: facts.view.covered,
      damaged_frames: facts.damagedFrames,
    },
    cam_off_ms: facts.cameraOffsetMs === null ? null : Math.round(facts.cameraOffsetMs),
    cam_src: facts.cameraClock,
  }
}
