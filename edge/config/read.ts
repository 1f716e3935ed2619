import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import { KerbError } from '../../contracts/base/index.js'
import { dwellMaxS } from '../../contracts/thresholds.js'
import { parseYaml, type ConfigFault } from '../../contracts/yaml-faults.js'
import { edgeConfigSchema } from './schema.js'
import type { EdgeConfig } from './schema.js'

/** `config` is null exactly when there are faults. */
export interface EdgeConfigRead {
  readonly config: EdgeConfig | null
  readonly faults: readonly ConfigFault[]
  readonly warnings: readonly ConfigFault[]
}

const fileBytesMax = 1 << 20
/** Bit rate that the ring is planned with while a camera's own is not known. */
const assumedBitsPerSecond = 4_000_000
const reserveSeconds = 120

/** Reads, checks and resolves `edge.yaml`. Never throws for what stands in it: whatever is wrong is a fault. */
export async function readEdgeConfig(file: string): Promise<EdgeConfigRead> {
  const whole = (message: string): EdgeConfigRead => ({
    config: null,
    faults: [{ file, line: 1, column: 1, key: '', message }],
    warnings: [],
  })
  let text: string
  try {
    if ((await stat(file)).size > fileBytesMax) return whole('is larger than 1 MiB: this is no configuration')
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return whole('is not there: give the path of edge.yaml')
    if (error instanceof TypeError) return whole('is not UTF-8: save it as UTF-8')
    return whole(`cannot be read (${code ?? String(error)}): check its path and rights`)
  }
  const read = parseEdgeConfig(text, file)
  return read.config === null
    ? read
    : { ...read, warnings: [...read.warnings, ...(await secretWarnings(read.config, file))] }
}

/** The pure part: text → configuration with absolute paths, or every fault. */
export function parseEdgeConfig(text: string, file: string): EdgeConfigRead {
  const { value, faults, at } = parseYaml(text, file, edgeConfigSchema)
  if (value === null) return { config: null, faults, warnings: [] }
  const config = resolved(value, dirname(resolve(file)))
  const warnings = warningsOf(config).map(({ path, message }) => ({ ...at(path), message }))
  return { config, faults, warnings }
}

/** Paths are relative to the file, wherever the program is started. */
function resolved(config: EdgeConfig, folder: string): EdgeConfig {
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path))
  const isPath = (text: string): boolean => text.includes('/') || text.startsWith('.')
  /** A bare name stays one: it is looked up among the models or, for a program, in PATH. */
  const named = (text: string): string => (isPath(text) ? absolute(text) : text)
  const { objects, plume, plate } = config.vision.models
  return {
    ...config,
    data: absolute(config.data),
    ffmpeg: config.ffmpeg && named(config.ffmpeg),
    cloud: {
      ...config.cloud,
      password_file: absolute(config.cloud.password_file),
      keys_file: absolute(config.cloud.keys_file),
    },
    panel: config.panel && { ...config.panel, password_file: absolute(config.panel.password_file) },
    vision: {
      ...config.vision,
      models: { objects: named(objects), plume: plume && named(plume), plate: plate && named(plate) },
    },
    cameras: config.cameras.map((camera) => ({
      ...camera,
      url: camera.url.startsWith('file:') ? `file:${absolute(camera.url.replace(/^file:(\/\/)?/, ''))}` : camera.url,
      password_file: camera.password_file && absolute(camera.password_file),
    })),
  }
}

function warningsOf(config: EdgeConfig): { path: readonly (string | number)[]; message: string }[] {
  const warnings: { path: readonly (string | number)[]; message: string }[] = []
  let neededBytes = 0
  for (const [index, camera] of config.cameras.entries()) {
    const layers = camera.zones.length === 0 ? [{}] : camera.zones.map(({ rules }) => rules)
    const dwellS = Math.max(...layers.map((zone) => dwellMaxS([config.rules, camera.rules, zone])))
    neededBytes += ((dwellS + reserveSeconds) * assumedBitsPerSecond) / 8
    if (camera.zones.length === 0)
      warnings.push({ path: ['cameras', index], message: 'has no zones: the whole picture counts as forbidden for every cause; draw zones' }) // prettier-ignore
  }
  const neededMb = Math.ceil(neededBytes / 1e6)
  if (config.storage.ring_mb < neededMb)
    warnings.push({
      path: ['storage', 'ring_mb'],
      message: `holds less than the longest dwell and ${reserveSeconds} s of ${config.cameras.length} cameras at 4 Mbit/s: give at least ${neededMb}, or look backs find nothing`,
    })
  return warnings
}

async function secretWarnings(config: EdgeConfig, file: string): Promise<ConfigFault[]> {
  const secrets: [key: string, path: string][] = [['cloud.password_file', config.cloud.password_file]]
  if (config.panel) secrets.push(['panel.password_file', config.panel.password_file])
  for (const [index, camera] of config.cameras.entries())
    if (camera.password_file !== null) secrets.push([`cameras[${index}].password_file`, camera.password_file])
  const warnings: ConfigFault[] = []
  for (const [key, path] of secrets) {
    const about = await stat(path).catch(() => null)
    const message =
      about === null ? `names ${path}, which is not there: write the secret into it (mode 0600)`
      : (about.mode & 0o077) !== 0 && process.platform !== 'win32' ? `names ${path}, which others can read: chmod 600 it`
      : null // prettier-ignore
    if (message !== null) warnings.push({ file, line: 1, column: 1, key, message })
  }
  return warnings
}

/** The first line of a secret file. @throws KerbError `SECRET_MISSING` or `SECRET_EMPTY`, saying which file and what to do. */
export async function readSecret(path: string): Promise<string> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new KerbError(
      'SECRET_MISSING',
      `cannot read the secret ${path}: write it into that file (mode 0600)`,
      { path },
      { cause },
    )
  }
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line === '')
    throw new KerbError('SECRET_EMPTY', `the secret ${path} is empty: write it into its first line`, { path })
  return line
}
