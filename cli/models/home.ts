import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KerbError } from '../../contracts/base/index.js'

/** The project's `models/` folder, seen from the sources as well as from the built program. @throws KerbError `MODELS_MISSING` */
export async function findModelsFolder(from: string = dirname(fileURLToPath(import.meta.url))): Promise<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'models')
    const found = await access(join(candidate, 'catalogue.json')).then(
      () => true,
      () => false,
    )
    if (found) return candidate
    if (dirname(folder) === folder)
      throw new KerbError(
        'MODELS_MISSING',
        `no folder models/ with a catalogue.json above ${from}. Reinstall kerbwatch.`,
        { from },
      )
  }
}
