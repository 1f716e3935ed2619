import { KerbError } from '../../contracts/base/index.js'
import type { BurstFacts, ArrivalFacts, ClassScores, Detection, Facts, LookBackFacts, ObjectClass, SeenPlume, SeenStatic } from '../../edge/vision/types.js' // prettier-ignore
import type { Vision } from '../../edge/vision/index.js'

/** One piece of evidence that the rules read, as something that can be taken from the facts before they see them. */
export interface Cue {
  /** What is left out, for people. */
  readonly what: string
  readonly frame?: (facts: Facts) => Facts
  readonly objects?: (object: Detection) => boolean
  readonly classes?: (scores: ClassScores) => ClassScores
  readonly still?: (thing: SeenStatic) => SeenStatic
  readonly plume?: (plume: SeenPlume) => SeenPlume
  readonly arrival?: (arrival: ArrivalFacts) => ArrivalFacts
  readonly burst?: (burst: BurstFacts) => BurstFacts
}

/** No box and no score of a class, wherever the network said it. */
function withoutClass(what: string, ...classes: ObjectClass[]): Cue {
  return {
    what,
    objects: (object) => !classes.includes(object.class),
    classes: (scores) => Object.fromEntries(Object.entries(scores).filter(([name]) => !classes.includes(name as ObjectClass))), // prettier-ignore
  }
}

/**
 * Every cue that can be left out. Taking one away gives what a box would know that never measured it: what speaks for an act is
 * silent, what speaks against it is lifted. Pure functions over facts: the rules themselves know nothing of this.
 */
export const cues: Readonly<Record<string, Cue>> = {
  network: {
    what: 'everything the object network says: boxes, classes, looks of the look back',
    frame: (facts) => ({ ...facts, objectsAtMs: null }),
    objects: () => false,
    classes: () => ({}),
    arrival: (arrival) => ({ ...arrival, looks: [] }),
  },
  'class-stall': withoutClass('the class vendor_stall', 'vendor_stall'),
  'class-goods': withoutClass('umbrella, handcart, goods and tricycle', 'umbrella', 'handcart', 'goods', 'tricycle'),
  'class-vehicle': withoutClass('the class vehicle', 'vehicle'),
  'class-person': withoutClass('the class person (attendance is measured before: see attendance)', 'person'),
  'class-grill': withoutClass('the class grill', 'grill'),
  attendance: {
    what: 'that somebody stays with a thing',
    still: (thing) => ({ ...thing, attendedMs: 0, attendedBaseRatio: 0 }),
  },
  'attendance-base': {
    what: 'how often somebody was there before the thing came (lift)',
    still: (thing) => ({ ...thing, attendedBaseRatio: 0 }),
  },
  texture: {
    what: 'texture of a thing of its own',
    still: (thing) => ({ ...thing, texture: 0 }),
    arrival: (arrival) => ({ ...arrival, texture: 0 }),
  },
  chroma: { what: 'colour of a thing of its own', still: (thing) => ({ ...thing, chroma: 0 }) },
  luminance: { what: 'that a thing is as dark as a shadow', still: (thing) => ({ ...thing, luminanceRatio: 1 }) },
  'area-m2': {
    what: 'sizes in square metres (the share of the picture remains)',
    still: ({ areaM2: _area, ...thing }) => thing,
    plume: ({ areaM2: _area, ...plume }) => plume,
  },
  carrier: {
    what: 'who or what came before a thing stood there',
    arrival: (arrival) => ({ ...arrival, actors: [], vehiclesConsidered: 0 }),
  },
  arrival: {
    what: 'when and how a thing arrived, with its carrier',
    arrival: (arrival) => ({ ...arrival, arrivedMs: null, stepMs: null, actors: [], vehiclesConsidered: 0 }),
  },
  looks: {
    what: 'looks of the network at the place after the arrival',
    arrival: (arrival) => ({ ...arrival, looks: [] }),
  },
  'flame-colour': {
    what: 'flame colour of the screen',
    plume: (plume) => ({ ...plume, kind: 'plume' }),
  },
  'plume-colour': {
    what: 'colour of a plume (grey instead)',
    plume: (plume) => ({ ...plume, colour: 'grey' }),
    burst: (burst) => ({ ...burst, colour: 'grey' }),
  },
  flicker: { what: 'flicker of a burst', burst: (burst) => ({ ...burst, flickerHz: 0, flameCells: 0 }) },
  'flame-score': {
    what: 'flame of the plume classifier',
    burst: (burst) => ({ ...burst, scores: { ...burst.scores, flame: 0 } }),
  },
  'steam-score': {
    what: 'steam of the plume classifier',
    burst: (burst) => ({ ...burst, scores: { ...burst.scores, steam: 0 } }),
  },
  anchor: { what: 'that a plume has a fixed source', burst: (burst) => ({ ...burst, anchored: true }) },
  global: { what: 'how much of the whole picture changed alike', burst: (burst) => ({ ...burst, globalRatio: 0 }) },
  opacity: {
    what: 'opacity of a plume',
    plume: ({ opacity: _opacity, ...plume }) => plume,
    burst: ({ opacity: _opacity, ...burst }) => burst,
  },
  motion: {
    what: 'growth and drift of a plume',
    plume: (plume) => ({ ...plume, growth: 0, driftX: 0, driftY: 0 }),
    burst: (burst) => ({ ...burst, growth: 0, driftX: 0, driftY: 0 }),
  },
}

