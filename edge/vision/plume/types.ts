import type { Box } from '../../../contracts/base/index.js'
import type { Geometry } from '../geometry.js'
import type { Detection, LookBackQuestion, ObjectDetector, PlumeClassifier, SeenPlume } from '../types.js'

/**
 * The background of the static layer as the plume part reads it. Luminance 0..255 at full size, chroma at half size
 * (`chromaWidthPx = ceil(widthPx / 2)`, the same for the height; 128 is neutral). Row by row, read only, valid during the call.
 */
export interface BackgroundPlanes {
  readonly widthPx: number
  readonly heightPx: number
  readonly chromaWidthPx: number
  readonly chromaHeightPx: number
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
}

/** What the cheap screen of one watch frame gets. All planes have the size of `background`. */
export interface PlumeInput {
  readonly background: BackgroundPlanes
  /** The frame, registered on the background and photometrically mapped to it; smoothed 3x3. */
  readonly y: Float32Array
  readonly u: Float32Array
  readonly v: Float32Array
  /** Of a pixel of the full size: the background is old enough (8 s of support) and no `ignore` zone, burned-in text or sky is there. */
  readonly isUsable: (index: number) => boolean
  /** The most recent look of the network, boxes in 0..1 of the picture; may be empty. */
  readonly objects: readonly Detection[]
  /** Evidence time since the frame before; 0 after a gap. */
  readonly dtMs: number
  /** Sizes on the ground; null without calibration. Its functions take coordinates in 0..1 of the picture. */
  readonly geometry: Geometry | null
}

/** What is kept of one camera between frames by the screen; opaque to everybody else, structured-clone safe (plain data and typed arrays). */
export type PlumeScreenState = object

/** `screenPlumes(input, state)`: at most 8 places, strongest first, and the state for the next frame. `state` is null at the start. */
export type ScreenPlumes = (
  input: PlumeInput,
  state: PlumeScreenState | null,
) => { readonly plumes: SeenPlume[]; readonly state: PlumeScreenState }

/** One picture of a burst. `rgb` is interleaved; the pictures of one burst all have the same size. */
export interface BurstFrame {
  readonly wallMs: number
  readonly widthPx: number
  readonly heightPx: number
  readonly rgb: Uint8Array
  /** The part of the camera's picture that it shows, 0..1; absent: what was asked for. */
  readonly shown?: Box
}

/** What a burst gets. Frames arrive in order of time and are dropped as soon as they have been read. */
export interface BurstInput {
  readonly question: LookBackQuestion
  readonly frames: AsyncIterable<BurstFrame>
  /** Background of the whole picture at the watch size; null when the layer has none yet. Frames show `question.region` of it. */
  readonly background: BackgroundPlanes | null
  /** 1 where the background is old enough; 1 where nothing may be looked at. At the size of `background`. */
  readonly ageOk: Uint8Array | null
  readonly ignore: Uint8Array | null
  readonly objects: readonly Detection[]
  readonly detector: ObjectDetector | null
  readonly classifier: PlumeClassifier | null
  readonly geometry: Geometry | null
  readonly signal: AbortSignal
}

/** A box in 0..1 of the frames of a burst, given one in 0..1 of the whole picture. */
export type RegionMap = (box: Box) => Box

// Exported by `plume/index.ts` as functions of these types:
//   screenPlumes: ScreenPlumes
//   burstLookBack(input: BurstInput): Promise<BurstFacts>
//   openPlumeClassifier(manifestDir: string): Promise<PlumeClassifier>
