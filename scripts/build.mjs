// TypeScript → dist/, plus what the programs read at run time: models, page files, policy texts.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

/** Everything under a folder that is neither TypeScript nor a test. */
function copyAssets(folder) {
  for (const name of readdirSync(folder)) {
    const from = join(folder, name)
    if (statSync(from).isDirectory()) copyAssets(from)
    else if (!/\.(ts|tsx|md)$/.test(name)) cpSync(from, join('dist', from))
  }
}
for (const folder of ['contracts/generated', 'edge', 'cloud', 'policy']) if (existsSync(folder)) copyAssets(folder)
for (const name of readdirSync('models')) {
  const manifest = join('models', name, 'model.json')
  if (existsSync(manifest)) cpSync(join('models', name), join('dist/models', name), { recursive: true })
}
const { writeConsole } = await import('../dist/cloud/console/assets.js')
await writeConsole('cloud/console/app', 'dist/cloud/console/app')
cpSync('models/catalogue.json', 'dist/models/catalogue.json')
