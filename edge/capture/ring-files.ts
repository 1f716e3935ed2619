import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../../contracts/base/index.js'

/** `000000007.mp4` */
export function fileName(index: number): string {
  return `${String(index).padStart(9, '0')}.mp4`
}

/** Index of a ring file's name, or null. */
export function indexOf(name: string): number | null {
  return /^\d{9,12}\.mp4$/.test(name) ? Number(name.slice(0, -4)) : null
}

/** Ring files of a folder, by index. */
export async function listRingFiles(
  dir: string,
): Promise<{ readonly index: number; readonly bytes: number; readonly mtimeMs: EpochMs }[]> {
  const names = await readdir(dir).catch(() => [])
  const found: { index: number; bytes: number; mtimeMs: EpochMs }[] = []
  for (const name of names) {
    const index = indexOf(name)
    if (index === null) continue
    const about = await stat(join(dir, name)).catch(() => null)
    if (about?.isFile() === true)
      found.push({ index, bytes: about.size, mtimeMs: Math.round(about.mtimeMs) as EpochMs })
  }
  return found.sort((a, b) => a.index - b.index)
}
