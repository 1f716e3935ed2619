import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { checkProcess, explore, withoutGate } from '../cloud/cases/model/index.js'
import { process as law, type GateId } from '../cloud/cases/process/index.js'
import { KerbError } from '../contracts/base/index.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Wish {
  readonly without?: string
  readonly states: string
  readonly json?: string
}

function check({ without, states: wanted, json }: Wish): void {
  const statesMax = Number(wanted)
  if (!Number.isSafeInteger(statesMax) || statesMax < 1)
    throw new KerbError('USAGE_STATES', '--states needs a whole number above 0')
  const gate = law.gates.find(({ id }) => id === without)?.id
  if (without !== undefined && gate === undefined)
    throw new KerbError('USAGE_GATE', `there is no gate ${without}: ${law.gates.map(({ id }) => id).join(', ')}`)
  const examined = gate === undefined ? law : withoutGate(law, gate satisfies GateId)
  const faults = checkProcess(examined)
  const { states, steps, asked, complete, breaches } = explore(examined, law, statesMax, gate !== undefined)
  for (const { row, what } of faults) say(`fault   ${row}: ${what}`)
  for (const { what, trace } of breaches) {
    say(`breach  ${what}`)
    for (const [index, did] of trace.entries()) say(`  ${String(index + 1).padStart(3)}. ${did}`)
  }
  say(
    `process ${law.version}: ${states} states${complete ? '' : ' (not all)'}, ${steps} steps, ${asked} requests; ${faults.length} faults, ${breaches.length} breaches`,
  )
  if (json !== undefined)
    writeFileSync(
      json,
      `${JSON.stringify({ process: law.version, without: gate ?? null, states, steps, asked, complete, faults, breaches }, null, 2)}\n`,
    )
  if (faults.length + breaches.length > 0) process.exitCode = 1
}

export const command = new Command('process').description('the legal process')

command
  .command('check')
  .description(
    'model check: faults of the data, and every reachable state up to --states; exit code 1 and a trace when something is wrong',
  )
  .option('--without <gate>', 'leave one gate out: the check must fail')
  .option('--states <n>', 'how many different states of a file to look at', '20000')
  .option('--json <file>', 'states, breaches[], faults[]')
  .action(check)
