import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KerbError } from '../../../contracts/base/index.js'
import type { Ffmpeg } from '../../../edge/capture/index.js'
import { findBackgrounds, openBackground, picturesPerS, sizeOf } from './background.js'
import type { Background, BackgroundFile } from './background.js'
import type { Picture } from './canvas.js'
import { diceOf } from './dice.js'
import { disturbanceOf } from './disturb.js'
import { writeFilm } from './film.js'
import { restoreNearer } from './foreground.js'
import { placeFor } from './place.js'
import { planSet, stories } from './plan.js'
import type { Plan } from './plan.js'
import { scaleOfMast, scaleOfPlane, spotAt } from './ground.js'
import type { Stage, Story } from './story.js'
import { lightAt } from './view.js'

export interface ComposeOptions {
  readonly backgrounds: string
  readonly out: string
  readonly seed: number
  readonly count: number
  /** Names of `stories`; empty: all in turn. */
  readonly only: readonly string[]
  /** Before the act. DETECTION.md §10.3 asks for 60 s. */
  readonly leadS: number
  readonly actS: number
  readonly widthPxMax: number
  readonly kbps: number
  /** For views without a calibration. */
  readonly horizon: number
  readonly cameraHeightM: number
  readonly ffmpeg: Ffmpeg
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Steady shift from which on a background is not fixed, pixels. */
const driftPxMax = 2

/**
 * Writes composites with their truth into `out`, twins without the act into `out/twins`, and `compose.json`, which says what was made of
 * what. @throws KerbError `BACKGROUNDS_EMPTY`, `OUT_NOT_EMPTY`, `STORY_UNKNOWN`, `BACKGROUND_UNREADABLE`, `CLIP_UNWRITABLE`
 */
export async function composeSet(options: ComposeOptions): Promise<void> {
  const unknown = options.only.filter((name) => !(name in stories))
  if (unknown.length > 0) throw new KerbError('STORY_UNKNOWN', `no story is called ${unknown.join(', ')}: there are ${Object.keys(stories).join(', ')}`) // prettier-ignore
  const { out, say } = options
  if ((await readdir(out).catch(() => [])).length > 0) throw new KerbError('OUT_NOT_EMPTY', `${out} is not empty: give a new folder, or clips of two sets are measured as one`) // prettier-ignore
  await mkdir(join(out, 'twins'), { recursive: true })
  const work = join(out, '.work')
  await mkdir(work, { recursive: true })
  try {
    const found = await findBackgrounds(options.backgrounds, (name, why) => {
      say(`${name} is left out: ${why}`)
    })
    const fixed = await fixedOnly(found, work, options)
    const plans = planSet(options.count, fixed.length, options.seed, options.only)
    const made: object[] = []
    for (const [index, file] of fixed.entries()) {
      const here = plans.filter(({ background }) => background === index)
      if (here.length === 0) continue
      await using background = await opened(file, work, options)
      for (const plan of here) {
        made.push(await composeOne(plan, background, options))
        say(`${made.length}/${plans.length} ${plan.name} on ${file.name}${plan.disturbances.length > 0 ? ` with ${plan.disturbances.join(', ')}` : ''}`) // prettier-ignore
      }
    }
    const { seed, count, leadS: lead_s, actS: act_s, kbps } = options
    await writeFile(join(out, 'compose.json'), `${JSON.stringify({ seed, count, lead_s, act_s, kbps, clips: made }, null, 1)}\n`) // prettier-ignore
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Leaves out what moves as a whole: things pasted in its pictures would move against its ground. */
async function fixedOnly(
  files: readonly BackgroundFile[],
  work: string,
  options: ComposeOptions,
): Promise<BackgroundFile[]> {
  // prettier-ignore
  const fixed: BackgroundFile[] = []
  for (const file of files) {
    await using background = await opened(file, work, options)
    const { driftPx } = background.view
    if (driftPx > driftPxMax) options.say(`${file.name} is left out: its view drifts by ${driftPx.toFixed(1)} px`)
    else fixed.push(file)
  }
  if (fixed.length === 0) throw new KerbError('BACKGROUNDS_EMPTY', `no background in ${options.backgrounds} stands still: use clips of a fixed camera, or stills`) // prettier-ignore
  return fixed
}

async function opened(
  file: BackgroundFile,
  work: string,
  options: ComposeOptions,
): Promise<Background & AsyncDisposable> {
  // prettier-ignore
  options.signal.throwIfAborted()
  const [widthPx, heightPx] = await sizeOf(options.ffmpeg.path, file.file)
  const scale = Math.min(1, options.widthPxMax / widthPx)
  const even = (px: number): number => 2 * Math.round((px * scale) / 2)
  const background = await openBackground(file, { ffmpegPath: options.ffmpeg.path, workFolder: work, sizePx: [even(widthPx), even(heightPx)] }) // prettier-ignore
  return { ...background, [Symbol.asyncDispose]: () => background.close() }
}

function stageOf(plan: Plan, { view, widthPx, heightPx, truth }: Background, options: ComposeOptions): Stage {
  const dice = diceOf(plan.seed)
  const scale =
    scaleOfPlane(truth?.camera.ground_plane ?? null, widthPx, heightPx) ??
    scaleOfMast(options.horizon, options.cameraHeightM)
  const place = placeFor(stories[plan.story]?.place ?? 'any', view, scale, dice)
  return {
    spot: spotAt(scale, place, widthPx, heightPx),
    widthPx,
    heightPx,
    light: lightAt(view.empty, widthPx, heightPx, place),
    dice: dice.named('story'),
    leadS: options.leadS,
    endS: options.leadS + options.actS,
  }
}

async function composeOne(plan: Plan, background: Background, options: ComposeOptions): Promise<object> {
  const stage = stageOf(plan, background, options)
  const kind = stories[plan.story]
  if (kind === undefined) throw new KerbError('STORY_UNKNOWN', `no story is called ${plan.story}`)
  const telling = { plan, background, stage, story: kind.tell(stage) }
  await writeClip(join(options.out, plan.name), { ...telling, acts: true }, options)
  if (kind.act !== null) await writeClip(join(options.out, 'twins', plan.name), { ...telling, acts: false }, options)
  const { name, sha256 } = background
  return { clip: plan.name, story: plan.story, act: kind.act, twin: kind.act !== null, background: name, background_sha256: sha256, disturbances: plan.disturbances } // prettier-ignore
}

/** One clip to write; the twin is the same without what happens. */
interface Telling {
  readonly plan: Plan
  readonly background: Background
  readonly stage: Stage
  readonly story: Story
  readonly acts: boolean
}

async function writeClip(path: string, telling: Telling, options: ComposeOptions): Promise<void> {
  const { widthPx, heightPx } = telling.background
  const film = { ffmpegPath: options.ffmpeg.path, file: `${path}.mp4`, kbps: options.kbps }
  await writeFilm(picturesOf(telling, options.signal), [widthPx, heightPx], film)
  await writeFile(`${path}.truth.json`, `${JSON.stringify(truthOf(telling), null, 1)}\n`)
}

/** Every picture of a composite, or of its twin: source, story, what is nearer, what spoils both. */
async function* picturesOf(
  { plan, background, stage, story, acts }: Telling,
  signal: AbortSignal,
): AsyncGenerator<Picture> {
  // prettier-ignore
  const dice = diceOf(`${plan.seed}/disturb`)
  const disturbances = plan.disturbances.map((name) => disturbanceOf(name, dice.named(name)))
  const start = dice.whole(50)
  for (let index = 0; index / picturesPerS < stage.endS; index++) {
    signal.throwIfAborted()
    const atS = index / picturesPerS
    const picture = await background.picture(start + index)
    const source = picture.rgb.slice()
    story.setting?.(picture)
    if (acts) story.draw(picture, atS)
    if (story.setting || (acts && atS >= stage.leadS))
      restoreNearer(picture, source, background.view.empty, stage.spot.yPx)
    for (const disturb of disturbances) disturb(picture, atS)
    yield picture
  }
}

/** Dwell times that an act of three quarters of a minute can fill, as in `test-videos`. */
const rules = { vending: { dwell_s: 15 }, grilling: { dwell_s: 12 }, spillage: { dwell_s: 8 }, dust: { dwell_s: 10 } }

function truthOf({ plan, background, story, acts }: Telling): object {
  const { name, truth } = background
  const conditions = [...(truth?.conditions ?? []), ...(acts ? story.conditions : []), ...plan.disturbances]
  return {
    clip: `${plan.name}.mp4`,
    origin: `composite over ${name}`,
    licence: truth?.licence ?? 'that of the background',
    conditions: ['composite', ...new Set(conditions)],
    camera: truth?.camera ?? { tz: 'Asia/Shanghai', starts_at: '2026-03-02T10:00:00+08:00', ground_plane: null },
    zones: [],
    rules,
    events: acts ? story.events : [],
  }
}
