import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { Command, Option } from 'commander'
import { dayText, dueOf, periodOf, surchargeFen, type WorkCalendar } from '../cloud/cases/calendar/index.js'
import { diffPacks, lawFor, openValues, usableItem, type PolicyPack } from '../cloud/cases/pack/index.js'
import { process as law } from '../cloud/cases/process/index.js'
import { parsePolicy } from '../cloud/documents/index.js'
import { fromRfc3339, KerbError } from '../contracts/base/index.js'
import { causes, type Cause } from '../contracts/terms.js'
import { faultLine, type ConfigFault } from '../contracts/yaml-faults.js'
import { readPack } from '../cloud/read-pack.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** A policy file of the thin road (`policy.yaml`) or a whole pack (`pack.yaml`). */
function check(file: string): void {
  if (basename(file) === 'policy.yaml') {
    const { policy, faults } = parsePolicy(text(file), file)
    report(file, faults)
    if (policy !== null)
      say(`${file} is good: ${policy.version}, ${policy.texts.length} texts${policy.demo ? ', DEMO' : ''}`)
    return
  }
  const { pack, faults } = readPack(file)
  report(file, faults)
  if (pack === null) return
  const open = openValues(pack)
  for (const { key, why, mark } of open)
    say(
      `open    ${key}: ${why === 'unknown' ? 'not known; no case can use it' : `unverified [${mark}], confirm before use`}`,
    )
  say(`${file} is good: ${pack.pack} ${pack.version}, ${pack.items.length} items, ${open.length} values open`)
}

function diff(before: string, after: string): void {
  const changes = diffPacks(mustRead(before).pack, mustRead(after).pack)
  for (const { key, whom, before: from, after: to } of changes) {
    say(`${key}  (${whom.zh} / ${whom.en})`)
    say(`  - ${from}`)
    say(`  + ${to}`)
  }
  say(changes.length === 0 ? 'nothing changes' : `${changes.length} changes`)
}

interface DueWish {
  readonly pack: string
  readonly cause: Cause
}

function due(from: string, { pack: file, cause }: DueWish): void {
  const { pack, calendar } = mustRead(file)
  const fromMs = fromRfc3339(from)
  for (const timer of law.timers) {
    const choice = periodOf(timer.id, pack, { cause })
    const name = `${timer.id} ${timer.name.zh} / ${timer.name.en}`
    if (!choice.ok) say(`${name}: ${choice.key} is ${choice.why}`)
    else if (timer.id === 'T16') say(`${name}: ${surchargeText()}`)
    else if (choice.value === null) say(`${name}: none for ${cause}`)
    else say(`${name}: ${endText(() => dueOf(fromMs, choice.value ?? noPeriod, calendar))}`)
  }
}
/** What lateness costs, at a fine of 100 yuan. */
function surchargeText(): string {
  const yuan = (days: number): string => `${surchargeFen(10_000, days) / 100} yuan after ${days} days`
  return `counts days; on a fine of 100 yuan ${[1, 10, 34, 100].map(yuan).join(', ')}`
}
const noPeriod = { unit: 'calendar_day', count: 0, roll: false } as const

/** The end in words; a year without table is said, not guessed. */
function endText(end: () => ReturnType<typeof dueOf>): string {
  try {
    const found = end()
    return found === null
      ? 'stands still'
      : `last day ${dayText(found.lastDay)}, over at ${new Date(found.endMs).toISOString()}`
  } catch (error) {
    if (error instanceof KerbError && error.code === 'CALENDAR_YEAR_MISSING') return error.message
    throw error
  }
}

interface LawWish {
  readonly pack: string
  readonly family: string
  readonly act: string
  readonly decision: string
}

function lawByDate({ pack: file, family, act, decision }: LawWish): void {
  const { pack } = mustRead(file)
  const choice = lawFor(pack.items, family, act, decision)
  if (choice.kind === 'one') {
    const usable = usableItem(choice.item, choice.why === 'milder_new' ? decision : act, pack.demo)
    say(
      `${choice.item.code}: ${choice.why}; ${usable ? 'a case can use it' : 'unverified or unknown: a case cannot use it (G12)'}`,
    )
  } else if (choice.kind === 'none') say(`no item: ${choice.why}`)
  else
    say(
      `a person decides between ${choice.compared.map(({ code }) => code).join(' and ')}: ${choice.differs.join('; ')}`,
    )
}

function mustRead(file: string): { pack: PolicyPack; calendar: WorkCalendar } {
  const { pack, calendar, faults } = readPack(file)
  if (pack === null)
    throw new KerbError('CONFIG_FAULTY', `${file} has faults:\n${faults.map(faultLine).join('\n')}`, { file })
  return { pack, calendar }
}

function report(file: string, faults: readonly ConfigFault[]): void {
  for (const one of faults) process.stderr.write(`fault   ${faultLine(one)}\n`)
  if (faults.length === 0) return
  process.stderr.write(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${file}\n`)
  process.exitCode = 2
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new KerbError('CONFIG_UNREADABLE', `cannot read ${file}: correct the path`, { file }, { cause })
  }
}

export const command = new Command('policy').description('policy packs: check, compare, ask')

command
  .command('check')
  .description(
    'every fault of a pack with line, column and key, and what is still open; exit code 2 when there is a fault',
  )
  .argument('<file>', 'policy/CITY/pack.yaml, or the policy.yaml of a running cloud')
  .action(check)
command
  .command('diff')
  .description('what changes for whom when the second pack takes the place of the first')
  .argument('<before>')
  .argument('<after>')
  .action(diff)
command
  .command('due')
  .description('when each period of the process would end that starts now')
  .argument('<from>', 'instant, 2026-03-02T10:00:00+08:00')
  .requiredOption('--pack <file>')
  .addOption(new Option('--cause <cause>').choices([...causes]).default('vending'))
  .action(due)
command
  .command('law')
  .description('which version of the law counts (milder law, APL Art. 37)')
  .requiredOption('--pack <file>')
  .requiredOption('--family <name>')
  .requiredOption('--act <day>')
  .requiredOption('--decision <day>')
  .action(lawByDate)
