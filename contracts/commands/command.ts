import { z } from 'zod'
import { cameraId, count, deviceId, instant, uuidv7 } from '../records/fields.js'

const footage = z.strictObject({ cam: cameraId, from: instant, to: instant })
const ofIncident = z.strictObject({ incident: uuidv7 })

/** Arguments by name. There is no command that deletes records, stops sealing, or changes the chain. */
export const argsOfCommand = {
  'clip.upload': z.union([ofIncident, footage]),
  'still.upload': ofIncident,
  'ring.hold': z.union([ofIncident, footage]),
  recapture: z.strictObject({ incident: uuidv7.optional(), cam: cameraId }),
  'policy.apply': z.looseObject({}),
  'release.apply': z.looseObject({}),
  'key.rotate': z.strictObject({}),
  'time.check': z.strictObject({}),
  restart: z.strictObject({}),
} as const
export type CommandName = keyof typeof argsOfCommand
export type ArgsOf<Name extends CommandName> = z.infer<(typeof argsOfCommand)[Name]>
export const commandNames = Object.keys(argsOfCommand) as CommandName[]

/** Payload of a command: CloudEvents 1.0, signed by the cloud's command key. */
export const commandPayload = z.strictObject({
  data: z.strictObject({
    args: z.looseObject({}),
    /** Rises by one a command and device; executed once. */
    cseq: count.min(1),
    expires: instant,
    name: z.string().min(1).max(40),
    target: deviceId,
  }),
  datacontenttype: z.literal('application/json'),
  id: uuidv7,
  source: z.string().regex(/^urn:kerbwatch:cloud:[a-z0-9-]{1,40}$/),
  specversion: z.literal('1.0'),
  time: instant,
  type: z.literal('kerbwatch.command.v1'),
})
export type CommandPayload = z.infer<typeof commandPayload>

export type Command = {
  [Name in CommandName]: { readonly name: Name; readonly args: ArgsOf<Name> }
}[CommandName]

/** Name and arguments, typed; null when the name is unknown, `issue` when the arguments do not fit. */
export function readCommand(data: CommandPayload['data']): Command | { readonly name: null; readonly issue: string } {
  if (!Object.hasOwn(argsOfCommand, data.name)) return { name: null, issue: 'unknown command' }
  const name = data.name as CommandName
  const result = argsOfCommand[name].safeParse(data.args)
  if (result.success) return { name, args: result.data } as Command
  return { name: null, issue: result.error.issues[0]?.message ?? 'arguments refused' }
}
