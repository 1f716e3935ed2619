import { KerbError } from '../../contracts/base/index.js'

/** Codes that say that the command was called wrongly: exit code 2. */
const usageCodes: readonly string[] = ['USAGE', 'SET_EMPTY', 'TRUTH_MALFORMED', 'CLIP_MISSING', 'REPORT_MALFORMED', 'CUE_UNKNOWN', 'BACKGROUNDS_EMPTY', 'STORY_UNKNOWN', 'OUT_NOT_EMPTY'] // prettier-ignore

/** Does the work; an expected fault is one sentence and an exit code. */
export async function told(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof KerbError)) throw error
    const fault = error as KerbError
    process.stderr.write(`${fault.message}\n`)
    process.exitCode = usageCodes.includes(fault.code) ? 2 : 1
  }
}
