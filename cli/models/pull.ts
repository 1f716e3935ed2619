import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { KerbError } from '../../contracts/base/index.js'
import { fileSha256 } from '../../edge/vision/objects/index.js'
import type { CatalogueEntry } from './catalogue.js'

/** A pull that takes longer is given up: the largest catalogue file at 1 Mbit/s. */
const pullMsMax = 10 * 60_000

export class PullError extends KerbError<'PULL_UNREACHABLE' | 'PULL_DIGEST' | 'PULL_SIZE'> {}

export interface PullOptions {
  readonly modelsFolder: string
  /** Base URL or folder that holds `<name>/<file>`, for closed networks; null takes the catalogue's URL. */
  readonly mirror: string | null
  readonly onProgress: (bytes: number, total: number) => void
}

/**
 * Fetches one catalogue model into `models/<name>/pulled/`. Weights take their place by renaming, only when size and sha256
 * are the pinned ones; the manifest comes last. Whatever goes wrong, nothing half done is left behind.
 * @returns where it lies, and whether it was there already.
 * @throws PullError
 */
export async function pullModel(
  entry: CatalogueEntry,
  options: PullOptions,
): Promise<{ folder: string; fresh: boolean }> {
  const home = join(options.modelsFolder, entry.name)
  const folder = join(home, 'pulled')
  const target = join(folder, entry.manifest.file)
  const manifest = `${JSON.stringify(entry.manifest, null, 2)}\n`
  if ((await fileSha256(target).catch(() => null)) === entry.sha256) {
    await writeWhole(join(folder, 'model.json'), manifest)
    return { folder, fresh: false }
  }
  await mkdir(folder, { recursive: true })
  const partial = `${target}.partial`
  try {
    await fetchInto(partial, sourceOf(entry, options.mirror), entry, options.onProgress)
    await rename(partial, target)
    await writeWhole(join(folder, 'model.json'), manifest)
  } finally {
    await rm(partial, { force: true })
    // folders that this pull made and left empty; others refuse to go
    await rmdir(folder).catch(() => undefined)
    await rmdir(home).catch(() => undefined)
  }
  return { folder, fresh: true }
}

function sourceOf(entry: CatalogueEntry, mirror: string | null): string {
  if (mirror === null || mirror === '') return entry.url
  return `${mirror.replace(/\/+$/, '')}/${entry.name}/${entry.manifest.file}`
}

async function openSource(source: string): Promise<Readable> {
  try {
    if (!/^https?:/.test(source)) {
      const file = await open(source.startsWith('file:') ? fileURLToPath(source) : source)
      return file.createReadStream()
    }
    const response = await fetch(source, { signal: AbortSignal.timeout(pullMsMax) })
    if (!response.ok || response.body === null) throw new Error(`answer ${response.status}`)
    return Readable.fromWeb(response.body)
  } catch (cause) {
    throw unreachable(source, cause)
  }
}

function unreachable(source: string, cause: unknown): PullError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new PullError(
    'PULL_UNREACHABLE',
    `cannot fetch ${source} (${why}). Check the network, or set KERBWATCH_MODELS_MIRROR to a folder or server that holds it.`,
    { source },
    { cause },
  )
}

async function fetchInto(
  path: string,
  source: string,
  entry: CatalogueEntry,
  onProgress: PullOptions['onProgress'],
): Promise<void> {
  const hash = createHash('sha256')
  const body = await openSource(source)
  await using file = await open(path, 'w')
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > entry.bytes) break
      hash.update(chunk)
      await file.writeFile(chunk)
      onProgress(bytes, entry.bytes)
    }
  } catch (cause) {
    throw unreachable(source, cause)
  }
  const found = hash.digest('hex')
  if (bytes !== entry.bytes)
    throw new PullError(
      'PULL_SIZE',
      `${source} is not ${entry.name}: ${bytes > entry.bytes ? 'more than ' : ''}${Math.min(bytes, entry.bytes)} bytes, expected ${entry.bytes}. Nothing was kept.`,
      { source },
    )
  if (found !== entry.sha256)
    throw new PullError(
      'PULL_DIGEST',
      `${source} is not ${entry.name}: sha256 ${found}, expected ${entry.sha256}. Nothing was kept.`,
      { source, found },
    )
  await file.sync()
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.partial`, text)
  await rename(`${path}.partial`, path)
}
