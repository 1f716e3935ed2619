import { z } from 'zod'
import type { Point } from '../base/index.js'
import { zoneKinds, type ZoneKind } from '../terms.js'
import { cameraId, count, sha256Hex } from './fields.js'

const e4 = z.int().min(0).max(10_000)
/** Where a camera stands and what it watches: pages draw zones from here, and an event's `config_seq` says which were in force. */
export const cameraPlace = z.looseObject({
  cam: cameraId,
  place: z.string().max(200),
  lat_e7: z.int().nullable(),
  lon_e7: z.int().nullable(),
  zones: z
    .array(
      z.looseObject({
        id: z.string().max(20),
        kind: z.enum(zoneKinds),
        polygon_e4: z.array(z.tuple([e4, e4])).max(64),
      }),
    )
    .max(64),
})
export type CameraPlaceBody = z.infer<typeof cameraPlace>

/** What the box runs with: at start and at every change. `config_seq` of an event is the `kwseq` of this record. */
export const configBody = z.looseObject({
  version: count,
  release: z.string().max(100),
  policy_sha256: sha256Hex.nullable().optional(),
  model_sha256: sha256Hex.nullable().optional(),
  models: z.record(z.string(), sha256Hex).optional(),
  cameras_sha256: sha256Hex.optional(),
  calibration_sha256: sha256Hex.optional(),
  cameras: z.array(cameraPlace).max(256).optional(),
})
export type ConfigBody = z.infer<typeof configBody>

export interface ConfigFacts {
  /** Counts the configurations of this box. */
  readonly version: number
  readonly release: string
  readonly policySha256: string | null
  /** Digest of the `models` object in canonical form. */
  readonly modelSha256: string | null
  readonly models: Readonly<Record<string, string>>
  readonly camerasSha256: string
  readonly calibrationSha256: string
  /** Left out of the record when together they would not fit into it. */
  readonly cameras?: readonly CameraPlace[]
}

export interface CameraPlace {
  readonly camera: string
  readonly place: string
  readonly latDeg: number | null
  readonly lonDeg: number | null
  readonly zones: readonly { readonly zone: string; readonly kind: ZoneKind; readonly polygon: readonly Point[] }[]
}

/** Of the 32 KiB of a payload. */
const camerasBytesMax = 24 * 1024

export function toConfigBody(facts: ConfigFacts): ConfigBody {
  return {
    version: facts.version,
    release: facts.release,
    policy_sha256: facts.policySha256,
    model_sha256: facts.modelSha256,
    models: { ...facts.models },
    cameras_sha256: facts.camerasSha256,
    calibration_sha256: facts.calibrationSha256,
    ...camerasOf(facts.cameras ?? []),
  }
}

function camerasOf(places: readonly CameraPlace[]): Pick<ConfigBody, 'cameras'> {
  const e7 = (degrees: number | null): number | null => (degrees === null ? null : Math.round(degrees * 1e7))
  const e4Of = (share: number): number => Math.min(10_000, Math.max(0, Math.round(share * 10_000)))
  const cameras = places.map(({ camera, place, latDeg, lonDeg, zones }) => ({
    cam: camera,
    place: place.slice(0, 200),
    lat_e7: e7(latDeg),
    lon_e7: e7(lonDeg),
    zones: zones.map(({ zone, kind, polygon }) => ({
      id: zone,
      kind,
      polygon_e4: polygon.map(([x, y]): [number, number] => [e4Of(x), e4Of(y)]),
    })),
  }))
  return cameras.length > 0 && Buffer.byteLength(JSON.stringify(cameras)) <= camerasBytesMax ? { cameras } : {}
}
