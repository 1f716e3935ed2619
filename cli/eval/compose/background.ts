import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { KerbError } from '../../../contracts/base/index.js'
import { parseTruth } from '../../../contracts/truth.js'
import type { Truth } from '../../../contracts/truth.js'
import type { Picture } from './canvas.js'
import { viewOf } from './view.js'
import type { View } from './view.js'

/** A fixed view to lay stories over: its pictures one by one, and what was measured in it. */
export interface Background {
  readonly name: string
  readonly sha256: string
  readonly widthPx: number
  readonly heightPx: number
  readonly view: View
  /** Truth beside it: camera and conditions are taken over. */
  readonly truth: Truth | null
  /** The picture at a place of the film; beyond its end it is played backwards, and so on. The buffer is the taker's. */
  picture(index: number): Promise<Picture>
  close(): Promise<void>
}

export interface BackgroundFile {
  readonly name: string
  readonly file: string
  readonly truth: Truth | null
}

const films = ['.mp4', '.mkv', '.mov', '.avi', '.webm']
const stills = ['.jpg', '.jpeg', '.png']
/** Source read of one background at most: what is decoded lies on disk as raw pictures. */
export const sourceSMax = 30
export const picturesPerS = 12.5

/** Clips and stills of a folder, by name. What shows an act already is no background and is named by `skipped`. */
export async function findBackgrounds(folder: string, skipped: (name: string, why: string) => void): Promise<BackgroundFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new KerbError('BACKGROUNDS_EMPTY', `cannot read the folder ${folder}: --backgrounds takes a folder of clips or stills of fixed views`, { folder }, { cause })
  })
  const found: BackgroundFile[] = []
  for (const name of names.filter((each) => [...films, ...stills].includes(extname(each).toLowerCase())).sort()) {
    const stem = basename(name, extname(name))
    const truth = names.includes(`${stem}.truth.json`) ? await readTruth(join(folder, `${stem}.truth.json`)) : null
    if (truth !== null && truth.events.length > 0) skipped(name, 'its truth file says that it shows an act')
    else found.push({ name: stem, file: join(folder, name), truth })
  }
  if (found.length === 0)
    throw new KerbError('BACKGROUNDS_EMPTY', `no background in ${folder}: it needs clips (${films.join(' ')}) or stills (${stills.join(' ')}) without an act`, { folder })
  return found
} // prettier-ignore

async function readTruth(file: string): Promise<Truth> {
  const text = await readFile(file, 'utf8')
  try {
    return parseTruth(JSON.parse(text), file)
  } catch (cause) {
    if (cause instanceof KerbError) throw cause
    throw new KerbError('TRUTH_MALFORMED', `${file} is not JSON`, { file }, { cause })
  }
}

export interface OpenBackground {
  readonly ffmpegPath: string
  /** Raw pictures of the source lie here until `close`. */
  readonly workFolder: string
  readonly sizePx: readonly [widthPx: number, heightPx: number]
}

/** Decodes a background once into raw pictures. @throws KerbError `BACKGROUND_UNREADABLE` */
export async function openBackground({ name, file, truth }: BackgroundFile, { ffmpegPath, workFolder, sizePx }: OpenBackground): Promise<Background> {
  const [widthPx, heightPx] = sizePx
  const raw = join(workFolder, `${name}.rgb`)
  const args = ['-v', 'error', '-nostdin', '-y', '-i', file, '-t', String(sourceSMax), '-an', '-vf', `fps=${picturesPerS},scale=${widthPx}:${heightPx}:flags=bicubic`, '-pix_fmt', 'rgb24', '-f', 'rawvideo', raw]
  try {
    await promisify(execFile)(ffmpegPath, args, { timeout: 600_000 })
  } catch (cause) {
    throw new KerbError('BACKGROUND_UNREADABLE', `${file} cannot be read as a picture or a clip`, { file }, { cause })
  }
  const handle = await open(raw, 'r')
  const bytes = widthPx * heightPx * 3
  const count = Math.floor((await handle.stat()).size / bytes)
  if (count === 0) {
    await handle.close()
    throw new KerbError('BACKGROUND_UNREADABLE', `${file} holds no picture`, { file })
  }
  const picture = async (index: number): Promise<Picture> => {
    const rgb = new Uint8Array(bytes)
    await handle.read(rgb, 0, bytes, bounced(index, count) * bytes)
    return { rgb, widthPx, heightPx }
  }
  const sha256 = createHash('sha256').update(await readFile(file)).digest('hex')
  return { name, sha256, widthPx, heightPx, truth, picture, view: await viewOf(count, picture), async close() {
    await handle.close()
    await rm(raw, { force: true })
  } }
} // prettier-ignore

/** Size of a clip or a still. @throws KerbError `BACKGROUND_UNREADABLE` */
export function sizeOf(ffmpegPath: string, file: string): Promise<readonly [widthPx: number, heightPx: number]> {
  return new Promise((resolve, reject) => {
    // ffmpeg always ends with 1 here: no output was named.
    execFile(ffmpegPath, ['-hide_banner', '-nostdin', '-i', file], { timeout: 30_000 }, (_fault, _stdout, stderr) => {
      const size = /Stream #0:\d+[^\n]*: Video: [^\n]*?[ ,](\d{2,5})x(\d{2,5})[ ,\n]/.exec(stderr)
      if (size) resolve([Number(size[1]), Number(size[2])])
      else reject(new KerbError('BACKGROUND_UNREADABLE', `${file} cannot be read as a picture or a clip`, { file }))
    })
  })
}

/** 0 1 2 3 2 1 0 1 …: forth and back through `count` pictures. */
export function bounced(index: number, count: number): number {
  if (count === 1) return 0
  const place = index % (2 * count - 2)
  return place < count ? place : 2 * count - 2 - place
}
