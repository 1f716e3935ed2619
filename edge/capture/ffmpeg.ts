import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { CaptureError } from './errors.js'

const run = promisify(execFile)

/** A binary that was started once and found fit, and which of the three differing flags it knows (VIDEO.md §3). */
export interface Ffmpeg {
  readonly path: string
  /** As the binary prints it, e.g. `5.1.9-0+deb12u1` or `N-47683-g0e8eb07980-static`. */
  readonly version: string
  readonly origin: 'configured' | 'environment' | 'system' | 'package'
  /** Last year of its copyright line: its age, for people. */
  readonly releasedYear?: number
  /** Socket time-out in microseconds. On old binaries `-timeout` means "listen for connections". */
  readonly socketTimeoutFlag: '-stimeout' | '-timeout'
  /** Frames keep their own times: `-vsync 0`, or `-fps_mode passthrough` from 5.1 on. */
  readonly passthrough: readonly [string, string]
  /** Input and its options may come as a script on standard input (`option` of the concat demuxer, from 5.0 on), unseen by others. */
  readonly takesScript: boolean
}

/** libavformat of FFmpeg 5.0. */
const libavformat50 = 59.016
/** libavformat of FFmpeg 5.1: git builds print no release number, but always this. */
const libavformat51 = 59.027

/**
 * Finds the binary to use: the configured path, `FFMPEG_PATH`, a system ffmpeg >= 5.1, the package `@ffmpeg-installer/ffmpeg`.
 * A path that somebody named and that does not work is a fault, never a reason to take another binary in silence.
 * @throws CaptureError `FFMPEG_MISSING`
 */
export async function probeFfmpeg(configured: string | null): Promise<Ffmpeg> {
  if (configured !== null) return probeNamed(configured, 'configured', '`ffmpeg` in the configuration')
  const fromEnvironment = process.env['FFMPEG_PATH']
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return probeNamed(fromEnvironment, 'environment', 'FFMPEG_PATH')
  const system = await probeBinary('ffmpeg', 'system').catch(() => null)
  if (system !== null && system.libavformat >= libavformat51) return system.ffmpeg
  const packaged = packagePath()
  const fallback = packaged === null ? null : await probeBinary(packaged, 'package').catch(() => null)
  if (fallback !== null) return fallback.ffmpeg
  throw new CaptureError(
    'FFMPEG_MISSING',
    `no usable ffmpeg: ${system === null ? 'none on the PATH' : `the system has ${system.ffmpeg.version}, older than 5.1`}, ` +
      'and the package @ffmpeg-installer/ffmpeg has none that starts here. Install ffmpeg 5.1 or newer, or set FFMPEG_PATH.',
  )
}

async function probeNamed(path: string, origin: Ffmpeg['origin'], where: string): Promise<Ffmpeg> {
  try {
    return (await probeBinary(path, origin)).ffmpeg
  } catch (cause) {
    throw new CaptureError(
      'FFMPEG_MISSING',
      `${where} names ${path}, which does not start as ffmpeg. Correct the path or remove the setting.`,
      { path },
      { cause },
    )
  }
}

async function probeBinary(
  path: string,
  origin: Ffmpeg['origin'],
): Promise<{ readonly ffmpeg: Ffmpeg; readonly libavformat: number }> {
  const options = { timeout: 20_000, maxBuffer: 8 << 20 }
  const [about, rtsp, help] = await Promise.all([
    run(path, ['-version'], options),
    run(path, ['-hide_banner', '-h', 'demuxer=rtsp'], options),
    run(path, ['-hide_banner', '-h', 'long'], options),
  ])
  const parsed = parseVersion(about.stdout)
  if (parsed === null) throw new Error(`${path} -version does not look like ffmpeg`)
  const ffmpeg: Ffmpeg = {
    path,
    version: parsed.version,
    origin,
    ...(parsed.releasedYear === null ? {} : { releasedYear: parsed.releasedYear }),
    socketTimeoutFlag: /^\s*-stimeout\b/m.test(rtsp.stdout) ? '-stimeout' : '-timeout',
    passthrough: /^\s*-fps_mode\b/m.test(help.stdout) ? ['-fps_mode', 'passthrough'] : ['-vsync', '0'],
    takesScript: parsed.libavformat >= libavformat50,
  }
  return { ffmpeg, libavformat: parsed.libavformat }
}

/** Reads the text of `ffmpeg -version`; `libavformat` as major + minor/1000. Null when it is something else. */
export function parseVersion(
  text: string,
): { readonly version: string; readonly releasedYear: number | null; readonly libavformat: number } | null {
  const first = /^ffmpeg version (\S+)/.exec(text)
  const library = /^libavformat\s+(\d+)\.\s*(\d+)/m.exec(text)
  if (first?.[1] === undefined || library === null) return null
  const year = /Copyright \(c\) \d{4}-(\d{4})/.exec(text)
  return {
    version: first[1],
    releasedYear: year === null ? null : Number(year[1]),
    libavformat: Number(library[1]) + Number(library[2]) / 1000,
  }
}

function packagePath(): string | null {
  try {
    const found: unknown = createRequire(import.meta.url)('@ffmpeg-installer/ffmpeg')
    return typeof found === 'object' && found !== null && 'path' in found && typeof found.path === 'string'
      ? found.path
      : null
  } catch {
    return null // not installed, or no binary for this platform
  }
}
