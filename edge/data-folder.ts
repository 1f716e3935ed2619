import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KerbError } from '../contracts/base/index.js'

export class DataFolderError extends KerbError<'DATA_UNWRITABLE'> {}

const reasons: Readonly<Record<string, string>> = {
  EROFS: 'it lies on a read-only file system',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOTDIR: 'a part of its path is a file',
}

/** Makes the folder of everything that the box writes, and tries it. @throws DataFolderError that says what to do. */
export function openDataFolder(folder: string): void {
  const probe = join(folder, '.writable')
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(probe, 'x', { flush: true })
    rmSync(probe)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    throw new DataFolderError(
      'DATA_UNWRITABLE',
      `the box cannot write into ${folder}: ${reasons[code] ?? String(cause)}. ` +
        'Make it writable for the user of this program, or name another folder under `data` of edge.yaml.',
      { folder },
      { cause },
    )
  }
}
