import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { fileSha256, openObjectModel } from '../../edge/vision/objects/index.js'
import type { PresentModel } from './catalogue.js'

export interface Verdict {
  readonly name: string
  readonly role: string
  /** What is wrong, for people; null when all is well. */
  readonly fault: string | null
}

/** Checks one model: digest always; an objects model is also opened, its shapes are checked and it is run once. */
export async function verifyModel(model: PresentModel): Promise<Verdict> {
  const { name, role } = model.manifest
  try {
    if (role === 'objects') {
      const opened = await openObjectModel(model.folder)
      await opened.close()
      return { name, role, fault: null }
    }
    return { name, role, fault: await digestFault(model) }
  } catch (fault) {
    return { name, role, fault: fault instanceof Error ? fault.message : String(fault) }
  }
}

async function digestFault(model: PresentModel): Promise<string | null> {
  const path = join(model.folder, model.manifest.file)
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (!there) return `${path} is missing. Restore it from the release.`
  const found = await fileSha256(path)
  return found === model.manifest.sha256
    ? null
    : `${path}: sha256 ${found}, expected ${model.manifest.sha256}. Restore it from the release.`
}
