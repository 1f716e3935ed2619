import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const plainFile = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/)
const plainName = z.string().regex(/^[a-z0-9_-]{2,40}$/)

/** What every manifest has, whatever its role; the loader of the role reads the rest. */
const anyManifest = z.looseObject({ name: plainName, role: z.string(), file: plainFile, sha256, licence: z.string() })
export type AnyManifest = z.infer<typeof anyManifest>

const catalogueSchema = z.strictObject({
  version: z.literal(1),
  models: z
    .array(
      z.strictObject({
        name: plainName,
        role: z.string(),
        url: z.url({ protocol: /^https$/ }),
        bytes: z.int().min(1).max(2_000_000_000),
        sha256,
        licence: z.string().min(1),
        manifest: anyManifest,
      }),
    )
    .refine(
      (models) => models.every((m) => m.manifest.sha256 === m.sha256 && m.manifest.name === m.name),
      'manifest and entry differ',
    ),
})
export type CatalogueEntry = z.infer<typeof catalogueSchema>['models'][number]

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new KerbError('CATALOGUE_MALFORMED', `${path} cannot be read as JSON. Restore the file.`, { path }, { cause })
  }
}

/** Models of others that a user may pull. @throws KerbError `CATALOGUE_MALFORMED` */
export async function readCatalogue(modelsFolder: string): Promise<readonly CatalogueEntry[]> {
  const path = join(modelsFolder, 'catalogue.json')
  const result = catalogueSchema.safeParse(await readJson(path))
  if (result.success) return result.data.models
  const [issue] = result.error.issues
  throw new KerbError('CATALOGUE_MALFORMED', `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, {
    path,
  })
}

export interface PresentModel {
  readonly folder: string
  readonly manifest: AnyManifest
  readonly pulled: boolean
}

/** Models whose manifest lies in `models/<name>/` or `models/<name>/pulled/`. @throws KerbError `CATALOGUE_MALFORMED` */
export async function listPresent(modelsFolder: string): Promise<PresentModel[]> {
  const found: PresentModel[] = []
  const entries = await readdir(modelsFolder, { withFileTypes: true })
  for (const entry of entries.filter((e) => e.isDirectory()).sort((a, b) => a.name.localeCompare(b.name)))
    for (const [folder, pulled] of [
      [join(modelsFolder, entry.name), false],
      [join(modelsFolder, entry.name, 'pulled'), true],
    ] as const) {
      const path = join(folder, 'model.json')
      const there = await access(path).then(
        () => true,
        () => false,
      )
      if (!there) continue
      const result = anyManifest.safeParse(await readJson(path))
      if (!result.success)
        throw new KerbError('CATALOGUE_MALFORMED', `${path} is not a model manifest. Restore it.`, { path })
      found.push({ folder, manifest: result.data, pulled })
    }
  return found
}
