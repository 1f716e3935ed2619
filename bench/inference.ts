import type { Clock } from '../contracts/base/index.js'
import { openObjectModel } from '../edge/vision/objects/index.js'
import type { Picture } from '../edge/vision/types.js'

export interface BenchInferenceOptions {
  /** Folder of an objects model: `models/objects-v1`. */
  readonly modelFolder: string
  /** Pairs of one pipeline look and one bare run that are measured; a fifth as many come before, unmeasured. */
  readonly pairs: number
  readonly clock: Clock
  /** What is looked at; a seeded 640x360 picture when absent. */
  readonly picture?: Picture
}

export interface BenchInferenceReport {
  /** Whole 640x360 looks a second: resize, network, decoding, suppression. From the median look. */
  readonly pipeline_fps: number
  /** Runs a second of the same session in a bare loop, in turn with the looks. From the median run. */
  readonly bare_fps: number
  /** Median over the pairs of bare time / look time, so that other work on the machine meets both sides alike. */
  readonly ratio: number
  readonly pairs: number
  readonly pipeline_ms: number
  readonly bare_ms: number
  readonly model: { readonly name: string; readonly sha256: string }
}

/** Detector throughput of the pipeline against the same session run bare, interleaved in one run. */
export async function benchInference(options: BenchInferenceOptions): Promise<BenchInferenceReport> {
  const { clock, pairs } = options
  const model = await openObjectModel(options.modelFolder)
  const picture = options.picture ?? seededPicture(640, 360)
  const looks: number[] = []
  const runs: number[] = []
  try {
    for (let k = -Math.ceil(pairs / 5); k < pairs; k += 1) {
      // each side goes first in turn: whoever comes second finds the network's weights warm in the cache
      const first = k % 2 === 0 ? await timed(clock, () => model.detect(picture, null)) : null
      const bare = await timed(clock, () => model.runBare())
      const look = first ?? (await timed(clock, () => model.detect(picture, null)))
      if (k < 0) continue
      looks.push(look)
      runs.push(bare)
    }
  } finally {
    await model.close()
  }
  return {
    pipeline_fps: 1000 / median(looks),
    bare_fps: 1000 / median(runs),
    ratio: median(looks.map((ms, k) => (runs[k] ?? 0) / ms)),
    pairs,
    pipeline_ms: median(looks),
    bare_ms: median(runs),
    model: { name: model.name, sha256: model.sha256 },
  }
}

async function timed(clock: Clock, work: () => Promise<unknown>): Promise<number> {
  const started = clock.monoMs()
  await work()
  return clock.monoMs() - started
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Soft slopes with grain: compresses like nothing, but costs what any picture costs. */
function seededPicture(widthPx: number, heightPx: number): Picture {
  const rgb = new Uint8Array(widthPx * heightPx * 3)
  let state = 1
  for (let k = 0; k < rgb.length; k += 1) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    rgb[k] = 90 + ((k / 3 / widthPx / 8) | 0) + ((state >>> 16) & 15)
  }
  return { rgb, widthPx, heightPx }
}
