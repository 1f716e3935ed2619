import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassReport, SetReport } from '../../../cli/eval-images/evaluate.js'
import type { Figures } from './figures.js'

interface Manifest {
  version: string
  sha256: string
  classes: string[]
  thresholds: Record<string, number>
  input: { widthPx: number; heightPx: number; fit: string }
  provenance: { parameters?: number }
  metrics: Record<string, unknown>
}

const f3 = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toFixed(3)

function row(name: string, c: ClassReport, rivals: readonly (ClassReport | undefined)[]): string {
  const between = c.ap50_low === undefined ? '' : ` (${f3(c.ap50_low)} to ${f3(c.ap50_high)})`
  const sizes = ['under_8', '8_16', '16_24', '24_32', 'from_32']
    .map((bin) => c.by_size[bin])
    .map((bin) => (bin === undefined ? '-' : `${bin.recall.toFixed(2)} of ${bin.instances}`))
  return `| ${[name, c.instances, `${f3(c.ap50)}${between}`, f3(c.recall), f3(c.precision), ...sizes, ...rivals.map((r) => f3(r?.ap50))].join(' | ')} |`
}

const all = (set: SetReport): Record<string, ClassReport> => ({ ...set.classes, ...set.derived })

function table(title: string, own: SetReport, rivals: readonly { name: string; set: SetReport | undefined }[]): string {
  const head = [
    'class',
    'boxes',
    'AP50 (95 %)',
    'recall',
    'precision',
    '< 8 px',
    '8-16',
    '16-24',
    '24-32',
    '32+',
    ...rivals.map((r) => r.name),
  ]
  const rows = Object.entries(all(own)).map(([name, c]) =>
    row(
      name in own.classes ? name : `${name} (from car, truck, bus)`,
      c,
      rivals.map((r) => (r.set === undefined ? undefined : all(r.set)[name])),
    ),
  )
  const mean = `Mean over ${Object.keys(own.classes).length} classes: **${f3(own.map50)}**; ${own.images} pictures.`
  return [
    `### ${title}`,
    '',
    mean,
    '',
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...rows,
    '',
  ].join('\n')
}

const titles: Record<string, string> = {
  rendered_val: 'Held-back rendered streets (no street of these is in training)',
  street_objects_test: 'street_objects, test part',
  street_kitti: 'street_kitti (nothing of this source was learnt from)',
  vehicle_plume: 'vehicle_plume (nothing of this source was learnt from; buses at the edge are not boxed)',
  litter_taco_held_back: 'litter_taco, the fifth of it that was held back',
  vendor_stall: 'vendor_stall (nothing of this source was learnt from)',
}

/** Puts the measured figures into `CARD.md` (between its two marks) and a short form of them into `model.json`. */
export async function writeCard(folder: string, figures: Figures): Promise<void> {
  const manifestPath = join(folder, 'model.json')
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest
  const own = figures[manifest.sha256]
  if (own === undefined) throw new Error(`${folder}: nothing was measured for ${manifest.sha256}`)
  const rivals = Object.entries(figures).filter(([sha256]) => sha256 !== manifest.sha256)
  const tables = Object.entries(own.sets).flatMap(([set, report]) => {
    const beside = rivals.map(([, r]) => ({ name: `${r.name} AP50`, set: r.sets[set] }))
    const whole = table(titles[set] ?? set, report, beside)
    const atl = report.groups['atl']
    if (set !== 'street_objects_test' || atl === undefined) return [whole]
    const without = rivals.map(([, r]) => ({ name: `${r.name} AP50`, set: r.sets[set]?.groups['atl']?.without }))
    return [
      whole,
      table(`${titles[set] ?? set}, without the group atl (one road of it is also in training)`, atl.without, without),
    ]
  })
  const facts = `Version ${manifest.version}; ${manifest.provenance.parameters ?? 0} parameters; input ${manifest.input.widthPx} x ${manifest.input.heightPx}, ${manifest.input.fit}; sha256 of model.onnx \`${manifest.sha256}\`.`
  const path = join(folder, 'CARD.md')
  const card = await readFile(path, 'utf8')
  const [before, after] = [card.split('<!-- figures -->')[0], card.split('<!-- end of figures -->')[1]]
  await writeFile(
    path,
    `${before ?? ''}<!-- figures -->\n\n${facts}\n\n${tables.join('\n')}\n<!-- end of figures -->${after ?? '\n'}`,
  )
  manifest.metrics = Object.fromEntries(
    Object.entries(own.sets).map(([set, report]) => [
      set,
      {
        images: report.images,
        map50: report.map50,
        ap50: Object.fromEntries(Object.entries(all(report)).map(([name, c]) => [name, Number(c.ap50.toFixed(4))])),
      },
    ]),
  )
  await writeFile(manifestPath, `${JSON.stringify(manifest, null, 2)}\n`)
}
