import { Command } from 'commander'
import { pino } from 'pino'
import { mustReadCloudConfig } from '../cloud/config.js'
import { openCloud } from '../cloud/main.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { untilStopped } from './until-stopped.js'

export const command = new Command('cloud')
  .description(
    'The service: verifies records, keeps leads and cases, serves console and portal. Ends on SIGTERM or SIGINT.',
  )
  .requiredOption('--config <file>', 'cloud.yaml')
  .option('--log-level <level>', 'debug, info, warn or error', 'info')
  .action(async ({ config: file, logLevel }: { config: string; logLevel: string }) => {
    const config = mustReadCloudConfig(file)
    const log = pino({ level: logLevel, base: null })
    const stop = untilStopped()
    await using _cloud = await openCloud(config, { clock: systemClock, ids: systemIds, log })
    await stop.asked
    log.info({}, 'the cloud stops')
  })