/** @throws KerbError `CUE_UNKNOWN` */
export function findCues(names: readonly string[]): Cue[] {
  return names.map((name) => {
    const cue = Object.hasOwn(cues, name) ? cues[name] : undefined
    if (cue === undefined)
      throw new KerbError('CUE_UNKNOWN', `no cue is called ${name}: eval --without list names them`)
    return cue
  })
}

/** Facts of a watch frame without the cues. */
export function factsWithout(facts: Facts, left: readonly Cue[]): Facts {
  return left.reduce<Facts>((now, cue) => {
    const classes = cue.classes ?? ((scores: ClassScores) => scores)
    const still = cue.still ?? ((thing: SeenStatic) => thing)
    return {
      ...(cue.frame?.(now) ?? now),
      objects: cue.objects ? now.objects.filter(cue.objects) : now.objects,
      statics: now.statics.map((thing) => still({ ...thing, classScores: classes(thing.classScores) })),
      plumes: cue.plume ? now.plumes.map(cue.plume) : now.plumes,
    }
  }, facts)
}

/** The answer of a look back without the cues. */
export function answerWithout(answer: LookBackFacts, left: readonly Cue[]): LookBackFacts {
  return left.reduce<LookBackFacts>((now, cue) => {
    if (now.kind === 'burst') {
      const seen = cue.objects ? { ...now, objects: now.objects.filter(cue.objects) } : now
      return cue.burst ? cue.burst(seen) : seen
    }
    const { classes, objects } = cue
    const looked = classes ? { ...now, looks: now.looks.map((look) => ({ ...look, scores: classes(look.scores) })) } : now // prettier-ignore
    const met = objects ? { ...looked, actors: looked.actors.filter((actor) => objects(actor)) } : looked
    return cue.arrival ? cue.arrival(met) : met
  }, answer)
}

/** The same eyes, but what they say goes through the switches first. Without a cue to leave out it is `vision` itself. */
export function visionWithout(vision: Vision, left: readonly Cue[]): Vision {
  if (left.length === 0) return vision
  return {
    digests: vision.digests,
    configure: (camera, setup) => vision.configure(camera, setup),
    async watch(frame, protect) {
      const facts = await vision.watch(frame, protect)
      return facts && factsWithout(facts, left)
    },
    async lookBack(question, frames, signal) {
      return answerWithout(await vision.lookBack(question, frames, signal), left)
    },
    gap: (camera) => {
      vision.gap(camera)
    },
    belongsHere: (camera, box) => {
      vision.belongsHere(camera, box)
    },
    snapshot: (camera) => vision.snapshot(camera),
    restore: (camera, bytes) => vision.restore(camera, bytes),
    close: () => vision.close(),
  }
}
