import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHash } from 'node:crypto'
import { access, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { listPresent, readCatalogue, type CatalogueEntry } from './catalogue.js'
import { findModelsFolder } from './home.js'
import { pullModel } from './pull.js'
import { verifyModel } from './verify.js'

const weights = Buffer.from(Array.from({ length: 200_000 }, (_, k) => (k * 31) & 255))
const sha256 = createHash('sha256').update(weights).digest('hex')
const entry: CatalogueEntry = {
  name: 'some_model',
  role: 'plume',
  url: 'https://models.invalid/some.onnx',
  bytes: weights.length,
  sha256,
  licence: 'Apache-2.0',
  manifest: { name: 'some_model', role: 'plume', file: 'some.onnx', sha256, licence: 'Apache-2.0' },
}
const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function serve(t: Test, body: Buffer, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/base/some_model/some.onnx' ? status : 404)
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`
}

t.test('pull from a server and from a folder', async (t) => {
  const modelsFolder = t.testdir({ server: {}, mirror: { some_model: {} }, folder: {} })
  await writeFile(join(modelsFolder, 'mirror', 'some_model', 'some.onnx'), weights)
  for (const [name, mirror] of [
    ['server', await serve(t, weights)],
    ['folder', join(modelsFolder, 'mirror')],
  ] as const) {
    const seen: number[] = []
    const options = { modelsFolder: join(modelsFolder, name), mirror, onProgress: (bytes: number) => seen.push(bytes) }
    const result = await pullModel(entry, options)
    t.equal(result.fresh, true)
    t.equal(seen.at(-1), weights.length, 'progress reaches the end')
    t.same((await readdir(result.folder)).sort(), ['model.json', 'some.onnx'])
    t.ok(weights.equals(await readFile(join(result.folder, 'some.onnx'))))
    t.equal(
      (await pullModel(entry, { ...options, mirror: '/nowhere' })).fresh,
      false,
      'what is there is not fetched again',
    )
    const [present] = await listPresent(join(modelsFolder, name))
    t.same([present?.pulled, present?.manifest.name], [true, 'some_model'])
    assert(present !== undefined)
    t.equal((await verifyModel(present)).fault, null)
    await writeFile(join(result.folder, 'some.onnx'), weights.subarray(1))
    t.match((await verifyModel(present)).fault, /some\.onnx.*expected/)
    t.equal((await pullModel(entry, options)).fresh, true, 'damaged weights are fetched again')
  }
})

t.test('a pull that is not right leaves nothing behind', async (t) => {
  const modelsFolder = t.testdir({})
  const wrong = Buffer.from(weights)
  wrong[5] = 1
  const cases = [
    [await serve(t, wrong), 'PULL_DIGEST', /sha256/],
    [await serve(t, weights.subarray(0, 1000)), 'PULL_SIZE', /1000 bytes/],
    [await serve(t, Buffer.concat([weights, weights])), 'PULL_SIZE', /more than/],
    [await serve(t, weights, 503), 'PULL_UNREACHABLE', /503/],
    ['http://127.0.0.1:9/', 'PULL_UNREACHABLE', /KERBWATCH_MODELS_MIRROR/],
    [join(modelsFolder, 'no-mirror'), 'PULL_UNREACHABLE', /no-mirror/],
  ] as const
  for (const [mirror, code, message] of cases) {
    await t.rejects(pullModel(entry, { modelsFolder, mirror, onProgress: () => undefined }), { code, message })
    t.same(await readdir(modelsFolder), [], `${code} leaves nothing`)
  }
  await mkdir(join(modelsFolder, 'some_model', 'pulled'), { recursive: true })
  await writeFile(join(modelsFolder, 'some_model', 'pulled', 'some.onnx'), 'old')
  await t.rejects(pullModel(entry, { modelsFolder, mirror: await serve(t, wrong), onProgress: () => undefined }))
  t.same(await readdir(join(modelsFolder, 'some_model', 'pulled')), ['some.onnx'], 'what was there before stays')
})

t.test('the catalogue', async (t) => {
  const folder = await findModelsFolder(fileURLToPath(new URL('.', import.meta.url)))
  const entries = await readCatalogue(folder)
  t.ok(entries.some((e) => e.name === 'yolox_nano' && e.role === 'objects'))
  const broken = t.testdir({
    'catalogue.json': JSON.stringify({ version: 1, models: [{ ...entry, url: 'http://plain.invalid/x' }] }),
  })
  await t.rejects(readCatalogue(broken), { code: 'CATALOGUE_MALFORMED', message: /models\.0\.url/ })
  await writeFile(
    join(broken, 'catalogue.json'),
    JSON.stringify({ version: 1, models: [{ ...entry, sha256: 'a'.repeat(64) }] }),
  )
  await t.rejects(readCatalogue(broken), { code: 'CATALOGUE_MALFORMED' })
  await t.rejects(findModelsFolder('/'), { code: 'MODELS_MISSING' })
})

t.test('verify runs the shipped objects model', async (t) => {
  const home = await findModelsFolder(fileURLToPath(new URL('.', import.meta.url)))
  const present = await listPresent(home)
  const [own] = present.filter((p) => p.manifest.name === 'objects-v1')
  assert(own !== undefined, 'objects-v1 is part of the repository')
  t.equal((await verifyModel(own)).fault, null)
  const folder = t.testdir({})
  await copyFile(join(own.folder, 'model.json'), join(folder, 'model.json'))
  t.match((await verifyModel({ ...own, folder })).fault, /model\.onnx is missing/)
  t.notOk(await exists(join(folder, 'model.onnx')))
})
