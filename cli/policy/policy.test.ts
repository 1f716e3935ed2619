import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { command } from '../policy.js'
import { readPack } from '../../cloud/read-pack.js'

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

/** Runs the command in this process and gives what it prints. */
async function say(t: Test, ...args: string[]): Promise<string> {
  const written = t.capture(process.stdout, 'write', () => true)
  try {
    await command.parseAsync(args, { from: 'user' })
    return written()
      .map(({ args: [text] }) => String(text))
      .join('')
  } finally {
    written.restore()
  }
}

t.test('due, law and diff', async (t) => {
  const due = await say(t, 'due', '2026-02-13T09:00:00+08:00', '--pack', file('shanghai'))
  t.match(due, /T11 .*last day 2026-02-27, over at 2026-02-27T16:00:00\.000Z/)
  t.match(due, /T20 .*last day 2026-08-13/)
  t.match(due, /T10 .*defence\.window_days is unverified/)
  const law = ['--pack', file('shanghai'), '--family', 'open_air_grilling', '--act', '2026-03-01']
  t.match(await say(t, 'law', ...law, '--decision', '2026-09-01'), /no_longer_an_offence/)
  t.match(await say(t, 'law', ...law, '--decision', '2026-03-20'), /CN-AIR-118-3: unchanged; .*cannot use it/)
  t.match(await say(t, 'diff', file('shanghai'), file('xiamen')), /service\.public_notice_days .*\n {2}- 60\n {2}\+ 30/)
})

t.test('check names each fault and ends with 2', { timeout: 200_000 }, async (t) => {
  const broken = join(t.testdir(), 'pack.yaml')
  writeFileSync(broken, 'pack: X\n')
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', 'kerbwatch.ts', 'policy', 'check', broken], {
    cwd: root,
  })
  const failed = (await run.catch((error: unknown) => error)) as { stderr: string; code: number }
  t.equal(failed.code, 2)
  t.match(failed.stderr, /fault {3}.*pack\.yaml:1:\d+ pack:/)
})
