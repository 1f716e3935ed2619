/** A contact sheet of a clip with its truth drawn: `node --import tsx models/synth/sheet.ts CLIP.mp4 [--out sheet.png] [--frames 12]`. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

interface Truth {
  readonly zones: readonly { readonly kind: string; readonly polygon: readonly (readonly [number, number])[] }[]
  readonly events: readonly {
    readonly cause: string | readonly string[]
    readonly box: readonly [number, number, number, number]
    readonly from_s: number
  }[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'sheet.png' },
    frames: { type: 'string', default: '12' },
    width: { type: 'string', default: '640' },
  },
})
const clip = positionals[0]
if (clip === undefined) throw new Error('name a clip')
const truthPath = clip.replace(/\.mp4$/, '.truth.json')
const truth: Truth = existsSync(truthPath)
  ? (JSON.parse(readFileSync(truthPath, 'utf8')) as Truth)
  : { zones: [], events: [] }
const probe = spawnSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', clip], {
  encoding: 'utf8',
})
const step = Number(probe.stdout) / Number(values.frames)

const boxes = truth.events.map(
  ({ box: [x, y, w, h], from_s }) =>
    `drawbox=x=iw*${x}:y=ih*${y}:w=iw*${w}:h=ih*${h}:color=red:t=2:enable='gte(t,${from_s})'`,
)
// Corners of the zones as small squares: enough to see whether they lie on the kerb.
const corners = truth.zones.flatMap(({ polygon }) =>
  polygon.map(([x, y]) => `drawbox=x=iw*${x}-3:y=ih*${y}-3:w=7:h=7:color=yellow:t=fill`),
)
const filters = [
  ...boxes,
  ...corners,
  `fps=1/${step}`,
  `scale=${values.width}:-2`,
  `tile=3x${Math.ceil(Number(values.frames) / 3)}`,
]
const made = spawnSync(
  'ffmpeg',
  ['-v', 'error', '-y', '-i', clip, '-vf', filters.join(','), '-frames:v', '1', values.out],
  { stdio: 'inherit' },
)
process.exitCode = made.status ?? 1
