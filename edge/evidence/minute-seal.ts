import type { EpochMs } from '../../contracts/base/index.js'
import type { Core } from './core.js'
import { buildSeal, leafFile, minuteBefore, sealStart } from './seals.js'
import { writeWhole } from './whole-file.js'

/** A closed segment may end this much later than now before that says anything about the clock. */
const aheadMsMax = 2_000

/** One seal for the last full minute (EVIDENCE.md §1.5); nothing when that minute is sealed already. */
export async function sealMinute(core: Core, leavesKeptMs: number): Promise<void> {
  const { chain, clock, dataDir } = core
  const toMs = minuteBefore(clock.wallMs())
  const last = chain.meta('sealed_to_ms')
  const lastMs = last === null ? null : (Number(last) as EpochMs)
  if (lastMs === toMs) return
  await core.append(() => {
    const segments = chain.unsealed(toMs, clock.wallMs() + aheadMsMax)
    const { body, lines } = buildSeal(sealStart(lastMs, toMs), toMs, segments)
    const head = chain.head()
    if (lines.length > 0 && head !== null)
      writeWhole(leafFile(dataDir, head.chain, head.seq + 1), `${lines.join('\n')}\n`)
    return {
      kind: 'seal' as const,
      body,
      effects: ({ ord }: { ord: number }) => {
        chain.seal(segments, ord)
        chain.setMeta('sealed_to_ms', String(toMs))
      },
    }
  })
  chain.forgetSegments(clock.wallMs() - leavesKeptMs)
}
