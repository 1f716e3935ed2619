import { readFile, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { KerbError } from '../contracts/base/index.js'
import { systemClock } from '../contracts/base/system-clock.js'
import { probeFfmpeg } from '../edge/capture/index.js'
import { openObjectModel } from '../edge/vision/objects/index.js'
import { readCoco } from './eval-images/coco.js'
import { evaluateImages, type ImagesReport } from './eval-images/evaluate.js'
import { decodePicture } from './eval-images/picture.js'
import { findModelsFolder } from './models/home.js'

interface Options {
  readonly coco: string
  readonly images: string
  readonly model: string
  readonly json?: string
  readonly only?: string
  readonly bootstrap: number
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}

async function evalImages(options: Options): Promise<void> {
  const named = options.model.includes('/') || isAbsolute(options.model)
  const folder = named ? resolve(options.model) : join(await findModelsFolder(), options.model)
  const ffmpeg = await probeFfmpeg(null)
  const all = await readCoco(options.coco)
  const wanted = options.only === undefined ? null : new Set((await readLines(options.only)).map((l) => l.trim()))
  const pictures = all.filter((p) => wanted === null || wanted.has(p.file))
  if (pictures.length === 0) throw new KerbError('COCO_EMPTY', `${options.coco} holds no picture that was asked for`)
  const model = await openObjectModel(folder)
  const show = process.stderr.isTTY
  const report = await evaluateImages({
    pictures,
    model,
    read: (file) => decodePicture(join(options.images, file), ffmpeg.path),
    clock: systemClock,
    bootstrap: options.bootstrap,
    onProgress: (done, total) => {
      if (show) process.stderr.write(`\r${done} of ${total} pictures`)
      else if (done % 100 === 0 || done === total) process.stderr.write(`${done} of ${total} pictures\n`)
    },
  })
  if (show) process.stderr.write('\n')
  await model.close()
  printReport(report)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
}

async function readLines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n')
}

function printReport(report: ImagesReport): void {
  const share = (value: number | null | undefined): string => (value ?? NaN).toFixed(3).padStart(7)
  console.log(
    `${report.model.name} ${report.model.sha256.slice(0, 12)}: ${report.images} pictures, ${report.ms_per_image.toFixed(1)} ms each`,
  )
  console.log('class              AP50  recall   prec.   boxes')
  for (const [name, c] of [...Object.entries(report.classes), ...Object.entries(report.derived)])
    console.log(
      `${name.padEnd(14)}${share(c.ap50)} ${share(c.recall)} ${share(c.precision)} ${String(c.instances).padStart(7)}${name in report.classes ? '' : '  (from car, truck, bus; not in the mean)'}`,
    )
  console.log(`mean over ${Object.keys(report.classes).length} classes${share(report.map50)}`)
  if (report.unknown_to_model.length > 0) console.log(`not known to this model: ${report.unknown_to_model.join(', ')}`)
}

export const command = new Command('eval-images')
  .description('AP50 per class of an objects model on labelled pictures (COCO)')
  .requiredOption(
    '--coco <file>',
    'annotations; info.exhaustively_labelled or a picture\'s own "labelled" names the classes fully labelled',
  )
  .requiredOption('--images <dir>', 'folder of the pictures')
  .option('--model <name>', 'name under models/, or a folder', 'objects-v1')
  .option('--only <file>', 'file names to be used, one a line')
  .option('--bootstrap <draws>', '95 % intervals from so many draws of pictures', wholeNumber, 0)
  .option('--json <file>', 'write the report')
  .action(evalImages)
