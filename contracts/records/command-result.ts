import { z } from 'zod'
import { count, sha256Hex } from './fields.js'

/** Answer to one command, also to a refused one; commits together with the command's `cseq`. */
export const commandResultBody = z.looseObject({
  cseq: count,
  name: z.string().max(40),
  /** Digest of the command's payload bytes. */
  sha256: sha256Hex,
  status: z.enum(['ok', 'refused', 'failed']),
  result: z.record(z.string(), z.json()),
})
export type CommandResultBody = z.infer<typeof commandResultBody>

export interface CommandOutcome {
  readonly cseq: number
  readonly name: string
  readonly payloadSha256: string
  readonly status: CommandResultBody['status']
  /** Integers, texts and lists of them only: it is signed. */
  readonly result: CommandResultBody['result']
}

export function toCommandResultBody(outcome: CommandOutcome): CommandResultBody {
  return {
    cseq: outcome.cseq,
    name: outcome.name.slice(0, 40),
    sha256: outcome.payloadSha256,
    status: outcome.status,
    result: outcome.result,
  }
}
