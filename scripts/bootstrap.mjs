// Installs what is missing before a command runs. Plain JavaScript without dependencies, because nothing is there yet.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const installed = `${root}node_modules/.package-lock.json`
const lock = `${root}package-lock.json`

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major > 22)) {
  console.error(`kerbwatch needs Node 20.19 or later, or 22.13 or later; this is ${process.versions.node}.`)
  process.exit(2)
}

const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs
if (!fresh) {
  console.error('kerbwatch: installing packages (once, two to four minutes; better-sqlite3 is compiled) …')
  // onnxruntime's script would fetch CUDA libraries; the CPU library is in the package.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' }
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, env, stdio: ['ignore', 2, 2] })
  if (status !== 0) {
    console.error(
      'kerbwatch: npm ci failed. A C++ compiler, make and Python 3 are needed on Node 20 and 22 (Debian: apt-get install g++ make python3).',
    )
    process.exit(1)
  }
}
