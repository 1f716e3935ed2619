import { Command } from 'commander'
import { pino } from 'pino'
import { KerbError } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { faultLine, readEdgeConfig } from '../edge/config/index.js'
import { openEdge } from '../edge/main.js'
import { openPanel } from '../edge/panel/index.js'
import { untilStopped } from './until-stopped.js'

export const command = new Command('edge')
  .description('The box: watches cameras, keeps their footage, sends signed records. Ends on SIGTERM or SIGINT.')
  .requiredOption('--config <file>', 'edge.yaml')
  .option('--log-level <level>', 'debug, info, warn or error', 'info')
  .action(async ({ config: file, logLevel }: { config: string; logLevel: string }) => {
    const { config, faults, warnings } = await readEdgeConfig(file)
    for (const warning of warnings) console.error(`warning: ${faultLine(warning)}`)
    if (config === null)
      throw new KerbError(
        'CONFIG_FAULTY',
        `${file} has ${faults.length} fault(s):\n${faults.map(faultLine).join('\n')}`,
      )
    const log = pino({ level: logLevel, base: { device: config.device } })
    const stop = untilStopped()
    await using edge = await openEdge(config, { clock: systemClock, ids: systemIds, log, restart: stop.now })
    await using _panel =
      config.panel === null
        ? null
        : await openPanel(config.panel, { edge, file, clock: systemClock, log, restart: stop.now })
    log.info({ cameras: config.cameras.length }, 'the box watches')
    await Promise.race([stop.asked, edge.ended])
    log.info({}, 'the box stops')
  })
