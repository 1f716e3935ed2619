import { createHash } from 'node:crypto'
import { createReadStream, statfsSync, type ReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KerbError, type Ids } from '../../contracts/base/index.js'
import { crashPoint } from '../../contracts/evidence/crash-point.js'

export class ObjectError extends KerbError<
  'OBJECT_DIGEST' | 'OBJECT_TOO_LARGE' | 'OBJECT_STORE_FULL' | 'OBJECT_MISSING'
> {}

/** Bytes by their SHA-256. What is there is whole and durable. */
export interface ObjectStore {
  /** Takes the bytes, checks them against their address, makes them durable. @throws ObjectError `OBJECT_DIGEST`, `OBJECT_TOO_LARGE`, `OBJECT_STORE_FULL` */
  put(sha256: string, source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<'made' | 'present'>
  /** Size, or null. */
  size(sha256: string): Promise<number | null>
  /** @throws ObjectError `OBJECT_MISSING` */
  read(sha256: string, range?: { readonly start: number; readonly end: number }): Promise<ReadStream>
  /** A file that holds exactly these bytes, for programs that want a path. */
  readonly file: (sha256: string) => string
  remove(sha256: string): Promise<void>
}

const digestPattern = /^[0-9a-f]{64}$/

/** Objects in a folder; what a crash left half written is removed at the start. */
export async function openFolderStore(options: {
  readonly folder: string
  readonly ids: Ids
  readonly minFreeBytes: number
}): Promise<ObjectStore> {
  const { folder } = options
  const partialFolder = join(folder, 'partial')
  await mkdir(partialFolder, { recursive: true })
  for (const name of await readdir(partialFolder)) await rm(join(partialFolder, name), { force: true })

  const file = (sha256: string): string => {
    if (!digestPattern.test(sha256)) throw new ObjectError('OBJECT_MISSING', 'not a digest', { sha256 })
    return join(folder, sha256.slice(0, 2), sha256)
  }
  const size = async (sha256: string): Promise<number | null> => {
    try {
      return (await stat(file(sha256))).size
    } catch {
      return null
    }
  }

  async function fill(
    partial: string,
    sha256: string,
    source: AsyncIterable<Uint8Array>,
    bytesMax: number,
  ): Promise<void> {
    const hash = createHash('sha256')
    const handle = await open(partial, 'wx', 0o600)
    let bytes = 0
    try {
      for await (const chunk of source) {
        bytes += chunk.byteLength
        if (bytes > bytesMax)
          throw new ObjectError('OBJECT_TOO_LARGE', `object of more than ${bytesMax} bytes`, { bytesMax })
        hash.update(chunk)
        for (let at = 0; at < chunk.byteLength;) at += (await handle.write(chunk, at)).bytesWritten
        crashPoint('U1')
      }
      const digest = hash.digest('hex')
      if (digest !== sha256)
        throw new ObjectError('OBJECT_DIGEST', 'the bytes are not those of their address', { sha256, digest, bytes })
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  return {
    file,
    size,
    async put(sha256, source, bytesMax) {
      const target = file(sha256)
      if ((await size(sha256)) !== null) {
        for await (const _ of source) continue // the sender may still be sending: take it, keep nothing
        return 'present'
      }
      const { bavail, bsize } = statfsSync(folder)
      if (bavail * bsize < options.minFreeBytes)
        throw new ObjectError('OBJECT_STORE_FULL', 'the object store is full', { freeBytes: bavail * bsize })
      const partial = join(partialFolder, Buffer.from(options.ids.randomBytes(16)).toString('hex'))
      try {
        await fill(partial, sha256, source, bytesMax)
        await mkdir(dirname(target), { recursive: true })
        await rename(partial, target)
        await syncFolder(dirname(target))
        return 'made'
      } catch (cause) {
        await rm(partial, { force: true })
        if ((cause as NodeJS.ErrnoException).code === 'ENOSPC')
          throw new ObjectError('OBJECT_STORE_FULL', 'the object store is full', {}, { cause })
        throw cause
      }
    },
    async read(sha256, range) {
      if ((await size(sha256)) === null) throw new ObjectError('OBJECT_MISSING', `no object ${sha256}`, { sha256 })
      return createReadStream(file(sha256), range)
    },
    async remove(sha256) {
      await rm(file(sha256), { force: true })
    },
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
