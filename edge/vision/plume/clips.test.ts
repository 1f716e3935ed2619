import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { z } from 'zod'
import type { Box, CameraId, EpochMs } from '../../../contracts/base/index.js'
import type { BurstFacts, PlumeClassifier, SeenPlume } from '../types.js'
import { burstLookBack } from './burst.js'
import { openPlumeClassifier } from './classifier.js'
import { normalise } from './normalise.js'
import { fires } from './places.js'
import type { Planes } from './planes.js'
import { median, planesOfRgb } from './planes.js'
import { screenPlumes } from './screen.js'
import type { BurstFrame, PlumeScreenState } from './types.js'

// Goal: figures on pictures nobody drew, for the model card. Method: key frame a second, screen, bursts at the strongest proposals; B is the middle of
// the clip outside its events where there is room, else of the whole clip (then part of the plume is in B). Measures; asserts only what must never break.
t.setTimeout(3_600_000)
const fps = 10
const truthForm = z.object({
  clip: z.string(),
  events: z.array(
    z.object({ cause: z.union([z.string(), z.array(z.string())]), from_s: z.number(), to_s: z.number() }),
  ),
})

interface Clip {
  readonly name: string
  readonly positive: boolean
  readonly cleanBackground: boolean
  readonly widthPx: number
  readonly heightPx: number
  readonly frames: readonly Uint8Array[]
  readonly background: Planes
}

function openClip(folder: string, truthFile: string): Clip {
  const truth = truthForm.parse(JSON.parse(readFileSync(`${folder}/${truthFile}`, 'utf8')))
  const path = `${folder}/${truth.clip}`
  const size = spawnSync('ffprobe', [
    '-v',
    'error',
    '-select_streams',
    'v',
    '-show_entries',
    'stream=width,height',
    '-of',
    'csv=p=0',
    path,
  ])
  const [w = 0, h = 0] = size.stdout.toString().trim().split(',').map(Number)
  const scale = Math.min(1, 640 / Math.max(w, h))
  const [widthPx, heightPx] = [Math.round((w * scale) / 2) * 2, Math.round((h * scale) / 2) * 2]
  const filter = `fps=${fps},scale=${widthPx}:${heightPx}:flags=area`
  const raw = spawnSync(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-vf', filter, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    { maxBuffer: 2 ** 31 },
  ).stdout
  const bytes = widthPx * heightPx * 3
  const frames = Array.from(
    { length: Math.floor(raw.length / bytes) },
    (_, i) => new Uint8Array(raw.buffer, raw.byteOffset + i * bytes, bytes),
  )
  const acts = truth.events.filter((e) => [e.cause].flat().some((c) => c === 'grilling' || c === 'dust'))
  const quiet = frames.filter((_, i) => acts.every((e) => i / fps < e.from_s - 0.5 || i / fps > e.to_s + 2))
  const cleanBackground = acts.length === 0 || quiet.length >= 20
  const pool = cleanBackground ? quiet : frames
  const picked = pool
    .filter((_, k) => k % Math.max(1, Math.floor(pool.length / 41)) === 0)
    .map((rgb) => planesOfRgb(rgb, widthPx, heightPx, widthPx, heightPx))
  return {
    name: truth.clip,
    positive: acts.length > 0,
    cleanBackground,
    widthPx,
    heightPx,
    frames,
    background: middleOf(picked),
  }
}

function middleOf(all: readonly Planes[]): Planes {
  const [first] = all
  if (first === undefined) throw new RangeError('no pictures')
  const middle = (pick: (p: Planes) => Float32Array): Float32Array => {
    const values = new Float32Array(all.length)
    return pick(first).map((_, i) => {
      all.forEach((p, k) => {
        values[k] = pick(p)[i] ?? 0
      })
      return median(values)
    })
  }
  return { ...first, y: middle((p) => p.y), u: middle((p) => p.u), v: middle((p) => p.v) }
}

interface Proposal {
  readonly atS: number
  readonly plume: SeenPlume
}

