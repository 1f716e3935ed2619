/**
 * Developer's tool: what vision finds in a clip, second by second, with annotated pictures to look at.
 *   node --import tsx scripts/statics.ts --clip FILE [--interval-s 1] [--dwell-s 16] [--out DIR] [--every 5] [--model DIR] [--quiet]
 * Red outlines are statics, yellow ones suppressed things, cyan boxes objects, magenta boxes plumes, blue is ignored.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import type { Box, CameraId, EpochMs } from '../contracts/base/index.js'
import { CameraVision } from '../edge/vision/camera-vision.js'
import { openObjectDetector } from '../edge/vision/objects/index.js'
import { ScratchPool } from '../edge/vision/static/scratch.js'
import type { Facts } from '../edge/vision/types.js'

const { values } = parseArgs({
  options: {
    clip: { type: 'string' },
    'interval-s': { type: 'string', default: '1' },
    'dwell-s': { type: 'string', default: '16' },
    width: { type: 'string', default: '640' },
    out: { type: 'string' },
    every: { type: 'string', default: '5' },
    model: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
})

interface Raster {
  readonly rgb: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
}

async function sizeOf(clip: string): Promise<{ widthPx: number; heightPx: number }> {
  const entries = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-show_entries',
    'stream=width,height',
    '-of',
    'csv=p=0',
    clip,
  ]
  const { stdout } = await promisify(execFile)('ffprobe', entries)
  const [w = 0, h = 0] = stdout.trim().split(',').map(Number)
  const scale = Math.min(1, Number(values.width) / w)
  return { widthPx: 2 * Math.round((w * scale) / 2), heightPx: 2 * Math.round((h * scale) / 2) }
}

async function* framesOf(
  clip: string,
  size: { widthPx: number; heightPx: number },
  intervalS: number,
): AsyncGenerator<Uint8Array> {
  const filter = `fps=${1 / intervalS},scale=${size.widthPx}:${size.heightPx}:flags=area`
  const child = spawn('ffmpeg', ['-v', 'error', '-i', clip, '-vf', filter, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'])
  const bytes = size.widthPx * size.heightPx * 3
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (; rest.length >= bytes; rest = rest.subarray(bytes)) yield new Uint8Array(rest.subarray(0, bytes))
  }
}

function frameBox({ rgb, widthPx, heightPx }: Raster, [x, y, w, h]: Box, colour: readonly number[]): void {
  const left = Math.max(0, Math.round(x * widthPx))
  const right = Math.min(widthPx - 1, Math.round((x + w) * widthPx))
  const top = Math.max(0, Math.round(y * heightPx))
  const bottom = Math.min(heightPx - 1, Math.round((y + h) * heightPx))
  const dot = (px: number, py: number) => {
    rgb.set(colour, (py * widthPx + px) * 3)
  }
  for (let px = left; px <= right; px++) {
    dot(px, top)
    dot(px, bottom)
  }
  for (let py = top; py <= bottom; py++) {
    dot(left, py)
    dot(right, py)
  }
}

/** Minimal PNG: one zlib stream of unfiltered rows (ISO/IEC 15948). */
function png({ rgb, widthPx, heightPx }: Raster): Buffer {
  const rows = Buffer.alloc(heightPx * (widthPx * 3 + 1))
  for (let y = 0; y < heightPx; y++)
    rows.set(rgb.subarray(y * widthPx * 3, (y + 1) * widthPx * 3), y * (widthPx * 3 + 1) + 1)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(widthPx, 0)
  header.writeUInt32BE(heightPx, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(crc32(body), body.length + 4)
    return out
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

const percent = (value: number) => Math.round(value * 100)
const boxText = (box: Box) => box.map(percent).join(',')

function lineOf(facts: Facts, vision: CameraVision, atS: number): string {
  const statics = facts.statics.map(
    (one) =>
      `${one.id}[${boxText(one.box)}] seen ${Math.round(one.seenMs / 1000)}s att ${Math.round(one.attendedMs / 1000)}s tex ${one.texture.toFixed(1)} ` +
      Object.entries(one.classScores)
        .map(([kind, score]) => `${kind}:${score.toFixed(2)}`)
        .join(' '),
  )
  const hidden = vision.layer.things.filter((thing) => !facts.statics.some((one) => one.id === thing.id))
  const plumes = facts.plumes.map((plume) => `${plume.kind}[${boxText(plume.box)}] ${plume.strength.toFixed(2)}`)
  const view = Object.entries(facts.view).flatMap(([name, on]) => (on ? [name] : []))
  return [
    `${atS.toFixed(1).padStart(6)}s`,
    facts.unseen ? 'UNSEEN' : '',
    facts.lighting === 'day' ? '' : facts.lighting,
    view.join('+'),
    `statics ${facts.statics.length}: ${statics.join('; ')}`,
    `suppressed ${hidden.map((thing) => thing.verdict).join(',')}`,
    `plumes ${plumes.join('; ')}`,
    `objects ${facts.objects.length}`,
    facts.removed.length > 0 ? `removed ${facts.removed.map(boxText).join('; ')}` : '',
  ].join(' | ')
}

function draw(picture: Raster, facts: Facts, vision: CameraVision): Buffer {
  const { layer } = vision
  for (let i = 0; i < layer.ignore.length; i++) if (layer.ignore[i] === 1) picture.rgb[i * 3 + 2] = 255
  for (const thing of layer.things) {
    const { left, top, right, bottom } = thing.rect
    const box: Box = [
      left / picture.widthPx,
      top / picture.heightPx,
      (right - left) / picture.widthPx,
      (bottom - top) / picture.heightPx,
    ]
    frameBox(picture, box, facts.statics.some((one) => one.id === thing.id) ? [255, 0, 0] : [255, 255, 0])
  }
  for (const { box } of facts.objects) frameBox(picture, box, [0, 255, 255])
  for (const { box } of facts.plumes) frameBox(picture, box, [255, 0, 255])
  return png(picture)
}

async function run(clip: string): Promise<void> {
  const size = await sizeOf(clip)
  const intervalS = Number(values['interval-s'])
  const dwellMs = Number(values['dwell-s']) * 1000
  const objects = values.model === undefined ? null : await openObjectDetector(values.model)
  const setup = { camera: 'clip' as CameraId, ...size, dwellMs: { vending: dwellMs }, calibration: null, ignore: [] }
  const vision = new CameraVision(setup, { objects, plume: null }, new ScratchPool())
  if (values.out !== undefined) mkdirSync(values.out, { recursive: true })
  const seen = new Map<string, string>()
  const cpuMs: number[] = []
  let index = 0
  let plumeFrames = 0
  for await (const rgb of framesOf(clip, size, intervalS)) {
    const before = process.cpuUsage()
    const facts = await vision.watch(
      {
        camera: setup.camera,
        index,
        wallMs: (1_772_416_800_000 + index * intervalS * 1000) as EpochMs,
        mediaMs: index * intervalS * 1000,
        ...size,
        rgb,
        damaged: false,
        pictureWidthPx: size.widthPx,
        pictureHeightPx: size.heightPx,
      },
      [],
      { busy: false },
    )
    const used = process.cpuUsage(before)
    cpuMs.push((used.user + used.system) / 1000)
    const atS = index * intervalS
    for (const one of facts.statics)
      seen.set(
        one.id,
        `${one.id} from ${((one.sinceMs - 1_772_416_800_000) / 1000).toFixed(0)}s last ${atS.toFixed(0)}s [${boxText(one.box)}] tex ${one.texture.toFixed(1)} ${JSON.stringify(one.classScores)}`,
      )
    if (facts.plumes.length > 0) plumeFrames++
    if (!values.quiet) console.log(lineOf(facts, vision, atS))
    if (values.out !== undefined && index % Number(values.every) === 0)
      writeFileSync(
        join(values.out, `${basename(clip, '.mp4')}-${String(index).padStart(4, '0')}.png`),
        draw({ rgb, ...size }, facts, vision),
      )
    index++
  }
  cpuMs.sort((a, b) => a - b)
  const median = cpuMs[cpuMs.length >> 1] ?? 0
  console.log(
    `${basename(clip)}: ${index} frames ${size.widthPx}x${size.heightPx}, ${median.toFixed(1)} ms CPU a frame (median), ${seen.size} statics, ${plumeFrames} frames with plumes`,
  )
  for (const text of seen.values()) console.log(`   ${text}`)
}

if (values.clip === undefined) throw new Error('--clip FILE is missing')
await run(values.clip)
