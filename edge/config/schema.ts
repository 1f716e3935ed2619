import { z } from 'zod'
import { KerbError } from '../../contracts/base/index.js'
import { groundOf } from '../../contracts/ground-plane.js'
import { groundPlaneSchema, ruleOverridesSchema, timeZoneSchema, zonesSchema } from '../../contracts/zones.js'

const path = z.string().min(1).max(1000)
const listen = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9.-]+):\d{1,5}$/, 'give address and port as "127.0.0.1:8081"')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'a port is at most 65535')

/** A server's address without secrets in it. */
function serverUrl(protocols: readonly string[]): z.ZodType<string> {
  return z
    .string()
    .max(500)
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : null
      const fault =
        url === null || !protocols.includes(url.protocol)
          ? `give an address that begins with ${protocols.map((name) => `${name}//`).join(' or ')}`
          : url.username !== '' || url.password !== ''
            ? 'holds a user or password: the user is the device id, the password stands in `password_file`'
            : null
      if (fault !== null) context.addIssue({ code: 'custom', message: fault })
    })
}

const cameraUrl = z
  .string()
  .max(1000)
  .superRefine((text, context) => {
    if (/^file:.+/.test(text)) return
    const url = /^rtsps?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : null
    const fault =
      url === null || url.hostname === ''
        ? 'give rtsp://user@host/path, file:clip.mp4 or file:folder/'
        : url.password !== ''
          ? 'holds a password: put it into a file (mode 0600), name that as `password_file`, and leave only the user here'
          : null
    if (fault !== null) context.addIssue({ code: 'custom', message: fault })
  })

const storage = z.strictObject({
  ring_mb: z.int().min(50).max(100_000_000).default(20_000),
  ring_days: z.number().gt(0).max(365).default(7),
  held_mb: z.int().min(10).max(100_000_000).default(5_000),
  held_days: z.number().gt(0).max(3650).default(30),
  min_free_percent: z.number().min(0).max(90).default(10),
  reserve_mb: z.int().min(0).max(1_000_000).default(256),
})

const cloud = z.strictObject({
  mqtt: serverUrl(['mqtt:', 'mqtts:']),
  http: serverUrl(['http:', 'https:']),
  password_file: path,
  /** Public keys of the cloud (receipt, command; SPKI). */
  keys_file: path,
  /** Plain mqtt: and http: beyond this machine, e.g. inside a compose network. */
  allow_plain: z.boolean().default(false),
})

const model = z.string().min(1).max(200)
const vision = z.strictObject({
  workers: z.int().min(1).max(64).default(1),
  watch_px: z.tuple([z.int().min(160).max(3840), z.int().min(90).max(2160)]).default([640, 360]),
  models: z
    .strictObject({
      objects: model.default('objects-v1'),
      plume: model.nullable().default('plume-v1'),
      plate: model.nullable().default(null),
    })
    .prefault({}),
})

const camera = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]{2,20}$/, 'an id is 2 to 20 of a-z, 0-9 and -'),
    url: cameraUrl,
    password_file: path.nullable().default(null),
    transport: z.enum(['tcp', 'udp', 'auto']).default('tcp'),
    /** Lowest loses footage first when the disk is full. */
    priority: z.int().min(0).max(100).default(1),
    place: z
      .strictObject({
        name: z.string().min(1).max(200),
        lat_deg: z.number().min(-90).max(90).optional(),
        lon_deg: z.number().min(-180).max(180).optional(),
      })
      .nullable()
      .default(null),
    ground_plane: groundPlaneSchema
      .superRefine((plane, context) => {
        if ('points' in plane && plane.points.length < 4) return // has its own fault
        try {
          groundOf(plane)
        } catch (error) {
          if (!(error instanceof KerbError)) throw error
          context.addIssue({ code: 'custom', message: error.message })
        }
      })
      .nullable()
      .default(null),
    zones: zonesSchema.default([]),
    /** Over the edge's own `rules`, under those of a zone. */
    rules: ruleOverridesSchema.default({}),
  })
  .superRefine(({ url, password_file: file }, context) => {
    if (file !== null && /^rtsps?:/.test(url) && !/^rtsps?:\/\/[^/@]+@/.test(url))
      context.addIssue({
        code: 'custom',
        message: 'a password needs a user: rtsp://user@host/path',
        path: ['password_file'],
      })
  })

/** `edge.yaml` as DESIGN.md §9.2 describes it. Unknown keys are faults. */
export const edgeConfigSchema = z
  .strictObject({
    device: z.string().regex(/^[a-z0-9-]{3,40}$/, 'a device id is 3 to 40 of a-z, 0-9 and -'),
    site: z.strictObject({ name: z.string().min(1).max(200), tz: timeZoneSchema }),
    data: path.default('./data'),
    storage: storage.prefault({}),
    cloud,
    ntp: z
      .array(z.string().regex(/^[a-zA-Z0-9.:-]{1,253}$/, 'give a host name or address'))
      .max(8)
      .default([]),
    panel: z.strictObject({ listen, password_file: path }).nullable().default(null),
    ffmpeg: path.nullable().default(null),
    vision: vision.prefault({}),
    look_back: z
      .strictObject({ concurrent: z.int().min(1).max(32).default(2), queued: z.int().min(1).max(1000).default(32) })
      .prefault({}),
    rules: ruleOverridesSchema.default({}),
    cameras: z.array(camera).min(1).max(256),
  })
  .superRefine(({ cameras, cloud: { mqtt, http, allow_plain: allowed } }, context) => {
    for (const [index, { id }] of cameras.entries())
      if (cameras.findIndex((other) => other.id === id) !== index)
        context.addIssue({
          code: 'custom',
          message: `another camera is also called ${id}`,
          path: ['cameras', index, 'id'],
        })
    for (const [key, text] of Object.entries({ mqtt, http }))
      if (!allowed && isPlainBeyondLoopback(text))
        context.addIssue({ code: 'custom', message: `sends in plain text beyond this machine: use ${key}s://, or write \`allow_plain: true\` for a network you trust`, path: ['cloud', key] }) // prettier-ignore
  })
export type EdgeConfig = z.infer<typeof edgeConfigSchema>
export type CameraConfig = EdgeConfig['cameras'][number]

function isPlainBeyondLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false // has its own fault
  const { protocol, hostname } = new URL(text)
  return (protocol === 'mqtt:' || protocol === 'http:') && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}
