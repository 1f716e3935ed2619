// TypeScript → dist/, plus what the programs read at run time: models, page files, policy texts.
// `--out DIR` builds elsewhere; `--no-check` leaves the types to `npm run typecheck` (tests build this way).
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist' }, 'no-check': { type: 'boolean' } } })
const out = resolve(values.out)
rmSync(out, { recursive: true, force: true })
const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', out]
if (values['no-check']) tsc.push('--noCheck')
const { status } = spawnSync(process.execPath, tsc, { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

/** Everything under a folder that is neither TypeScript nor a test. */
function copyAssets(folder) {
  for (const name of readdirSync(folder)) {
    const from = join(folder, name)
    if (statSync(from).isDirectory()) copyAssets(from)
    else if (!/\.(ts|tsx|md)$/.test(name)) cpSync(from, join(out, from))
  }
}
for (const folder of ['contracts/generated', 'edge', 'cloud', 'policy']) if (existsSync(folder)) copyAssets(folder)
for (const name of readdirSync('models')) {
  const manifest = join('models', name, 'model.json')
  if (existsSync(manifest)) cpSync(join('models', name), join(out, 'models', name), { recursive: true })
}
cpSync('models/catalogue.json', join(out, 'models/catalogue.json'))
const { writeConsole } = await import(pathToFileURL(join(out, 'cloud/console/assets.js')).href)
await writeConsole('cloud/console/app', join(out, 'cloud/console/app'))
