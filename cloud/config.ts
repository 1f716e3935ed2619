import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, resolve } from 'node:path'
import { z } from 'zod'
import { KerbError } from '../contracts/base/index.js'
import { faultLine, parseYaml, type ConfigFault } from '../contracts/yaml-faults.js'

const path = z.string().min(1).max(1000)
const listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9.-]+):\d{1,5}$/, 'give address and port as "127.0.0.1:8080"')

/** `cloud.yaml` as DESIGN.md §9.3 describes it. Unknown keys are faults. */
export const cloudConfigSchema = z.strictObject({
  listen: listen.default('127.0.0.1:8080'),
  public_url: z
    .url('give the address that browsers use, as https://cases.example')
    .regex(/[^/]$/, 'without a slash at the end'),
  data: path.default('./data'),
  database: z
    .string()
    .default('sqlite:./data/kerbwatch.db')
    .refine(
      (text) => text.startsWith('sqlite:'),
      'this release stores in SQLite alone: give sqlite:./data/kerbwatch.db',
    ),
  objects: z
    .string()
    .default('folder:./data/objects')
    .refine(
      (text) => text.startsWith('folder:'),
      'this release keeps objects in a folder alone: give folder:./data/objects',
    ),
  mqtt: z.union([
    z.strictObject({ embedded: listen }),
    z.strictObject({
      url: z.string().regex(/^mqtts?:\/\//, 'give mqtt:// or mqtts://'),
      user: z.string().min(1).max(100).nullable().default(null),
      password_file: path.nullable().default(null),
      shared_group: z
        .string()
        .regex(/^[a-z0-9-]{1,40}$/)
        .nullable()
        .default(null),
      allow_plain: z.boolean().default(false),
    }),
  ]),
  keys_dir: path.default('./secret'),
  tz: z.string().refine(isTimeZone, 'is no time zone; write Asia/Shanghai').default('Asia/Shanghai'),
  policy: path,
  /** `pack.yaml` of the whole legal process; none: the thin road of `policy`. */
  pack: path.nullable().default(null),
  /** `registers.yaml`: areas, grants, officers. Without it nobody is in office and no file gets past filing. */
  registers: path.nullable().default(null),
  ffmpeg: path.nullable().default(null),
  /** A reverse proxy in front sets X-Forwarded-For. */
  trust_proxy: z.boolean().default(false),
  devices: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9-]{3,40}$/, 'a device id is 3 to 40 of a-z, 0-9 and -'),
        record_key_file: path,
        password_file: path,
      }),
    )
    .max(10_000)
    .default([]),
})
export type CloudConfig = z.infer<typeof cloudConfigSchema>

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false // a RangeError is how Intl says so
  }
}

/** Reads, checks and resolves `cloud.yaml`. Never throws for what stands in it. */
export function readCloudConfig(file: string): {
  readonly config: CloudConfig | null
  readonly faults: readonly ConfigFault[]
} {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}): give the path of cloud.yaml`
    return { config: null, faults: [{ file, line: 1, column: 1, key: '', message }] }
  }
  const { value, faults } = parseYaml(text, file, cloudConfigSchema)
  return { config: value === null ? null : resolved(value, dirname(resolve(file))), faults }
}

/** @throws KerbError `CONFIG_FAULTY` whose message names every fault. */
export function mustReadCloudConfig(file: string): CloudConfig {
  const { config, faults } = readCloudConfig(file)
  if (config === null)
    throw new KerbError('CONFIG_FAULTY', `${file} has ${faults.length} faults:\n${faults.map(faultLine).join('\n')}`)
  return config
}

function resolved(config: CloudConfig, folder: string): CloudConfig {
  const absolute = (text: string): string => (isAbsolute(text) ? text : resolve(folder, text))
  const behind = (text: string): string => {
    const colon = text.indexOf(':')
    return text.slice(0, colon + 1) + absolute(text.slice(colon + 1))
  }
  const { mqtt } = config
  return {
    ...config,
    data: absolute(config.data),
    database: behind(config.database),
    objects: behind(config.objects),
    keys_dir: absolute(config.keys_dir),
    policy: absolute(config.policy),
    pack: config.pack && absolute(config.pack),
    registers: config.registers && absolute(config.registers),
    ffmpeg: config.ffmpeg && absolute(config.ffmpeg),
    mqtt: 'embedded' in mqtt ? mqtt : { ...mqtt, password_file: mqtt.password_file && absolute(mqtt.password_file) },
    devices: config.devices.map((device) => ({
      ...device,
      record_key_file: absolute(device.record_key_file),
      password_file: absolute(device.password_file),
    })),
  }
}
