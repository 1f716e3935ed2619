// One entry for the checks that types and the linter cannot make: import directions, hidden clocks and dice, SQL outside
// the stores, dead files, file names, broken links in documents. Prints every departure and exits 1 when there is one.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { cruise, type IForbiddenRuleType } from 'dependency-cruiser'
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { createRequire } from 'node:module'

interface Departure {
  readonly file: string
  readonly line: number
  readonly what: string
}

const require = createRequire(import.meta.url)
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(file))
const sources = files.filter((file) => /\.(ts|tsx)$/.test(file))

/** Time and chance are handed in, so that a decision can be replayed (docs/decisions/0002). */
const hidden = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/
const hiddenAllowed = /^(contracts\/base\/system-|bench\/|scripts\/|cli\/|cloud\/console\/app\/|models\/|test-videos\/)/
const sql =
  /\b(select\s+[\w*,.\s]+\s+from|insert\s+(or\s+\w+\s+)?into|update\s+\w+\s+set|delete\s+from|create\s+(table|index))\b/i
const sqlAllowed = /^(cloud\/store\/|edge\/evidence\/chain[^/]*\.ts$|bench\/|scripts\/)|\.test\.ts$/

function lineChecks(file: string): Departure[] {
  const departures: Departure[] = []
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    const code = text.replace(/^\s*(\*|\/\/).*$/, '')
    const at = (what: string): void => void departures.push({ file, line: index + 1, what })
    if (hidden.test(code) && !hiddenAllowed.test(file) && !/\.(test|fixture)\.tsx?$/.test(file))
      at('hidden clock or dice: pass a Clock or Ids in')
    if (sql.test(code) && /['"`]/.test(code) && !sqlAllowed.test(file))
      at('SQL outside cloud/store and edge/evidence/chain.ts')
    if (/@ts-(ignore|nocheck|expect-error)/.test(code)) at('the type checker is switched off')
  }
  return departures
}

function nameChecks(): Departure[] {
  return sources
    .filter((file) => !/^[a-z0-9.-]+\.(ts|tsx)$/.test(file.split('/').at(-1) ?? ''))
    .map((file) => ({ file, line: 1, what: 'file names are kebab-case' }))
}

function linkChecks(): Departure[] {
  return files
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((text, index) =>
          [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)/g)]
            .map((match) => match[1] ?? '')
            .filter((target) => !existsSync(normalize(join(dirname(file), target))))
            .map((target) => ({ file, line: index + 1, what: `link to ${target}, which is not there` })),
        ),
    )
}

async function importChecks(): Promise<Departure[]> {
  const configuration = require('../.dependency-cruiser.cjs') as { forbidden: IForbiddenRuleType[]; options: object }
  const roots = ['contracts', 'edge', 'cloud', 'cli', 'bench', 'scripts', 'kerbwatch.ts'].filter((root) =>
    existsSync(root),
  )
  const result = await cruise(
    roots,
    { ...configuration.options, validate: true, ruleSet: { forbidden: configuration.forbidden } },
    undefined,
    { tsConfig: extractTSConfig('tsconfig.json') },
  )
  if (typeof result.output === 'string') throw new Error(result.output)
  const { summary, modules } = result.output
  const directions = summary.violations
    .filter((violation) => violation.rule.severity === 'error')
    .map((violation) => ({ file: violation.from, line: 1, what: `${violation.rule.name}: imports ${violation.to}` }))
  // A file that nobody imports and that is no entry is dead.
  const entry =
    /(^kerbwatch\.ts$|\.test\.ts$|\.fixture\.ts$|^cli\/[^/]+\.ts$|^scripts\/|^bench\/[^/]+\.ts$|worker[^/]*\.ts$|^edge\/main\.ts$|^cloud\/console\/app\/main\.tsx$|^cloud\/main\.ts$|manual-clock\.ts$)/
  const dead = modules
    .filter((module) => !module.source.includes('node_modules') && /\.tsx?$/.test(module.source))
    .filter((module) => module.dependents.length === 0 && !entry.test(module.source))
    .map((module) => ({ file: module.source, line: 1, what: 'dead file: nothing imports it' }))
  return [...directions, ...dead]
}

const departures = [...sources.flatMap(lineChecks), ...nameChecks(), ...linkChecks(), ...(await importChecks())]
for (const { file, line, what } of departures) console.log(`${file}:${line}  ${what}`)
console.log(
  departures.length === 0 ? `tidy: ${sources.length} files in order` : `tidy: ${departures.length} departures`,
)
process.exitCode = departures.length === 0 ? 0 : 1
