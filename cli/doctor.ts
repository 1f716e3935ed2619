import { writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { pino } from 'pino'
import { systemClock } from '../contracts/base/system-clock.js'
import { systemIds } from '../contracts/base/system-ids.js'
import { probeFfmpeg } from '../edge/capture/index.js'
import { faultLine, readEdgeConfig, type EdgeConfig } from '../edge/config/index.js'
import { worstOf } from '../edge/health/index.js'
import { checkCameras } from './doctor/cameras.js'
import { attempt, check, plain, type Check } from './doctor/check.js'
import { checkCloudConfig, checkCloudOfBox } from './doctor/cloud.js'
import { checkClock, checkDisk } from './doctor/machine.js'
import { checkFfmpeg, checkModels, checkNode, checkOnnx, checkSqlite, checkTestPrograms } from './doctor/programs.js'

interface Options {
  readonly config?: string
  readonly cloud?: string
  readonly json?: string
  readonly lang: 'zh' | 'en'
}

/** Every fault of `edge.yaml` is a line; with any of them the checks that need it are left out. */
async function readBox(file: string): Promise<{ config: EdgeConfig | null; checks: Check[] }> {
  const { config, faults, warnings } = await readEdgeConfig(file)
  const bad = faults.map((fault) =>
    check('edge.yaml', 'bad', plain(faultLine(fault)), { zh: '请改这一行。', en: 'Mend this line.' }),
  )
  const unwise = warnings.map((warning) => check('edge.yaml', 'warn', plain(faultLine(warning))))
  const good =
    config === null
      ? []
      : [
          check('edge.yaml', 'ok', {
            zh: `没有错误，${config.cameras.length} 路摄像机`,
            en: `no faults, ${config.cameras.length} cameras`,
          }),
        ]
  return { config, checks: [...bad, ...good, ...unwise] }
}

async function examine({ config: file, cloud, json, lang }: Options): Promise<void> {
  const all: Check[] = []
  const add = async (name: string, look: () => Promise<Check | readonly Check[]>): Promise<void> => {
    for (const one of await attempt(name, look)) {
      all.push(one)
      const todo = one.todo === null ? '' : ` → ${one.todo[lang]}`
      process.stdout.write(`${one.level.padEnd(4)} ${one.name.padEnd(16)} ${one.says[lang]}${todo}\n`)
    }
  }
  const clock = systemClock
  await add('node', () => Promise.resolve(checkNode(process.version)))
  let config: EdgeConfig | null = null
  if (file !== undefined)
    await add('edge.yaml', async () => {
      const read = await readBox(file)
      config = read.config
      return read.checks
    })
  const box = config as EdgeConfig | null // the compiler does not see that the closure assigns it
  await add('ffmpeg', () => checkFfmpeg(box?.ffmpeg ?? null, clock))
  await add('sqlite', checkSqlite)
  await add('onnxruntime', checkOnnx)
  await add('models', checkModels)
  await add('disk', () =>
    Promise.resolve(checkDisk(box, file === undefined ? process.cwd() : dirname(resolve(file)), clock)),
  )
  await add('clock', () => checkClock(box, clock))
  if (box !== null && file !== undefined) {
    const log = pino({ level: 'silent' })
    await add('cameras', async () =>
      checkCameras(box, { clock, ids: systemIds, log, ffmpeg: await probeFfmpeg(box.ffmpeg), file }),
    )
    await add('cloud', () => checkCloudOfBox(box))
  }
  if (cloud !== undefined) await add('cloud.yaml', () => checkCloudConfig(cloud))
  await add('tests', checkTestPrograms)
  const worst = worstOf(all.map(({ level }) => level))
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ level: worst, checks: all }, null, 2)}\n`)
  if (worst === 'bad') process.exitCode = 1
}

export const command = new Command('doctor')
  .description(
    'Looks at this machine, its cameras and its cloud; one line each and what to do. Exit code 1 when something is bad.',
  )
  .option('--config <file>', 'edge.yaml: its disk, clock, cameras and cloud are checked too')
  .option('--cloud <file>', 'cloud.yaml')
  .option('--json <file>', 'writes the answers there as JSON')
  .option(
    '--lang <lang>',
    'zh or en',
    (process.env['LC_ALL'] ?? process.env['LANG'] ?? '').startsWith('zh') ? 'zh' : 'en',
  )
  .action(async (options: Options) => examine({ ...options, lang: options.lang === 'zh' ? 'zh' : 'en' }))
