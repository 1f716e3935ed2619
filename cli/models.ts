import { Command } from 'commander'
import { KerbError } from '../contracts/base/index.js'
import { listPresent, readCatalogue } from './models/catalogue.js'
import { findModelsFolder } from './models/home.js'
import { pullModel } from './models/pull.js'
import { verifyModel } from './models/verify.js'

async function list(): Promise<void> {
  const folder = await findModelsFolder()
  const present = await listPresent(folder)
  for (const { manifest, pulled } of present)
    console.log(
      `${manifest.name.padEnd(16)} ${manifest.role.padEnd(8)} ${pulled ? 'pulled' : 'shipped'}    ${manifest.licence}`,
    )
  for (const entry of await readCatalogue(folder))
    if (!present.some((p) => p.manifest.name === entry.name))
      console.log(
        `${entry.name.padEnd(16)} ${entry.role.padEnd(8)} not here   ${entry.licence}, ${(entry.bytes / 1e6).toFixed(1)} MB; kerbwatch models pull ${entry.name}`,
      )
}

async function pull(name: string): Promise<void> {
  const folder = await findModelsFolder()
  const catalogue = await readCatalogue(folder)
  const entry = catalogue.find((e) => e.name === name)
  if (entry === undefined)
    throw new KerbError(
      'MODEL_UNKNOWN',
      `no model "${name}" in the catalogue. There are: ${catalogue.map((e) => e.name).join(', ')}`,
    )
  const show = process.stderr.isTTY
  const result = await pullModel(entry, {
    modelsFolder: folder,
    mirror: process.env['KERBWATCH_MODELS_MIRROR'] ?? null,
    onProgress: (bytes, total) => {
      if (show)
        process.stderr.write(`\r${name}: ${((100 * bytes) / total).toFixed(0)} % of ${(total / 1e6).toFixed(1)} MB`)
    },
  })
  if (show && result.fresh) process.stderr.write('\n')
  console.log(`${name} ${result.fresh ? 'pulled into' : 'was already in'} ${result.folder} (${entry.licence})`)
}

async function verify(name: string | undefined): Promise<void> {
  const present = await listPresent(await findModelsFolder())
  const wanted = present.filter((p) => name === undefined || p.manifest.name === name)
  if (wanted.length === 0)
    throw new KerbError('MODEL_UNKNOWN', `no model "${name ?? ''}" is here. Pull it first: kerbwatch models list`)
  for (const model of wanted) {
    const verdict = await verifyModel(model)
    console.log(`${verdict.name.padEnd(16)} ${verdict.role.padEnd(8)} ${verdict.fault ?? 'good'}`)
    if (verdict.fault !== null) process.exitCode = 1
  }
}

export const command = new Command('models')
  .description('models that are here, pulling more, checking them')
  .addCommand(new Command('list').description('what is here and what may be pulled').action(list))
  .addCommand(
    new Command('pull')
      .description(
        'fetch a model of others by its pinned URL and sha256 (KERBWATCH_MODELS_MIRROR: base URL or folder holding NAME/FILE)',
      )
      .argument('<name>')
      .action(pull),
  )
  .addCommand(new Command('verify').description('check digests, shapes and one run').argument('[name]').action(verify))
