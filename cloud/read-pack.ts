import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseYearTable, workCalendar, type WorkCalendar, type YearTable } from './cases/calendar/index.js'
import { joinLayers, missingKeys, parseLayer, type PackLayer, type PolicyPack } from './cases/pack/index.js'
import { KerbError } from '../contracts/base/index.js'
import { faultLine, type ConfigFault } from '../contracts/yaml-faults.js'
import { noRegisters, parseRegisters, type Registers } from './cases/derived/index.js'
import type { Law } from './delivery/index.js'

export interface PackRead {
  readonly pack: PolicyPack | null
  readonly calendar: WorkCalendar
  readonly faults: readonly ConfigFault[]
}

/** Reads a pack with what it extends and its calendars. Every fault of every file, each with its line and key. Never throws. */
export function readPack(file: string): PackRead {
  const faults: ConfigFault[] = []
  const top = readLayer(file, faults)
  const base = top?.extends == null ? null : readLayer(resolve(dirname(file), top.extends), faults)
  if (base?.extends != null) faults.push(fault(file, 'extends', 'a base extends nothing: name the base itself'))
  const tables = (top?.calendar ?? []).flatMap((name, index) =>
    readTable(resolve(dirname(file), name), `calendar[${index}]`, file, faults),
  )
  const pack = top === null ? null : joinLayers(base, top)
  if (pack !== null)
    for (const key of missingKeys(pack))
      faults.push(
        fault(file, `figures.${key}`, 'is missing here and in the base: add it, with value: null when it is not known'),
      )
  return { pack: faults.length === 0 ? pack : null, calendar: workCalendar(tables), faults }
}

function readLayer(file: string, faults: ConfigFault[]): PackLayer | null {
  const source = readText(file, file, '', faults)
  if (source === null) return null
  const { layer, faults: found } = parseLayer(source, file)
  faults.push(...found)
  return layer
}

function readTable(file: string, key: string, from: string, faults: ConfigFault[]): YearTable[] {
  const source = readText(file, from, key, faults)
  if (source === null) return []
  const { table, faults: found } = parseYearTable(source, file)
  faults.push(...found)
  return table === null ? [] : [table]
}

function readText(file: string, named: string, key: string, faults: ConfigFault[]): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    faults.push(
      fault(named, key, `cannot read ${file} (${(cause as NodeJS.ErrnoException).code ?? 'error'}): correct the path`),
    )
    return null
  }
}

function fault(file: string, key: string, message: string): ConfigFault {
  return { file, line: 1, column: 1, key, message }
}

/** Pack, calendar and registers of a cloud. @throws KerbError `POLICY_FAULTY` whose message names every fault of every file. */
export function mustReadLaw(packFile: string, registersFile: string | null): Law {
  const { pack, calendar, faults } = readPack(packFile)
  const all = [...faults]
  const registers = registersFile === null ? noRegisters : readRegisters(registersFile, all)
  if (pack === null || registers === null || all.length > 0)
    throw new KerbError('POLICY_FAULTY', `the policy pack has ${all.length} faults:\n${all.map(faultLine).join('\n')}`)
  return { pack, calendar, registers }
}

function readRegisters(file: string, faults: ConfigFault[]): Registers | null {
  const source = readText(file, file, '', faults)
  if (source === null) return null
  const { registers, faults: found } = parseRegisters(source, file)
  faults.push(...found)
  return registers
}
