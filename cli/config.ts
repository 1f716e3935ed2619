import { Command } from 'commander'
import { faultLine, readEdgeConfig } from '../edge/config/index.js'

async function check(file: string): Promise<void> {
  const { config, faults, warnings } = await readEdgeConfig(file)
  for (const fault of faults) process.stderr.write(`fault   ${faultLine(fault)}\n`)
  for (const warning of warnings) process.stderr.write(`warning ${faultLine(warning)}\n`)
  if (config === null) {
    process.stderr.write(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} in ${file}\n`)
    process.exitCode = 2
    return
  }
  process.stdout.write(
    `${file} is good: device ${config.device}, ${config.cameras.length} cameras, ${warnings.length} warnings\n`,
  )
}

export const command = new Command('config').description('check a configuration before it is used')

command
  .command('check')
  .description('every fault of edge.yaml with line, column and key; exit code 2 when there is one')
  .argument('<file>', 'path of edge.yaml')
  .action(check)
