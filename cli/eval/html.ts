import type { Box } from '../../contracts/base/index.js'
import type { EvalReport } from './report.js'

/** A JPEG of a clip at a second, or null when there is none. */
export type PictureAt = (clip: string, second: number) => Promise<Uint8Array | null>

/** Pictures in one report at most: a bad run must not make a file that nobody can open. */
const pictureCountMax = 200

/** One self-contained page: the table, and a picture of every miss and every false alarm with its box drawn over it. */
export async function htmlOf(report: EvalReport, table: string, pictureAt: PictureAt): Promise<string> {
  const figures: string[] = []
  for (const { clip, missed, false_alarms: falseAlarms } of report.clips) {
    for (const row of missed) figures.push(await figureOf(clip, row, 'missed', (Number(row['from_s']) + Number(row['to_s'])) / 2, pictureAt, figures.length))
    for (const row of falseAlarms) figures.push(await figureOf(clip, row, 'false alarm', Number(row['confirmed_s']), pictureAt, figures.length))
  } // prettier-ignore
  const models = Object.entries(report.models).map(
    ([role, sha256]) => `<li>${escaped(role)} <code>${escaped(sha256)}</code></li>`,
  )
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>kerbwatch eval</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 80rem; color: #222 }
pre { overflow-x: auto; background: #f4f4f4; padding: 1rem }
figure { display: inline-block; margin: 0 1rem 1rem 0; width: 30rem; vertical-align: top }
.picture { position: relative; background: #ddd; min-height: 4rem }
.picture img { display: block; width: 100% }
.picture svg { position: absolute; inset: 0; width: 100%; height: 100% }
rect { fill: none; stroke-width: 3; vector-effect: non-scaling-stroke }
.missed { stroke: #0a7; stroke-dasharray: 8 5 } .false { stroke: #d22 }
</style>
<h1>kerbwatch eval</h1>
<pre>${escaped(table)}</pre>
<h2>Misses (dashed) and false alarms (solid)</h2>
${figures.length === 0 ? '<p>None.</p>' : figures.join('\n')}
<h2>Models</h2><ul>${models.join('')}</ul>
</html>
`
}

async function figureOf(clip: string, row: Readonly<Record<string, unknown>>, what: string, second: number, pictureAt: PictureAt, drawn: number): Promise<string> {
  const jpeg = drawn < pictureCountMax ? await pictureAt(clip, second) : null
  const [x, y, w, h] = row['box'] as Box
  const image = jpeg ? `<img alt="${escaped(clip)} at ${second.toFixed(1)} s" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}">` : '<p>no picture</p>'
  const box = `<svg viewBox="0 0 1 1" preserveAspectRatio="none"><rect class="${what === 'missed' ? 'missed' : 'false'}" x="${x}" y="${y}" width="${w}" height="${h}"/></svg>`
  const reasons = Array.isArray(row['reasons']) ? `: ${row['reasons'].join(', ')}` : ''
  return `<figure><div class="picture">${image}${box}</div><figcaption><b>${what}</b> ${escaped(clip)}, ${escaped(String(row['cause']))} at ${second.toFixed(1)} s${escaped(reasons)}</figcaption></figure>`
} // prettier-ignore

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}
