import type { Box, CameraId, EpochMs } from '../../contracts/base/index.js'

/** Classes that rules read. A model may know fewer, or finer ones (car, truck, bus and van are all `vehicle`). */
export const objectClasses = [
  'person',
  'two_wheeler',
  'tricycle',
  'vehicle',
  'vendor_stall',
  'umbrella',
  'handcart',
  'grill',
  'goods',
  'debris',
] as const
export type ObjectClass = (typeof objectClasses)[number]
export type ClassScores = Partial<Record<ObjectClass, number>>

/** What a network says about one place of one picture. `box` is in 0..1 of the whole picture. */
export interface Detection {
  readonly box: Box
  readonly class: ObjectClass
  /** 0..1 */
  readonly score: number
}

/** Interleaved RGB. */
export interface Picture {
  readonly rgb: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

/** The role `objects`. One implementation per kind of model file; all of them sit behind this. */
export interface ObjectDetector {
  readonly name: string
  /** sha256 of the weights, hex. */
  readonly sha256: string
  readonly classes: readonly ObjectClass[]
  /** Looks at `region` (0..1 of the picture; the whole picture when null), scaled to the model's input, and gives boxes after non-maximum suppression in coordinates of the whole picture. */
  detect(picture: Picture, region: Box | null): Promise<Detection[]>
}

/** The role `plume`: what a burst around one place looks like. */
export interface PlumeClassifier {
  readonly name: string
  readonly sha256: string
  /** Shape of one sample as the manifest says; gives probabilities per class (none, smoke, dust, flame, steam). */
  classify(
    samples: readonly Float32Array[],
  ): Promise<Readonly<Record<'none' | 'smoke' | 'dust' | 'flame' | 'steam', number>>[]>
}

export interface SeenObject extends Detection {
  /** Stable over frames of this camera; null when not tracked yet. */
  readonly track: string | null
}

/** A new thing that stands still, verified as an object by the static layer. */
export interface SeenStatic {
  /** Stable while the layer holds it. */
  readonly id: string
  readonly box: Box
  /** Absent without calibration. */
  readonly areaM2?: number
  /** Share of the picture's area, 0..1. */
  readonly areaRatio: number
  readonly sinceMs: EpochMs
  /** Evidence time gathered for it, unseen time excluded. */
  readonly seenMs: number
  /** Part of `seenMs` with a person within 1.5 m (or one and a half box widths without calibration). */
  readonly attendedMs: number
  /** Share of the hour before `sinceMs` with a person in the same ring, 0..1. */
  readonly attendedBaseRatio: number
  /** Best score per class of network boxes that lie on it, smoothed over looks. */
  readonly classScores: ClassScores
  /** The background there is younger than 60 s: needs the network or the look back. */
  readonly provisional: boolean
  /** Mean new gradient inside the silhouette, grey levels a pixel: how clearly it is a textured thing. */
  readonly texture: number
  /** Median colour difference to the background, U plus V, grey levels: a shadow or a puddle has none. */
  readonly chroma: number
  /** Median luminance ratio to the background; near 0.5 with no texture may be a shadow. */
  readonly luminanceRatio: number
}

export interface Opacity {
  readonly percent: number
  readonly lowPercent: number
  readonly highPercent: number
}

/** A place that emits, as the cheap screen or a burst sees it. */
export interface SeenPlume {
  readonly box: Box
  readonly areaM2?: number
  readonly areaRatio: number
  readonly kind: 'plume' | 'flame'
  /** 0..1: how many of the screen's conditions hold, and how well. */
  readonly strength: number
  /** Absent where the background has too little contrast. */
  readonly opacity?: Opacity
  /** Growth of the area a second, share of itself. */
  readonly growth: number
  /** Movement of the centre, picture widths a second: right and down are positive. */
  readonly driftX: number
  readonly driftY: number
  readonly colour: 'dark' | 'grey' | 'white' | 'warm'
}

export interface ViewHealth {
  readonly moved: boolean
  readonly dark: boolean
  readonly blurred: boolean
  readonly covered: boolean
}

/** All that is known of one camera at one watch frame. */
export interface Facts {
  readonly camera: CameraId
  readonly wallMs: EpochMs
  /** Evidence time this frame stands for; 0 after a gap and for frames that were not usable. */
  readonly dtMs: number
  /** Nothing may be concluded from this frame: covered, blurred, dark, damaged. Unseen is a break, never presence. */
  readonly unseen: boolean
  /** Boxes of the most recent look of the network, at most a few frames old. */
  readonly objects: readonly SeenObject[]
  readonly objectsAtMs: EpochMs | null
  readonly statics: readonly SeenStatic[]
  /** Places where something that belonged to the background has gone. */
  readonly removed: readonly Box[]
  readonly plumes: readonly SeenPlume[]
  readonly view: ViewHealth
  readonly lighting: 'day' | 'night' | 'infrared'
}

/** What moved through or stopped at a place during a look back. */
export interface SeenActor {
  readonly class: ObjectClass
  readonly score: number
  readonly track: string
  readonly atMs: EpochMs
  readonly box: Box
  /** From last covering the place to the arrival there. */
  readonly gapMs: number
  /** Share of the place that its path swept, 0..1. */
  readonly overlap: number
  /** It came from outside the place. */
  readonly entered: boolean
  /** Share of the pictures in which it stood before most of the place and the place was hidden; 0 when there is no such picture. */
  readonly hid: number
  /** How far it went while it was seen, in its own widths or heights (the larger of the two counts). */
  readonly travel: number
  /** When it was first seen. */
  readonly sinceMs: EpochMs
  /** 0..1, DETECTION.md §4. */
  readonly rank: number
}

/** Answer to "how did this thing get here": DETECTION.md §3.7. */
export interface ArrivalFacts {
  readonly kind: 'arrival'
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly frames: number
  /** First frame from which the place looks as it does now; null when it cannot be told. */
  readonly arrivedMs: EpochMs | null
  /** Unoccluded time that the change took. */
  readonly stepMs: number | null
  /** Best rank first. */
  readonly actors: readonly SeenActor[]
  readonly vehiclesConsidered: number
  /** Scores of the network on the place after the arrival, one entry a look. */
  readonly looks: readonly { readonly atMs: EpochMs; readonly scores: ClassScores }[]
  readonly texture: number
}

/** Answer to "does it emit": DETECTION.md §5.2, 5.4, 5.5. */
export interface BurstFacts {
  readonly kind: 'burst'
  readonly fromMs: EpochMs
  readonly toMs: EpochMs
  readonly frames: number
  readonly box: Box
  /** Classifier, median over windows, best place inside the suspicion. Absent classifier: the hand-written decision as 0 or 1. */
  readonly scores: Readonly<Record<'none' | 'smoke' | 'dust' | 'flame' | 'steam', number>>
  readonly anchored: boolean
  readonly flickerHz: number
  readonly flameCells: number
  readonly opacity?: Opacity
  readonly growth: number
  readonly driftX: number
  readonly driftY: number
  readonly colour: SeenPlume['colour']
  /** Share of the picture's textured cells that changed alike: fog, exposure, rain. */
  readonly globalRatio: number
  readonly objects: readonly Detection[]
}

export type LookBackFacts = ArrivalFacts | BurstFacts

/** What a look back shall answer. `box` is the place in 0..1 of the whole picture; frames of the look back show `region`. */
export interface LookBackQuestion {
  readonly kind: 'arrival' | 'burst'
  readonly camera: CameraId
  readonly box: Box
  readonly region: Box | null
  readonly sinceMs: EpochMs
  /** When the answer is wanted: the most urgent look back goes first. */
  readonly dueMs: EpochMs
}
