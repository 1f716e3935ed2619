import { createHash } from 'node:crypto'
import { copyFile, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseEdgeConfig, type ConfigFault } from '../config/index.js'
import { writeWhole } from '../evidence/whole-file.js'
import { PanelProblem } from './problem.js'

/** What stands in the file now. */
export interface ConfigText {
  readonly text: string
  /** Names this version of the text: whoever replaces it says which one was read. */
  readonly sha256: string
}

export async function readConfig(file: string): Promise<ConfigText> {
  const text = await readFile(file, 'utf8')
  return { text, sha256: digest(text) }
}

/** Every fault and warning of a text, with the file named as people know it. */
export function checkConfig(
  text: string,
  file: string,
): { readonly faults: ConfigFault[]; readonly warnings: ConfigFault[] } {
  const { faults, warnings } = parseEdgeConfig(text, file)
  const named = (fault: ConfigFault): ConfigFault => ({ ...fault, file: basename(file) })
  return { faults: faults.map(named), warnings: warnings.map(named) }
}

/**
 * Replaces the file whole (partial file, flush, rename) and keeps what was there as `.bak`.
 * @throws PanelProblem 422 with every fault, 409 when the file is not the one that was read, 500 when it cannot be written.
 */
export async function replaceConfig(
  file: string,
  text: string,
  readSha256: string | null,
): Promise<{ sha256: string; warnings: ConfigFault[] }> {
  const { faults, warnings } = checkConfig(text, file)
  if (faults.length > 0)
    throw new PanelProblem(
      422,
      'CONFIG_FAULTY',
      { zh: `有 ${faults.length} 处要改，没有保存。`, en: `${faults.length} faults; nothing was saved.` },
      faults,
    )
  const current = await readConfig(file)
  if (readSha256 !== null && readSha256 !== current.sha256)
    throw new PanelProblem(409, 'CONFIG_CHANGED', {
      zh: '文件在这期间被别人改过，没有保存。请重新打开这一页。',
      en: 'Somebody changed the file meanwhile; nothing was saved. Open this page again.',
    })
  try {
    await copyFile(file, `${file}.bak`)
    writeWhole(file, text)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new PanelProblem(500, 'CONFIG_UNWRITABLE', {
      zh: `写不进 ${basename(file)}（${code}）。请查文件夹的权限和磁盘。`,
      en: `${basename(file)} cannot be written (${code}). Check the rights of its folder and the disk.`,
    })
  }
  return { sha256: digest(text), warnings }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
