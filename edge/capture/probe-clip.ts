import { execFile } from 'node:child_process'
import { CaptureError } from './errors.js'
import type { Ffmpeg } from './ffmpeg.js'

export interface ClipFacts {
  readonly durationMs: number
  /** As ffmpeg names it: `h264`, `hevc` and others. */
  readonly codec: string
  readonly widthPx: number
  readonly heightPx: number
}

/** Reads duration and codec from what `ffmpeg -i` prints (the installer package has no ffprobe). @throws CaptureError `SOURCE_INVALID` */
export function probeClip(ffmpeg: Pick<Ffmpeg, 'path'>, path: string): Promise<ClipFacts> {
  return new Promise((resolve, reject) => {
    execFile(ffmpeg.path, ['-hide_banner', '-nostdin', '-i', path], { timeout: 30_000 }, (_fault, _stdout, stderr) => {
      const facts = parseClipFacts(stderr) // ffmpeg always ends with 1 here: no output was named
      if (facts !== null) resolve(facts)
      else
        reject(
          new CaptureError('SOURCE_INVALID', `${path} holds no video that ffmpeg can read; is it complete?`, { path }),
        )
    })
  })
}

/** Reads the lines `Duration: 00:00:24.00` and `Stream #0:0: Video: h264 … 640x360`. Null without both. */
export function parseClipFacts(text: string): ClipFacts | null {
  const duration = /Duration: (\d{1,3}):(\d\d):(\d\d(?:\.\d{1,6})?)/.exec(text)
  const video = /Stream #0:\d+[^:\n]*: Video: (\w+)[^\n]*?[ ,](\d{2,5})x(\d{2,5})[ ,\n]/.exec(text)
  if (duration === null || video?.[1] === undefined) return null
  const durationMs = Math.round((Number(duration[1]) * 3600 + Number(duration[2]) * 60 + Number(duration[3])) * 1000)
  return { durationMs, codec: video[1], widthPx: Number(video[2]), heightPx: Number(video[3]) }
}
