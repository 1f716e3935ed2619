import type { Box } from '../../contracts/base/index.js'
import { grownBy } from '../../contracts/geometry.js'
import { both, causeName, escaped, say } from './html-parts.js'
import { texts } from './texts.js'
import type { EvalReport } from './report.js'

/** A JPEG of a clip at a second, or of a part of its picture; null when there is none. */
export type PictureAt = (clip: string, second: number, part: Box | null) => Promise<Uint8Array | null>
type ClipRow = EvalReport['clips'][number]
export type Row = Readonly<Record<string, unknown>>

/** Something to look at: a row of a clip at a second, and what it is called. */
export interface Sight {
  readonly clip: Pick<ClipRow, 'clip' | 'truth' | 'found' | 'false_alarms'>
  readonly row: Row
  readonly kind: 'missed' | 'false_alarm'
  /** Said before the clip's name instead of "missed" or "false alarm". */
  readonly tag?: string
}

/** Pictures in one report at most: a bad run must not make a file that nobody can open. */
export const pictureCountMax = 150

/** Things smaller than this share of the picture's width are shown a second time, closer. */
const smallBelow = 0.18

/** Every miss and every false alarm, in the order of the clips. */
export function sightsOf(clips: EvalReport['clips']): Sight[] {
  return clips.flatMap((clip) => [
    ...clip.missed.map((row): Sight => ({ clip, row, kind: 'missed' })),
    ...clip.false_alarms.map((row): Sight => ({ clip, row, kind: 'false_alarm' })),
  ])
}

/** The pictures with their boxes. Beyond the bound things are listed without a picture, and that is said. */
export async function figuresOf(sights: readonly Sight[], pictureAt: PictureAt): Promise<string> {
  const figures: string[] = []
  for (const [index, sight] of sights.entries())
    figures.push(await figureOf(sight, index < pictureCountMax ? pictureAt : () => Promise.resolve(null)))
  const left = sights.length - pictureCountMax
  const note = left > 0 ? `<p class="warn">${say('left')}${left}</p>` : ''
  return `${note}<div class="figures">\n${figures.join('\n')}\n</div>`
}

/** A miss is looked at in its middle, an alarm when it was confirmed. */
export function secondOf({ row, kind }: Pick<Sight, 'row' | 'kind'>): number {
  return kind === 'missed' ? (Number(row['from_s']) + Number(row['to_s'])) / 2 : Number(row['confirmed_s'])
}

async function figureOf(sight: Sight, pictureAt: PictureAt): Promise<string> {
  const { clip, row } = sight
  const second = secondOf(sight)
  const box = row['box'] as Box
  const drawn = boxesOf(sight, second)
  const whole = pictureHtml(await pictureAt(clip.clip, second, null), clip.clip, second, drawn, null)
  const part = Math.max(box[2], box[3]) < smallBelow ? partAround(box) : null
  const jpeg = part && (await pictureAt(clip.clip, second, part))
  return `<figure>${whole}${jpeg ? pictureHtml(jpeg, clip.clip, second, drawn, part) : ''}<figcaption>${captionOf(sight, second)}</figcaption></figure>` // prettier-ignore
}

/** Twice its size around a thing, never less than an eighth of the picture. */
function partAround(box: Box): Box {
  const reach = Math.max(box[2], box[3], 0.0625)
  const [cx, cy] = [box[0] + box[2] / 2, box[1] + box[3] / 2]
  return grownBy([cx, cy, 0, 0], reach, reach)
}

interface Drawn {
  readonly box: Box
  readonly kind: 'truth' | 'alarm' | 'found' | 'open'
}

