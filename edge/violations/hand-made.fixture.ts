import type { Box, CameraId, EpochMs } from '../../contracts/base/index.js'
import type {
  ArrivalFacts,
  BurstFacts,
  Facts,
  ObjectClass,
  SeenActor,
  SeenObject,
  SeenPlume,
  SeenStatic,
} from '../vision/types.js'

/** Facts made by hand, for tests: no camera, no model. The day starts on a Monday at 10:00 in Shanghai. */
export const startMs = Date.UTC(2026, 2, 2, 2) as EpochMs
export const testCamera = 'c01' as CameraId

export function at(second: number): EpochMs {
  return (startMs + Math.round(second * 1000)) as EpochMs
}

export interface Scene {
  readonly objects?: readonly SeenObject[]
  readonly statics?: readonly SeenStatic[]
  readonly plumes?: readonly SeenPlume[]
  readonly unseen?: boolean
  readonly moved?: boolean
}

/** One watch frame at `second`, standing for `dtS` seconds. */
export function factsAt(second: number, scene: Scene = {}, dtS = 1): Facts {
  return {
    camera: testCamera,
    wallMs: at(second),
    dtMs: dtS * 1000,
    unseen: scene.unseen ?? false,
    objects: scene.objects ?? [],
    objectsAtMs: at(second),
    statics: scene.statics ?? [],
    removed: [],
    plumes: scene.plumes ?? [],
    view: { moved: scene.moved ?? false, dark: false, blurred: false, covered: false },
    lighting: 'day',
  }
}

export function object(className: ObjectClass, box: Box, score = 0.8): SeenObject {
  return { class: className, box, score, track: null }
}

/** A static thing that has stood since `sinceS`, at second `nowS`. */
export function thing(
  nowS: number,
  sinceS: number,
  part: Partial<SeenStatic> & { attendedShare?: number; hiddenS?: number },
): SeenStatic {
  const { attendedShare = 0, hiddenS = 0, ...rest } = part
  const seenMs = (nowS - sinceS - hiddenS) * 1000
  const box = rest.box ?? [0.4, 0.55, 0.12, 0.2]
  return {
    id: 's1',
    box,
    areaRatio: box[2] * box[3],
    sinceMs: at(sinceS),
    seenMs,
    attendedMs: seenMs * attendedShare,
    attendedBaseRatio: 0,
    classScores: {},
    provisional: false,
    texture: 8,
    chroma: 4,
    luminanceRatio: 1.1,
    ...rest,
  }
}

export function plume(part: Partial<SeenPlume> = {}): SeenPlume {
  const box = part.box ?? [0.5, 0.3, 0.1, 0.3]
  return {
    box,
    areaRatio: box[2] * box[3],
    kind: 'plume',
    strength: 0.8,
    growth: 0,
    driftX: 0,
    driftY: -0.01,
    colour: 'grey',
    ...part,
  }
}

export function arrival(part: Partial<ArrivalFacts> = {}): ArrivalFacts {
  return {
    kind: 'arrival',
    fromMs: at(0),
    toMs: at(30),
    frames: 150,
    arrivedMs: at(10),
    stepMs: 1500,
    actors: [],
    vehiclesConsidered: 0,
    looks: [],
    texture: 8,
    ...part,
  }
}

export function actor(className: ObjectClass, part: Partial<SeenActor> = {}): SeenActor {
  return {
    class: className,
    score: 0.8,
    track: `t-${className}`,
    atMs: at(9),
    box: [0.3, 0.5, 0.1, 0.3],
    gapMs: 500,
    overlap: 0.6,
    entered: true,
    hid: 1,
    travel: 3,
    sinceMs: at(0),
    rank: 0.8,
    ...part,
  }
}

export function burst(part: Partial<BurstFacts> & { likely?: Partial<BurstFacts['scores']> } = {}): BurstFacts {
  const { likely, ...rest } = part
  return {
    kind: 'burst',
    fromMs: at(0),
    toMs: at(5),
    frames: 50,
    box: [0.5, 0.3, 0.1, 0.3],
    scores: { none: 0.05, smoke: 0, dust: 0, flame: 0, steam: 0, ...likely },
    anchored: true,
    flickerHz: 1.5,
    flameCells: 0,
    growth: 0.1,
    driftX: 0.02,
    driftY: -0.01,
    colour: 'grey',
    globalRatio: 0.04,
    objects: [],
    ...rest,
  }
}