function proposalsOf({ frames, background, widthPx, heightPx }: Clip): {
  readonly looks: number
  readonly hit: number
  readonly strongest: Proposal[]
} {
  let state: PlumeScreenState | null = null
  const all: Proposal[] = []
  let [looks, hit] = [0, 0]
  for (let i = 0; i < frames.length; i += fps) {
    const { y, u, v } = planesOfRgb(frames[i] ?? new Uint8Array(0), widthPx, heightPx, widthPx, heightPx)
    normalise({ ...background, y, u, v }, background, [0, 0, 0, 0], null)
    const seen = screenPlumes(
      { background, y, u, v, isUsable: () => true, objects: [], dtMs: 1000, geometry: null },
      state,
    )
    state = seen.state
    looks += 1
    hit += seen.plumes.length > 0 ? 1 : 0
    all.push(...seen.plumes.map((plume) => ({ atS: i / fps, plume })))
  }
  const strongest: Proposal[] = []
  for (const p of all.sort((a, b) => b.plume.strength - a.plume.strength))
    if (
      strongest.length < 4 &&
      !strongest.some(
        (q) =>
          Math.abs(q.atS - p.atS) < 4 &&
          Math.hypot(q.plume.box[0] - p.plume.box[0], q.plume.box[1] - p.plume.box[1]) < 0.15,
      )
    )
      strongest.push(p)
  return { looks, hit, strongest }
}

async function* cut({ frames, widthPx, heightPx }: Clip, fromS: number): AsyncGenerator<BurstFrame> {
  const first = Math.max(0, Math.min(frames.length - 5 * fps, Math.round(fromS * fps)))
  for (const [k, rgb] of frames.slice(first, first + 5 * fps).entries())
    yield { wallMs: 1e12 + ((first + k) * 1000) / fps, widthPx, heightPx, rgb }
}

function lookBack(clip: Clip, box: Box, fromS: number, classifier: PlumeClassifier): Promise<BurstFacts> {
  return burstLookBack({
    question: {
      kind: 'burst',
      camera: 'clip' as CameraId,
      box,
      region: null,
      sinceMs: 1e12 as EpochMs,
      dueMs: 1e12 as EpochMs,
    },
    frames: cut(clip, fromS),
    background: clip.background,
    ageOk: null,
    ignore: null,
    objects: [],
    detector: null,
    classifier,
    geometry: null,
    signal: new AbortController().signal,
  })
}

const folders = ['../../../test-videos', '../../../../shared/data/clips'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

for (const folder of folders)
  t.test(
    `bursts over the clips in ${folder}`,
    {
      timeout: 3_600_000,
      skip:
        process.env['KW_SLOW'] === undefined ? 'KW_SLOW is not set' : !existsSync(folder) && `${folder} is not here`,
    },
    async (t) => {
      const classifier = await openPlumeClassifier(fileURLToPath(new URL('../../../models/plume-v1', import.meta.url)))
      for (const file of readdirSync(folder)
        .filter((name) => name.endsWith('.truth.json'))
        .sort()) {
        const clip = openClip(folder, file)
        const { looks, hit, strongest } = proposalsOf(clip)
        const scores: number[] = []
        for (const { atS, plume } of strongest) {
          const burst = await lookBack(clip, plume.box, atS - 2, classifier)
          const sum = Object.values(burst.scores).reduce((a, b) => a + b, 0)
          if (Math.abs(sum - 1) > 1e-3) t.fail(`${clip.name}: scores add up to ${sum}`)
          scores.push(fires(burst.scores))
        }
        const kind = clip.positive ? `positive${clip.cleanBackground ? '' : ', plume in B'}` : 'negative'
        t.comment(
          `${clip.name} (${kind}): ${hit} of ${looks} looks propose; bursts ${scores.map((s) => s.toFixed(2)).join(' ') || 'none'}`,
        )
        t.ok(looks > 0, clip.name)
      }
    },
  )
