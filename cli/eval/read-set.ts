import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'
import type { Box } from '../../contracts/base/index.js'
import { coverOf, grownBy, unionOf } from '../../contracts/geometry.js'
import type { Cause } from '../../contracts/terms.js'
import { parseTruth } from '../../contracts/truth.js'
import type { Truth, TruthEvent } from '../../contracts/truth.js'

export interface EvalClip {
  readonly name: string
  /** Path of the video. */
  readonly file: string
  readonly truth: Truth
}

/**
 * Every clip of a folder that has truth beside it, by name. `NAME.truth.json` (DESIGN.md §7) wins over the plain list of seen
 * things `NAME.json` that shared sets carry. @throws KerbError `SET_EMPTY`, `TRUTH_MALFORMED`, `CLIP_MISSING`
 */
export async function readSet(folder: string, only: readonly string[]): Promise<EvalClip[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new KerbError(
      'SET_EMPTY',
      `cannot read the folder ${folder}: give a folder of clips with truth files`,
      { folder },
      { cause },
    )
  })
  const stems = new Set(names.filter((name) => name.endsWith('.mp4')).map((name) => name.slice(0, -4)))
  for (const name of names) if (name.endsWith('.truth.json')) stems.add(name.slice(0, -'.truth.json'.length))
  const wanted = [...stems]
    .filter((stem) => only.length === 0 || only.includes(stem) || only.includes(`${stem}.mp4`))
    .sort()
  const clips: EvalClip[] = []
  for (const stem of wanted) {
    const file = names.includes(`${stem}.truth.json`) ? `${stem}.truth.json` : `${stem}.json`
    if (!names.includes(file)) continue
    const value = await readJson(join(folder, file))
    const truth = file.endsWith('.truth.json') ? parseTruth(value, file) : truthFromSeen(value, file)
    const video = join(folder, truth.clip)
    if (!(await stat(video).catch(() => null))?.isFile()) throw new KerbError('CLIP_MISSING', `${file} names ${truth.clip}, which is not beside it`, { video }) // prettier-ignore
    clips.push({ name: stem, file: video, truth })
  }
  const unknown = only.filter((name) => !clips.some((clip) => clip.name === name || `${clip.name}.mp4` === name))
  if (unknown.length > 0 || clips.length === 0)
    throw new KerbError('SET_EMPTY', unknown.length > 0 ? `no clip with truth is called ${unknown.join(', ')} in ${folder}` : `no clip with a truth file in ${folder}`, { folder }) // prettier-ignore
  return clips
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new KerbError('TRUTH_MALFORMED', `${path} is not JSON: ${(cause as Error).message}`, { path }, { cause })
  }
}

const share = z.number().min(-0.01).max(1.01)
const seenSchema = z.looseObject({
  file: z.string().regex(/^[^/\\]+$/),
  licence: z.string().default('none stated'),
  description: z.string().optional(),
  events: z.array(
    z.looseObject({
      cls: z.string(),
      start_s: z.number(),
      end_s: z.number(),
      box: z.tuple([share, share, share, share]),
      note: z.string().optional(),
    }),
  ),
})

/** What a seen thing may be as an act; anything else says nothing about acts. */
const causesOfClass: Readonly<Record<string, readonly Cause[]>> = {
  flame: ['grilling'],
  smoke: ['grilling', 'dust'],
  dust: ['dust'],
  debris: ['spillage', 'vending'],
  vendor_stall: ['vending'],
}
/** Clips of seconds: dwell times that an act of a few seconds can fill. */
const shortDwell = {
  vending: { dwell_s: 15 },
  grilling: { dwell_s: 3 },
  spillage: { dwell_s: 5 },
  dust: { dwell_s: 3 },
}

/**
 * The other truth form: classes of things with corners (x1, y1, x2, y2) and times, no zones. Things of one fire are one act. What is
 * marked as hardly visible, or is shorter than the dwell that would have to be filled, is optional.
 */
export function truthFromSeen(value: unknown, file: string): Truth {
  const parsed = seenSchema.safeParse(value)
  if (!parsed.success) throw new KerbError('TRUTH_MALFORMED', `${file} is neither a truth file nor a list of seen things`, { issues: parsed.error.issues }) // prettier-ignore
  const seen = parsed.data
  const events = seen.events.flatMap(({ cls, start_s: from, end_s: to, box: [x1, y1, x2, y2], note }): TruthEvent[] => {
    const mayBe = causesOfClass[cls]
    if (mayBe === undefined) return []
    const clamp = (part: number): number => Math.min(1, Math.max(0, part))
    const box: Box = [clamp(x1), clamp(y1), clamp(x2) - clamp(x1), clamp(y2) - clamp(y1)]
    const tooShort = mayBe.every((cause) => to - from < shortDwell[cause].dwell_s)
    return [{ cause: [...mayBe], from_s: Math.max(0, from), to_s: to, box, optional: tooShort || note !== undefined }]
  })
  return {
    clip: seen.file,
    origin: 'real',
    licence: seen.licence,
    conditions: seen.description === undefined ? [] : [seen.description],
    camera: { tz: 'Asia/Shanghai', starts_at: '2026-03-02T10:00:00+08:00', ground_plane: null },
    zones: [],
    rules: shortDwell,
    events: joined(events),
  }
}

/** Flame and smoke that touch and last together are one act: any of its causes counts, and it is optional only if all of it is. */
function joined(events: readonly TruthEvent[]): TruthEvent[] {
  const acts: TruthEvent[] = []
  for (const event of events) {
    const index = acts.findIndex((act) => isOneAct(act, event))
    const act = acts[index]
    if (act === undefined) acts.push(event)
    else
      acts[index] = {
        cause: [...new Set([...act.cause, ...event.cause])],
        from_s: Math.min(act.from_s, event.from_s),
        to_s: Math.max(act.to_s, event.to_s),
        box: unionOf(act.box, event.box),
        optional: act.optional && event.optional,
      }
  }
  return acts
}

function isOneAct(a: TruthEvent, b: TruthEvent): boolean {
  const common = Math.min(a.to_s, b.to_s) - Math.max(a.from_s, b.from_s)
  const together = common >= 0.5 * Math.min(a.to_s - a.from_s, b.to_s - b.from_s)
  return together && a.cause.some((cause) => b.cause.includes(cause)) && coverOf(b.box, grownBy(a.box, 0.02, 0.02)) > 0
}
