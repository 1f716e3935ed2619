import type { ChildProcess } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { end, startBox, startCameras } from './box.js'
import { processTree } from './process-cost.js'

export interface EnduranceReport {
  readonly minutes: number
  readonly cameras: number
  readonly ring_mb: number
  /** Largest size of the ring's files, and of everything that the box keeps. */
  readonly ring_mb_max: number
  readonly data_mb_max: number
  /** PSS of the box with its decoders: mean of the first five minutes after the warm-up and of the last five. */
  readonly memory_mb_first: number
  readonly memory_mb_last: number
  /** Slope of the straight line through all samples after the warm-up. */
  readonly memory_mb_per_hour: number
  readonly frames_dropped: number
  readonly gaps: number
  readonly samples: readonly { readonly minute: number; readonly ring_mb: number; readonly memory_mb: number }[]
}

const sampleMs = 15_000
const warmUpMinutes = 5

/** A box that watches looping cameras for a long time: does its disk keep its bound, is its memory flat? */
export async function benchEndurance(options: {
  readonly cameras: number
  readonly minutes: number
  readonly ringMb: number
  readonly say: (line: string) => void
}): Promise<EnduranceReport> {
  const folder = await mkdtemp(join(tmpdir(), 'kw-endurance-'))
  const children: ChildProcess[] = []
  try {
    const cameras = await startCameras(await clipsFor(options.cameras))
    children.push(cameras.process)
    const box = await startBox({ folder, urls: cameras.urls, ringMb: options.ringMb, ffmpeg: null })
    children.push(box.process)
    const samples: { minute: number; ring_mb: number; data_mb: number; memory_mb: number }[] = []
    const startedMs = performance.now()
    const minute = (): number => (performance.now() - startedMs) / 60_000
    while (minute() < options.minutes) {
      await delay(sampleMs)
      const memory = processTree(box.process.pid ?? 0).reduce((sum, { pssMb }) => sum + pssMb, 0)
      samples.push({ minute: minute(), ring_mb: sizeMb(box.ring), data_mb: sizeMb(box.data), memory_mb: memory })
      const last = samples.at(-1)
      if (samples.length % 20 === 0)
        options.say(
          `${last?.minute.toFixed(0)} min: ring ${last?.ring_mb.toFixed(0)} MB, memory ${memory.toFixed(0)} MB`,
        )
    }
    const health = await box.cameras()
    const warm = samples.filter((one) => one.minute >= Math.min(warmUpMinutes, options.minutes / 3))
    const end5 = warm.filter((one) => one.minute >= options.minutes - 5)
    const first5 = warm.filter((one) => one.minute <= (warm[0]?.minute ?? 0) + 5)
    return {
      minutes: options.minutes,
      cameras: options.cameras,
      ring_mb: options.ringMb,
      ring_mb_max: Math.max(...samples.map((one) => one.ring_mb)),
      data_mb_max: Math.max(...samples.map((one) => one.data_mb)),
      memory_mb_first: mean(first5.map((one) => one.memory_mb)),
      memory_mb_last: mean(end5.map((one) => one.memory_mb)),
      memory_mb_per_hour: slope(warm) * 60,
      frames_dropped: health.reduce((sum, one) => sum + one.frames_dropped, 0),
      gaps: health.reduce((sum, one) => sum + one.gaps, 0),
      samples: samples.map(({ minute: at, ring_mb, memory_mb }) => ({ minute: at, ring_mb, memory_mb })),
    }
  } finally {
    for (const child of children) await end(child)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Clips of test-videos/ by name, from the first again when there are more cameras than clips. */
async function clipsFor(cameras: number): Promise<string[]> {
  const videos = fileURLToPath(new URL('../test-videos/', import.meta.url))
  const clips = (await readdir(videos)).filter((name) => name.endsWith('.mp4')).sort()
  if (clips.length === 0) throw new Error(`no clips in ${videos}: run this from a checkout`)
  return Array.from({ length: cameras }, (_, index) => join(videos, clips[index % clips.length] ?? ''))
}

/** Bytes of all files below a folder, in MB of 10^6; files that go meanwhile count as nothing. */
function sizeMb(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes / 1e6
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

/** MB a minute, by least squares. */
function slope(samples: readonly { readonly minute: number; readonly memory_mb: number }[]): number {
  const x = mean(samples.map((one) => one.minute))
  const y = mean(samples.map((one) => one.memory_mb))
  const spread = samples.reduce((sum, one) => sum + (one.minute - x) ** 2, 0)
  return spread === 0 ? 0 : samples.reduce((sum, one) => sum + (one.minute - x) * (one.memory_mb - y), 0) / spread
}
