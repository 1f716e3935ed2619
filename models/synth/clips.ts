/**
 * Renders the test clips: `node --import tsx models/synth/clips.ts [NAME …] [--twin] [--seconds 40] [--every N]`.
 * A clip becomes test-videos/NAME.mp4 with NAME.truth.json (twins: models/synth/work/twins/); `--every N` writes each Nth frame
 * as a PNG to models/synth/work/look/ instead; `--missing` skips clips that exist; `--truth-only` writes no picture.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { openStudio, type Studio } from './browser.js'
import { CLIPS, type ClipSpec } from './specs.js'

const [WIDTH, HEIGHT] = [854, 480]
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    twin: { type: 'boolean', default: false },
    out: { type: 'string' },
    seconds: { type: 'string' },
    every: { type: 'string' },
    missing: { type: 'boolean', default: false },
    'truth-only': { type: 'boolean', default: false },
  },
})
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const every = values.every === undefined ? null : Number(values.every)
const folder = values.out ?? here(every !== null ? 'work/look/' : values.twin ? 'work/twins/' : '../../test-videos/')
await mkdir(folder, { recursive: true })
await mkdir(here('work/'), { recursive: true })

let sink: ChildProcess | null = null
const open = (): Promise<Studio> =>
  openStudio(WIDTH, HEIGHT, 0, async (_name, frame) => {
    if (sink?.stdin && !sink.stdin.write(frame)) await new Promise((resolve) => sink?.stdin?.once('drain', resolve))
  })

/** H.264 as a camera sends it: a key frame each second, no B-frames, a bounded rate. */
function encoder(path: string, fps: number, kbps: number): ChildProcess {
  const raw = [
    '-v',
    'error',
    '-y',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-s',
    `${WIDTH}x${HEIGHT}`,
    '-r',
    String(fps),
    '-i',
    '-',
  ]
  const h264 = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-profile:v',
    'main',
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '0',
    '-g',
    String(fps),
    '-keyint_min',
    String(fps),
    '-sc_threshold',
    '0',
    '-b:v',
    `${kbps}k`,
    '-maxrate',
    `${Math.round(kbps * 1.4)}k`,
    '-bufsize',
    `${kbps * 2}k`,
    '-movflags',
    '+faststart',
    path,
  ]
  return spawn(
    'ffmpeg',
    [...raw, ...(every === null ? h264 : ['-start_number', '0', path.replace(/\.mp4.*$/, '-%03d.png')])],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
}

/** Ends the clip in the page and writes what really happened in it. */
async function writeTruth(spec: ClipSpec, page: Page): Promise<void> {
  const truth = await page.evaluate<{ ground_plane: unknown; zones: unknown; events: unknown }>('kw.truth()')
  await page.evaluate('kw.endClip()')
  const file = {
    clip: `${spec.name}.mp4`,
    origin: 'rendered',
    licence: 'Apache-2.0',
    conditions: spec.conditions,
    camera: { tz: 'Asia/Shanghai', starts_at: spec.starts_at, ground_plane: truth.ground_plane },
    zones: truth.zones,
    rules: { vending: { dwell_s: 15 }, grilling: { dwell_s: 12 }, spillage: { dwell_s: 8 }, dust: { dwell_s: 10 } },
    events: truth.events,
  }
  const json = `${folder}/${spec.name}.truth.json`
  await writeFile(json, `${JSON.stringify(file, null, 1)}\n`)
}

async function render(base: ClipSpec, page: Page): Promise<void> {
  const seconds = Number(values.seconds ?? (values.twin ? (base.twin_seconds ?? 40) : base.seconds))
  // Traffic is drawn for the full length, so that a shorter twin sees the same.
  const spec = { ...base, twin: values.twin, seconds, script_seconds: base.seconds }
  const startedMs = performance.now()
  const meta = await page.evaluate<{ frames: number; fps: number }>(`kw.clip(${JSON.stringify(spec)})`)
  const path = `${folder}/${spec.name}.mp4`
  if (values['truth-only']) {
    await page.evaluate(`kw.advance(${meta.frames})`)
    await writeTruth(spec, page)
    return
  }
  // Unfinished clips stay out of the folder that others read (and commit).
  const partPath = every === null ? `${here('work/')}${spec.name}${values.twin ? '-twin' : ''}.part.mp4` : path
  const child = encoder(partPath, meta.fps, spec.kbps ?? 330)
  sink = child
  const ended = new Promise<void>((resolve, reject) => {
    child.stdin?.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`ffmpeg ended with ${String(code)}`))
    })
  })
  ended.catch(() => undefined)
  for (let i = 0; i < meta.frames; i += 25) {
    await page.evaluate(`kw.frames(${i}, ${Math.min(meta.frames, i + 25)}, 'f', ${every ?? 1})`)
    if (i % 100 === 0)
      console.error(`${spec.name}: ${i}/${meta.frames}, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
  }
  child.stdin?.end()
  await ended
  await writeTruth(spec, page)
  if (every !== null) return
  await rename(partPath, path)
  console.error(
    `${spec.name}: done in ${((performance.now() - startedMs) / 1000).toFixed(0)} s, ${((await stat(path)).size / 1e6).toFixed(2)} MB`,
  )
}

const chosen =
  positionals.length > 0
    ? CLIPS.filter((c) => positionals.includes(c.name))
    : CLIPS.filter((c) => !values.twin || c.has_twin)
for (const name of positionals)
  if (!CLIPS.some((c) => c.name === name))
    throw new Error(`no clip named ${name}; there are ${CLIPS.map((c) => c.name).join(', ')}`)
/** Renders with a fresh browser when the last one died (memory pressure): that costs one more try, not the whole run. */
async function renderAll(specs: readonly ClipSpec[], triesMax: number): Promise<void> {
  let studio: Studio | null = null
  let tries: number
  for (const spec of specs) {
    if (values.missing && existsSync(`${folder}/${spec.name}.mp4`)) continue
    for (tries = 1; tries > 0;) {
      studio ??= await open()
      try {
        await render(spec, studio.page)
        tries = 0
      } catch (error) {
        console.error(`${spec.name}: try ${tries} failed: ${String(error)}`)
        sink?.kill()
        await studio.close().catch(() => undefined)
        studio = null
        if (++tries > triesMax) throw error
      }
    }
  }
  await studio?.close()
}
await renderAll(chosen, 3)
