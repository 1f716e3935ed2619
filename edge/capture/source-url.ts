import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CaptureError } from './errors.js'

const videoName = /\.(mp4|mkv|mov|m4v|ts|avi|webm)$/i

/** A path or `file:` URL of one file or of a folder, as the files in order of their names. @throws CaptureError `SOURCE_INVALID` */
export async function listClips(pathOrUrl: string): Promise<string[]> {
  const path = resolve(pathOrUrl.replace(/^file:(\/\/)?/, ''))
  const about = await stat(path).catch(() => null)
  if (about === null) throw new CaptureError('SOURCE_INVALID', `no file or folder ${path}; correct the path`, { path })
  if (!about.isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => videoName.test(name)).sort()
  if (names.length === 0)
    throw new CaptureError('SOURCE_INVALID', `folder ${path} has no video file (mp4, mkv, mov, m4v, ts, avi, webm)`, {
      path,
    })
  return names.map((name) => join(path, name))
}