/** The box itself, and what else was true, told or suspected there and then: often the reason is in the picture. */
function boxesOf({ clip, row, kind }: Sight, second: number): Drawn[] {
  const near = (from: unknown, to: unknown): boolean => second >= Number(from) - 1 && second <= Number(to) + 1
  const own: Drawn = { box: row['box'] as Box, kind: kind === 'missed' ? 'truth' : 'alarm' }
  const at = (rows: readonly Row[], as: Drawn['kind'], from: string, to: string): Drawn[] =>
    rows.filter((each) => each !== row && near(each[from], each[to])).map((each) => ({ box: each['box'] as Box, kind: as })) // prettier-ignore
  const isOwn = ({ box }: Drawn): boolean => kind === 'missed' && String(box) === String(own.box)
  return [
    ...at(clip.truth, 'truth', 'from_s', 'to_s').filter((drawn) => !isOwn(drawn)),
    ...at(clip.found, 'found', 'first_s', 'last_s'),
    ...at(clip.false_alarms, 'alarm', 'first_s', 'last_s'),
    ...at(suspectedOf(row), 'open', 'first_s', 'last_s'),
    own,
  ]
}

function suspectedOf(row: Row): readonly Row[] {
  return (row['suspected'] as readonly Row[] | undefined) ?? []
}

const namesOfBox = {
  truth: texts.truth,
  alarm: texts.falseAlarm,
  found: texts.found,
  open: texts.suspected,
}

function pictureHtml(
  jpeg: Uint8Array | null,
  clip: string,
  second: number,
  drawn: readonly Drawn[],
  part: Box | null,
): string {
  if (jpeg === null) return `<div class="picture"><p>${say('noPicture')}</p></div>`
  const alt = escaped(`${clip}, ${second.toFixed(1)} s`)
  const image = `<img alt="${alt}" decoding="async" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">`
  const boxes = drawn.map((each) => boxHtml({ ...each, box: part ? seenIn(each.box, part) : each.box })).join('')
  const note = part ? `<small>${say('closer')}</small>` : ''
  return `<div class="picture${part ? ' closer' : ''}">${image}${boxes}${note}</div>`
}

function boxHtml({ box: [x, y, w, h], kind }: Drawn): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`
  const place = `left:${percent(x)};top:${percent(y)};width:${percent(w)};height:${percent(h)}`
  // A name above the box would lie outside the picture near its upper edge, and right of it near its right edge.
  const side = `${y < 0.07 ? ' low' : ''}${x > 0.7 ? ' right' : ''}`
  return `<div class="box ${kind}${side}" style="${place}"><b>${both(namesOfBox[kind])}</b></div>`
}

function seenIn([x, y, w, h]: Box, [px, py, pw, ph]: Box): Box {
  return [(x - px) / pw, (y - py) / ph, w / pw, h / ph]
}

function captionOf({ clip, row, kind, tag }: Sight, second: number): string {
  const name = tag ?? `<span class="tag ${kind === 'missed' ? 'truth' : 'alarm'}">${say(kind === 'missed' ? 'missed' : 'falseAlarm')}</span>` // prettier-ignore
  const head = `${name} <b>${escaped(clip.clip)}</b> · ${causeName(row['cause'])} · ${second.toFixed(1)} s`
  const reasons = Array.isArray(row['reasons']) ? reasonsOf(row['reasons']) : ''
  if (kind === 'false_alarm') return `${head}${reasons ? `<br>${reasons}` : ''}`
  if (!('suspected' in row)) return head
  const suspected = suspectedOf(row).map((each) => `${causeName(each['cause'])} ${Number(each['first_s']).toFixed(0)}–${Number(each['last_s']).toFixed(0)} s <code>${escaped(String(each['state']))}</code> ${reasonsOf(each['reasons'])}`) // prettier-ignore
  return `${head}<br><span class="dim">${suspected.length === 0 ? say('nothingSuspected') : `${say('suspectedAs')}${suspected.join('; ')}`}</span>` // prettier-ignore
}

function reasonsOf(reasons: unknown): string {
  return Array.isArray(reasons) ? reasons.map((reason) => `<code>${escaped(String(reason))}</code>`).join(' ') : ''
}
