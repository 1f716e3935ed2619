/** Renders the clips of this folder again: `node test-videos/make.mjs [NAME …] [--twin] [--seconds N] [--out FOLDER]`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = spawnSync(process.execPath, ['--import', 'tsx', 'models/synth/clips.ts', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = run.status ?? 1
