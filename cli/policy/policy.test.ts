import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { readPack } from './read.js'

const root = new URL('../../', import.meta.url).pathname
const file = (name: string): string => join(root, 'policy', name, 'pack.yaml')

t.test('the packs of this repository are good', async (t) => {
  for (const name of ['base', 'shanghai', 'xiamen']) {
    const { faults, pack, calendar } = readPack(file(name))
    t.same(faults, [], name)
    t.ok(pack)
    t.same(calendar.years, [2025, 2026])
  }
})

t.test('a pack whose base or calendar is missing says which file', async (t) => {
  const folder = t.testdir()
  const path = join(folder, 'pack.yaml')
  writeFileSync(path, readFileSync(file('shanghai'), 'utf8').replace('../base/pack.yaml', './nowhere.yaml'))
  const { pack, faults } = readPack(path)
  t.equal(pack, null)
  const said = faults.map(({ key, message }) => `${key} ${message}`).join('\n')
  t.match(said, /cannot read .*nowhere\.yaml/)
  t.match(said, /figures\.decision\.days is missing here and in the base/)
})

t.test('the command: check, diff, due, law', async (t) => {
  const run = async (...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'kerbwatch.ts', 'policy', ...args], { cwd: root })
      .then(({ stdout, stderr }) => ({ stdout, stderr, code: 0 }))
      .catch((error: unknown) => error as { stdout: string; stderr: string; code: number })
  const due = await run('due', '2026-02-13T09:00:00+08:00', '--pack', file('shanghai'))
  t.equal(due.code, 0, due.stderr)
  t.match(due.stdout, /T11 .*last day 2026-02-27, over at 2026-02-27T16:00:00\.000Z/)
  t.match(due.stdout, /T20 .*last day 2026-08-13/)
  const broken = join(t.testdir(), 'pack.yaml')
  writeFileSync(broken, 'pack: X\n')
  const check = await run('check', broken)
  t.equal(check.code, 2)
  t.match(check.stderr, /fault {3}.*pack\.yaml:1:\d+ pack:/)
  const law = await run(
    'law',
    '--pack',
    file('shanghai'),
    '--family',
    'open_air_grilling',
    '--act',
    '2026-03-01',
    '--decision',
    '2026-09-01',
  )
  t.match(law.stdout, /no_longer_an_offence/)
})
