import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { KerbError } from '../contracts/base/index.js'

/** The program that makes playable copies: configured, `FFMPEG_PATH`, the system's, the package's. @throws KerbError `FFMPEG_MISSING` */
export function findFfmpeg(configured: string | null): string {
  const candidates = [configured, process.env['FFMPEG_PATH'] ?? null, 'ffmpeg', packaged()]
  for (const path of candidates) if (path !== null && path !== '' && runs(path)) return path
  throw new KerbError(
    'FFMPEG_MISSING',
    'no ffmpeg could be started: install the distribution’s (apt-get install ffmpeg), or name it as `ffmpeg:` or FFMPEG_PATH',
  )
}

function packaged(): string | null {
  try {
    return (createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg') as { path: string }).path
  } catch {
    return null // left out of the image, or no build for this platform
  }
}

function runs(path: string): boolean {
  try {
    execFileSync(path, ['-version'], { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}
